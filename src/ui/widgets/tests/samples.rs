//! One of each widget, with the same figures in every test.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::model::{Formatter, Timestamp, Unit};
use crate::ui::theme::{ColorDepth, Look, Role, Symbols, Themes};
use crate::ui::widgets::{
    Align, Band, Cell, Chart, Column, Curve, Gauge, Heatmap, Mark, Notice, NoticeKind, Panel,
    Popup, PopupLine, Row, Sparkline, Table, TimeAxis,
};

/// The default theme with every colour.
pub fn look(symbols: Symbols) -> Look {
    let theme = Themes::embedded().get_or_default("hubtop-dark");
    Look::new(&theme, ColorDepth::True, symbols, Formatter::default())
}

/// A wave with a gap in it.
pub fn wave(points: usize) -> Vec<f64> {
    (0..points)
        .map(|i| {
            let share = i as f64 / points as f64;
            if (0.62..0.7).contains(&share) {
                return f64::NAN;
            }
            50.0 + 45.0 * (share * 9.0).sin()
        })
        .collect()
}

/// A name, and a way to draw one widget into an area.
pub type Sample = (&'static str, fn(Rect, &mut Buffer, &Look));

/// One of each.
pub const SAMPLES: [Sample; 9] = [
    ("chart", chart),
    ("chart_lines", chart_lines),
    ("sparkline", sparkline),
    ("gauge", gauge),
    ("heatmap", heatmap),
    ("table", table),
    ("panel", panel),
    ("popup", popup),
    ("notice", notice),
];

fn axis() -> TimeAxis {
    TimeAxis {
        start: Timestamp(1_700_000_000_000),
        end: Timestamp(1_700_000_300_000),
    }
}

fn curve<'a>(name: &'a str, values: &'a [f64]) -> Curve<'a> {
    Curve {
        name,
        values,
        newest: values.last().copied(),
        written: None,
        role: None,
    }
}

fn chart(area: Rect, buf: &mut Buffer, look: &Look) {
    let values = wave(Chart::points_in(area.width, true, look));
    let chart = Chart {
        curves: vec![curve("", &values)],
        unit: Unit::Percent,
        top: Some(100.0),
        time: axis(),
        threshold: Some((80.0, Role::Warning)),
        band: None,
        marks: vec![Mark {
            at: Timestamp(1_700_000_100_000),
            role: Role::Critical,
        }],
        axes: true,
    };
    chart.render(area, buf, look);
}

fn chart_lines(area: Rect, buf: &mut Buffer, look: &Look) {
    let p50 = wave(100);
    let p95: Vec<f64> = p50.iter().map(|v| v * 1.9).collect();
    let low: Vec<f64> = p50.iter().map(|_| 20.0).collect();
    let high: Vec<f64> = p50.iter().map(|_| 90.0).collect();
    let chart = Chart {
        curves: vec![curve("p50", &p50), curve("p95", &p95)],
        unit: Unit::Millis,
        top: None,
        time: axis(),
        threshold: None,
        band: Some(Band {
            low: &low,
            high: &high,
        }),
        marks: Vec::new(),
        axes: true,
    };
    chart.render(area, buf, look);
}

fn sparkline(area: Rect, buf: &mut Buffer, look: &Look) {
    let line = Sparkline {
        values: &wave(30),
        top: Some(100.0),
        role: None,
    };
    line.render(area, buf, look);
}

fn gauge(area: Rect, buf: &mut Buffer, look: &Look) {
    let gauge = Gauge {
        fraction: Some(0.61),
        role: None,
    };
    gauge.render(area, buf, look);
}

fn heatmap(area: Rect, buf: &mut Buffer, look: &Look) {
    let labels = ["1ms", "10ms", "100ms", "1s", "10s"].map(str::to_owned);
    let cells: Vec<Vec<f64>> = (0..60)
        .map(|i| (0..5).map(|b| f64::from((i * (b + 3)) % 17)).collect())
        .collect();
    let map = Heatmap {
        cells: &cells,
        labels: &labels,
        time: axis(),
    };
    map.render(area, buf, look);
}

const COLUMNS: [Column; 5] = [
    column("PID", 7, false, Align::Right, 0),
    column("USER", 9, false, Align::Left, 2),
    column("CPU%", 6, false, Align::Right, 0),
    column("TREND", 10, false, Align::Left, 4),
    column("COMMAND", 12, true, Align::Left, 0),
];

const fn column(title: &'static str, width: u16, grow: bool, align: Align, worth: u8) -> Column {
    Column {
        title,
        width,
        grow,
        align,
        worth,
    }
}

fn table(area: Rect, buf: &mut Buffer, look: &Look) {
    let commands = [
        "postgres: app orders SELECT",
        "python -m uvicorn app.main:app",
        "/usr/sbin/nginx -g daemon off;",
        "日本語のプロセス 🚀 postgres",
    ];
    let cell = |text: String, role| Cell::Text(Cow::Owned(text), role);
    let rows = (0..12).map(|i| Row {
        cells: vec![
            cell(format!("{}", 8121 - i * 37), Role::Dim),
            cell(["postgres", "app", "root"][i % 3].to_owned(), Role::Text),
            cell(format!("{:.1}", 61.2 / (i + 1) as f64), Role::Bright),
            Cell::Trend(wave(10 + i), None),
            cell(commands[i % 4].to_owned(), Role::Text),
        ],
        marked: i == 2,
    });
    let table = Table {
        columns: &COLUMNS,
        rows: rows.collect(),
        first: 3,
        total: 312,
        selected: Some(4),
        order: Some((2, true)),
        matched: Some("POST"),
        focused: true,
    };
    table.render(area, buf, look);
}

fn panel(area: Rect, buf: &mut Buffer, look: &Look) {
    let panel = Panel {
        title: Line::from("CPU 37%  8 cores  load 2.1 1.8 1.6"),
        right: Line::from("5m"),
        focused: true,
    };
    panel.render(area, buf, look);
}

fn popup(area: Rect, buf: &mut Buffer, look: &Look) {
    let line = |left: &'static str, right: &'static str| PopupLine {
        left: Line::from(left),
        right: Line::from(right),
    };
    let popup = Popup {
        text: "",
        first: 0,
        title: Line::from("Palette"),
        input: Some(("theme", 5)),
        lines: vec![
            line("theme gruvbox", ""),
            line("theme nord", ""),
            line("tick slower", "-"),
            line("tick faster", "+"),
            line("help", "?"),
            line("quit", "q"),
        ],
        selected: Some(4),
        hint: Line::from("Enter do  Esc back"),
        width: 30,
    };
    popup.render(area, buf, look);
}

fn notice(area: Rect, buf: &mut Buffer, look: &Look) {
    let notice = Notice {
        kind: NoticeKind::Failing,
        title: "the server refused the connection".to_owned(),
        lines: vec![
            Line::from("[[redis]]"),
            Line::from("url = \"redis://cache/0\""),
        ],
    };
    notice.render(area, buf, look);
}
