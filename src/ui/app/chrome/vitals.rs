//! One card a domain: value, sparkline, coloured by the thresholds of the rules in force.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Writer, mark};
use crate::feed::Window;
use crate::model::{Frame, Health, SeriesId, SourceKind, SourceStatus, Unit, format::UNKNOWN};
use crate::ui::app::App;
use crate::ui::tabs::{Hits, Target};
use crate::ui::theme::{Role, Symbols};
use crate::ui::widgets::Sparkline;
use crate::ui::widgets::text::width;

/// Columns of a sparkline.
const SPARK: u16 = 5;

/// One card.
struct Card {
    label: &'static str,
    /// The tab that it opens.
    tab: &'static str,
    /// Whether its history is drawn where there is room.
    spark: bool,
    /// Its sources; when one of them fails, the card says `!`.
    sources: Sources,
    /// Whether it stays on a narrow screen.
    narrow: bool,
    /// What it shows.
    read: fn(&App, &Frame) -> Option<Shown>,
    top: Option<f64>,
}

/// Whom a card's figures come from.
enum Sources {
    /// Those with these names; the value that others give stands as it is.
    Named(&'static [&'static str]),
    /// All of these kinds: a value that some of them give is marked, for it is not the whole.
    Of(&'static [SourceKind]),
}

impl Sources {
    /// Whether one of them fails.
    fn fail(&self, frame: &Frame) -> bool {
        let fails = |source: &SourceStatus| {
            matches!(
                source.health,
                Health::Failing { .. } | Health::Denied { .. }
            )
        };
        match self {
            Self::Named(names) => names
                .iter()
                .any(|name| frame.source(name).is_some_and(fails)),
            Self::Of(kinds) => {
                let mut sources = frame.sources.iter();
                sources.any(|it| kinds.contains(&it.kind) && fails(it))
            }
        }
    }

    /// Whether a value that is there is still marked when one of them fails.
    fn marks_values(&self) -> bool {
        matches!(self, Self::Of(_))
    }
}

/// What a card shows.
struct Shown {
    text: String,
    /// Stands behind the value where there is room.
    detail: String,
    role: Role,
    series: Option<SeriesId>,
}

const CARDS: [Card; 9] = [
    Card {
        label: "CPU",
        tab: "Host",
        spark: true,
        sources: Sources::Named(&["cpu"]),
        narrow: true,
        read: |app, frame| plain(app, frame, "system.cpu.usage_percent"),
        top: Some(100.0),
    },
    Card {
        label: "MEM",
        tab: "Host",
        spark: true,
        sources: Sources::Named(&["memory"]),
        narrow: true,
        read: |app, frame| plain(app, frame, "system.memory.usage_percent"),
        top: Some(100.0),
    },
    Card {
        label: "DISK",
        tab: "Host",
        spark: false,
        sources: Sources::Named(&["mounts"]),
        narrow: true,
        read: fullest_disk,
        top: None,
    },
    Card {
        label: "NET",
        tab: "Host",
        spark: false,
        sources: Sources::Named(&["network"]),
        narrow: false,
        read: traffic,
        top: None,
    },
    Card {
        label: "API p95",
        tab: "API",
        spark: true,
        sources: Sources::Of(&[SourceKind::Api, SourceKind::AccessLog]),
        narrow: true,
        read: |app, frame| plain(app, frame, "app.response_time.p95_ms"),
        top: None,
    },
    Card {
        label: "ERR",
        tab: "API",
        spark: false,
        sources: Sources::Of(&[SourceKind::Api, SourceKind::AccessLog]),
        narrow: false,
        read: |app, frame| plain(app, frame, "app.errors.rate_percent"),
        top: None,
    },
    Card {
        label: "CACHE",
        tab: "Cache",
        spark: false,
        sources: Sources::Of(&[SourceKind::Cache]),
        narrow: true,
        read: cache_hits,
        top: None,
    },
    Card {
        label: "SLOW",
        tab: "Queries",
        spark: false,
        sources: Sources::Of(&[SourceKind::Database]),
        narrow: false,
        read: slow_statements,
        top: None,
    },
    Card {
        label: "ALERTS",
        tab: "Alerts",
        spark: false,
        sources: Sources::Named(&[]),
        narrow: true,
        read: alerts,
        top: None,
    },
];

/// What there is room for, from everything to the least.
#[derive(Debug, Clone, Copy)]
struct Plan {
    /// The cards of a wide screen, where the alerts stand in the header alone.
    wide: bool,
    /// Sparklines.
    sparks: bool,
    /// Details behind the values, such as the name of the fullest mount.
    details: bool,
}

