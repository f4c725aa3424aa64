//! Incidents, and the rows of tables as they stood every ten seconds.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::{Stretch, What};
use crate::cli::Error;
use crate::model::{Tables, Timestamp};
use crate::store::export::{Form, TableWriter};
use crate::store::file::Archive;

/// Tables are told as they stood so often: at the finest all of them are kept for a day.
const EVERY: Duration = Duration::from_secs(10);
/// So much of them is in memory at once.
const PIECE: Duration = Duration::from_secs(600);

/// Writes what is asked for.
pub(super) fn write(
    archive: &Archive,
    stretch: Stretch,
    what: What,
    form: Form,
    out: &mut (dyn Write + Send),
) -> Result<(), Error> {
    let mut writer = match form {
        Form::Csv => TableWriter::csv(out),
        _ => TableWriter::json(out),
    };
    if what == What::Incidents {
        for incident in archive.incidents(stretch.from, stretch.to)? {
            writer
                .row(incident.began, &incident)
                .map_err(Error::Output)?;
        }
        return writer.finish().map_err(Error::Output);
    }
    for piece in stretch.pieces(PIECE) {
        for picture in archive.pictures(piece.from, piece.to, EVERY)? {
            put(&mut writer, picture.at, what, &picture.tables).map_err(Error::Output)?;
        }
    }
    writer.finish().map_err(Error::Output)
}

fn put<W: Write>(
    writer: &mut TableWriter<W>,
    at: Timestamp,
    what: What,
    tables: &Tables,
) -> io::Result<()> {
    match what {
        What::Samples | What::Incidents => Ok(()),
        What::Processes => rows(writer, at, tables.processes.as_ref()),
        What::Endpoints => rows(writer, at, tables.endpoints.as_ref()),
        What::Models => rows(writer, at, tables.models.as_ref()),
        What::Sessions => rows(writer, at, tables.sessions.as_ref()),
        What::Pages => rows(writer, at, tables.pages.as_ref()),
        What::Probes => rows(writer, at, tables.probes.as_ref()),
        What::Objectives => rows(writer, at, tables.objectives.as_ref()),
        What::Caches => rows(writer, at, tables.caches.as_ref()),
        What::CacheLevels => rows(writer, at, tables.cache_levels.as_ref()),
        What::Statements => rows(writer, at, tables.statements.as_ref()),
        What::Backends => rows(writer, at, tables.backends.as_ref()),
        What::Locks => rows(writer, at, tables.locks.as_ref()),
        What::Tables => rows(writer, at, tables.table_uses.as_ref()),
        What::Indexes => rows(writer, at, tables.index_uses.as_ref()),
        What::Databases => rows(writer, at, tables.databases.as_ref()),
    }
}

fn rows<W: Write, R: Serialize>(
    writer: &mut TableWriter<W>,
    at: Timestamp,
    table: Option<&Arc<Vec<R>>>,
) -> io::Result<()> {
    let mut rows = table.into_iter().flat_map(|table| table.iter());
    rows.try_for_each(|row| writer.row(at, row))
}
