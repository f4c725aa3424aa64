//! Distributions in two tiers, so that the percentiles of any stretch of time come from everything that happened in it:
//! buckets of 10 s and of a minute are merged, never averaged.
//!
//! A bucket that nothing fell into takes nothing. Where all together would take more than their share of the memory, the
//! oldest buckets go first, and of equally old ones those of the series with the fewest observations.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use super::packed::Packed;
use crate::model::latency::Bin;
use crate::model::{Distribution, SeriesId, Timestamp};
use crate::store::window::Window;

/// How far back distributions are kept by 10 s.
pub const FINEST_KEPT: Duration = Duration::from_secs(75 * 60);
/// Width and reach of the fine tier: the hour that charts show, and a little for the one that begins before it.
const TEN_SECONDS: Tier = Tier {
    step: Duration::from_secs(10),
    kept: FINEST_KEPT,
};
/// Width and reach of the coarse tier.
const MINUTE: Tier = Tier {
    step: Duration::from_secs(60),
    kept: Duration::from_secs(24 * 3600 + 600),
};
const TIERS: [Tier; 2] = [TEN_SECONDS, MINUTE];
/// What a series should be able to take at least; the budget allows so many series as this fits into it.
const LEAST_BYTES: usize = 4 << 10;

/// The width of a tier's buckets, and how far back they are kept.
#[derive(Debug, Clone, Copy)]
struct Tier {
    step: Duration,
    kept: Duration,
}

/// The width of what is kept for spans of this length.
pub(in crate::store) fn grain_of(span: Duration) -> Duration {
    // A window of charts may begin a bucket earlier than its span.
    let reaches = |tier: &&Tier| span + span / 8 <= tier.kept;
    TIERS.iter().find(reaches).unwrap_or(&MINUTE).step
}

/// One bucket that is closed.
#[derive(Debug)]
struct Closed {
    at: Timestamp,
    packed: Packed,
}

impl Closed {
    fn bytes(&self) -> usize {
        size_of::<Self>() + self.packed.bytes()
    }
}

/// The buckets of one series in one tier. Those of a moment without observations are not there.
#[derive(Debug, Default)]
struct Shelf {
    closed: VecDeque<Closed>,
    open: Option<(Timestamp, Distribution)>,
    /// Until when there was something that had to go for want of room.
    cut: Option<Timestamp>,
    bytes: usize,
}

impl Shelf {
    fn put(&mut self, bucket: Timestamp, distribution: &Distribution) {
        match &mut self.open {
            Some((open, all)) if *open == bucket => all.merge(distribution),
            _ => {
                self.close();
                self.open = Some((bucket, distribution.clone()));
            }
        }
    }

    fn close(&mut self) {
        let Some((at, distribution)) = self.open.take() else {
            return;
        };
        let packed = Packed::of(&distribution);
        let closed = Closed { at, packed };
        self.bytes += closed.bytes();
        self.closed.push_back(closed);
    }

    fn drop_oldest(&mut self) {
        if let Some(oldest) = self.closed.pop_front() {
            self.bytes -= oldest.bytes();
        }
    }

    /// The clock was set back: what is later than it is now is forgotten.
    fn forget_from(&mut self, bucket: Timestamp) {
        self.open.take_if(|(open, _)| *open >= bucket);
        while let Some(newest) = self.closed.back().filter(|closed| closed.at >= bucket) {
            self.bytes -= newest.bytes();
            self.closed.pop_back();
        }
        self.cut.take_if(|cut| *cut > bucket);
    }

    fn open_bytes(&self) -> usize {
        self.open.as_ref().map_or(0, |(_, open)| open.bytes())
    }

    /// The buckets that begin from one moment on and before another.
    fn within(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> impl Iterator<Item = (Timestamp, Piece<'_>)> {
        let first = self.closed.partition_point(|closed| closed.at < from);
        let closed = self.closed.iter().skip(first);
        let closed = closed.map(|closed| (closed.at, Piece::Closed(&closed.packed)));
        let open = self.open.iter();
        let open = open.map(|(at, open)| (*at, Piece::Open(open)));
        let all = closed.chain(open.filter(move |(at, _)| *at >= from));
        all.take_while(move |(at, _)| *at < to)
    }
}

/// What is in one bucket.
enum Piece<'a> {
    Closed(&'a Packed),
    Open(&'a Distribution),
}

impl Piece<'_> {
    fn merge_into(&self, all: &mut Distribution, room: &mut Vec<Bin>) {
        match self {
            Self::Closed(packed) => packed.merge_into(all, room),
            Self::Open(open) => all.merge(open),
        }
    }
}

/// One series.
#[derive(Debug, Default)]
struct Kept {
    shelves: [Shelf; TIERS.len()],
    /// How many observations it ever had: how busy it is.
    seen: u64,
    newest: Timestamp,
}

impl Kept {
    fn fronts(&self, id: SeriesId) -> impl Iterator<Item = Front> {
        let seen = self.seen;
        let shelves = self.shelves.iter().enumerate();
        shelves.filter_map(move |(tier, shelf)| {
            let at = shelf.closed.front()?.at;
            Some(Front { at, seen, id, tier })
        })
    }

