//! Colours by meaning. A theme is a TOML file in `themes/` that gives each [`Role`] a style; widgets ask the [`Look`] for
//! roles and never name a colour.

use ratatui::style::Style;

use crate::model::{Formatter, Severity};

/// What a piece of the screen means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Plain text.
    Text,
    /// Labels, units, what is not important now.
    Dim,
    /// Values.
    Bright,
    /// What is selected or focused, and nothing else.
    Accent,
    /// Borders.
    Border,
    /// The border of the panel that has the keys.
    BorderFocused,
    /// Titles in borders.
    Title,
    /// The selected row.
    Selection,
    /// A marked row.
    Marked,
    /// All is well.
    Ok,
    /// Look at it today.
    Warning,
    /// Look at it now.
    Critical,
    /// Worth knowing.
    Info,
    /// A key in the footer and in help.
    Key,
    /// The part of a text that matches a filter or a search.
    Match,
    /// The empty part of a gauge, the quiet lines of a chart.
    Track,
    /// The tab that is shown.
    TabActive,
    /// The other tabs.
    TabInactive,
    /// A word that tells a mode apart from live: paused, rewound, demo.
    Mode,
    /// First curve of a chart.
    Curve1,
    /// Second curve.
    Curve2,
    /// Third curve.
    Curve3,
    /// Fourth curve.
    Curve4,
}

impl Role {
    /// The role of a severity.
    #[must_use]
    pub fn of(severity: Severity) -> Self {
        match severity {
            Severity::Info => Self::Info,
            Severity::Warning => Self::Warning,
            Severity::Critical => Self::Critical,
        }
    }
}

/// How many colours the terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColorDepth {
    /// None: bold, dim, underline and reverse alone.
    None,
    /// The sixteen of the terminal's own palette.
    Ansi16,
    /// 256.
    Ansi256,
    /// 24 bit.
    True,
}

/// Which glyphs the terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symbols {
    /// Everything, charts in braille.
    Braille,
    /// Blocks ▁–█ and lines, no braille.
    Blocks,
    /// ASCII alone.
    Ascii,
}

/// A theme as it is drawn with: styles already brought down to the terminal's colours.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// Glyphs.
    pub symbols: Symbols,
    /// How numbers are written.
    pub format: Formatter,
}

impl Look {
    /// The style of a role.
    #[must_use]
    pub fn style(&self, _role: Role) -> Style {
        Style::new()
    }

    /// The style of a filled chart or gauge at `fraction` (0 calm, 1 the worst) of its scale.
    #[must_use]
    pub fn heat(&self, _fraction: f64) -> Style {
        Style::new()
    }
}
