//! Seals a span: each series becomes a block of ticks and one of each coarser tier.

use std::ops::Bound;

use rusqlite::{Result, Transaction};

use super::block;
use super::buckets;
use super::open::OpenSpan;
use super::spans::{self, State};
use super::tier::Tier;
use crate::store::file::ids::FileId;

/// How far the sealing of a span has come.
#[derive(Debug, Clone)]
pub struct Progress {
    /// The span of each tier.
    made: [(Tier, i64); 4],
    /// The last series whose blocks are written.
    last: Option<FileId>,
    is_done: bool,
}

impl Progress {
    pub fn is_done(&self) -> bool {
        self.is_done
    }
}

/// Begins the spans that it becomes.
pub fn begin(tx: &Transaction<'_>, span: &OpenSpan) -> Result<Progress> {
    let mut made = Tier::ALL.map(|tier| (tier, 0));
    for (tier, id) in &mut made {
        *id = spans::begin_of(tx, *tier, &span.times)?;
    }
    Ok(Progress {
        made,
        last: None,
        is_done: false,
    })
}

/// Writes the blocks of the next series, until about `most` values are in them. How many those are.
pub fn go_on(
    tx: &Transaction<'_>,
    span: &OpenSpan,
    mut progress: Progress,
    most: usize,
) -> Result<(Progress, usize)> {
    let after = progress.last.map_or(Bound::Unbounded, Bound::Excluded);
    let mut sealed = 0;
    for series in span
        .lanes
        .range((after, Bound::Unbounded))
        .map(|(id, _)| *id)
    {
        if sealed >= most {
            return Ok((progress, sealed));
        }
        let values = span.values(series).unwrap_or_default();
        for (tier, id) in progress.made {
            spans::put_block(tx, id, series, &packed(tier, span, &values))?;
        }
        sealed += values.len();
        progress.last = Some(series);
    }
    progress.is_done = true;
    Ok((progress, sealed))
}

/// From now on these spans are told.
pub fn finish(tx: &Transaction<'_>, progress: &Progress) -> Result<()> {
    for (_, id) in progress.made {
        spans::set_state(tx, id, State::Told)?;
    }
    Ok(())
}

fn packed(tier: Tier, span: &OpenSpan, values: &[f64]) -> Vec<u8> {
    if tier == Tier::Ticks {
        let mut bytes = Vec::new();
        block::encode(values, &mut bytes);
        return bytes;
    }
    let (Some(first), Some(last)) = (span.times.first(), span.times.last()) else {
        return Vec::new();
    };
    let ticks = span.times.all().iter().copied().zip(values.iter().copied());
    let buckets = buckets::of_ticks(tier, ticks);
    let count = spans::buckets_in(tier, spans::Extent { first, last });
    buckets::encode(tier, first, count, &buckets)
}
