//! Arguments and the exit code; everything else is in the library.

use std::process::ExitCode;

fn main() -> color_eyre::Result<ExitCode> {
    color_eyre::config::HookBuilder::blank().install()?;
    Ok(hubtop::cli::run().unwrap_or_else(|error| {
        eprintln!("{error}");
        error.exit_code()
    }))
}
