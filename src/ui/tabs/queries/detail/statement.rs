//! One statement: its text, its figures now, usually and since the reset, its history, its plan, what to do about it.

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

use super::{advice, figures, plan, sql_lines};
use crate::model::{Focus, Frame, SourceKind, Statement, StatementDetail, Unit};
use crate::ui::tabs::notices::{no_answer, silent, wrapped};
use crate::ui::tabs::pen::{Pen, Words};
use crate::ui::tabs::plot::{Plot, framed, padded, side_by_side};
use crate::ui::tabs::queries::deeds;
use crate::ui::tabs::queries::view::{
    ran, series, short, statement, times_role, times_text, times_usual,
};
use crate::ui::tabs::sheet::{Prose, Sheet};
use crate::ui::tabs::sheet_tab::Detail;
use crate::ui::tabs::sheets::Sheets;
use crate::ui::tabs::source::trouble;
use crate::ui::tabs::{Context, DeedMenu, Hits, past};
use crate::ui::theme::{Role, Symbols};
use crate::ui::widgets::{Notice, NoticeKind};

/// The sheet of the plan.
const PLAN: usize = 0;
/// The least height at which the charts leave room for the plan.
const ROOM_FOR_CHARTS: u16 = 28;

/// The statement that is open; the newest row that was seen of it.
pub(in crate::ui::tabs::queries) struct OpenStatement {
    id: String,
    row: Statement,
    /// Whether it ran in the interval that is shown.
    ran: bool,
    /// Whether the row is of the moment that is shown.
    is_known: bool,
    sheets: Sheets,
}

impl OpenStatement {
    /// The statement of a frame that is told apart by `id`.
    pub fn of(id: &str, frame: &Frame) -> Option<Box<dyn Detail>> {
        let row = statement(frame, id)?.clone();
        let (of_advice, of_copy, text) = (row.clone(), row.clone(), row.text.clone());
        let whole = text.clone();
        let newest = |frame: &Frame, row: &Statement| {
            let id = crate::ui::tabs::queries::view::statement_id(row);
            statement(frame, &id).unwrap_or(row).clone()
        };
        let sheets = Sheets::new(vec![
            Box::new(Sheet::new(&plan::PLAN)),
            Box::new(Prose::new(
                "Advice",
                move |cx, cells| {
                    advice::lines(
                        cx,
                        &advice::on(cx.frame, &newest(cx.frame, &of_advice)),
                        cells,
                    )
                },
                move |cx| {
                    Some(advice::as_text(&advice::on(
                        cx.frame,
                        &newest(cx.frame, &of_copy),
                    )))
                },
            )),
            Box::new(Prose::new(
                "Text",
                move |cx, cells| sql_lines(cx, &text, cells),
                move |_| Some(whole.to_string()),
            )),
        ]);
        Some(Box::new(Self {
            id: id.to_owned(),
            sheets: sheets
                .of(SourceKind::Database)
                .with_only(row.instance.clone()),
            row,
            ran: true,
            is_known: true,
        }))
    }

