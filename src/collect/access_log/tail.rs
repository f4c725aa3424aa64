//! A file that is followed: through rotation by renaming (the old file is read to its end, then the new one from its
//! beginning) and by copying and emptying (what was not read yet is read from the copy).

use std::fs::{self, File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// So much is read at once.
const CHUNK: usize = 256 * 1024;
/// What is longer is no line of an access log, bytes.
const LONGEST_LINE: usize = 64 * 1024;
/// By so many of its first bytes a file is known again.
const HEAD: usize = 512;
/// So many files of a folder are looked at for the copy of one that was emptied.
const MOST_COPIES: usize = 256;
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
        let mut file = File::open(&self.path)?;
        let length = file.metadata()?.len();
        let from = length.saturating_sub(LONGEST_LINE as u64);
        file.seek(SeekFrom::Start(from))?;
        let mut text = Vec::new();
        file.take(LONGEST_LINE as u64).read_to_end(&mut text)?;
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
        let mut pump = Pump {
            chunk: &mut self.chunk,
            left: bounds.bytes,
            until: Instant::now() + bounds.time,
            progress: Progress::default(),
            take,
        };
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

/// An open file and how far it was read.
struct Followed {
    file: File,
    identity: Identity,
    offset: u64,
    /// Its first bytes, as far as they were there when it was last looked at.
    head: Vec<u8>,
    line: Vec<u8>,
    /// The rest of a line is left out: it is too long, or was not seen from its beginning.
    is_skipping: bool,
}

impl Followed {
    fn open(path: &Path, start: Start) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let offset = match start {
            Start::End => metadata.len(),
            Start::Last(bytes) => metadata.len().saturating_sub(bytes),
        };
        let head = head_of(&mut file, HEAD)?;
        Ok(Self {
            identity: identity(&metadata),
            // Who begins within a line waits for its end.
            is_skipping: offset > 0 && !ends_line(&mut file, offset)?,
            head,
            offset,
            file,
            line: Vec::new(),
        })
    }

    /// Whether it begins otherwise, or ends earlier, than it did.
    fn was_emptied(&mut self) -> io::Result<bool> {
        if self.file.metadata()?.len() < self.offset {
            return Ok(true);
        }
        let head = head_of(&mut self.file, HEAD)?;
        let is_same = head.starts_with(&self.head);
        if is_same {
            self.head = head;
        }
        Ok(!is_same)
    }

    /// The copy that was made of it before it was emptied, at the place where this one was read to.
    fn copy_in_folder(&mut self, path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let entries = fs::read_dir(path.parent()?).ok()?;
        let is_copy = |entry: &fs::DirEntry| {
            let other = entry.file_name();
            let behind = other.to_str().and_then(|other| other.strip_prefix(name));
            behind.is_some_and(|behind| behind.starts_with(['.', '-', '_']))
        };
        let copies = entries.flatten().filter(is_copy).take(MOST_COPIES);
        let newest = copies
            .filter_map(|entry| self.known_again(&entry.path()))
            .max_by_key(|(modified, _)| *modified);
        let (_, (file, identity)) = newest?;
        Some(Self {
            file,
            identity,
            offset: self.offset,
            head: std::mem::take(&mut self.head),
            line: std::mem::take(&mut self.line),
            is_skipping: self.is_skipping,
        })
    }

    fn known_again(&self, path: &Path) -> Option<(std::time::SystemTime, (File, Identity))> {
        let mut file = File::open(path).ok()?;
        let metadata = file.metadata().ok()?;
        let head = head_of(&mut file, self.head.len()).ok()?;
        let is_known = metadata.is_file() && metadata.len() >= self.offset && head == self.head;
        is_known.then_some((metadata.modified().ok()?, (file, identity(&metadata))))
    }
}

/// Carries bytes from a file to lines.
struct Pump<'a> {
    chunk: &'a mut [u8],
    left: u64,
    until: Instant,
    progress: Progress,
    take: &'a mut dyn FnMut(&[u8]),
}

impl Pump<'_> {
    /// Reads a file to its end, or as far as it may.
    fn read(&mut self, from: &mut Followed) -> io::Result<()> {
        from.file.seek(SeekFrom::Start(from.offset))?;
        loop {
            if self.left == 0 || Instant::now() > self.until {
                let length = from.file.metadata()?.len();
                self.progress.behind += length.saturating_sub(from.offset);
                return Ok(());
            }
            let most = self
                .chunk
                .len()
                .min(usize::try_from(self.left).unwrap_or(usize::MAX));
            let length = match from.file.read(&mut self.chunk[..most]) {
                Ok(0) => return Ok(()),
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            from.offset += length as u64;
            self.left -= length as u64;
            self.split(from, length);
        }
    }

    fn split(&mut self, from: &mut Followed, length: usize) {
        let mut rest = &self.chunk[..length];
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let line = &rest[..end];
            rest = &rest[end + 1..];
            if std::mem::take(&mut from.is_skipping) {
                from.line.clear();
            } else if from.line.is_empty() {
                (self.take)(without_return(line));
            } else {
                from.line.extend_from_slice(line);
                (self.take)(without_return(&from.line));
                from.line.clear();
            }
        }
        if from.is_skipping {
            return;
        }
        from.line.extend_from_slice(rest);
        if from.line.len() > LONGEST_LINE {
            from.is_skipping = true;
            from.line = Vec::new();
            self.progress.too_long += 1;
        }
    }
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn head_of(file: &mut File, most: usize) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(0))?;
    let mut head = Vec::with_capacity(most);
    file.take(most as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// Whether a line ends right before a place of the file.
fn ends_line(file: &mut File, offset: u64) -> io::Result<bool> {
    let mut byte = [0];
    file.seek(SeekFrom::Start(offset - 1))?;
    file.read_exact(&mut byte)?;
    Ok(byte == *b"\n")
}

/// What a file is known by, whatever it is called.
type Identity = (u64, u64);

#[cfg(unix)]
fn identity(metadata: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn identity(metadata: &Metadata) -> Identity {
    let created = metadata.created().ok();
    let since = created.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    (0, since.map_or(0, |since| since.as_nanos() as u64))
}
