//! `hubtop themes`: the names that `--theme` takes.

use std::process::ExitCode;

use super::Error;
use super::settings::Given;

/// Lists the themes.
pub fn run(given: &Given) -> Result<ExitCode, Error> {
    given.load()?;
    Ok(ExitCode::SUCCESS)
}
