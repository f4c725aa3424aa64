//! A distribution in bytes, exactly as it is: a sketch as the steps between its bins with their counts, buckets with
//! their bounds. What repeats is left to the compression of the whole.

use crate::model::latency::Bin;
use crate::model::{Buckets, Distribution, Sketch};
use crate::store::file::pictures::bytes::{Broken, Cursor, put_float, put_number, put_signed};

const SKETCH: u8 = 0;
const BUCKETS: u8 = 1;
const BUCKETS_WITH_SUM: u8 = 2;
/// More buckets than any source counts into.
const NEVER_BUCKETS: usize = 4096;

/// Puts a distribution down.
pub(in crate::store::file::pictures) fn put(distribution: &Distribution, out: &mut Vec<u8>) {
    match distribution {
        Distribution::Sketch(sketch) => {
            out.push(SKETCH);
            put_sketch(sketch, out);
        }
        Distribution::Buckets(buckets) => {
            out.push(match buckets.sum_ms {
                Some(_) => BUCKETS_WITH_SUM,
                None => BUCKETS,
            });
            put_number(buckets.bounds_ms.len() as u64, out);
            let counts = buckets.counts.iter().chain(&buckets.sum_ms);
            let numbers = buckets.bounds_ms.iter().chain(counts);
            numbers.for_each(|number| put_float(*number, out));
        }
    }
}

/// Reads a distribution.
pub(in crate::store::file::pictures) fn take(
    bytes: &mut Cursor<'_>,
) -> Result<Distribution, Broken> {
    match bytes.byte()? {
        SKETCH => take_sketch(bytes).map(Distribution::Sketch),
        BUCKETS => take_buckets(bytes, false).map(Distribution::Buckets),
        BUCKETS_WITH_SUM => take_buckets(bytes, true).map(Distribution::Buckets),
        _ => Err(Broken),
    }
}

fn put_sketch(sketch: &Sketch, out: &mut Vec<u8>) {
    put_number(sketch.bins().len() as u64, out);
    let mut last = 0i32;
    for (key, count) in sketch.bins() {
        put_signed(i64::from(*key) - i64::from(last), out);
        put_number(u64::from(*count), out);
        last = *key;
    }
    put_float(sketch.sum_ms(), out);
    put_float(sketch.max_ms(), out);
}

fn take_sketch(bytes: &mut Cursor<'_>) -> Result<Sketch, Broken> {
    let count = bytes.count()?;
    // A bin takes two bytes at least.
    if count > bytes.left() / 2 {
        return Err(Broken);
    }
    let mut bins: Vec<Bin> = Vec::with_capacity(count);
    let mut last = 0i64;
    for _ in 0..count {
        last = last.checked_add(bytes.signed()?).ok_or(Broken)?;
        let key = i32::try_from(last).map_err(|_| Broken)?;
        let count = u32::try_from(bytes.number()?).map_err(|_| Broken)?;
        if bins.last().is_some_and(|(before, _)| *before >= key) {
            return Err(Broken);
        }
        bins.push((key, count));
    }
    let mut sketch = Sketch::default();
    sketch.merge_parts(&bins, bytes.float()?, bytes.float()?);
    Ok(sketch)
}

fn take_buckets(bytes: &mut Cursor<'_>, has_sum: bool) -> Result<Buckets, Broken> {
    let count = bytes.count()?;
    if count > NEVER_BUCKETS || count > bytes.left() / 16 {
        return Err(Broken);
    }
    let mut numbers =
        |count: usize| -> Result<Vec<f64>, Broken> { (0..count).map(|_| bytes.float()).collect() };
    let bounds_ms: Vec<f64> = numbers(count)?;
    if !bounds_ms.is_sorted() {
        return Err(Broken);
    }
    Ok(Buckets {
        bounds_ms: bounds_ms.into(),
        counts: numbers(count)?,
        sum_ms: has_sum.then(|| bytes.float()).transpose()?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_distribution() -> impl Strategy<Value = Distribution> {
        let sketch = proptest::collection::vec(0.0..90_000.0f64, 0..200).prop_map(|times| {
            let mut sketch = Sketch::default();
            times.into_iter().for_each(|ms| sketch.add(ms));
            Distribution::Sketch(sketch)
        });
        let buckets = proptest::collection::btree_map(1..9000u32, 0.0..500.0f64, 0..20);
        let buckets = (buckets, any::<bool>()).prop_map(|(buckets, has_sum)| {
            let (bounds, counts): (Vec<_>, Vec<_>) = buckets.into_iter().unzip();
            let bounds: Vec<f64> = bounds.into_iter().map(f64::from).collect();
            Distribution::Buckets(Buckets {
                sum_ms: has_sum.then(|| counts.iter().sum()),
                bounds_ms: bounds.into_iter().chain([f64::INFINITY]).collect(),
                counts: counts.into_iter().chain([3.0]).collect(),
            })
        });
        prop_oneof![sketch, buckets]
    }

    proptest! {
        #[test]
        fn a_distribution_comes_back_as_it_went(distribution in any_distribution()) {
            let mut bytes = Vec::new();
            put(&distribution, &mut bytes);
            let mut cursor = Cursor::new(&bytes);
            prop_assert_eq!(take(&mut cursor), Ok(distribution));
            prop_assert!(cursor.is_empty());
        }

        #[test]
        fn bytes_of_any_kind_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(told) = take(&mut Cursor::new(&bytes)) {
                let mut all = Distribution::default();
                all.merge(&told);
            }
        }
    }
}