const PLANS: [Plan; 6] = [
    Plan {
        wide: true,
        sparks: true,
        details: true,
    },
    Plan {
        wide: true,
        sparks: true,
        details: false,
    },
    Plan {
        wide: true,
        sparks: false,
        details: true,
    },
    Plan {
        wide: true,
        sparks: false,
        details: false,
    },
    Plan {
        wide: false,
        sparks: false,
        details: true,
    },
    Plan {
        wide: false,
        sparks: false,
        details: false,
    },
];

/// From this width on all domains have a card.
const WIDE: u16 = 110;

impl Card {
    /// What it shows; behind the mark of a source that fails there is air.
    fn shown(&self, app: &App) -> Option<Shown> {
        let mut shown = (self.read)(app, &app.frame)?;
        let is_marked = self.sources.marks_values() && self.sources.fail(&app.frame);
        if is_marked && !shown.text.starts_with(' ') {
            shown.text.insert(0, ' ');
        }
        Some(shown)
    }
}

impl Plan {
    fn shows(self, card: &Card) -> bool {
        if self.wide {
            card.label != "ALERTS"
        } else {
            card.narrow
        }
    }

    /// How many cells a card takes.
    fn width_of(self, card: &Card, shown: Option<&Shown>) -> usize {
        let Some(shown) = shown else {
            return card.label.len() + 2;
        };
        let detail = if self.details {
            width(&shown.detail)
        } else {
            0
        };
        let spark = if self.sparks && card.spark {
            usize::from(SPARK) + 1
        } else {
            0
        };
        card.label.len() + 1 + width(&shown.text) + detail + spark
    }
}

pub(super) fn draw(app: &App, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    if area.height == 0 {
        return;
    }
    let cards: Vec<(&Card, Option<Shown>)> =
        CARDS.iter().map(|card| (card, card.shown(app))).collect();
    let separator = if app.look.symbols == Symbols::Ascii {
        " | "
    } else {
        " │ "
    };
    let fits = |plan: &&Plan| {
        let shown = cards.iter().filter(|(card, _)| plan.shows(card));
        let taken: usize = shown
            .map(|(card, shown)| plan.width_of(card, shown.as_ref()) + width(separator))
            .sum();
        (!plan.wide || area.width >= WIDE) && taken <= usize::from(area.width) + 1
    };
    let plan = *PLANS.iter().find(fits).unwrap_or(&PLANS[PLANS.len() - 1]);
    let mut line = Writer::new(area, buf);
    line.skip(1);
    for (index, (card, shown)) in cards
        .iter()
        .filter(|(card, _)| plan.shows(card))
        .enumerate()
    {
        if index > 0 {
            line.put(separator, app.look.style(Role::Border));
        }
        let start = line.column;
        draw_card(app, card, shown.as_ref(), plan, &mut line);
        let taken = Rect::new(start, area.y, line.column.saturating_sub(start), 1);
        if let Some(tab) = app.tabs.iter().position(|tab| tab.title() == card.tab) {
            mark(hits, taken, Target::Tab(tab));
        }
    }
}

fn draw_card(app: &App, card: &Card, shown: Option<&Shown>, plan: Plan, line: &mut Writer<'_>) {
    let look = &app.look;
    line.put(card.label, look.style(Role::Dim));
    let failing = card.sources.fail(&app.frame);
    // In the place of the blank, so that nothing moves.
    if failing && shown.is_some() && card.sources.marks_values() {
        line.put("!", look.style(Role::Warning));
    } else {
        line.put(" ", look.style(Role::Dim));
    }
    let Some(shown) = shown else {
        let (sign, role) = if failing {
            ("!", Role::Warning)
        } else {
            (UNKNOWN, Role::Dim)
        };
        line.put(sign, look.style(role));
        return;
    };
    line.put(&shown.text, look.style(shown.role));
    if plan.details {
        line.put(&shown.detail, look.style(Role::Dim));
    }
    if let (true, true, Some(id)) = (plan.sparks, card.spark, shown.series) {
        // A column a minute: the card is still while a minute lasts.
        let span = std::time::Duration::from_secs(300);
        let window = Window::ending(app.frame.at, span, usize::from(SPARK), app.frame.tick);
        line.skip(1);
        let points = app.feed.points(id, window);
        let area = Rect::new(line.column, line.area.y, SPARK.min(line.room()), 1);
        Sparkline {
            values: &points.avg,
            top: card.top,
            role: Some(Role::Dim),
        }
        .render(area, line.buf, look);
        line.skip(SPARK);
    }
}

