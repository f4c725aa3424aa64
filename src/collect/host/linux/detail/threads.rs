//! The threads of a process with what each of them used.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::time::Duration;

use crate::model::ProcessDetail;
use crate::model::process::Thread;
use crate::model::text::printable_bytes;

use super::super::processes::parse_process_stat;

/// No more threads than this are looked at; reading one takes about 10 µs.
const MOST: usize = 10_000;

/// The threads of one process from tick to tick.
#[derive(Default)]
pub struct Threads {
    /// Clock ticks that each had used.
    used: HashMap<u32, u64>,
    at: Option<Duration>,
}

impl Threads {
    /// The threads now, busiest first. Shares are of one core; the first reading has none.
    ///
    /// # Errors
    /// What the system said.
    pub fn read(&mut self, folder: &Path, now: Duration) -> io::Result<Vec<Thread>> {
        let before = self.at.replace(now);
        let interval = before.map_or(0.0, |at| now.saturating_sub(at).as_secs_f64());
        let per_second = rustix::param::clock_ticks_per_second().max(1) as f64;
        let mut used_now = HashMap::new();
        let mut threads = Vec::new();
        for (tid, path) in super::numbers_in(&folder.join("task"))?
            .into_iter()
            .take(MOST)
        {
            // A thread may end at any moment.
            let Ok(text) = std::fs::read(path.join("stat")) else {
                continue;
            };
            let Some(stat) = parse_process_stat(&text) else {
                continue;
            };
            used_now.insert(tid, stat.cpu_ticks);
            let rise = self
                .used
                .get(&tid)
                .and_then(|&before| stat.cpu_ticks.checked_sub(before));
            let share = |ticks: u64| (ticks as f64 * 100.0 / per_second / interval).min(100.0);
            threads.push(Thread {
                tid,
                name: printable_bytes(stat.name),
                state: stat.state,
                cpu_percent: rise.filter(|_| interval > 0.0).map(share),
            });
        }
        self.used = used_now;
        threads.sort_by(|a, b| busier(b.cpu_percent, a.cpu_percent).then(a.tid.cmp(&b.tid)));
        threads.truncate(ProcessDetail::ROWS);
        Ok(threads)
    }
}

fn busier(a: Option<f64>, b: Option<f64>) -> Ordering {
    a.unwrap_or(-1.0).total_cmp(&b.unwrap_or(-1.0))
}
