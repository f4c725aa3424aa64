//! The command line: one file a subcommand. Here everything is wired; nothing on the path knows of it.

mod act;
mod arguments;
mod completions;
mod config;
mod demo;
mod doctor;
mod engine;
mod error;
mod export;
mod history;
mod keys;
mod log;
mod man;
mod output;
mod record;
mod replay;
mod settings;
pub mod snapshot;
mod store;
mod targets;
mod themes;
mod top;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};
pub use error::Error;
use settings::Given;

/// Does what the command line asks for.
///
/// # Errors
/// Why it could not be done; [`Error::exit_code`] tells wrong use from failure.
pub fn run() -> Result<ExitCode, Error> {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(answer) => return answer_of_clap(&answer),
    };
    let given = Given::new(&arguments.settings);
    match arguments.command {
        None => top::run(&given),
        Some(Command::Snapshot(asked)) => snapshot::run(&given, &asked),
        Some(Command::Doctor) => doctor::run(&given),
        Some(Command::Demo(asked)) => demo::run(&given, &asked),
        Some(Command::Replay(asked)) => replay::run(&given, &asked),
        Some(Command::Record(asked)) => record::run(&given, &asked),
        Some(Command::Store(asked)) => store::run(&given, &asked.what),
        Some(Command::Config(asked)) => config::run(&given, asked.what),
        Some(Command::Export(asked)) => export::run(&given, &asked),
        Some(Command::Themes) => themes::run(&given),
        Some(Command::Completions(asked)) => completions::run(asked.shell),
        Some(Command::Man) => man::run(),
    }
}

/// Help and version are answers too; everything else is wrong use.
fn answer_of_clap(answer: &clap::Error) -> Result<ExitCode, Error> {
    let code = if answer.use_stderr() { 2 } else { 0 };
    match answer.print() {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Error::Output(error)),
        _ => Ok(ExitCode::from(code)),
    }
}
