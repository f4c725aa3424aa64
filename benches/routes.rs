//! What a tick costs with many routes: requests counted into them, then rows, distributions and series made of them.
//!
//! `cargo bench --bench routes -- [ROUTES…]`, by default 20, 500 and 2,000.

use std::time::{Duration, Instant};

use hubtop::collect::Limits;
use hubtop::collect::red::Red;
use hubtop::model::{Catalog, Moment, Reading, Timestamp};

/// Requests of a route in each tick.
const REQUESTS: u32 = 5;
/// A minute fills the window; the ticks after it are measured.
const SETTLED: u32 = 70;
const TICKS: u32 = 100;

fn main() {
    let given: Vec<usize> = std::env::args()
        .filter_map(|argument| argument.parse().ok())
        .collect();
    let counts = if given.is_empty() {
        vec![20, 500, 2000]
    } else {
        given
    };
    println!("{:>7}  {:>12}  {:>12}", "routes", "counting", "closing");
    for routes in counts {
        let (counting, closing) = measure(routes);
        println!("{routes:>7}  {counting:>9.2} ms  {closing:>9.2} ms");
    }
    println!("(a tick of a second, {REQUESTS} requests a route: the median of {TICKS} ticks)");
}

/// Milliseconds that a tick takes for counting and for closing.
fn measure(routes: usize) -> (f64, f64) {
    let limits = Limits {
        most_routes: routes,
        ..Limits::default()
    };
    let mut red = Red::new(&Catalog::new(), "bench".into(), &limits);
    let names: Vec<String> = (0..routes).map(|n| format!("/v1/part{n}/{{id}}")).collect();
    let mut costs = (Vec::new(), Vec::new());
    for tick in 0..SETTLED + TICKS {
        let begun = Instant::now();
        for n in 0..REQUESTS {
            for (place, name) in names.iter().enumerate() {
                let ms = 1.0 + ((place as u32 * 31 + n * 17 + tick * 7) % 500) as f64;
                red.observe("GET", name, Some(200), Some(ms));
            }
        }
        let counted = begun.elapsed();
        let now = Moment {
            wall: Timestamp(0),
            mono: Duration::from_secs(tick.into()),
        };
        let mut reading = Reading::default();
        red.close(now, Some(Duration::from_secs(1)), &mut reading);
        if tick >= SETTLED {
            costs.0.push(counted.as_secs_f64() * 1e3);
            costs
                .1
                .push((begun.elapsed() - counted).as_secs_f64() * 1e3);
        }
    }
    (median(costs.0), median(costs.1))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
