//! The finest tier: one value a series and tick, as it was written.

use std::collections::VecDeque;
use std::time::Duration;

use crate::model::{SeriesId, Timestamp};
use crate::store::window::{Gatherer, Points, Window};

/// One tick: when, and for how long its values stand.
#[derive(Debug, Clone, Copy)]
struct Row {
    at: Timestamp,
    lasts: Duration,
}

impl Row {
    /// Whether its values are those of `at`: one tick may have been left out, and ticks come a little late.
    fn stands_at(&self, at: Timestamp) -> bool {
        at < self.at.plus(self.lasts * 2 + self.lasts / 4)
    }
}

/// A ring of ticks, one column of `f32` a series (24 bits of mantissa: figures are shown with three digits).
#[derive(Debug)]
pub(super) struct TickTier {
    kept: Duration,
    /// How many ticks at most, so that memory stays within the budget however fast they are.
    most: usize,
    tick: Duration,
    /// Until when ticks that are young enough had to give way to newer ones.
    cut: Option<Timestamp>,
    rows: VecDeque<Row>,
    columns: Vec<VecDeque<f32>>,
}

/// Columns grow by so many slots at a time, not by doubling: memory follows use.
const GROWTH: usize = 128;

impl TickTier {
    /// A ring for ticks not older than `kept`, with room for those of a tick of `budgeted`.
    pub fn new(kept: Duration, budgeted: Duration, tick: Duration) -> Self {
        Self {
            kept,
            most: slots(kept, budgeted).max(1),
            tick,
            cut: None,
            rows: VecDeque::new(),
            columns: Vec::new(),
        }
    }

    pub fn bytes_per_series(kept: Duration, tick: Duration) -> usize {
        slots(kept, tick) * size_of::<f32>()
    }

    pub fn bytes(&self) -> usize {
        self.rows.capacity() * size_of::<Row>()
            + self
                .columns
                .iter()
                .map(|column| column.capacity() * size_of::<f32>())
                .sum::<usize>()
    }

    /// From now on a tick takes this long; what was written last stands until the first of them.
    pub fn set_tick(&mut self, tick: Duration) {
        self.tick = tick;
        if let Some(last) = self.rows.back_mut() {
            last.lasts = last.lasts.max(tick);
        }
    }

    pub fn tick(&self) -> Duration {
        self.tick
    }

    pub fn append(&mut self, at: Timestamp, values: &[f64]) {
        while self.rows.back().is_some_and(|last| last.at >= at) {
            self.drop_newest();
        }
        self.cut = self.cut.map(|cut| cut.min(at));
        self.make_room(at);
        if self.columns.len() < values.len() {
            self.columns.resize_with(values.len(), VecDeque::new);
        }
        let rows = self.rows.len();
        for (id, column) in self.columns.iter_mut().enumerate() {
            let value = values.get(id).map_or(f32::NAN, |value| *value as f32);
            // A column begins with the first value known; before that it is empty and stands for gaps.
            if column.is_empty() && value.is_nan() {
                continue;
            }
            grow_for(column, rows + 1);
            while column.len() < rows {
                column.push_front(f32::NAN);
            }
            column.push_back(value);
        }
        self.rows.push_back(Row {
            at,
            lasts: self.tick,
        });
    }

    pub fn oldest(&self) -> Option<Timestamp> {
        self.rows.front().map(|row| row.at)
    }

    pub fn newest(&self) -> Option<Timestamp> {
        self.rows.back().map(|row| row.at)
    }

    /// The last tick at or before a moment, and the first after it.
    pub fn around(&self, at: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
        let moment = |row: usize| self.rows.get(row).map(|row| row.at);
        let after = self.rows.partition_point(|row| row.at <= at);
        (after.checked_sub(1).and_then(moment), moment(after))
    }

    /// Every tick: when, for how long its values stand, and those.
    pub fn each(&self) -> impl Iterator<Item = (Timestamp, Duration, Vec<f64>)> {
        // A column that begins later stands for gaps before that, at its front.
        let rows = self.rows.len();
        self.rows.iter().enumerate().map(move |(index, row)| {
            let value = |column: &VecDeque<f32>| {
                let known = (index + column.len()).checked_sub(rows);
                known
                    .and_then(|index| column.get(index))
                    .map_or(f64::NAN, |value| f64::from(*value))
            };
            (row.at, row.lasts, self.columns.iter().map(value).collect())
        })
    }

