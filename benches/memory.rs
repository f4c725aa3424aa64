//! What a full day of history takes in memory: 300 series, a tick each second for 24 hours, in all three tiers.
//!
//! `cargo bench --bench memory -- [SERIES]`

mod day;

use hubtop::store::hot::HotHistory;

fn main() {
    let series = std::env::args()
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(day::SERIES);
    let before = resident_mib();
    let history = day::full(series);
    let after = resident_mib();
    println!("{series} series, {} ticks", day::TICKS);
    println!("history    {:>7.1} MiB", mib(history.bytes()));
    println!(
        "reckoned   {:>7.1} MiB",
        mib(series * HotHistory::bytes_per_series())
    );
    println!("resident   {} MiB before", text(before));
    println!("resident   {} MiB after", text(after));
    // It lives until it was measured.
    drop(history);
}

fn mib(bytes: usize) -> f64 {
    bytes as f64 / (1024.0 * 1024.0)
}

fn text(value: Option<f64>) -> String {
    value.map_or_else(|| format!("{:>7}", "–"), |value| format!("{value:>7.1}"))
}

/// VmRSS of this program; Linux alone tells it in a file.
fn resident_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kib / 1024.0)
}
