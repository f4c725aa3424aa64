//! `hubtop demo`: the screen over a scripted story.

use std::process::ExitCode;

use super::arguments::DemoArguments;
use super::engine::Watched;
use super::settings::Given;
use super::{Error, top};

/// Opens the screen over the story.
pub fn run(given: &Given, asked: &DemoArguments) -> Result<ExitCode, Error> {
    top::open(given, Watched::Story(asked.seed))
}
