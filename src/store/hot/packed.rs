//! A distribution at rest: a sketch in one byte a bin where it can be, buckets as single-precision counts.

use std::sync::Arc;

use crate::model::latency::Bin;
use crate::model::{Buckets, Distribution, Sketch};

/// A nibble with this value says that the number follows by itself.
const ESCAPE: u32 = 15;

/// A distribution that nothing is added to any more.
#[derive(Debug)]
pub(super) enum Packed {
    Sketch {
        bins: Box<[u8]>,
        sum_ms: f64,
        max_ms: f64,
    },
    Buckets {
        bounds_ms: Arc<[f64]>,
        counts: Box<[f32]>,
        sum_ms: Option<f64>,
    },
}

impl Packed {
    pub fn of(distribution: &Distribution) -> Self {
        match distribution {
            Distribution::Sketch(sketch) => Self::Sketch {
                bins: pack(sketch.bins()),
                sum_ms: sketch.sum_ms(),
                max_ms: sketch.max_ms(),
            },
            Distribution::Buckets(buckets) => Self::Buckets {
                bounds_ms: buckets.bounds_ms.clone(),
                counts: buckets.counts.iter().map(|count| *count as f32).collect(),
                sum_ms: buckets.sum_ms,
            },
        }
    }

    /// Adds it to another. `room` is for the bins, so that many in a row need no memory of their own.
    pub fn merge_into(&self, all: &mut Distribution, room: &mut Vec<Bin>) {
        match self {
            Self::Sketch {
                bins,
                sum_ms,
                max_ms,
            } => {
                room.clear();
                unpack(bins, room);
                if let Distribution::Sketch(sketch) = all {
                    sketch.merge_parts(room, *sum_ms, *max_ms);
                    return;
                }
                let mut sketch = Sketch::default();
                sketch.merge_parts(room, *sum_ms, *max_ms);
                all.merge(&Distribution::Sketch(sketch));
            }
            Self::Buckets {
                bounds_ms,
                counts,
                sum_ms,
            } => all.merge(&Distribution::Buckets(Buckets {
                bounds_ms: bounds_ms.clone(),
                counts: counts.iter().map(|count| f64::from(*count)).collect(),
                sum_ms: *sum_ms,
            })),
        }
    }

    /// Bytes that it takes beyond itself; bounds are shared.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Sketch { bins, .. } => bins.len(),
            Self::Buckets { counts, .. } => size_of_val(&**counts),
        }
    }
}

/// Each bin as the step from the key before it (the first from the least possible) and its count: four bits each where
/// they are small, as they mostly are, else as a varint after the byte.
fn pack(bins: &[Bin]) -> Box<[u8]> {
    let mut bytes = Vec::with_capacity(bins.len() + 8);
    let mut last = i32::MIN;
    for (key, count) in bins {
        let (step, count) = (key.wrapping_sub(last) as u32, *count);
        last = *key;
        let nibble = |number: u32| number.min(ESCAPE);
        bytes.push((nibble(step) << 4 | nibble(count)) as u8);
        for number in [step, count] {
            if number >= ESCAPE {
                put_varint(number, &mut bytes);
            }
        }
    }
    bytes.into()
}

fn unpack(bytes: &[u8], bins: &mut Vec<Bin>) {
    let mut rest = bytes.iter().copied();
    let mut key = i32::MIN;
    while let Some(byte) = rest.next() {
        let mut number = |nibble: u8| match u32::from(nibble) {
            ESCAPE => varint(&mut rest),
            number => number,
        };
        let (step, count) = (number(byte >> 4), number(byte & 15));
        key = key.wrapping_add(step as i32);
        bins.push((key, count));
    }
}

fn put_varint(mut number: u32, bytes: &mut Vec<u8>) {
    while number >= 128 {
        bytes.push((number & 127 | 128) as u8);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn varint(bytes: &mut impl Iterator<Item = u8>) -> u32 {
    let mut number = 0;
    for (byte, shift) in bytes.zip((0..35).step_by(7)) {
        number |= u32::from(byte & 127).checked_shl(shift).unwrap_or(0);
        if byte < 128 {
            break;
        }
    }
    number
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bins_come_back_as_they_went(
            bins in proptest::collection::btree_map(any::<i32>(), 1..u32::MAX, 0..60),
            near in proptest::collection::btree_map(-400..400i32, 1..40u32, 0..60),
        ) {
            for bins in [bins, near] {
                let bins: Vec<Bin> = bins.into_iter().collect();
                let mut back = Vec::new();
                unpack(&pack(&bins), &mut back);
                prop_assert_eq!(back, bins);
            }
        }
    }

    #[test]
    fn a_busy_route_takes_about_a_byte_a_bin() {
        let mut sketch = Sketch::default();
        (0..400).for_each(|n| sketch.add(20.0 * (f64::from(n % 97) / 24.0).exp()));
        let packed = Packed::of(&Distribution::Sketch(sketch.clone()));
        assert!(
            packed.bytes() <= sketch.bins().len() + 16,
            "{}",
            packed.bytes()
        );
    }
}
