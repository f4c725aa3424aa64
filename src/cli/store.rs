//! `hubtop store info|check|compact|export`: the file in which the history is kept.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::arguments::{StoreCommand, StoreExport, StoreFile};
use super::output::print;
use super::settings::Given;
use super::{Error, history};
use crate::config::Settings;
use crate::model::{Clock, Formatter, SystemClock, Timestamp, moment_text, span};
use crate::store::file::care::{self, Checked, Compacted, Info, Part};
use crate::store::file::journal::Run;

/// Runs that are listed; the older ones are counted.
const RUNS_LISTED: usize = 5;

/// Does what is asked with the file.
pub fn run(given: &Given, what: &StoreCommand) -> Result<ExitCode, Error> {
    let settings = given.load()?;
    match what {
        StoreCommand::Info(StoreFile { file }) => {
            let info = care::info(&path(&settings, file.as_deref())?)?;
            print(&info_text(&info))?;
            Ok(ExitCode::SUCCESS)
        }
        StoreCommand::Check(StoreFile { file }) => {
            let path = path(&settings, file.as_deref())?;
            let checked = care::check(&path)?;
            print(&checked_text(&path, &checked))?;
            Ok(ExitCode::from(u8::from(!checked.is_whole())))
        }
        StoreCommand::Compact(StoreFile { file }) => {
            let path = path(&settings, file.as_deref())?;
            let limits = history::limits(&settings.history);
            let compacted = care::compact(&path, &limits, now())?;
            print(&compacted_text(&path, compacted))?;
            Ok(ExitCode::SUCCESS)
        }
        StoreCommand::Export(asked) => export(&settings, asked),
    }
}

fn now() -> Timestamp {
    SystemClock::new().now().wall
}

/// The file that is named, else that of this host.
fn path(settings: &Settings, file: Option<&Path>) -> Result<PathBuf, Error> {
    let named = file.map(Path::to_owned);
    named
        .or_else(|| history::file(settings))
        .ok_or(Error::NoStateFolder)
}

fn export(settings: &Settings, asked: &StoreExport) -> Result<ExitCode, Error> {
    let source = path(settings, asked.of.as_deref())?;
    match stretch(asked)? {
        Some((from, to)) => care::copy_stretch(&source, &asked.to, from, to)?,
        None => care::copy_whole(&source, &asked.to)?,
    }
    let bytes = std::fs::metadata(&asked.to).map_or(0, |known| known.len());
    let (name, bytes) = (asked.to.display(), size(bytes));
    print(&format!(
        "written: {name}, {bytes}; `hubtop replay {name}` shows it\n"
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// The stretch of time that is asked for; all of it when nothing is said.
fn stretch(asked: &StoreExport) -> Result<Option<(Timestamp, Timestamp)>, Error> {
    let now = now();
    let wrong = |option, why: String| Error::Wrong { option, why };
    let moment = |option, text: &Option<String>| {
        let read = |text: &String| moment_text::parse(text, now, now);
        let read = text.as_ref().map(read).transpose();
        read.map_err(|why| wrong(option, why))
    };
    if let Some(text) = &asked.since {
        let back = span::parse(text);
        let back = back.ok_or_else(|| {
            wrong(
                "--since",
                format!("{text:?} is no time such as 30m, 1h or 7d"),
            )
        })?;
        return Ok(Some((now.minus(back), now)));
    }
    let (from, to) = (
        moment("--from", &asked.from)?,
        moment("--to", &asked.until)?,
    );
    if from.is_none() && to.is_none() {
        return Ok(None);
    }
    let (from, to) = (from.unwrap_or(Timestamp(0)), to.unwrap_or(now));
    if to < from {
        return Err(wrong("--to", "lies before --from".to_owned()));
    }
    Ok(Some((from, to)))
}

fn size(bytes: u64) -> String {
    Formatter::default().bytes(bytes as f64)
}

fn when(at: Timestamp) -> String {
    at.local().format("%Y-%m-%d %H:%M:%S").to_string()
}

/// A line of a table of two columns.
fn line(name: &str, value: &str) -> String {
    format!("{name:<26} {value}\n")
}

fn info_text(info: &Info) -> String {
    let mut text = line("file", &info.path.display().to_string());
    let (found, known) = info.version;
    text += &line("version", &format!("{found} (newest {known})"));
    text += &line(
        "size",
        &format!(
            "{}, {} of it free; WAL {}",
            size(info.bytes),
            size(info.free_bytes),
            size(info.wal_bytes)
        ),
    );
    text += &line("kept by", &writer_text(info.writer));
    text += &line("series", &info.series.to_string());
    for part in &info.figures {
        text += &line(part.what, &part_text(part, "values"));
    }
    if let Some(bytes) = info.bytes_a_value() {
        text += &line("bytes a value", &format!("{bytes:.2}"));
    }
    for part in &info.pictures {
        text += &line(part.what, &part_text(part, "blocks"));
    }
    text += &line("not yet sealed", &size(info.tail_bytes));
    text += &line("incidents", &info.incidents.to_string());
    text + &runs_text(&info.runs)
}

fn writer_text(writer: Option<Option<u32>>) -> String {
    match writer {
        None => "nobody now".to_owned(),
        Some(None) => "another hubtop".to_owned(),
        Some(Some(pid)) => format!("PID {pid}"),
    }
}

fn part_text(part: &Part, of: &str) -> String {
    let Some((first, last)) = part.reach else {
        return "–".to_owned();
    };
    format!(
        "{} to {}, {} {of}, {}",
        when(first),
        when(last),
        part.count,
        size(part.bytes)
    )
}

fn runs_text(runs: &[Run]) -> String {
    let mut text = line("runs", &runs.len().to_string());
    for run in runs.iter().rev().take(RUNS_LISTED) {
        let end = match run.ended {
            Some(ended) => format!("to {}", when(ended)),
            None => format!("last seen {}", when(run.seen)),
        };
        let told = format!(
            "{} {end}, hubtop {}, PID {}",
            when(run.started),
            run.version,
            run.pid
        );
        text += &line("", &told);
    }
    text
}

fn checked_text(path: &Path, checked: &Checked) -> String {
    if checked.is_whole() {
        return format!("ok: {}\n", path.display());
    }
    let mut text = format!("damaged: {}\n", path.display());
    for line in &checked.damaged {
        text += &format!("  {line}\n");
    }
    text += "what can be read:\n";
    if checked.readable.is_empty() {
        text += "  nothing\n";
    }
    for (table, rows, errors) in &checked.readable {
        let rest = match errors {
            0 => "all of it".to_owned(),
            _ => "not all of it".to_owned(),
        };
        text += &format!("  {table}: {rows} rows, {rest}\n");
    }
    text + "hubtop sets a damaged file aside by itself when it keeps, and copies what can be read\n"
}

fn compacted_text(path: &Path, Compacted { before, after }: Compacted) -> String {
    format!(
        "compacted: {}, {} before, {} now\n",
        path.display(),
        size(before),
        size(after)
    )
}
