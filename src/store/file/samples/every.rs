//! The samples of a series as finely as they are kept, for those who write them down elsewhere.

use rusqlite::Connection;

use super::read::Reader;
use super::tier::Tier;
use super::view::View;
use crate::model::Timestamp;
use crate::store::StoreError;
use crate::store::file::ids::FileId;

type Sample = (Timestamp, f64);

impl Reader {
    /// What is known of a series from one moment until before another: ticks, and before those are kept the means of
    /// ever wider buckets, at their beginnings.
    pub fn samples(
        &self,
        db: &Connection,
        series: FileId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Sample>, StoreError> {
        self.reading(db, |view| {
            let mut samples = Vec::new();
            let last = Timestamp(to.0.saturating_sub(1));
            put(view, Tier::Ticks, series, (from, last), &mut samples)?;
            Ok(samples)
        })
    }
}

/// Puts what a tier has of a stretch; what lies before all of it comes from the next coarser one.
fn put(
    view: &View<'_>,
    tier: Tier,
    series: FileId,
    (mut from, to): (Timestamp, Timestamp),
    samples: &mut Vec<Sample>,
) -> rusqlite::Result<()> {
    let oldest = view.oldest(tier).unwrap_or(Timestamp(i64::MAX));
    if from < oldest
        && let Some(coarser) = tier.next_coarser()
        && view.oldest(coarser).is_some_and(|older| older < oldest)
    {
        // The bucket within which this tier begins is told whole, and this tier from its end on.
        let begins = Timestamp(oldest.0.saturating_sub(1)).floor_to(coarser.width());
        let until = Timestamp(begins.plus(coarser.width()).0.saturating_sub(1));
        put(view, coarser, series, (from, to.min(until)), samples)?;
        from = from.max(Timestamp(until.0.saturating_add(1)));
    }
    if from > to {
        return Ok(());
    }
    if tier == Tier::Ticks {
        let ticks = view.ticks(series, from, to)?.into_iter();
        let known = ticks.filter(|tick| !tick.value.is_nan());
        samples.extend(known.map(|tick| (tick.at, tick.value)));
    } else {
        let buckets = view.buckets(tier, series, from, to)?.into_iter();
        // One that began before belongs to the stretch before.
        let own = buckets.filter(|bucket| bucket.at >= from);
        samples.extend(own.map(|bucket| (bucket.at, bucket.avg())));
    }
    Ok(())
}
