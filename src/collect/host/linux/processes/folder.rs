//! The folder `/proc`: which processes there are, and their files, opened relative to it.

use std::ffi::CStr;
use std::io::Write;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, Mode, OFlags, RawDir, SeekFrom};
use rustix::io::{Errno, Result};
use rustix::process::{Resource, Rlimit};

use super::super::bytes::number;

/// No more files are kept open than this, whatever the system allows.
const MOST_FILES: u64 = 65_536;

/// The folder `/proc`.
pub struct Folder {
    folder: OwnedFd,
    entries: Vec<MaybeUninit<u8>>,
}

impl Folder {
    /// Opens it.
    ///
    /// # Errors
    /// What the system said.
    pub fn open(path: &Path) -> Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self {
            folder: rustix::fs::open(path, flags, Mode::empty())?,
            entries: vec![MaybeUninit::uninit(); 32 << 10],
        })
    }

    /// Writes the numbers of all processes into `pids`, in rising order.
    ///
    /// # Errors
    /// What the system said.
    pub fn list(&mut self, pids: &mut Vec<u32>) -> Result<()> {
        pids.clear();
        rustix::fs::seek(&self.folder, SeekFrom::Start(0))?;
        let mut entries = RawDir::new(&self.folder, &mut self.entries);
        while let Some(entry) = entries.next() {
            let pid = number(entry?.file_name().to_bytes());
            pids.extend(pid.and_then(|pid| u32::try_from(pid).ok()));
        }
        // The kernel lists them in order; a fake folder of a test does not.
        if !pids.is_sorted() {
            pids.sort_unstable();
        }
        Ok(())
    }

    /// Opens a file of a process.
    ///
    /// # Errors
    /// What the system said; `ENOENT` when the process is gone.
    pub fn open_file(&self, pid: u32, name: &str) -> Result<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        with_path(pid, name, |path| {
            rustix::fs::openat(&self.folder, path, flags, Mode::empty())
        })
    }

    /// Reads as much of a file of a process as goes into `buffer`.
    ///
    /// # Errors
    /// What the system said; `ENOENT` or `ESRCH` when the process is gone.
    pub fn read<'a>(&self, pid: u32, name: &str, buffer: &'a mut [u8]) -> Result<&'a [u8]> {
        let file = self.open_file(pid, name)?;
        let mut length = 0;
        while length < buffer.len() {
            match rustix::io::read(&file, &mut buffer[length..]) {
                Ok(0) => break,
                Ok(count) => length += count,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(&buffer[..length])
    }

    /// The user (effective) that a process runs as: the owner of its folder.
    ///
    /// # Errors
    /// What the system said; `ENOENT` when the process is gone.
    pub fn owner(&self, pid: u32) -> Result<u32> {
        let stat = with_path(pid, "", |path| {
            rustix::fs::statat(&self.folder, path, AtFlags::empty())
        })?;
        Ok(stat.st_uid)
    }
}

/// Reads a kept file from its beginning; what the two files of a process hold comes with one call.
///
/// # Errors
/// What the system said; `ESRCH` when the process is gone, also when its number was given to another one.
pub fn read_kept<'a>(file: &OwnedFd, buffer: &'a mut [u8]) -> Result<&'a [u8]> {
    let length = rustix::io::retry_on_intr(|| rustix::io::pread(file, &mut *buffer, 0))?;
    Ok(&buffer[..length])
}

/// `PID/name` without an allocation.
fn with_path<T>(pid: u32, name: &str, act: impl FnOnce(&CStr) -> Result<T>) -> Result<T> {
    let mut path = [0_u8; 64];
    write!(&mut path[..63], "{pid}/{name}").map_err(|_| Errno::NAMETOOLONG)?;
    let path = CStr::from_bytes_until_nul(&path).map_err(|_| Errno::INVAL)?;
    act(path)
}

/// How many files of processes may be kept open: half of what this process may open, after raising that as far as
/// the system allows.
#[must_use]
pub fn file_budget() -> usize {
    let limit = rustix::process::getrlimit(Resource::Nofile);
    let hard = limit.maximum.unwrap_or(u64::MAX).min(MOST_FILES);
    let soft = limit.current.unwrap_or(u64::MAX);
    let wanted = Rlimit {
        current: Some(hard),
        maximum: limit.maximum,
    };
    let raised = soft < hard && rustix::process::setrlimit(Resource::Nofile, wanted).is_ok();
    let allowed = if raised { hard } else { soft.min(MOST_FILES) };
    usize::try_from(allowed / 2).unwrap_or(0)
}
