//! An incident that is open: its value around the trigger, large, and its life.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{draw, view};
use crate::model::format::UNKNOWN;
use crate::model::{Incident, Timestamp};
use crate::ui::tabs::Context;
use crate::ui::tabs::pen::{Pen, Words};
use crate::ui::theme::Role;
use crate::ui::widgets::Panel;

/// Lines of the incident's life with its border.
const LIFE_LINES: u16 = 10;

/// Shows the incident called so.
pub fn draw(cx: &Context<'_>, name: &str, area: Rect, buf: &mut Buffer) {
    let incident = view::find(cx.frame, name);
    let below = LIFE_LINES.min(area.height / 2);
    let chart = Rect {
        height: area.height - below,
        ..area
    };
    let life = Rect {
        y: chart.bottom(),
        height: below,
        ..area
    };
    let title = match incident {
        Some(incident) => draw::value_title(cx, incident),
        None => Words::new(cx.look).title(name.to_owned()).line(),
    };
    let panel = Panel {
        title,
        focused: true,
        ..Panel::default()
    };
    let inside = panel.render(chart, buf, cx.look);
    let panel = Panel {
        title: Words::new(cx.look).title(name.to_owned()).line(),
        ..Panel::default()
    };
    let life = panel.render(life, buf, cx.look);
    match incident {
        Some(incident) => {
            draw::draw_value_chart(cx, incident, inside, buf);
            draw_life(cx, incident, life, buf);
        }
        None => {
            let why = "It is not among the incidents of this moment";
            Pen::new(inside, buf, cx.look).middle(Words::new(cx.look).dim(why));
        }
    }
}

fn draw_life(cx: &Context<'_>, incident: &Incident, area: Rect, buf: &mut Buffer) {
    let words = || Words::new(cx.look);
    let figure = |value| cx.look.format.value(incident.unit, value);
    let mut pen = Pen::new(area, buf, cx.look);
    pen.words(
        words()
            .put(view::state_role(incident), incident.state.word())
            .dim("  ")
            .put(view::state_role(incident), incident.severity.word())
            .dim("  for ")
            .value(view::lasted_text(incident, cx.at())),
    );
    pen.words(
        words()
            .dim("condition ")
            .value(format!("{} {}", incident.metric, incident.condition)),
    );
    pen.words(
        words()
            .dim("value     ")
            .value(figure(incident.value))
            .dim("  worst ")
            .value(figure(Some(incident.worst))),
    );
    pen.words(
        words()
            .dim("began     ")
            .value(moment(cx, Some(incident.began))),
    );
    pen.words(words().dim("fired     ").value(moment(cx, incident.fired)));
    pen.words(
        words()
            .dim("resolved  ")
            .value(moment(cx, incident.resolved)),
    );
    if let Some(since) = incident.stale_since {
        let line = format!(
            "! no data since {}: the state is kept, absence is not recovery",
            since.clock_text()
        );
        pen.words(words().put(Role::Warning, line));
    }
}

/// A moment with how long ago it was.
fn moment(cx: &Context<'_>, at: Option<Timestamp>) -> String {
    let Some(at) = at else {
        return UNKNOWN.to_owned();
    };
    let ago = crate::model::format::duration(cx.at().since(at));
    format!("{}  {ago} ago", at.local().format("%Y-%m-%d %H:%M:%S"))
}
