//! A coarse block: what a series was in each bucket of a stretch of time.

use std::ops::Range;

use super::block::{self, Column};
use super::bytes::{Damaged, bounded, put_varint, take, varint};
use super::tier::Tier;
use crate::model::Timestamp;

/// What came of one series in one bucket, `count` ticks of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// Its beginning.
    pub at: Timestamp,
    pub count: u32,
    pub sum: f64,
    pub min: f64,
    pub max: f64,
    pub last: f64,
}

impl Bucket {
    pub fn of(at: Timestamp, value: f64) -> Self {
        Self {
            at,
            count: 1,
            // As in memory, which begins at zero: a sum of -0 alone is 0.
            sum: 0.0 + value,
            min: value,
            max: value,
            last: value,
        }
    }

    pub fn add(&mut self, value: f64) {
        self.sum += value;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        self.count = self.count.saturating_add(1);
        self.last = value;
    }

    /// Adds what came later in the same bucket.
    pub fn merge(&mut self, later: &Self) {
        self.sum += later.sum;
        self.min = self.min.min(later.min);
        self.max = self.max.max(later.max);
        self.count = self.count.saturating_add(later.count);
        self.last = later.last;
    }

    fn avg_or_gap(&self) -> f64 {
        if self.count == 0 {
            f64::NAN
        } else {
            self.avg()
        }
    }

    /// The mean, in single precision as the hot memory has it: a chart is the same from either.
    pub fn avg(&self) -> f64 {
        single(self.sum / f64::from(self.count))
    }
}

/// A figure as charts have it.
pub fn single(value: f64) -> f64 {
    f64::from(value as f32)
}

/// Puts a bucket behind others, into the last of them where it is the same moment.
pub fn push(buckets: &mut Vec<Bucket>, bucket: Bucket) {
    match buckets.last_mut() {
        Some(last) if last.at == bucket.at => last.merge(&bucket),
        _ => buckets.push(bucket),
    }
}

/// The buckets of ticks, those without a known one left out. Moments ascend.
pub fn of_ticks(tier: Tier, ticks: impl Iterator<Item = (Timestamp, f64)>) -> Vec<Bucket> {
    let mut buckets: Vec<Bucket> = Vec::new();
    for (at, value) in ticks.filter(|(_, value)| !value.is_nan()) {
        let at = at.floor_to(tier.width());
        match buckets.last_mut() {
            Some(last) if last.at == at => last.add(value),
            _ => buckets.push(Bucket::of(at, value)),
        }
    }
    buckets
}

/// In place of the number of decimals where the figures are not decimals.
const FLOATS: u8 = u8::MAX;

/// Writes the buckets of a span: five columns, counts first. Where all are decimals, they are whole numbers of the last
/// digit, and but for the least figures only what they are more than that.
pub fn encode(tier: Tier, first: Timestamp, count: usize, buckets: &[Bucket]) -> Vec<u8> {
    let decimals = decimals_of(buckets);
    let mut columns = [(); 5].map(|()| vec![f64::NAN; count]);
    for bucket in buckets {
        let index = tier.bucket_of(first, bucket.at);
        if index < count {
            let figures = decimals.map_or_else(|| plain_of(bucket), |of| parts_of(bucket, of));
            for (column, figure) in columns.iter_mut().zip(figures) {
                column[index] = figure;
            }
        }
    }
    let mut bytes = vec![decimals.unwrap_or(FLOATS)];
    for column in &columns {
        let mut one = Vec::new();
        block::encode(column, &mut one);
        put_varint(one.len() as u64, &mut bytes);
        bytes.extend(one);
    }
    bytes
}

/// How many decimals the buckets have. Sums were added up with the errors of that; without them the mean must be the same.
fn decimals_of(buckets: &[Bucket]) -> Option<u8> {
    let figures = buckets
        .iter()
        .flat_map(|bucket| [bucket.min, bucket.max, bucket.last]);
    let figures: Vec<f64> = figures.collect();
    let decimals = block::decimals_of(&figures)?;
    let is_same = |bucket: &Bucket| {
        let [count, least, .., more] = parts_of(bucket, decimals);
        let sum = block::of_whole(more + count * least, decimals);
        Bucket { sum, ..*bucket }.avg().to_bits() == bucket.avg().to_bits()
    };
    buckets.iter().all(is_same).then_some(decimals)
}

