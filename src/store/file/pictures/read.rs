//! Moments as they were: what the archive asks of pictures.

use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;

use super::delta::Mark;
use super::find::Reader;
use super::show::{self, Known, Slices};
use crate::model::{AlertBoard, Catalog, Frame, Process, ProcessKey, SeriesId, Timestamp};
use crate::store::file::ids::FileId;
use crate::store::hot::Picture;
use crate::store::{StoreError, Window};

/// The frame of a moment. The figures are those given, by the numbers of the file, `known` says which series those are
/// here; everything else comes from the last picture at or before the moment, of which `as_of` tells, if that still
/// stands: there may have been an outage, or pictures of that time are no longer kept.
///
/// # Errors
/// The file can't be read, or what is in it can't be what was written.
pub(in crate::store::file) fn frame_at(
    db: &Connection,
    catalog: &Catalog,
    known: &[(FileId, SeriesId)],
    at: Timestamp,
    values: &[(FileId, f64)],
) -> Result<Frame, StoreError> {
    let known: Known = known.iter().copied().collect();
    let reader = Reader::new(db)?;
    let look = |mark: Mark, parts: &Slices<'_>| show::shown(mark.at, parts, &known);
    let shown = match reader.at(at, look)? {
        // Before all pictures the host is still the same, and so are the rules.
        None => reader.at(Timestamp(i64::MAX), look)?,
        shown => shown,
    };
    let mut frame = Frame::empty(at);
    frame.series = catalog.table();
    frame.values = Arc::new(values_here(frame.series.len(), values, &known));
    if let Some(shown) = shown {
        let picture = shown.picture;
        frame.demo = shown.demo;
        frame.tick = picture.tick;
        frame.host = picture.host.clone();
        if picture.at <= at && picture.stands_at(at) {
            frame.number = shown.number;
            frame.sources = picture.sources;
            frame.tables = picture.tables;
            frame.tables.as_of = Some(picture.at);
            frame.alerts = picture.alerts;
            frame.keeping = Arc::new(shown.keeping);
        } else {
            let rules = picture.alerts.rules.clone();
            frame.alerts = Arc::new(AlertBoard {
                rules,
                ..AlertBoard::default()
            });
        }
    }
    Ok(frame)
}

fn values_here(count: usize, values: &[(FileId, f64)], known: &Known) -> Vec<f64> {
    let mut here = vec![f64::NAN; count];
    for (series, value) in values {
        let place = known.get(series).map(|id| id.index());
        if let Some(place) = place.and_then(|place| here.get_mut(place)) {
            *place = *value;
        }
    }
    here
}

/// The pictures from one moment to another, at most one each `step`, oldest first.
///
/// # Errors
/// See [`frame_at`].
pub(in crate::store::file) fn pictures(
    db: &Connection,
    known: &[(FileId, SeriesId)],
    from: Timestamp,
    to: Timestamp,
    step: Duration,
) -> Result<Vec<Picture>, StoreError> {
    let known: Known = known.iter().copied().collect();
    let mut pictures: Vec<Picture> = Vec::new();
    Reader::new(db)?.each(from, to, |mark, parts| {
        let is_due = |last: &Picture| mark.at >= last.at.plus(step);
        if pictures.last().is_none_or(is_due) {
            pictures.push(show::picture(mark.at, parts, &known)?);
        }
        Ok(())
    })?;
    Ok(pictures)
}

/// What one process used, as pictures tell it.
#[derive(Debug, Clone, PartialEq)]
pub struct ProcessRows {
    /// How far apart the pictures were that were looked at: the first in each stretch of this length.
    pub step: Duration,
    /// The rows of those in which the process was, oldest first.
    pub rows: Vec<(Timestamp, Arc<Process>)>,
}

/// What one process used, from the first picture in each bucket of a window; of a long window from fewer, so that it
/// takes no longer.
///
/// # Errors
/// See [`frame_at`].
pub(in crate::store::file) fn process_rows(
    db: &Connection,
    process: ProcessKey,
    window: Window,
) -> Result<ProcessRows, StoreError> {
    let mut rows: Vec<(Timestamp, Arc<Process>)> = Vec::new();
    let mut finder = show::Finder::new(process);
    let to = window
        .until
        .min(Timestamp(window.end().0.saturating_sub(1)));
    let stretch = (window.start, to);
    let step = Reader::new(db)?.each_step(stretch, window.step, |mark, parts| {
        let row = finder.find(parts)?;
        rows.extend(row.map(|row| (mark.at, Arc::new(row))));
        Ok(())
    })?;
    Ok(ProcessRows { step, rows })
}
