//! What a tick of the process table costs, a process: with the files kept open and opened anew each time, on this
//! machine as it is and with more processes that this program starts and ends itself.
//!
//! `cargo bench --bench processes -- [EXTRA…]`, by default 0, 200 and 1000 more.

#[cfg(all(target_os = "linux", not(feature = "portable")))]
fn main() {
    let given: Vec<usize> = std::env::args()
        .filter_map(|argument| argument.parse().ok())
        .collect();
    let counts = if given.is_empty() {
        vec![0, 200, 1000]
    } else {
        given
    };
    println!(
        "{:>9}  {:>14}  {:>14}",
        "processes", "kept open", "opened anew"
    );
    for extra in counts {
        let _sleepers = linux::Sleepers::start(extra);
        let (count, kept) = linux::measure(usize::MAX);
        let (_, anew) = linux::measure(0);
        println!("{count:>9}  {kept:>11.2} µs  {anew:>11.2} µs");
    }
    println!(
        "(of one process at one tick: the best of {} ticks)",
        linux::TICKS
    );
}

#[cfg(not(all(target_os = "linux", not(feature = "portable"))))]
fn main() {
    println!("this measures how /proc is read");
}

#[cfg(all(target_os = "linux", not(feature = "portable")))]
mod linux {
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};

    use hubtop::collect::Reader;
    use hubtop::collect::host::linux::{Processes, Roots};
    use hubtop::model::{Catalog, Moment, Rows, Timestamp};

    /// How many ticks are measured.
    pub const TICKS: u64 = 60;

    /// Processes that do nothing, ended when this is dropped.
    pub struct Sleepers(Vec<Child>);

    impl Sleepers {
        /// Starts so many.
        pub fn start(count: usize) -> Self {
            let mut command = Command::new("sleep");
            command.arg("1000").stdin(Stdio::null());
            Self((0..count).map_while(|_| command.spawn().ok()).collect())
        }
    }

    impl Drop for Sleepers {
        fn drop(&mut self) {
            for child in &mut self.0 {
                let _ = child.kill();
            }
            for child in &mut self.0 {
                let _ = child.wait();
            }
        }
    }

    /// How many processes there are, and the µs that one of them costs at a tick. Ticks lie a second apart for the
    /// reader, so that it does everything that it does on the screen, and at once for us.
    pub fn measure(keeping: usize) -> (usize, f64) {
        let reader = Processes::new(&Roots::default(), &Catalog::new());
        let mut reader = if keeping == usize::MAX {
            reader
        } else {
            reader.keeping(keeping)
        };
        let mut best = f64::INFINITY;
        let mut count = 0;
        for tick in 0..TICKS {
            let now = Moment {
                wall: Timestamp(0),
                mono: Duration::from_secs(tick),
            };
            let begun = Instant::now();
            let Ok(reading) = reader.read(now) else {
                continue;
            };
            let took = begun.elapsed().as_secs_f64() * 1e6;
            if let Some(Rows::Processes(rows)) = reading.rows.first() {
                count = rows.len();
                // The first two ticks meet everybody.
                if tick > 1 && count > 0 {
                    best = best.min(took / count as f64);
                }
            }
        }
        (count, best)
    }
}