    fn bytes(&self) -> usize {
        let shelves = self.shelves.iter();
        let held = shelves.map(|shelf| shelf.bytes + shelf.open_bytes());
        size_of::<Self>() + held.sum::<usize>()
    }
}

/// The oldest bucket of a series in one tier, in the order in which they go.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Front {
    at: Timestamp,
    seen: u64,
    id: SeriesId,
    tier: usize,
}

/// The distributions of all series, within a stated number of bytes.
#[derive(Debug)]
pub(super) struct Sketches {
    budget: usize,
    series: HashMap<SeriesId, Kept>,
    began: Option<Timestamp>,
    newest: Option<Timestamp>,
}

impl Sketches {
    pub fn new(budget: usize) -> Self {
        Self {
            budget,
            series: HashMap::new(),
            began: None,
            newest: None,
        }
    }

    pub fn bytes(&self) -> usize {
        self.series.values().map(Kept::bytes).sum()
    }

    /// Adds what came at one tick. As in the other tiers, a clock that was set back to an earlier bucket makes them
    /// forget that bucket and what was later.
    pub fn append(&mut self, at: Timestamp, came: &[(SeriesId, Distribution)]) {
        if self.newest.is_some_and(|newest| at < newest) {
            self.go_back(at);
        }
        self.began = Some(self.began.map_or(at, |began| began.min(at)));
        let newest = self.newest.replace(at);
        for (id, distribution) in came {
            if distribution.count() > 0 && self.has_room_for(*id, distribution.count(), at) {
                let kept = self.series.entry(*id).or_default();
                for (shelf, tier) in kept.shelves.iter_mut().zip(TIERS) {
                    shelf.put(at.floor_to(tier.step), distribution);
                }
                kept.seen += distribution.count();
                kept.newest = at;
            }
        }
        // What has grown too old or too much is looked for once a bucket.
        let bucket = |at: Timestamp| at.floor_to(TEN_SECONDS.step);
        if newest.map(bucket) != Some(bucket(at)) {
            self.age(at);
            self.cut();
        }
    }

    /// The first moment that was ever told of.
    pub fn began(&self) -> Option<Timestamp> {
        self.began
    }

    /// Appends all that others know which began where these end.
    pub fn continue_with(&mut self, later: &Self) {
        self.began = self.began.or(later.began);
        let (mut came, mut room) = (Vec::new(), Vec::new());
        for (id, kept) in &later.series {
            let [finest, ..] = &kept.shelves;
            for (at, piece) in finest.within(Timestamp(i64::MIN), Timestamp(i64::MAX)) {
                let mut all = Distribution::default();
                piece.merge_into(&mut all, &mut room);
                came.push((at, *id, all));
            }
        }
        came.sort_by_key(|(at, id, _)| (*at, *id));
        for (at, id, distribution) in came {
            // The first bucket may have been begun here.
            let at = self.newest.map_or(at, |newest| at.max(newest));
            self.append(at, &[(id, distribution)]);
        }
    }

    /// Everything that happened from a moment on and before another, in whole buckets: those that begin in between, and
    /// the one that holds the first moment. `None` when nothing is known to have happened.
    pub fn between(
        &self,
        series: SeriesId,
        from: Timestamp,
        to: Timestamp,
    ) -> Option<Distribution> {
        let kept = self.series.get(&series)?;
        let tier = self.tier_for(from);
        let (mut all, mut room) = (None, Vec::new());
        let from = from.floor_to(TIERS[tier].step);
        for (_, piece) in kept.shelves[tier].within(from, to) {
            piece.merge_into(all.get_or_insert_default(), &mut room);
        }
        all
    }

