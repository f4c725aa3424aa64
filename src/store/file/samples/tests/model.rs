//! Random histories against a plain list of all that was written.

use super::*;
use crate::store::file::samples::open::SPAN;

/// One thing that happens to a file.
#[derive(Debug, Clone)]
enum Step {
    /// So many ticks, so many milliseconds apart, from so long after (or before) the last.
    Ticks(i64, u16, u16),
    Write,
    FailToWrite,
    Kill,
    Tidy,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let jump = prop_oneof![
        8 => 1..3000i64,
        2 => 3000..4_000_000i64,
        1 => -2_000_000..0i64,
        1 => 40_000_000..90_000_000i64,
    ];
    let ticks = (
        jump,
        1..400u16,
        prop_oneof![3 => Just(1000u16), 1 => 100..9000u16],
    );
    let step = prop_oneof![
        6 => ticks.prop_map(|(jump, count, apart)| Step::Ticks(jump, count, apart)),
        3 => Just(Step::Write),
        1 => Just(Step::FailToWrite),
        1 => Just(Step::Kill),
        1 => Just(Step::Tidy),
    ];
    proptest::collection::vec(step, 1..25)
}

/// A tick as it was written.
type Written = (Timestamp, [f64; 3]);

/// All that was written, in the stretches in which the clock went on.
#[derive(Debug, Clone, Default)]
struct Model {
    spans: Vec<Vec<Written>>,
}

impl Model {
    fn put(&mut self, tick: Written) {
        let belongs =
            |last: &Written| tick.0 > last.0 && tick.0.floor_to(SPAN) == last.0.floor_to(SPAN);
        match self.spans.last_mut() {
            Some(span) if span.last().is_some_and(belongs) && span.len() < 4096 => span.push(tick),
            _ => self.spans.push(vec![tick]),
        }
    }

    /// What is told: of two that are of the same time, the later written.
    fn told(&self) -> Vec<Written> {
        let covers = |span: &Vec<Written>, at: Timestamp| {
            let first = span.first().is_some_and(|first| first.0 <= at);
            first && span.last().is_some_and(|last| at <= last.0)
        };
        let mut told: Vec<Written> = Vec::new();
        for (index, span) in self.spans.iter().enumerate() {
            let later = &self.spans[index + 1..];
            let stays = |tick: &&Written| !later.iter().any(|span| covers(span, tick.0));
            told.extend(span.iter().filter(stays));
        }
        told.sort_by_key(|tick| tick.0);
        told
    }
}

fn values(n: u64) -> [f64; 3] {
    let odd = if n.is_multiple_of(7) {
        f64::NAN
    } else {
        n as f64 * 0.1
    };
    [
        figure(0, n),
        odd,
        if n % 500 < 250 { 1.0 } else { f64::NAN },
    ]
}

/// Nothing is ever too old.
fn forever() -> Limits {
    let long = HOUR * 24 * 3650;
    Limits {
        ticks: long,
        ten_seconds: long,
        minutes: long,
        quarters: long,
        ..Limits::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_told_is_what_was_written(steps in steps()) {
        let mut file = File::new();
        let (mut model, mut on_disk) = (Model::default(), Model::default());
        let mut at = START.plus(HOUR * 24);
        let mut n = 0;
        for step in steps {
            match step {
                Step::Ticks(jump, count, apart) => {
                    at = Timestamp(at.0 + jump);
                    for _ in 0..count {
                        n += 1;
                        file.put(at, Duration::from_millis(apart.into()), &values(n));
                        model.put((at, values(n)));
                        at = Timestamp(at.0 + i64::from(apart));
                    }
                }
                Step::Write => {
                    file.write();
                    on_disk = model.clone();
                }
                Step::FailToWrite => file.fail_to_write(),
                Step::Kill => {
                    file.restart();
                    model = on_disk.clone();
                }
                Step::Tidy => file.tidy(at.plus(HOUR * 5), &forever()),
            }
        }
        file.restart();
        let told = on_disk.told();
        for (tick, written) in told.iter().enumerate().step_by(7) {
            let moment = file.reader.values_at(&file.db, written.0).unwrap().unwrap();
            prop_assert_eq!(moment.at, written.0);
            let mut values = [f64::NAN; 3];
            for (series, here) in file.known() {
                let known = moment.values.iter().find(|(id, _)| *id == series);
                if let Some((_, value)) = known {
                    values[here.index()] = *value;
                }
            }
            prop_assert!(same(&values, &written.1), "{:?} for {:?}", values, written.1);
            let around = file.reader.ticks_around(&file.db, written.0).unwrap();
            prop_assert_eq!(around, (Some(written.0), told.get(tick + 1).map(|next| next.0)));
        }
        if let (Some(first), Some(last)) = (told.first(), told.last()) {
            let goes_on = on_disk.spans.windows(2).all(|pair| {
                pair[0].last().map(|tick| tick.0) < pair[1].first().map(|tick| tick.0)
            });
            if goes_on {
                for step in [10, 60] {
                    let step = Duration::from_secs(step);
                    let start = last.0.floor_to(step).minus(step * 500).max(first.0.floor_to(step));
                    let count = last.0.since(start).as_millis() / step.as_millis() + 1;
                    let window = Window::whole(start, step, usize::try_from(count).unwrap());
                    for series in 0..3u32 {
                        check_buckets(&file, series, window, &told)?;
                    }
                }
            }
        }
        prop_assert_eq!(check(&file.db).unwrap(), Vec::<String>::new());
    }
}

/// Each bucket against all ticks that lie in it.
fn check_buckets(
    file: &File,
    series: u32,
    window: Window,
    told: &[Written],
) -> Result<(), TestCaseError> {
    if file.ids.of(SeriesId(series)).is_none() {
        return Ok(());
    }
    let points = file.points(series, window);
    let mut expected = vec![Vec::new(); window.count];
    for (at, values) in told {
        let value = values[series as usize];
        if let Some(bucket) = window.bucket_of(*at).filter(|_| !value.is_nan()) {
            expected[bucket].push(value);
        }
    }
    for (bucket, held) in expected.iter().enumerate() {
        let mean = held.iter().sum::<f64>() / held.len() as f64;
        let least = held.iter().copied().fold(f64::NAN, f64::min);
        let most = held.iter().copied().fold(f64::NAN, f64::max);
        let near = |a: f64, b: f64| (a.is_nan() && b.is_nan()) || (a - b).abs() <= b.abs() * 1e-6;
        prop_assert!(
            near(points.avg[bucket], mean),
            "bucket {}: {} for {}",
            bucket,
            points.avg[bucket],
            mean
        );
        prop_assert!(near(points.min[bucket], least) && near(points.max[bucket], most));
    }
    Ok(())
}

/// Figures that are hard to keep.
fn hard() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>(),
        any::<u64>().prop_map(f64::from_bits),
        Just(-0.0),
        Just(f64::INFINITY),
        Just(f64::MIN_POSITIVE / 8.0),
        (0..1_000_000i64).prop_map(|n| 1e15 + n as f64),
        (0..1000i32).prop_map(|n| f64::from(n) / 100.0),
        Just(f64::NAN),
        Just(5.0),
    ]
}