/// A metric without labels, in the colour that the rules give it.
fn plain(app: &App, frame: &Frame, metric: &str) -> Option<Shown> {
    let id = frame.id(metric)?;
    let value = frame.value_of(id)?;
    let unit = crate::model::metric::describe(metric).unit;
    let text = match unit {
        Unit::Percent => format!("{:>4}", app.look.format.value(unit, Some(value))),
        unit => app.look.format.value(unit, Some(value)),
    };
    Some(Shown {
        detail: String::new(),
        text,
        role: judged(frame, metric, value),
        series: Some(id),
    })
}

fn judged(frame: &Frame, metric: &str, value: f64) -> Role {
    frame
        .alerts
        .judge(metric, value)
        .map_or(Role::Bright, Role::of)
}

/// The fullest file system, with its name.
fn fullest_disk(app: &App, frame: &Frame) -> Option<Shown> {
    let (id, key, value) = frame
        .each("system.disk.usage_percent")
        .max_by(|(_, _, a), (_, _, b)| a.total_cmp(b))?;
    let mount = key.labels.get("mount").unwrap_or_default();
    let name = crate::ui::widgets::text::fit(mount, 12);
    let text = app.look.format.value(Unit::Percent, Some(value));
    Some(Shown {
        detail: format!(" {name}"),
        text,
        role: judged(frame, "system.disk.usage_percent", value),
        series: Some(id),
    })
}

/// What all interfaces but the loopback move.
fn traffic(app: &App, frame: &Frame) -> Option<Shown> {
    let sum = |metric: &str| {
        let values = frame
            .each(metric)
            .filter(|(_, key, _)| key.labels.get("interface") != Some("lo"));
        values.map(|(_, _, value)| value).reduce(|a, b| a + b)
    };
    let (down, up) = (
        sum("system.network.bytes_recv_per_sec")?,
        sum("system.network.bytes_sent_per_sec")?,
    );
    let (d, u) = if app.look.symbols == Symbols::Ascii {
        ("rx ", "tx ")
    } else {
        ("↓", "↑")
    };
    let size = |value| format!("{:<4}", app.look.format.bytes(value));
    Some(Shown {
        detail: String::new(),
        text: format!("{d}{} {u}{}", size(down), size(up)),
        role: Role::Bright,
        series: None,
    })
}

/// Over all caches where somebody tells it, else the mean of the instances by what each answers.
fn cache_hits(app: &App, frame: &Frame) -> Option<Shown> {
    const HITS: &str = "cache.hit_rate_percent";
    if let Some(told) = plain(app, frame, HITS) {
        return Some(told);
    }
    let instances = frame
        .each(HITS)
        .filter(|(_, key, _)| key.labels.get("instance").is_some());
    let weighed = instances.map(|(_, key, hits)| {
        let operations = frame.value_with("cache.operations_per_sec", &key.labels);
        (hits, operations.unwrap_or(0.0).max(f64::MIN_POSITIVE))
    });
    let (sum, weight) = weighed.fold((0.0, 0.0), |(sum, weight), (hits, operations)| {
        (sum + hits * operations, weight + operations)
    });
    let value = (weight > 0.0).then(|| sum / weight)?;
    let text = app.look.format.value(Unit::Percent, Some(value));
    Some(Shown {
        detail: String::new(),
        text: format!("{text:>4}"),
        role: judged(frame, HITS, value),
        series: None,
    })
}

/// The slow statements of all servers.
fn slow_statements(_app: &App, frame: &Frame) -> Option<Shown> {
    let counts = frame.each("db.statements.slow_count");
    let value = counts.map(|(_, _, count)| count).reduce(|a, b| a + b)?;
    let role = if value > 0.0 {
        Role::Warning
    } else {
        Role::Bright
    };
    Some(Shown {
        detail: String::new(),
        text: format!("{value:.0}"),
        role,
        series: None,
    })
}

fn alerts(_app: &App, frame: &Frame) -> Option<Shown> {
    // Before the first frame nothing has been judged.
    if frame.number == 0 {
        return None;
    }
    let role = frame.alerts.worst().map_or(Role::Ok, Role::of);
    Some(Shown {
        detail: String::new(),
        text: frame.alerts.firing_count().to_string(),
        role,
        series: None,
    })
}
