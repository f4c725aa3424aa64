//! `hubtop snapshot`: one picture of everything, as a page or as JSON. Both are written from the same frame and with the
//! same formatter as the screen.

mod json;
mod page;
mod sections;
mod text;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Error;
use super::arguments::{Format, SnapshotArguments};
use super::engine::{self, Watched};
use super::output::print;
use super::settings::Given;
pub(super) use page::{ascii, locale_is_utf8};

use crate::config::Settings;
use crate::feed::Feed;
use crate::model::{Formatter, Frame};

/// How much longer than asked a snapshot waits for a first answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it looks whether there is one.
const GLANCE: Duration = Duration::from_millis(5);

/// Prints a snapshot.
pub fn run(given: &Given, asked: &SnapshotArguments) -> Result<ExitCode, Error> {
    let settings = given.load_and_log()?;
    let watched = if asked.demo {
        Watched::Story(asked.seed)
    } else {
        Watched::Host
    };
    let wait = Duration::from_secs_f64(asked.wait);
    match asked.format {
        Format::Text => print_text(&settings, watched, wait),
        Format::Json => {
            let frame = take(&settings, watched, wait)?;
            print(&json::write(&frame)?)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Prints the page.
pub(super) fn print_text(
    settings: &Settings,
    watched: Watched,
    wait: Duration,
) -> Result<ExitCode, Error> {
    print_frame(settings, &*take(settings, watched, wait)?)
}

/// Prints the page of a frame.
pub(super) fn print_frame(settings: &Settings, frame: &Frame) -> Result<ExitCode, Error> {
    let page = text::write(frame, Formatter { si: settings.si });
    let utf8 = locale_is_utf8(|name| std::env::var(name).ok());
    print(&if utf8 { page } else { ascii(&page) })?;
    Ok(ExitCode::SUCCESS)
}

/// The newest frame after `wait`, or the first one if it comes later.
pub(super) fn take(
    settings: &Settings,
    watched: Watched,
    wait: Duration,
) -> Result<Arc<Frame>, Error> {
    take_when(settings, watched, wait, |_| true)
}

/// The same, or a later one that is `complete` if that comes soon.
pub(super) fn take_when(
    settings: &Settings,
    watched: Watched,
    wait: Duration,
    complete: impl Fn(&Frame) -> bool,
) -> Result<Arc<Frame>, Error> {
    let feed = engine::start(settings, watched, engine::PAST_OF_A_PICTURE)?;
    std::thread::sleep(wait);
    let deadline = Instant::now() + PATIENCE;
    loop {
        let frame = feed.newest();
        let is_late = Instant::now() > deadline;
        if frame.number > 0 && (is_late || complete(&frame)) {
            return Ok(frame);
        }
        if is_late {
            return Err(Error::NoFigures((wait + PATIENCE).as_secs()));
        }
        std::thread::sleep(GLANCE);
    }
}