    /// What was fetched of it, as far as it has come.
    fn detail<'a>(&self, frame: &'a Frame) -> Option<&'a StatementDetail> {
        let detail = frame.tables.statement_detail.as_deref()?;
        (detail.id == self.row.id && detail.instance == self.row.instance).then_some(detail)
    }

    fn statement_panel(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
        let mut title = format!("Statement · {}", self.row.instance);
        for (label, word) in [("db", &self.row.database), ("user", &self.row.user)] {
            if !word.is_empty() {
                title += &format!(" · {label} {word}");
            }
        }
        let inner = padded(framed(cx, (&title, "Esc goes back"), area, buf));
        let lines = sql_lines(cx, &self.row.text, usize::from(inner.width));
        let height = usize::from(inner.height);
        let fits = lines.len() <= height;
        let mut pen = Pen::new(inner, buf, cx.look);
        for line in lines.into_iter().take(if fits {
            height
        } else {
            height.saturating_sub(1)
        }) {
            pen.words(line);
        }
        if !fits {
            pen.words(Words::new(cx.look).put(Role::Info, "… Tab leads to its whole text"));
        }
    }

    fn figures_panel(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
        let is_ascii = cx.look.symbols == Symbols::Ascii;
        let times = times_usual(&self.row).filter(|_| self.ran);
        let title = match times {
            Some(times) => Words::new(cx.look).title("Figures · ").put(
                times_role(times),
                format!("{} its usual", times_text(times, is_ascii)),
            ),
            None => Words::new(cx.look).title("Figures"),
        };
        let panel = crate::ui::widgets::Panel {
            title: title.line(),
            right: Line::from(if self.row.is_new { "new here" } else { "" }),
            focused: false,
        };
        if area.is_empty() {
            return;
        }
        let inner = panel.render(area, buf, cx.look);
        match trouble(cx.frame, &self.row.instance) {
            Some(trouble) => {
                silent(
                    cx,
                    no_answer(&self.row.instance, &trouble),
                    &trouble,
                    inner,
                    buf,
                );
            }
            None if self.is_known => figures::draw(cx, &self.row, self.ran, inner, buf),
            None => past::was_not_there(cx, "The statement", inner, buf),
        }
    }

    fn charts(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer) {
        let [left, right] = side_by_side(area, [1, 1]);
        let mean = ("Mean time", "db.statement.mean_ms", Unit::Millis, None);
        let calls = ("Calls", "db.statement.calls_per_sec", Unit::PerSec, None);
        let share = (
            "Share of the time",
            "db.statement.time_percent",
            Unit::Percent,
            Some(100.0),
        );
        let has_calls = series(cx.frame, calls.1, &self.row).is_some();
        let second = if has_calls { calls } else { share };
        for ((title, metric, unit, top), area) in [(mean, left), (second, right)] {
            let inner = framed(cx, (title, cx.range.word()), area, buf);
            let series = series(cx.frame, metric, &self.row);
            if series.is_none() && !inner.is_empty() {
                let why = "a history is kept of the ten that take most of the time";
                Pen::new(inner, buf, cx.look).middle(Words::new(cx.look).dim(why));
                continue;
            }
            Plot {
                curves: &[("", series, Some(Role::Curve1))],
                unit,
                top,
                limit: None,
            }
            .draw(cx, inner, buf);
        }
    }

    /// The plan, how it was had, or why there is none.
    fn plan(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
        let detail = self.detail(cx.frame);
        let Some(plan) = detail.and_then(|detail| detail.plan.as_ref()) else {
            self.no_plan(cx, detail, area, buf);
            return;
        };
        let [line, rows] =
            Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(area);
        let mut words = Words::new(cx.look).dim(plan.how.to_string());
        words = match detail.map(measurable) {
            _ if plan.is_measured || cx.locked.is_some() => words,
            Some(Ok(_)) => words.dim(" · x measures it"),
            Some(Err(why)) => words.dim(format!(" · can't be measured: {why}")),
            None => words,
        };
        Pen::new(padded(line), buf, cx.look).words(words);
        self.sheets.draw_rows(cx, true, rows, buf, hits);
    }

    fn no_plan(
        &self,
        cx: &Context<'_>,
        detail: Option<&StatementDetail>,
        area: Rect,
        buf: &mut Buffer,
    ) {
        let why = detail.and_then(|detail| detail.no_plan.as_deref());
        if detail.is_none() && cx.is_past {
            return past::is_not_kept(cx, "The plan", area, buf);
        }
        let (kind, title, line) = match (detail, why) {
            (_, Some(why)) => (NoticeKind::Denied, "No plan".to_owned(), why.to_owned()),
            (Some(_), None) => (
                NoticeKind::Empty,
                "The server gave no plan".to_owned(),
                String::new(),
            ),
            (None, _) => (
                NoticeKind::Waiting,
                format!("Asking {} for its plan", self.row.instance),
                String::new(),
            ),
        };
        let room = usize::from(area.width.saturating_sub(4)).max(1);
        let notice = Notice {
            kind,
            title,
            lines: wrapped(&line, room).into_iter().map(Line::from).collect(),
        };
        notice.render(area, buf, cx.look);
    }
}

/// What measuring the plan would run, or why it can't be measured.
fn measurable(detail: &StatementDetail) -> Result<&str, &str> {
    match (&detail.not_measured, &detail.sample) {
        (Some(why), _) => Err(why),
        (None, Some(sample)) => Ok(sample),
        (None, None) => Err("no call with its values was seen"),
    }
}

impl Detail for OpenStatement {
    fn crumb(&self) -> String {
        short(&self.row.text)
    }

    fn refresh(&mut self, cx: &Context<'_>) {
        let row = statement(cx.frame, &self.id);
        self.ran = row.is_some_and(ran);
        self.is_known = row.is_some() || !cx.is_past;
        if let Some(row) = row {
            self.row = row.clone();
        }
        self.sheets.refresh(cx.frame);
    }

    fn draw(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
        let charts = if area.height >= ROOM_FOR_CHARTS {
            area.height / 4
        } else {
            0
        };
        let above = (area.height * 2 / 5).clamp(6, 12);
        let [above, charts, below] = Layout::vertical([
            Constraint::Length(above),
            Constraint::Length(charts),
            Constraint::Fill(1),
        ])
        .areas(area);
        let [left, right] = side_by_side(above, [3, 2]);
        self.statement_panel(cx, left, buf);
        self.figures_panel(cx, right, buf);
        self.charts(cx, charts, buf);
        if below.is_empty() {
            return;
        }
        let inner = self.sheets.draw_frame(cx, true, below, buf, hits);
        match self.sheets.shown() {
            PLAN => self.plan(cx, inner, buf, hits),
            _ => self.sheets.draw_rows(cx, true, inner, buf, hits),
        }
    }

    fn sheets(&self) -> Option<&Sheets> {
        Some(&self.sheets)
    }

    fn sheets_mut(&mut self) -> Option<&mut Sheets> {
        Some(&mut self.sheets)
    }

    fn focus(&self) -> Focus {
        Focus::Statement(self.row.instance.clone(), Arc::clone(&self.row.id))
    }

    /// Nothing is offered before it is known whether it can be done.
    fn deeds(&self, frame: &Frame) -> Option<DeedMenu> {
        let sample = measurable(self.detail(frame)?).ok()?;
        Some(deeds::of_statement(&self.row, sample))
    }
}
