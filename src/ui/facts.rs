//! What the terminal says of itself, without being taken: for `hubtop doctor`.

use std::io::{self, IsTerminal};

use super::theme::{ColorDepth, Symbols};

/// The smallest screen that hubtop draws fully: columns and rows.
pub const NEEDED: (u16, u16) = (80, 24);

/// What the terminal says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminalFacts {
    /// Whether the output goes to one.
    pub is_terminal: bool,
    /// `TERM`.
    pub name: Option<String>,
    /// Columns and rows.
    pub size: Option<(u16, u16)>,
    /// The colours it has.
    pub depth: ColorDepth,
    /// The glyphs it shows.
    pub symbols: Symbols,
    /// Whether tmux or screen stands between it and hubtop.
    pub multiplexed: bool,
}

impl TerminalFacts {
    /// Asks the environment and the system; nothing is written to the terminal.
    pub fn look(variable: impl Fn(&str) -> Option<String> + Copy) -> Self {
        let is_terminal = io::stdout().is_terminal();
        let set = |name| variable(name).is_some_and(|value| !value.is_empty());
        Self {
            is_terminal,
            name: variable("TERM").filter(|name| !name.is_empty()),
            size: is_terminal
                .then(|| crossterm::terminal::size().ok())
                .flatten(),
            depth: ColorDepth::detect(variable),
            symbols: Symbols::detect(variable),
            multiplexed: set("TMUX") || set("STY"),
        }
    }
}
