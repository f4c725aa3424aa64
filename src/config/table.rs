//! The one table of settings: files, environment, flags, printout and messages are made from it.
//!
//! Adding a setting is one entry here, one field in [`Settings`] and its lines in `assets/config.toml` (a test compares).

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use crate::collect::Kind;
use crate::model::Range;
use crate::model::command::TICKS;
use crate::store::remote;

use super::settings::{ColorWish, LogLevel, Settings, SymbolsWish};
use super::value::{self, Given, Wrong};

/// The bounds of the hot history's memory: below, not even an hour fits; above, it is no longer a monitor's memory.
const HOT_MEMORY: RangeInclusive<u64> = 1_000_000..=4_000_000_000;

/// The bounds of the file of the history: below, not even an hour fits; above, a database is the better place.
const HISTORY_BYTES: RangeInclusive<u64> = 32_000_000..=1_000_000_000_000;

/// For how long figures can be kept: less is in memory anyhow.
const KEPT: RangeInclusive<Duration> =
    Duration::from_secs(900)..=Duration::from_secs(10 * 365 * 86_400);

/// What can be meant by a slow statement, and by a time that satisfies.
const TIMES: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_secs(3600);

/// How many routes can be told apart: each is a row, and few are read to the end.
const ROUTES: RangeInclusive<usize> = 10..=5000;

/// How far back charts look, by the words of their titles.
const RANGES: [(&str, Range); 4] = {
    let [minutes, hour, hours, day] = Range::ALL;
    [
        (minutes.word(), minutes),
        (hour.word(), hour),
        (hours.word(), hours),
        (day.word(), day),
    ]
};

/// One thing that can be set.
pub struct Setting {
    /// Its name in files, with its section: `history.hot_memory`.
    pub key: &'static str,
    /// What it is when nobody sets it.
    pub default: Default,
    /// Reads it into the settings.
    pub set: fn(&mut Settings, &Given) -> Result<(), Wrong>,
}

/// A default as it would be written.
#[derive(Debug, Clone, Copy)]
pub enum Default {
    /// A text.
    Text(&'static str),
    /// `true` or `false`.
    Switch(bool),
    /// A number.
    Number(u32),
    /// A list with nothing in it.
    Nothing,
    /// It has no value until one is given.
    Unset,
}

impl Default {
    /// The default as if it had been written.
    pub fn given(self) -> Option<Given> {
        match self {
            Self::Text(text) => Some(Given::Text(text.to_owned())),
            Self::Switch(on) => Some(Given::Switch(on)),
            Self::Number(number) => Some(Given::Number(f64::from(number))),
            Self::Nothing => Some(Given::List(Vec::new())),
            Self::Unset => None,
        }
    }
}

impl Setting {
    /// The variable of the environment that sets it: `HUBTOP_HISTORY_HOT_MEMORY`.
    pub fn variable(&self) -> String {
        format!("{PREFIX}{}", self.key.replace('.', "_").to_uppercase())
    }
}

/// How the variables of the environment that are meant for hubtop begin.
pub const PREFIX: &str = "HUBTOP_";

/// Everything that can be set by one value.
pub const SETTINGS: &[Setting] = &[
    Setting {
        key: "tick",
        default: Default::Text("1s"),
        set: |s, given| value::duration(given, &TICKS).map(|v| s.tick = v),
    },
    Setting {
        key: "theme",
        default: Default::Text("hubtop-dark"),
        set: |s, given| value::text(given, "the name of a theme").map(|v| s.theme = v.to_owned()),
    },
    Setting {
        key: "color",
        default: Default::Text("auto"),
        set: |s, given| value::choice(given, ColorWish::WORDS).map(|v| s.color = v),
    },
    Setting {
        key: "symbols",
        default: Default::Text("auto"),
        set: |s, given| value::choice(given, SymbolsWish::WORDS).map(|v| s.symbols = v),
    },
    Setting {
        key: "mouse",
        default: Default::Switch(true),
        set: |s, given| value::switch(given).map(|v| s.mouse = v),
    },
    Setting {
        key: "si",
        default: Default::Switch(false),
        set: |s, given| value::switch(given).map(|v| s.si = v),
    },
    Setting {
        key: "read_only",
        default: Default::Switch(false),
        set: |s, given| value::switch(given).map(|v| s.read_only = v),
    },
    Setting {
        key: "range",
        default: Default::Text("5m"),
        set: |s, given| value::choice(given, &RANGES).map(|v| s.range = v),
    },
    Setting {
        key: "history.hot_memory",
        default: Default::Text("32MB"),
        set: |s, given| value::size(given, &HOT_MEMORY, "1MB to 4GB").map(|v| s.hot_memory = v),
    },
    Setting {
        key: "history.enabled",
        default: Default::Switch(true),
        set: |s, given| value::switch(given).map(|v| s.history.enabled = v),
    },
    Setting {
        key: "history.folder",
        default: Default::Unset,
        set: |s, given| {
            value::text(given, "a path").map(|v| s.history.folder = Some(PathBuf::from(v)))
        },
    },
    Setting {
        key: "history.from",
        default: Default::Unset,
        set: |s, given| {
            let url = value::text(given, "the URL of a Prometheus")?;
            remote::prometheus::check_url(url).map_err(|error| Wrong::new(error.why))?;
            s.history.from = Some(url.to_owned());
            Ok(())
        },
    },
    Setting {
        key: "history.bytes",
        default: Default::Text("512MB"),
        set: |s, given| {
            value::size(given, &HISTORY_BYTES, "32MB to 1000GB").map(|v| s.history.bytes = v)
        },
    },
    Setting {
        key: "history.ticks",
        default: Default::Text("24h"),
        set: |s, given| value::duration(given, &KEPT).map(|v| s.history.ticks = v),
    },
    Setting {
        key: "history.ten_seconds",
        default: Default::Text("7d"),
        set: |s, given| value::duration(given, &KEPT).map(|v| s.history.ten_seconds = v),
    },
    Setting {
        key: "history.minutes",
        default: Default::Text("30d"),
        set: |s, given| value::duration(given, &KEPT).map(|v| s.history.minutes = v),
    },
    Setting {
        key: "history.quarters",
        default: Default::Text("1y"),
        set: |s, given| value::duration(given, &KEPT).map(|v| s.history.quarters = v),
    },
    Setting {
        key: "discover.enabled",
        default: Default::Switch(true),
        set: |s, given| value::switch(given).map(|v| s.discover.enabled = v),
    },
    Setting {
        key: "discover.except",
        default: Default::Nothing,
        set: |s, given| value::words(given, &kinds()).map(|v| s.discover.except = v),
    },
    Setting {
        key: "queries.slow",
        default: Default::Text("1s"),
        set: |s, given| value::duration(given, &TIMES).map(|v| s.limits.slow_statement = v),
    },
    Setting {
        key: "latency.apdex",
        default: Default::Text("500ms"),
        set: |s, given| value::duration(given, &TIMES).map(|v| s.limits.apdex_target = v),
    },
    Setting {
        key: "latency.routes",
        default: Default::Number(500),
        set: |s, given| value::count(given, &ROUTES).map(|v| s.limits.most_routes = v),
    },
    Setting {
        key: "log.file",
        default: Default::Unset,
        set: |s, given| value::text(given, "a path").map(|v| s.log_file = Some(PathBuf::from(v))),
    },
    Setting {
        key: "log.level",
        default: Default::Text("info"),
        set: |s, given| value::choice(given, LogLevel::WORDS).map(|v| s.log_level = v),
    },
];

/// The kinds of sources.
fn kinds() -> Vec<&'static str> {
    Kind::words()
}
