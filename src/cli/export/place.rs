//! Where an export goes: the standard output, or a file that bears its name only when it is whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::{Error, Form};

/// Where an export goes.
#[derive(Debug)]
pub(super) enum Place {
    Output,
    File(Unfinished),
}

/// A file beside the one that is meant; dropped before it took that one's place, it is gone.
#[derive(Debug)]
pub(super) struct Unfinished {
    file: File,
    path: PathBuf,
    meant: PathBuf,
    is_whole: bool,
}

impl Place {
    /// Opens it, and refuses what a terminal can't show.
    pub fn open(output: Option<&Path>, form: Form) -> Result<Self, Error> {
        match output {
            Some(path) if path != Path::new("-") => Unfinished::begin(path).map(Self::File),
            _ if form == Form::Parquet && io::stdout().is_terminal() => Err(Error::Wrong {
                option: "--format",
                why: "parquet is nothing for a terminal; name a file with --output".to_owned(),
            }),
            _ => Ok(Self::Output),
        }
    }

    /// Has `write` write to it, and finishes it if that went well. A reader that has seen enough (`| head`) is no error.
    pub fn write(
        self,
        write: impl FnOnce(&mut (dyn Write + Send)) -> Result<(), Error>,
    ) -> Result<(), Error> {
        match self {
            Self::Output => {
                let written = write(&mut BufWriter::new(io::stdout()));
                match written {
                    Err(Error::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
                        Ok(())
                    }
                    other => other,
                }
            }
            Self::File(file) => {
                let mut out = BufWriter::new(&file.file);
                write(&mut out).map_err(|error| file.named(error))?;
                let flushed = out.flush();
                drop(out);
                flushed.map_err(|error| file.failed(error))?;
                file.finish()
            }
        }
    }
}

impl Unfinished {
    fn begin(meant: &Path) -> Result<Self, Error> {
        let failed = |source| Error::File {
            path: meant.to_owned(),
            source,
        };
        if meant.is_dir() {
            return Err(failed(io::ErrorKind::IsADirectory.into()));
        }
        let name = meant.file_name();
        let name = name.ok_or_else(|| failed(io::ErrorKind::InvalidInput.into()))?;
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}.part", std::process::id()));
        let path = meant.with_file_name(hidden);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        // Command lines and statements may be in it.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path);
        Ok(Self {
            file: file.map_err(failed)?,
            path,
            meant: meant.to_owned(),
            is_whole: false,
        })
    }

    /// Puts it in its place, once its bytes are on the disk.
    fn finish(mut self) -> Result<(), Error> {
        let done = self
            .file
            .sync_all()
            .and_then(|()| fs::rename(&self.path, &self.meant));
        done.map_err(|error| self.failed(error))?;
        self.is_whole = true;
        Ok(())
    }

    /// An error of the output is one of this file.
    fn named(&self, error: Error) -> Error {
        match error {
            Error::Output(source) => self.failed(source),
            other => other,
        }
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::File {
            path: self.meant.clone(),
            source,
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.is_whole {
            // There is nobody to tell that it stays.
            let _ = fs::remove_file(&self.path);
        }
    }
}