    /// What happened in each bucket of a window; where those are narrower than what is kept, the one in which that
    /// begins gets all of it.
    pub fn over(&self, series: SeriesId, window: Window) -> Vec<Option<Distribution>> {
        let (mut points, mut room) = (vec![None; window.count], Vec::new());
        let Some(kept) = self.series.get(&series) else {
            return points;
        };
        let shelf = &kept.shelves[self.tier_for(window.start)];
        let end = window
            .end()
            .min(Timestamp(window.until.0.saturating_add(1)));
        for (at, piece) in shelf.within(window.start, end) {
            if let Some(point) = window.bucket_of(at).and_then(|at| points.get_mut(at)) {
                let all: &mut Distribution = point.get_or_insert_default();
                piece.merge_into(all, &mut room);
            }
        }
        points
    }

    /// Since when all of a series is there, where a part of what lies after `from` had to go for want of room.
    pub fn complete_since(&self, series: SeriesId, from: Timestamp) -> Option<Timestamp> {
        let tier = self.tier_for(from);
        let cut = self.series.get(&series)?.shelves[tier].cut?;
        Some(cut.plus(TIERS[tier].step)).filter(|since| *since > from)
    }

    /// The finest tier that reaches back to a moment.
    fn tier_for(&self, from: Timestamp) -> usize {
        let reaches = |tier: &Tier| {
            self.newest
                .is_none_or(|newest| newest.floor_to(tier.step).since(from) <= tier.kept)
        };
        TIERS.iter().position(reaches).unwrap_or(TIERS.len() - 1)
    }

    fn go_back(&mut self, at: Timestamp) {
        for kept in self.series.values_mut() {
            for (shelf, tier) in kept.shelves.iter_mut().zip(TIERS) {
                // The bucket that is being filled goes on.
                let is_earlier =
                    |newest: Timestamp| at.floor_to(tier.step) < newest.floor_to(tier.step);
                if self.newest.is_some_and(is_earlier) {
                    shelf.forget_from(at.floor_to(tier.step));
                }
            }
            kept.newest = kept.newest.min(at);
        }
    }

    /// Whether a series may be kept. Where there are too many, the least busy gives way to one that has more at this
    /// tick than it ever had, and one that has been silent for longer than the fine tier reaches to any.
    fn has_room_for(&mut self, id: SeriesId, count: u64, at: Timestamp) -> bool {
        let most = (self.budget / LEAST_BYTES).max(1);
        if self.series.contains_key(&id) || self.series.len() < most {
            return true;
        }
        let is_silent = |kept: &Kept| at.since(kept.newest) > TEN_SECONDS.kept;
        let rank = |kept: &Kept| if is_silent(kept) { 0 } else { kept.seen };
        let least = self.series.iter().map(|(id, kept)| (rank(kept), *id)).min();
        match least.filter(|(rank, _)| *rank < count) {
            Some((_, least)) => self.series.remove(&least).is_some(),
            None => false,
        }
    }

    fn age(&mut self, at: Timestamp) {
        for kept in self.series.values_mut() {
            for (shelf, tier) in kept.shelves.iter_mut().zip(TIERS) {
                let oldest = at.floor_to(tier.step).minus(tier.kept);
                if shelf
                    .open
                    .as_ref()
                    .is_some_and(|(open, _)| *open < at.floor_to(tier.step))
                {
                    shelf.close();
                }
                while shelf
                    .closed
                    .front()
                    .is_some_and(|closed| closed.at < oldest)
                {
                    shelf.drop_oldest();
                }
            }
        }
        self.series.retain(|_, kept| {
            let mut shelves = kept.shelves.iter();
            shelves.any(|shelf| shelf.open.is_some() || !shelf.closed.is_empty())
        });
    }

    /// Lets go of the oldest until all is within the budget.
    fn cut(&mut self) {
        let mut bytes = self.bytes();
        while bytes > self.budget {
            let mut oldest: Vec<_> = self
                .series
                .iter()
                .flat_map(|(id, kept)| kept.fronts(*id))
                .collect();
            oldest.sort_unstable();
            let Some(end) = oldest.first().map(|front| front.at.plus(MINUTE.step)) else {
                return;
            };
            // One bucket of each of those that are as old; then others are the oldest.
            for front in oldest.iter().take_while(|front| front.at < end) {
                if bytes <= self.budget {
                    return;
                }
                let Some(kept) = self.series.get_mut(&front.id) else {
                    continue;
                };
                let shelf = &mut kept.shelves[front.tier];
                let before = shelf.bytes;
                shelf.drop_oldest();
                shelf.cut = Some(front.at);
                bytes -= before - shelf.bytes;
            }
        }
    }
}