fn plain_of(bucket: &Bucket) -> [f64; 5] {
    let count = f64::from(bucket.count);
    [count, bucket.min, bucket.max, bucket.last, bucket.sum]
}

fn parts_of(bucket: &Bucket, decimals: u8) -> [f64; 5] {
    let [count, figures @ ..] = plain_of(bucket);
    let [min, max, last, sum] = figures.map(|figure| block::whole_of(figure, decimals));
    [count, min, max - min, last - min, sum - count * min]
}

/// A bucket of what was written of it.
fn bucket_of(at: Timestamp, decimals: Option<u8>, figures: [f64; 5]) -> Bucket {
    let [count, min, max, last, sum] = figures;
    let [min, max, last, sum] = match decimals {
        None => [min, max, last, sum],
        Some(decimals) => [min, min + max, min + last, sum + count * min]
            .map(|whole| block::of_whole(whole, decimals)),
    };
    Bucket {
        at,
        count: count as u32,
        sum,
        min,
        max,
        last,
    }
}

/// A coarse block in bytes.
#[derive(Debug)]
pub struct Block<'a> {
    decimals: Option<u8>,
    columns: [Column<'a>; 5],
}

impl<'a> Block<'a> {
    /// # Errors
    /// The bytes can't be a block.
    pub fn open(mut bytes: &'a [u8]) -> Result<Self, Damaged> {
        let decimals = match take(&mut bytes, 1)?[0] {
            FLOATS => None,
            decimals if decimals <= block::MOST_DECIMALS => Some(decimals),
            _ => return Err(Damaged),
        };
        let mut column = || {
            let length = bounded(varint(&mut bytes)?, bytes.len())?;
            Column::open(take(&mut bytes, length)?)
        };
        let columns = [column()?, column()?, column()?, column()?, column()?];
        if columns
            .iter()
            .any(|column| column.len() != columns[0].len())
        {
            return Err(Damaged);
        }
        Ok(Self { decimals, columns })
    }

    /// The known buckets of a range; `first` is where the block begins.
    ///
    /// # Errors
    /// They can't be unpacked.
    pub fn read(
        &self,
        tier: Tier,
        first: Timestamp,
        range: Range<usize>,
    ) -> Result<Vec<Bucket>, Damaged> {
        let read = |column: &Column<'_>| column.read(range.clone());
        let [counts, mins, maxs, lasts, sums] = &self.columns;
        let (counts, mins, maxs) = (read(counts)?, read(mins)?, read(maxs)?);
        let (lasts, sums) = (read(lasts)?, read(sums)?);
        let begins = first.floor_to(tier.width());
        let known = (0..counts.len()).filter(|index| counts[*index] >= 1.0);
        Ok(known
            .map(|i| {
                let figures = [counts[i], mins[i], maxs[i], lasts[i], sums[i]];
                bucket_of(nth(tier, begins, range.start + i), self.decimals, figures)
            })
            .collect())
    }

    /// The mean of one bucket; NaN where nothing is known.
    ///
    /// # Errors
    /// It can't be unpacked.
    pub fn avg(&self, index: usize) -> Result<f64, Damaged> {
        let one = |column: usize| {
            let read = self.columns[column].read(index..index + 1)?;
            Ok::<f64, Damaged>(read.first().copied().unwrap_or(f64::NAN))
        };
        let (count, min, sum) = (one(0)?, one(1)?, one(4)?);
        let figures = [count, min, 0.0, 0.0, sum];
        Ok(bucket_of(Timestamp(0), self.decimals, figures).avg_or_gap())
    }
}

/// The beginning of the n-th bucket from one on.
pub fn nth(tier: Tier, begins: Timestamp, n: usize) -> Timestamp {
    let n = u32::try_from(n).unwrap_or(u32::MAX);
    begins.plus(tier.width().saturating_mul(n))
}
