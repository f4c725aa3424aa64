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
    /// The file was taken away, and no other one lies in its place yet.
    pub is_gone: bool,
}

/// Where the reading of a file begins that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// At its end: only what comes is read.
    End,
    /// So many bytes before its end at most.
    Last(u64),
}

/// From the beginning.
const WHOLE: Start = Start::Last(u64::MAX);

/// A file that is followed.
pub struct Tail {
    files: Files,
    chunk: Vec<u8>,
}

impl Tail {
    /// Follows the file at `path`, which need not be there yet.
    #[must_use]
    pub fn new(path: &Path, start: Start) -> Self {
        let files = Files {
            path: path.to_owned(),
            start,
            current: None,
            earlier: None,
        };
        let chunk = Vec::new();
        Self { files, chunk }
    }

    /// The last lines that were there before the reading begins, the last one first: what the format can be found out
    /// from.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn lines_before(&mut self, mut take: impl FnMut(&[u8])) -> io::Result<()> {
        let mut file = open_file(&self.files.path)?;
        let length = file.metadata()?.len();
        let from = length.saturating_sub(LOOKED_AT);
        file.seek(SeekFrom::Start(from))?;
        let mut text = Vec::new();
        file.take(LOOKED_AT).read_to_end(&mut text)?;
        let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
        // Neither the line that is not ended yet nor one whose beginning was not read.
        let cut = usize::from(from > 0);
        lines
            .iter()
            .skip(cut)
            .rev()
            .skip(1)
            .for_each(|line| take(line));
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
        self.files.read(now, &mut pump)?;
        Ok(pump.progress)
    }

    /// What is read from now on comes from the beginning of the file: it was not there when it was looked for first.
    pub fn expect_new(&mut self) {
        self.files.start = WHOLE;
    }
}

/// The file itself, and the one before it.
struct Files {
    path: PathBuf,
    start: Start,
    current: Option<Followed>,
    /// The file that was rotated away, and until when it is read.
    earlier: Option<(Followed, Duration)>,
}

impl Files {
    fn read(&mut self, now: Duration, pump: &mut Pump<'_>) -> io::Result<()> {
        if let Some((earlier, _)) = &mut self.earlier {
            pump.read(earlier)?;
        }
        self.earlier.take_if(|(_, until)| *until < now);
        let mut current = match self.current.take() {
            Some(current) => current,
            None => Followed::open(&self.path, self.start)?,
        };
        let read = self.read_on(&mut current, now, pump);
        self.current = Some(current);
        read
    }

    fn read_on(
        &mut self,
        current: &mut Followed,
        now: Duration,
        pump: &mut Pump<'_>,
    ) -> io::Result<()> {
        if current.was_emptied()? {
            let copy = current.copy_in_folder(&self.path);
            *current = Followed::open(&self.path, WHOLE)?;
            if let Some(mut copy) = copy {
                pump.read(&mut copy)?;
                self.earlier = Some((copy, now + LINGER));
            }
        }
        pump.read(current)?;
        if pump.progress.behind > 0 {
            return Ok(());
        }
        let place = place(&self.path, current)?;
        if place == Place::Another {
            let next = Followed::open(&self.path, WHOLE)?;
            let renamed = std::mem::replace(current, next);
            self.earlier = Some((renamed, now + LINGER));
            pump.read(current)?;
        }
        pump.progress.is_gone = place == Place::Empty;
        Ok(())
    }
}

/// What lies at the path by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Same,
    Another,
    Empty,
}

fn place(path: &Path, current: &Followed) -> io::Result<Place> {
    match fs::metadata(path) {
        Ok(metadata) if identity(&metadata) == current.identity => Ok(Place::Same),
        Ok(_) => Ok(Place::Another),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Place::Empty),
        Err(error) => Err(error),
    }
}
