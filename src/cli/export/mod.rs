//! `hubtop export`: what is kept, written down for other programs. It reads the file while another hubtop writes it.

mod arguments;
mod place;
mod samples;
mod stretch;
mod tables;

use std::process::ExitCode;

use super::{Error, history, settings::Given};
use crate::model::{Catalog, Clock, SystemClock};
use crate::store::export::Form;
use crate::store::file::Archive;

pub use arguments::ExportArguments;
use arguments::{Format, What};
use place::Place;
use stretch::Stretch;

/// Writes what is asked for to a file or the standard output.
///
/// # Errors
/// The history can't be read, there is nothing of what is asked for, or the output can't be written.
pub fn run(given: &Given, asked: &ExportArguments) -> Result<ExitCode, Error> {
    let form = form(asked)?;
    let archive = open(given, asked)?;
    let remembered = archive.remembers()?.ok_or(Error::NothingKept)?;
    let stretch = Stretch::asked(asked, remembered, SystemClock::new().now().wall)?;
    let place = Place::open(asked.output.as_deref(), form)?;
    place.write(|out| match asked.what {
        What::Samples => samples::write(&archive, stretch, asked, form, out),
        what => tables::write(&archive, stretch, what, form, out),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The form that is asked for, if what is asked for has it.
fn form(asked: &ExportArguments) -> Result<Form, Error> {
    let form = match asked.format {
        Format::Csv => Form::Csv,
        Format::Json => Form::Json,
        Format::Openmetrics => Form::OpenMetrics,
        Format::Parquet => Form::Parquet,
    };
    if asked.what != What::Samples && !matches!(form, Form::Csv | Form::Json) {
        return Err(Error::Wrong {
            option: "--format",
            why: "rows of tables and incidents are written as csv or json".to_owned(),
        });
    }
    if asked.what != What::Samples && !asked.metric.is_empty() {
        return Err(Error::Wrong {
            option: "--metric",
            why: "only samples have metrics".to_owned(),
        });
    }
    Ok(form)
}

fn open(given: &Given, asked: &ExportArguments) -> Result<Archive, Error> {
    let path = match &asked.file {
        Some(path) => path.clone(),
        None => history::file(&given.load_and_log()?).ok_or(Error::NoStateFolder)?,
    };
    Ok(Archive::open(&path, Catalog::new())?)
}
