//! `hubtop man`: the manual page, made from the command line's own words.

use std::process::ExitCode;

use clap::CommandFactory;

use super::Error;
use super::arguments::Arguments;
use super::output::print;

/// Prints the manual page as roff.
pub fn run() -> Result<ExitCode, Error> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Arguments::command())
        .render(&mut page)
        .map_err(Error::Output)?;
    print(&String::from_utf8_lossy(&page))?;
    Ok(ExitCode::SUCCESS)
}
