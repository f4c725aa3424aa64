//! What a process used over time, from its rows in pictures of the table.

use std::time::Duration;

use super::{Points, ProcessHistory, Window};
use crate::model::{Process, ProcessKey, Tables, Timestamp};
use crate::store::file::ProcessRows;
use crate::store::hot::Picture;

/// Puts the rows of one process, as they come, into the buckets of a window.
pub(super) struct Gathering {
    told: ProcessHistory,
    window: Window,
    /// The last row that fell into the window: when it was, and into which bucket.
    last: Option<(Timestamp, usize)>,
    /// How long a row stands at least for what was after it.
    stands: Duration,
}

impl Gathering {
    /// Nothing yet; `tick` is how often there are frames.
    pub fn over(window: Window, tick: Duration) -> Self {
        let unknown = || Points::unknown(window);
        let told = ProcessHistory {
            cpu: unknown(),
            resident: unknown(),
            io: unknown(),
        };
        Self {
            told,
            window,
            last: None,
            stands: Picture::stands_for(tick),
        }
    }

    /// The next row; later ones come later.
    pub fn put(&mut self, at: Timestamp, row: &Process) {
        if at > self.window.until {
            return;
        }
        let bucket = self.window.bucket_of(at);
        // Older pictures are 10 s apart: each stands until the next, a longer pause is a gap.
        if let (Some((before, from)), Some(to)) = (self.last, bucket)
            && at < before.plus(self.stands)
        {
            for between in from + 1..to {
                copy_point(&mut self.told, from, between);
            }
        }
        if let Some(bucket) = bucket {
            put_row(&mut self.told, bucket, row);
            self.last = Some((at, bucket));
        }
    }

    /// The rows that a file tells; later ones come later.
    pub fn put_kept(&mut self, kept: &ProcessRows) {
        let stands = self.stands;
        // Where fewer pictures were looked at than there are buckets, each stands until the next of them.
        if kept.step > self.window.step {
            self.stands += kept.step;
        }
        for (at, row) in &kept.rows {
            self.put(*at, row);
        }
        self.stands = stands;
    }

    /// All that came.
    pub fn finish(self) -> ProcessHistory {
        self.told
    }
}

/// The row of a process among others that are ordered by PID.
pub(super) fn row_of(tables: &Tables, process: ProcessKey) -> Option<&Process> {
    let rows = tables.processes.as_ref()?;
    let index = rows
        .binary_search_by_key(&process.pid, |row| row.key().pid)
        .ok()?;
    Some(&*rows[index]).filter(|row| row.key() == process)
}

fn put_row(told: &mut ProcessHistory, bucket: usize, row: &Process) {
    let io = match (row.read_bytes_per_sec, row.write_bytes_per_sec) {
        (None, None) => f64::NAN,
        (read, write) => read.unwrap_or(0.0) + write.unwrap_or(0.0),
    };
    let cpu = row.cpu_percent.unwrap_or(f64::NAN);
    for (points, value) in [
        (&mut told.cpu, cpu),
        (&mut told.resident, row.resident_bytes as f64),
        (&mut told.io, io),
    ] {
        // Several pictures in one bucket: the largest is what a person looks for.
        points.max[bucket] = points.max[bucket].max(value);
        points.min[bucket] = points.min[bucket].min(value);
        points.avg[bucket] = points.avg[bucket].max(value);
    }
}

fn copy_point(told: &mut ProcessHistory, from: usize, to: usize) {
    for points in [&mut told.cpu, &mut told.resident, &mut told.io] {
        points.avg[to] = points.avg[from];
        points.min[to] = points.min[from];
        points.max[to] = points.max[from];
    }
}
