//! The distributions of a stretch of time, as hot memory tells them: in whole buckets, and nothing of the last one that
//! came after the moment that is looked at.

use rusqlite::Connection;

use super::tens::{TEN_SECONDS, Tens};
use super::tiers::{self, Line, TIERS, Tier};
use crate::model::{Distribution, Timestamp};
use crate::store::file::ids::FileId;
use crate::store::file::pictures::find::{Reader, unfolded};
use crate::store::file::pictures::part::Part;
use crate::store::file::pictures::sketches::packed;
use crate::store::file::pictures::{bytes::Broken, bytes::Cursor, delta::Walk};
use crate::store::{StoreError, Window};

/// Everything of a series that happened from a moment on and before another, in whole buckets: those that begin in
/// between, and the one that holds the first moment. `None` when nothing is known to have happened.
///
/// # Errors
/// The file can't be read, or what is in it can't be what was written.
pub(in crate::store::file) fn distribution(
    db: &Connection,
    series: FileId,
    from: Timestamp,
    to: Timestamp,
) -> Result<Option<Distribution>, StoreError> {
    let reader = Reader::new(db)?;
    let asked = Asked::new(&reader, series, to)?;
    let tier = asked.tier_for(from)?;
    let line = asked.line(tier, (from.floor_to(TIERS[tier].step), to))?;
    Ok(merged(line.into_values()))
}

/// What happened in each bucket of a window; where those are narrower than what is kept, the one in which that begins
/// gets all of it.
///
/// # Errors
/// See [`distribution`].
pub(in crate::store::file) fn distributions(
    db: &Connection,
    series: FileId,
    window: Window,
) -> Result<Vec<Option<Distribution>>, StoreError> {
    let reader = Reader::new(db)?;
    let end = window.end();
    let asked = Asked::new(&reader, series, window.until.min(end))?;
    let tier = asked.tier_for(window.start)?;
    let to = Timestamp(asked.until.0.saturating_add(1)).min(end);
    let mut points = vec![None; window.count];
    for (at, distribution) in asked.line(tier, (window.start, to))? {
        if let Some(point) = window.bucket_of(at).and_then(|at| points.get_mut(at)) {
            let all: &mut Distribution = point.get_or_insert_default();
            all.merge(&distribution);
        }
    }
    Ok(points)
}

fn merged(all: impl IntoIterator<Item = Distribution>) -> Option<Distribution> {
    all.into_iter().reduce(|mut all, more| {
        all.merge(&more);
        all
    })
}

/// A series that is asked for, as of a moment.
struct Asked<'a> {
    reader: &'a Reader<'a>,
    series: FileId,
    until: Timestamp,
    /// What is in no tier yet.
    recent: Tens,
}

impl<'a> Asked<'a> {
    fn new(reader: &'a Reader<'a>, series: FileId, until: Timestamp) -> Result<Self, StoreError> {
        let mut recent = Tens::default();
        for row in unfolded(reader, until)? {
            let tens = Tens::read(&row, Some(series)).map_err(|broken| broken.of(WHAT))?;
            recent.take_later(tens);
        }
        let tail = reader.tail(until)?;
        let mut tail = tail_tens(&tail, series).map_err(|broken| broken.of(WHAT))?;
        if let Some((first, _)) = tail.span {
            tail.is_again = reader.newest_sealed()?.is_some_and(|newest| first < newest);
        }
        recent.take_later(tail);
        Ok(Self {
            reader,
            series,
            until,
            recent,
        })
    }

    /// The finest tier that reaches back to a moment, and still has what was there.
    fn tier_for(&self, from: Timestamp) -> Result<usize, StoreError> {
        let reaches = |tier: &Tier| self.until.floor_to(tier.step).since(from) <= tier.read;
        let finest = TIERS.iter().position(reaches).unwrap_or(TIERS.len() - 1);
        for tier in finest..TIERS.len() - 1 {
            if !self.has_gone(tier, from)? {
                return Ok(tier);
            }
        }
        Ok(TIERS.len() - 1)
    }

