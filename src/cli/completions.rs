//! `hubtop completions SHELL`: what a shell needs to complete hubtop's words.

use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::Shell;

use super::Error;
use super::arguments::Arguments;
use super::output::print;

/// Prints the completions of `shell`.
pub fn run(shell: Shell) -> Result<ExitCode, Error> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "hubtop", &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}
