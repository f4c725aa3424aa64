//! One open file of a log: how far it was read, and by what it is known again.

use std::fs::{self, File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::tail::Start;

/// By so many of its first bytes a file is known again.
const HEAD: usize = 512;
/// So many files of a folder are looked at for the copy of one that was emptied.
const MOST_COPIES: usize = 256;

/// An open file and how far it was read.
pub(super) struct Followed {
    pub file: File,
    pub identity: Identity,
    pub offset: u64,
    /// Its first bytes, as far as they were there when it was last looked at.
    head: Vec<u8>,
    /// What is there of a line that is not ended yet.
    pub line: Vec<u8>,
    /// The rest of a line is left out: it is too long, or was not seen from its beginning.
    pub is_skipping: bool,
}

impl Followed {
    pub fn open(path: &Path, start: Start) -> io::Result<Self> {
        let mut file = open_file(path)?;
        let metadata = file.metadata()?;
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
    pub fn was_emptied(&mut self) -> io::Result<bool> {
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
    pub fn copy_in_folder(&mut self, path: &Path) -> Option<Self> {
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
        let mut file = open_file(path).ok()?;
        let metadata = file.metadata().ok()?;
        let head = head_of(&mut file, self.head.len()).ok()?;
        let is_known = metadata.len() >= self.offset && head == self.head;
        is_known.then_some((metadata.modified().ok()?, (file, identity(&metadata))))
    }
}

/// Opens what is a file: a pipe or a terminal (`/dev/stdout` in a container) would be waited for.
pub(super) fn open_file(path: &Path) -> io::Result<File> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    File::open(path)
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
pub(super) type Identity = (u64, u64);

#[cfg(unix)]
pub(super) fn identity(metadata: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
pub(super) fn identity(metadata: &Metadata) -> Identity {
    let created = metadata.created().ok();
    let since = created.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    (0, since.map_or(0, |since| since.as_nanos() as u64))
}
