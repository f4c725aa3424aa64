//! What the history costs once it holds a day: the write of a tick, and the read of a chart.
//!
//! `cargo bench --bench history`

mod day;

use std::hint::black_box;
use std::time::{Duration, Instant};

use hubtop::model::SeriesId;
use hubtop::store::Window;

/// How often each is done.
const RUNS: i64 = 2000;
/// Points of a chart as wide as a screen.
const POINTS: usize = 240;

fn main() {
    let mut history = day::full(day::SERIES);
    let mut values = vec![0.0; day::SERIES];
    let mut tick = day::TICKS;
    let append = median_of(|| {
        day::fill(&mut values, tick);
        let begun = Instant::now();
        history.append(day::at(tick), &values);
        tick += 1;
        begun.elapsed()
    });
    println!("append of {} series: {append:.1} µs", day::SERIES);
    for hours in [1, 6, 24] {
        let span = Duration::from_secs(hours * 3600);
        let window = Window::ending(day::at(tick), span, POINTS, day::TICK);
        let mut series = 0;
        let points = median_of(|| {
            series = (series + 1) % day::SERIES as u32;
            let begun = Instant::now();
            black_box(history.points(SeriesId(series), window));
            begun.elapsed()
        });
        println!("{POINTS} points of {hours} h: {points:.1} µs");
    }
    println!("(medians of {RUNS})");
}

/// The median in µs.
fn median_of(mut run: impl FnMut() -> Duration) -> f64 {
    let mut took: Vec<Duration> = (0..RUNS).map(|_| run()).collect();
    took.sort_unstable();
    took[took.len() / 2].as_secs_f64() * 1e6
}
