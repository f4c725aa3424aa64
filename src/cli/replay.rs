//! `hubtop replay`: the screen over what was recorded.

use std::process::ExitCode;
use std::time::Duration;

use super::arguments::ReplayArguments;
use super::settings::Given;
use super::{Error, history, snapshot, top};
use crate::feed::Feed;
use crate::feed::replay::ReplayFeed;
use crate::model::{Clock, SystemClock, Timestamp, moment_text};
use crate::ui::app;

/// How much of this host's own history is played when nothing is said.
const OWN: Duration = Duration::from_secs(3600);

/// Opens the screen over a recording; where there can be none, prints the text snapshot of its moment.
pub fn run(given: &Given, asked: &ReplayArguments) -> Result<ExitCode, Error> {
    let settings = given.load_and_log()?;
    let path = match &asked.file {
        Some(file) => file.clone(),
        None => history::file(&settings).ok_or(Error::NoStateFolder)?,
    };
    let mut feed = ReplayFeed::open(&path)?;
    place(&mut feed, asked)?;
    if let Some(why) = top::no_screen() {
        eprintln!(
            "hubtop: {why}: this is the snapshot of that moment; open a terminal for the screen"
        );
        return snapshot::print_frame(&settings, &feed.newest());
    }
    app::run(Box::new(feed), top::screen(given, &settings)?)?;
    Ok(ExitCode::SUCCESS)
}

/// Puts the play head where it was asked for.
fn place(feed: &mut ReplayFeed, asked: &ReplayArguments) -> Result<(), Error> {
    let (first, last) = feed.ends();
    if let Some(at) = moment("--at", asked.at.as_deref(), feed.ends())? {
        return Ok(feed.stand_at(at)?);
    }
    let from = moment("--from", asked.from.as_deref(), feed.ends())?;
    let to = moment("--to", asked.to.as_deref(), feed.ends())?;
    if from.is_none() && to.is_none() && asked.speed.is_none() {
        return Ok(());
    }
    let to = to.unwrap_or(last);
    let begin = match asked.file {
        Some(_) => first,
        None => first.max(to.minus(OWN)),
    };
    let from = from.unwrap_or(begin);
    if from > to {
        return Err(Error::Wrong {
            option: "--to",
            why: format!("{} is before --from, {}", whole(to), whole(from)),
        });
    }
    Ok(feed.play(from, to, asked.speed.unwrap_or(1.0))?)
}

/// The moment that an option names, which must lie in the recording.
fn moment(
    option: &'static str,
    text: Option<&str>,
    (first, last): (Timestamp, Timestamp),
) -> Result<Option<Timestamp>, Error> {
    let Some(text) = text else {
        return Ok(None);
    };
    let now = SystemClock::new().now().wall;
    let wrong = |why| Error::Wrong { option, why };
    let at = moment_text::parse(text, now, last).map_err(wrong)?;
    if at < first {
        return Err(wrong(format!(
            "{} is before the recording begins, {}",
            whole(at),
            whole(first)
        )));
    }
    Ok(Some(at))
}

fn whole(at: Timestamp) -> String {
    at.local().format("%Y-%m-%d %H:%M:%S").to_string()
}
