//! `hubtop`: the screen.

use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::time::Duration;

use super::engine::{self, Watched};
use super::settings::{self, Given};
use super::{Error, keys, snapshot};
use crate::collect::host::signal::SIGNALS;
use crate::config::Settings;
use crate::model::Formatter;
use crate::ui::app;

/// For how long the text that stands in for the screen looks before it speaks.
const LOOK: Duration = Duration::from_secs(1);

/// Opens the screen over this host.
pub fn run(given: &Given) -> Result<ExitCode, Error> {
    open(given, Watched::Host)
}

/// Opens the screen; where there can be none, prints the text snapshot and says so.
pub fn open(given: &Given, watched: Watched) -> Result<ExitCode, Error> {
    let settings = given.load_and_log()?;
    if let Some(why) = no_screen() {
        eprintln!("hubtop: {why}: this is `hubtop snapshot`; open a terminal for the screen");
        return snapshot::print_text(&settings, watched, LOOK);
    }
    let options = screen(given, &settings)?;
    let feed = engine::start_and_keep(&settings, watched, engine::PAST_OF_CHARTS)?;
    app::run(Box::new(feed), options)?;
    Ok(ExitCode::SUCCESS)
}

/// What the screen is given.
pub(super) fn screen(given: &Given, settings: &Settings) -> Result<app::Options, Error> {
    let (themes, warnings) = given.themes();
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    let theme = settings::theme(settings, themes)?.name.to_string();
    Ok(app::Options {
        theme,
        themes: themes.clone(),
        depth: settings::depth(settings),
        symbols: settings::symbols(settings),
        format: Formatter { si: settings.si },
        mouse: settings.mouse,
        read_only: settings.read_only,
        range: settings.range,
        keymap: keys::keymap(settings)?,
        signals: SIGNALS,
        export_folder: std::env::temp_dir(),
    })
}

/// Why there can be no screen.
pub(super) fn no_screen() -> Option<&'static str> {
    if !io::stdout().is_terminal() {
        return Some("the output is no terminal");
    }
    if std::env::var_os("TERM").is_some_and(|term| term == "dumb") {
        return Some("TERM is dumb");
    }
    None
}
