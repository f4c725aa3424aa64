//! A file that is followed: through rotation by renaming (the old file is read to its end, then the new one from its
//! beginning) and by copying and emptying (what was not read yet is read from the copy).

use std::fs;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::followed::{Followed, identity, open_file};
use super::pump::Pump;

/// So much is read at once.
const CHUNK: usize = 256 * 1024;
/// So much of what is there already is looked at for the format.
const LOOKED_AT: u64 = 64 * 1024;
/// A server writes into the file that was renamed until it is told to open its log again, and its workers a little
/// longer.
const LINGER: Duration = Duration::from_secs(30);

/// How much one reading may take.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Bytes.
    pub bytes: u64,
    /// Time.
    pub time: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            bytes: 64 * 1024 * 1024,
            time: Duration::from_millis(700),
        }
    }
}

/// What one reading came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes that are there and were not read, because there were too many for one reading.
    pub behind: u64,
    /// Lines that were too long to be read.
    pub too_long: u64,
}

/// Where the reading of a file begins that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// At its end: only what comes is read.
    End,
    /// So many bytes before its end at most.
    Last(u64),
}

/// A file that is followed.
pub struct Tail {
    path: PathBuf,
    start: Start,
    current: Option<Followed>,
    /// The file that was rotated away, and until when it is read.
    earlier: Option<(Followed, Duration)>,
    chunk: Vec<u8>,
}

impl Tail {
    /// Follows the file at `path`, which need not be there yet.
    #[must_use]
    pub fn new(path: &Path, start: Start) -> Self {
        Self {
            path: path.to_owned(),
            start,
            current: None,
            earlier: None,
            chunk: Vec::new(),
        }
    }

    /// The last lines that were there before the reading begins: what the format can be found out from.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn lines_before(&mut self, mut take: impl FnMut(&[u8])) -> io::Result<()> {
        let mut file = open_file(&self.path)?;
        let length = file.metadata()?.len();
        let from = length.saturating_sub(LOOKED_AT);
        file.seek(SeekFrom::Start(from))?;
        let mut text = Vec::new();
        file.take(LOOKED_AT).read_to_end(&mut text)?;
        let whole_from = if from == 0 { 0 } else { 1 };
        let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
        for line in lines.iter().skip(whole_from).rev().skip(1) {
            take(line);
        }
        Ok(())
    }

    /// Reads what came since the last reading, whole lines, without their ends. A line that is not ended yet waits.
    ///
    /// # Errors
    /// When the file can't be opened or read. One that was there and is gone is no error: the next one is awaited.
    pub fn read(
        &mut self,
        now: Duration,
        bounds: Bounds,
        take: &mut dyn FnMut(&[u8]),
    ) -> io::Result<Progress> {
        self.chunk.resize(CHUNK, 0);
        let until = Instant::now() + bounds.time;
        let mut pump = Pump::new(&mut self.chunk, bounds.bytes, until, take);
        if let Some((earlier, _)) = &mut self.earlier {
            pump.read(earlier)?;
        }
        self.earlier.take_if(|(_, until)| *until < now);
        let Some(current) = &mut self.current else {
            let start = self.start;
            let mut opened = Followed::open(&self.path, start)?;
            // What appears later is read from its beginning.
            pump.read(&mut opened)?;
            self.current = Some(opened);
            return Ok(pump.progress);
        };
        if current.was_emptied()? {
            let copy = current.copy_in_folder(&self.path);
            *current = Followed::open(&self.path, Start::Last(u64::MAX))?;
            if let Some(mut copy) = copy {
                pump.read(&mut copy)?;
                self.earlier = Some((copy, now + LINGER));
            }
        }
        pump.read(current)?;
        if pump.progress.behind == 0 && is_another(&self.path, current)? {
            let next = Followed::open(&self.path, Start::Last(u64::MAX))?;
            let renamed = std::mem::replace(current, next);
            pump.read(current)?;
            self.earlier = Some((renamed, now + LINGER));
        }
        Ok(pump.progress)
    }

    /// What is read from now on comes from the beginning of the file: it was not there when it was looked for first.
    pub fn expect_new(&mut self) {
        self.start = Start::Last(u64::MAX);
    }
}

/// Whether another file lies at the path by now; none does while a rotation goes on.
fn is_another(path: &Path, current: &Followed) -> io::Result<bool> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(identity(&metadata) != current.identity),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
