//! `hubtop`: the screen.

use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::time::Duration;

use super::engine::{self, Watched};
use super::settings::Given;
use super::{Error, snapshot};

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
    let _feed = engine::start(&settings, watched)?;
    snapshot::print_text(&settings, watched, LOOK)
}

/// Why there can be no screen.
fn no_screen() -> Option<&'static str> {
    if !io::stdout().is_terminal() {
        return Some("the output is no terminal");
    }
    if std::env::var_os("TERM").is_some_and(|term| term == "dumb") {
        return Some("TERM is dumb");
    }
    None
}
