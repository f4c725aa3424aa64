//! `hubtop config init|check|show|path`: the settings themselves.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use super::Error;
use super::arguments::ConfigCommand;
use super::output::print;
use super::settings::Given;
use crate::config::SAMPLE;

/// Does what is asked with the settings.
pub fn run(given: &Given, what: ConfigCommand) -> Result<ExitCode, Error> {
    let said = match what {
        ConfigCommand::Init => init(given)?,
        ConfigCommand::Check => check(given)?,
        ConfigCommand::Show => given.load()?.show(),
        ConfigCommand::Path => path(given),
    };
    print(&said)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the sample where a person's own settings are looked for; never over something.
fn init(given: &Given) -> Result<String, Error> {
    let path = given.files.own().ok_or(Error::NoHome)?;
    match write_new(path) {
        Ok(()) => Ok(format!("written: {}\n", path.display())),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(Error::ConfigExists(path.to_owned()))
        }
        Err(source) => Err(Error::File {
            path: path.to_owned(),
            source,
        }),
    }
}

fn write_new(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::File::create_new(path)?.write_all(SAMPLE.as_bytes())
}

fn check(given: &Given) -> Result<String, Error> {
    let settings = given.load()?;
    let (_, warnings) = given.themes();
    for warning in warnings {
        eprintln!("{warning}");
    }
    if settings.files.is_empty() {
        return Ok(
            "ok: there is no file of settings; `hubtop config init` writes one\n".to_owned(),
        );
    }
    let line = |path: &std::path::PathBuf| format!("ok: {}\n", path.display());
    Ok(settings.files.iter().map(line).collect())
}

/// Where files are looked for, in rising order.
fn path(given: &Given) -> String {
    let line = |path: &Path| {
        let note = if path.exists() { "" } else { " (not there)" };
        format!("{}{note}\n", path.display())
    };
    given.files.all().into_iter().map(line).collect()
}