    /// Whether what a tier had at a moment had to go, while a coarser one still has it.
    fn has_gone(&self, tier: usize, from: Timestamp) -> Result<bool, StoreError> {
        let oldest = tiers::oldest(self.reader.db(), TIERS[tier], self.series);
        let oldest = oldest.map_err(|error| self.reader.failed(error))?;
        for coarser in TIERS.iter().skip(tier + 1) {
            let until = oldest.map_or(self.until, |oldest| oldest.floor_to(coarser.step));
            let stretch = (from.floor_to(coarser.step), until);
            if until > from && !self.blocks(*coarser, stretch)?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn blocks(&self, tier: Tier, stretch: (Timestamp, Timestamp)) -> Result<Line, StoreError> {
        tiers::read(self.reader.db(), tier, self.series, stretch)
            .map_err(|error| self.reader.failed(error))?
            .map_err(|broken| broken.of(WHAT))
    }

    /// The buckets of a tier that begin from one moment on and before another, the open one as it was.
    fn line(&self, tier: usize, (from, to): (Timestamp, Timestamp)) -> Result<Line, StoreError> {
        let step = TIERS[tier].step;
        let open = self.until.floor_to(step);
        let mut line = self.whole(tier, (from, to.min(open)))?;
        if (from..to).contains(&open)
            && let Some(distribution) = self.open(tier, open)?
        {
            line.insert(open, distribution);
        }
        Ok(line)
    }

    /// Buckets with everything that is in them.
    fn whole(&self, tier: usize, (from, to): (Timestamp, Timestamp)) -> Result<Line, StoreError> {
        let Tier { step, .. } = TIERS[tier];
        let mut line = self.blocks(TIERS[tier], (from, to))?;
        if let Some((first, last)) = self.recent.span.filter(|_| self.recent.is_again) {
            line.retain(|at, _| *at < first.floor_to(step) || *at > last);
        }
        for ((_, at), distribution) in &self.recent.buckets {
            let bucket = at.floor_to(step);
            if (from..to).contains(&bucket) {
                line.entry(bucket).or_default().merge(distribution);
            }
        }
        Ok(line)
    }

    /// The bucket that was being filled: what had come until then.
    fn open(&self, tier: usize, open: Timestamp) -> Result<Option<Distribution>, StoreError> {
        let parts = match tier.checked_sub(1) {
            Some(finer) if !self.has_gone(finer, open)? => {
                let to = Timestamp(self.until.0.saturating_add(1));
                return Ok(merged(self.line(finer, (open, to))?.into_values()));
            }
            Some(_) => None,
            None => self.ticks(open)?,
        };
        match parts {
            Some(ticks) => Ok(merged(ticks)),
            // Single ticks are no longer kept: all of the bucket is told.
            None => {
                let end = open.plus(TIERS[tier].step);
                Ok(merged(self.whole(tier, (open, end))?.into_values()))
            }
        }
    }

    /// What came with each tick from a moment on; `None` where pictures of single ticks are not kept.
    fn ticks(&self, from: Timestamp) -> Result<Option<Vec<Distribution>>, StoreError> {
        let mut came = None;
        self.reader.each(from, self.until, |_, parts| {
            if let Some(list) = parts.get(Part::Came) {
                let came: &mut Vec<_> = came.get_or_insert_default();
                for row in &list.rows {
                    came.extend(of_series(row, self.series)?);
                }
            }
            Ok(())
        })?;
        Ok(came)
    }
}

const WHAT: &str = "a distribution of the history";

/// The distribution of a row of what came, if it is of this series.
fn of_series(row: &[u8], series: FileId) -> Result<Option<Distribution>, Broken> {
    let mut row = Cursor::new(row);
    if row.number()?.cast_signed() != series {
        return Ok(None);
    }
    // A tick at which nothing happened says so; that is no observation.
    Ok(Some(packed::take(&mut row)?).filter(|it| it.count() > 0))
}

/// What came in the tail, in buckets.
fn tail_tens(raw: &[u8], series: FileId) -> Result<Tens, Broken> {
    let (mut walk, mut tens) = (Walk::new(raw), Tens::default());
    while let Some(mark) = walk.step()? {
        let rows = walk.parts().get(Part::Came).map_or(&[][..], |it| &it.rows);
        for row in rows {
            if let Some(distribution) = of_series(row, series)? {
                tens.put(mark.at, [(series, &distribution)]);
            }
        }
    }
    Ok(tens)
}

const _: () = assert!(TEN_SECONDS.as_secs() == TIERS[0].step.as_secs());