    /// Whether ticks are kept as far back as `at`.
    pub fn reaches(&self, at: Timestamp) -> bool {
        self.newest()
            .is_some_and(|newest| newest.since(at) < self.kept)
            && self.cut.is_none_or(|cut| at >= cut)
    }

    /// Since when ticks are kept, where that is later than `at` for want of room.
    pub fn cut_after(&self, at: Timestamp) -> Option<Timestamp> {
        self.cut.filter(|cut| at < *cut)
    }

    pub fn points(&self, series: SeriesId, window: Window) -> Points {
        let mut points = Gatherer::new(window);
        let Some(column) = self
            .columns
            .get(series.index())
            .filter(|column| !column.is_empty())
        else {
            return points.finish();
        };
        let first = self
            .rows
            .partition_point(|row| row.at.plus(row.lasts) <= window.start);
        for (index, (row, value)) in self.rows.iter().zip(column).enumerate().skip(first) {
            if row.at >= window.end() || row.at > window.until {
                break;
            }
            // Where the tick became faster, the next one came before this one's time was over.
            let next = self.rows.get(index + 1);
            let next = next.filter(|next| next.at <= window.until);
            let lasts = next.map_or(row.lasts, |next| row.lasts.min(next.at.since(row.at)));
            let value = f64::from(*value);
            points.add(row.at, lasts, value, value, value, 1);
        }
        points.finish()
    }

    /// The value of the last tick at or before `at`; NaN when that is so long ago that ticks are missing.
    pub fn value_at(&self, series: SeriesId, at: Timestamp) -> f64 {
        let after = self.rows.partition_point(|row| row.at <= at);
        let value = after
            .checked_sub(1)
            .filter(|row| self.rows.get(*row).is_some_and(|row| row.stands_at(at)))
            .and_then(|row| self.columns.get(series.index())?.get(row));
        value.copied().map_or(f64::NAN, f64::from)
    }

    /// The values of a series from one moment to another, both included.
    pub fn between(
        &self,
        series: SeriesId,
        from: Timestamp,
        to: Timestamp,
    ) -> impl Iterator<Item = f64> {
        let first = self.rows.partition_point(|row| row.at < from);
        let end = self.rows.partition_point(|row| row.at <= to).max(first);
        let column = self.columns.get(series.index()).filter(|c| !c.is_empty());
        let values = column.map(|column| column.range(first..end));
        values.into_iter().flatten().map(|value| f64::from(*value))
    }

    /// Takes the past values of a series into an empty ring: one for each of the moments that
    /// [`TickTier::end_past`] is told later.
    pub fn fill(&mut self, series: SeriesId, moments: usize, mut values: Vec<f64>) {
        values.resize(moments, f64::NAN);
        if self.columns.len() <= series.index() {
            self.columns.resize_with(series.index() + 1, VecDeque::new);
        }
        let skipped = moments.saturating_sub(self.most);
        let values = values.into_iter().skip(skipped).map(|value| value as f32);
        self.columns[series.index()] = values.collect();
    }

    /// Takes the past moments, those last that there is room for.
    pub fn end_past(&mut self, moments: &[(Timestamp, Duration)]) {
        let skipped = moments.len().saturating_sub(self.most);
        let (cut, kept) = moments.split_at(skipped);
        self.cut = cut.last().map(|(at, lasts)| at.plus(*lasts));
        let rows = kept.iter().map(|(at, lasts)| Row {
            at: *at,
            lasts: *lasts,
        });
        self.rows = rows.collect();
    }

    /// Lets go of what is too old at `at`, and of what there is no room for.
    fn make_room(&mut self, at: Timestamp) {
        while let Some(first) = self.rows.front().copied() {
            let is_old = at.since(first.at) >= self.kept;
            if !is_old && self.rows.len() < self.most {
                break;
            }
            if !is_old {
                self.cut = Some(first.at.plus(first.lasts));
            }
            self.drop_oldest();
        }
    }

    fn drop_newest(&mut self) {
        let rows = self.rows.len();
        self.rows.pop_back();
        for column in self
            .columns
            .iter_mut()
            .filter(|column| column.len() == rows)
        {
            column.pop_back();
        }
    }

    fn drop_oldest(&mut self) {
        self.rows.pop_front();
        for column in &mut self.columns {
            column.pop_front();
        }
    }
}

fn slots(kept: Duration, tick: Duration) -> usize {
    usize::try_from(kept.as_millis() / tick.as_millis().max(1)).unwrap_or(usize::MAX)
}

fn grow_for(column: &mut VecDeque<f32>, length: usize) {
    if column.capacity() < length {
        column.reserve_exact(length + GROWTH - column.len());
    }
}
