//! `hubtop themes`: the names that `--theme` takes, with a swatch where the output is a terminal.

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use super::Error;
use super::output::print;
use super::settings::{Given, look};
use crate::config::Settings;
use crate::ui::theme::{Theme, swatch};

/// Lists the themes.
pub fn run(given: &Given) -> Result<ExitCode, Error> {
    let settings = given.load_without_theme()?;
    let (themes, warnings) = given.themes();
    for warning in warnings {
        eprintln!("{warning}");
    }
    let width = themes.names().map(str::len).max().unwrap_or(0);
    let lines = themes.iter().map(|theme| line(theme, &settings, width));
    print(&lines.collect::<String>())?;
    Ok(ExitCode::SUCCESS)
}

fn line(theme: &Theme, settings: &Settings, width: usize) -> String {
    let Theme { name, about, .. } = theme;
    if !io::stdout().is_terminal() {
        return format!("{name}\n");
    }
    let colours = swatch(&look(settings, theme));
    format!("{name:<width$}  {colours}  {about}\n")
}
