//! What the screen is given at its start, and why it can't start.

use std::path::PathBuf;

use thiserror::Error;

use crate::model::Formatter;
use crate::model::command::Signal;
use crate::ui::action::{KeyError, Keymap};
use crate::ui::tabs::Range;
use crate::ui::theme::{ColorDepth, Symbols, Themes};

/// What the screen is given at its start.
#[derive(Debug)]
pub struct Options {
    /// The themes to choose from.
    pub themes: Themes,
    /// The theme to begin with.
    pub theme: String,
    /// How many colours the terminal has.
    pub depth: ColorDepth,
    /// Which glyphs it can show.
    pub symbols: Symbols,
    /// How numbers are written.
    pub format: Formatter,
    /// Whether the mouse is used.
    pub mouse: bool,
    /// Whether nothing may be killed or changed.
    pub read_only: bool,
    /// How much time charts show at first.
    pub range: Range,
    /// Which keys mean which actions.
    pub keymap: Keymap,
    /// The signals that can be sent to a process.
    pub signals: &'static [Signal],
    /// Where exports are written.
    pub export_folder: PathBuf,
}

/// Why there is no screen.
#[derive(Debug, Error)]
pub enum ScreenError {
    /// The terminal can't be taken or written to.
    #[error("the terminal: {0}")]
    Terminal(#[from] std::io::Error),
    /// A key in the config.
    #[error("[keys]: {0}")]
    Keys(#[from] KeyError),
}
