//! A history that was filled for a whole day, for the benches that look at one.

use std::time::Duration;

use hubtop::model::Timestamp;
use hubtop::store::hot::HotHistory;

/// How many series a host with its services comes to have.
pub const SERIES: usize = 300;
/// A day of ticks, one each second.
pub const TICKS: i64 = 24 * 3600;
/// The tick.
pub const TICK: Duration = Duration::from_secs(1);
/// More than the day takes: nothing is left out for want of room.
const BUDGET: usize = 1 << 30;

/// A history of a day.
pub fn full(series: usize) -> HotHistory {
    let mut history = HotHistory::new(BUDGET, TICK);
    let mut values = vec![0.0; series];
    for tick in 0..TICKS {
        fill(&mut values, tick);
        history.append(at(tick), &values);
    }
    history
}

/// The moment of a tick.
pub fn at(tick: i64) -> Timestamp {
    Timestamp(tick * 1000)
}

/// Values of a tick: each series goes its own way up and down.
pub fn fill(values: &mut [f64], tick: i64) {
    for (series, value) in values.iter_mut().enumerate() {
        *value = ((tick + 7 * series as i64) % 1000) as f64;
    }
}