fn columns() -> impl Strategy<Value = Vec<f64>> {
    prop_oneof![
        proptest::collection::vec(hard(), 0..3000),
        proptest::collection::vec((0..100i32).prop_map(|n| f64::from(n) / 10.0), 0..5000),
        (hard(), 0..5000usize).prop_map(|(value, count)| vec![value; count]),
    ]
}

proptest! {
    // A column takes some ten milliseconds without optimisation.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_column_comes_back_with_the_same_bits(values in columns(), from in 0..4000usize, len in 0..2000usize) {
        let mut bytes = Vec::new();
        block::encode(&values, &mut bytes);
        let column = block::Column::open(&bytes).unwrap();
        prop_assert!(same(&column.read_all().unwrap(), &values));
        let (from, to) = (from.min(values.len()), (from + len).min(values.len()));
        prop_assert!(same(&column.read(from..to).unwrap(), &values[from..to]));
    }

    #[test]
    fn damage_is_seen_and_never_more(
        values in columns(),
        at in any::<proptest::sample::Index>(),
        bit in 0..8u32,
        cut in any::<proptest::sample::Index>(),
    ) {
        let mut bytes = Vec::new();
        block::encode(&values, &mut bytes);
        let sealed = bytes::sealed(&bytes);
        let mut tipped = sealed.clone();
        tipped[at.index(sealed.len())] ^= 1 << bit;
        prop_assert!(bytes::unsealed(&tipped).is_err());
        prop_assert!(bytes::unsealed(&sealed[..cut.index(sealed.len())]).is_err());
        // Even bytes that somebody sealed are never more than an error or other figures.
        let mut tipped = bytes.clone();
        tipped[at.index(bytes.len())] ^= 1 << bit;
        for bytes in [&tipped[..], &bytes[..cut.index(bytes.len())]] {
            let read = block::Column::open(bytes).and_then(|column| column.read_all());
            prop_assert!(read.is_err() || read.is_ok_and(|read| read.len() <= block::MOST));
        }
    }

    #[test]
    fn any_bytes_are_an_error_or_figures(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = block::Column::open(&bytes).and_then(|column| column.read_all());
        let sealed = bytes::sealed(&bytes);
        let _ = times::Times::decode(START, &sealed);
    }
}

#[test]
fn what_is_alike_costs_next_to_nothing() {
    let bytes = |values: &[f64]| {
        let mut bytes = Vec::new();
        block::encode(values, &mut bytes);
        bytes.len()
    };
    assert!(bytes(&[0.0; 14_400]) <= 5);
    assert!(bytes(&[42.0; 900]) <= 8);
    let mut gaps = vec![42.0; 900];
    gaps[300..400].fill(f64::NAN);
    assert!(bytes(&gaps) <= 16);
    let counted: Vec<f64> = (0..900).map(f64::from).collect();
    assert!(bytes(&counted) <= 60, "{}", bytes(&counted));
}
