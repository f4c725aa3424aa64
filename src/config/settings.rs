//! Settings as the program uses them: every value in its type and within its limits.

use std::path::PathBuf;
use std::time::Duration;

use super::keys::KeyBinding;
use super::list::Written;
use super::place::{Located, Place};
use super::table::SETTINGS;
use super::value::Given;
use crate::alert::{ObjectiveForm, RuleForm};
use crate::collect::probe::ProbeForm;
use crate::collect::{ApiForm, DiscoverForm, LevelForm, Limits, Mappings, PriceForm, SourceForm};
use crate::model::Range;
use crate::store::remote::ExportForm;

/// How many colours are wished for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColorWish {
    /// As many as the terminal says it has.
    #[default]
    Auto,
    /// 24 bit.
    True,
    /// 256.
    Ansi256,
    /// The sixteen of the terminal's own palette.
    Ansi16,
    /// None.
    None,
}

impl ColorWish {
    /// The words for them.
    pub const WORDS: &[(&str, Self)] = &[
        ("auto", Self::Auto),
        ("true", Self::True),
        ("256", Self::Ansi256),
        ("16", Self::Ansi16),
        ("none", Self::None),
    ];
}

/// Which glyphs are wished for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SymbolsWish {
    /// What the terminal can most likely show.
    #[default]
    Auto,
    /// Everything, charts in braille.
    Braille,
    /// Blocks and lines, no braille.
    Blocks,
    /// ASCII alone.
    Ascii,
}

impl SymbolsWish {
    /// The words for them.
    pub const WORDS: &[(&str, Self)] = &[
        ("auto", Self::Auto),
        ("braille", Self::Braille),
        ("blocks", Self::Blocks),
        ("ascii", Self::Ascii),
    ];
}

/// What goes to the log file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogLevel {
    /// What went wrong.
    Error,
    /// And what may go wrong.
    Warn,
    /// And what was done.
    #[default]
    Info,
    /// And how.
    Debug,
    /// Everything.
    Trace,
}

impl LogLevel {
    /// The words for them.
    pub const WORDS: &[(&str, Self)] = &[
        ("error", Self::Error),
        ("warn", Self::Warn),
        ("info", Self::Info),
        ("debug", Self::Debug),
        ("trace", Self::Trace),
    ];
}

/// What is kept on disk, where, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HistorySettings {
    /// Whether anything is.
    pub enabled: bool,
    /// The folder; the person's own for what programs remember if unset.
    pub folder: Option<PathBuf>,
    /// The engine elsewhere that is asked for what is no longer kept here, a URL.
    pub from: Option<String>,
    /// Bytes of the file at most.
    pub bytes: u64,
    /// How long figures are kept at every tick.
    pub ticks: Duration,
    /// By 10 s.
    pub ten_seconds: Duration,
    /// By a minute.
    pub minutes: Duration,
    /// By a quarter of an hour, and incidents.
    pub quarters: Duration,
}

/// Everything that can be set.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// How often figures are taken, 250 ms to 60 s.
    pub tick: Duration,
    /// The theme's name; whether there is one is for the screen to say.
    pub theme: String,
    /// Colours.
    pub color: ColorWish,
    /// Glyphs.
    pub symbols: SymbolsWish,
    /// Whether the mouse is listened to.
    pub mouse: bool,
    /// Whether sizes are in powers of 1000.
    pub si: bool,
    /// Whether nothing may be killed or changed.
    pub read_only: bool,
    /// How far back charts look at the start.
    pub range: Range,
    /// The most memory that the hot history may take, bytes.
    pub hot_memory: u64,
    /// What is kept on disk.
    pub history: HistorySettings,
    /// Where the log goes; nowhere if unset.
    pub log_file: Option<PathBuf>,
    /// What the log holds.
    pub log_level: LogLevel,
    /// Keys of actions, in the order of the files; names and keys are for the screen to check.
    pub keys: Vec<KeyBinding>,
    /// A person's own rules; one with the name of a default rule replaces it.
    pub rules: Vec<Located<RuleForm>>,
    /// The servers, pages and logs to watch.
    pub sources: Vec<Located<SourceForm>>,
    /// Requests that hubtop itself makes.
    pub probes: Vec<Located<ProbeForm>>,
    /// A person's own objectives; one with the name of a default one replaces it.
    pub objectives: Vec<Located<ObjectiveForm>>,
    /// Timings and counts of requests on pages of metrics.
    pub apis: Vec<Located<ApiForm>>,
    /// Levels of caches on pages of metrics.
    pub levels: Vec<Located<LevelForm>>,
    /// What models cost.
    pub prices: Vec<Located<PriceForm>>,
    /// Engines on other machines that keep what is watched.
    pub exports: Vec<Located<ExportForm>>,
    /// What is looked for on this machine without being configured.
    pub discover: DiscoverForm,
    /// Thresholds and bounds of the sources.
    pub limits: Limits,
    /// The sections that are written as `[[name]]`, as they were written.
    pub(super) written: Vec<Written>,
    /// The files that were read, in rising order.
    pub files: Vec<PathBuf>,
    /// Each entry of [`SETTINGS`] as it was given last, and where.
    pub(super) given: Vec<Option<Located<Given>>>,
}

impl Settings {
    /// What every setting is before anybody sets it, without the rows of the table applied yet.
    pub(super) fn unset() -> Self {
        Self {
            tick: Duration::from_secs(1),
            theme: String::new(),
            color: ColorWish::default(),
            symbols: SymbolsWish::default(),
            mouse: true,
            si: false,
            read_only: false,
            range: Range::default(),
            hot_memory: 0,
            history: HistorySettings::default(),
            log_file: None,
            log_level: LogLevel::default(),
            keys: Vec::new(),
            rules: Vec::new(),
            sources: Vec::new(),
            probes: Vec::new(),
            objectives: Vec::new(),
            apis: Vec::new(),
            levels: Vec::new(),
            prices: Vec::new(),
            exports: Vec::new(),
            discover: DiscoverForm::default(),
            limits: Limits::default(),
            written: Vec::new(),
            files: Vec::new(),
            given: vec![None; SETTINGS.len()],
        }
    }

    /// The sources that are configured, so that nothing is found twice.
    #[must_use]
    pub fn sources_known(&self) -> Vec<SourceForm> {
        values(&self.sources)
    }

    /// A person's own objectives, without their places.
    #[must_use]
    pub fn own_objectives(&self) -> Vec<ObjectiveForm> {
        values(&self.objectives)
    }

    /// What is written about the series of pages of metrics.
    #[must_use]
    pub fn mappings(&self) -> Mappings {
        Mappings {
            apis: values(&self.apis),
            levels: values(&self.levels),
            prices: values(&self.prices),
        }
    }

    /// Where the setting `key` comes from, for messages of those who check it later (the theme's name).
    #[must_use]
    pub fn place_of(&self, key: &str) -> Place {
        SETTINGS
            .iter()
            .position(|setting| setting.key == key)
            .and_then(|index| self.given[index].as_ref())
            .map_or(Place::Default, |given| given.place.clone())
    }
}

fn values<T: Clone>(located: &[Located<T>]) -> Vec<T> {
    located
        .iter()
        .map(|located| located.value.clone())
        .collect()
}
