//! Everything about the one process that is open on the screen; nothing is read while none is.

mod files;
mod plain;
mod sockets;
mod threads;

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::watch;

use crate::collect::{Cadence, CollectError, Reader, Spec};
use crate::model::process::{CgroupUse, Told};
use crate::model::text::printable_bytes;
use crate::model::{Focus, Moment, ProcessDetail, ProcessKey, Reading, Rows, SourceKind};

use super::cgroup::path_of_process;
use super::files::Roots;
use super::group_files::GroupFiles;
use super::processes::parse_process_stat;
use threads::Threads;

/// Reads the detail of the process in focus.
pub struct Detail {
    roots: Roots,
    focus: watch::Receiver<Focus>,
    threads: Option<(ProcessKey, Threads)>,
}

impl Detail {
    /// Reads below `roots` what is in `focus`.
    #[must_use]
    pub fn new(roots: &Roots, focus: watch::Receiver<Focus>) -> Self {
        Self {
            roots: roots.clone(),
            focus,
            threads: None,
        }
    }

    fn detail(&mut self, key: ProcessKey, now: Moment) -> Option<ProcessDetail> {
        let folder = self.roots.proc.join(key.pid.to_string());
        if started(&folder) != Some(key.started) {
            return None;
        }
        let opened = files::open_files(&folder);
        let detail = ProcessDetail {
            key,
            at: now.wall,
            executable: link(&folder.join("exe")),
            directory: link(&folder.join("cwd")),
            threads: told(self.threads_of(key).read(&folder, now.mono)),
            sockets: match &opened {
                Ok(opened) => told(sockets::of_inodes(&folder, &opened.socket_inodes)),
                Err(error) => Err(refusal(error)),
            },
            file_count: opened.as_ref().ok().map(|opened| opened.count),
            files: told(opened.map(|opened| opened.rows)),
            limits: told(plain::limits(&folder)),
            cgroup: told(self.cgroup(&folder)),
            environment: told(plain::environment_names(&folder)),
            parents: plain::parents(&self.roots.proc, key.pid),
        };
        // Its number may have come to mean another process while it was read.
        (started(&folder) == Some(key.started)).then_some(detail)
    }

    fn threads_of(&mut self, key: ProcessKey) -> &mut Threads {
        if !matches!(&self.threads, Some((known, _)) if *known == key) {
            self.threads = None;
        }
        let (_, threads) = self
            .threads
            .get_or_insert_with(|| (key, Threads::default()));
        threads
    }

    fn cgroup(&self, folder: &Path) -> io::Result<CgroupUse> {
        let text = std::fs::read(folder.join("cgroup"))?;
        let group = GroupFiles::of_process(&self.roots, &text);
        let throttling = group.throttling();
        Ok(CgroupUse {
            path: printable_bytes(path_of_process(&text).unwrap_or(b"/")),
            memory_bytes: group.memory_used(),
            memory_limit_bytes: group.memory_limit(),
            cpu_limit_cores: group.cpu_limit(),
            periods: throttling.periods,
            throttled_periods: throttling.throttled_periods,
            throttled: throttling.throttled,
            oom_kills: group.oom_kills(),
        })
    }
}

/// When the process of a folder of `/proc` started, in clock ticks since boot.
fn started(folder: &Path) -> Option<u64> {
    let text = std::fs::read(folder.join("stat")).ok()?;
    parse_process_stat(&text).map(|stat| stat.started)
}

fn link(path: &Path) -> Told<String> {
    told(std::fs::read_link(path).map(|target| shown(&target)))
}

fn shown(path: &Path) -> String {
    printable_bytes(path.as_os_str().as_encoded_bytes())
}

fn told<T>(result: io::Result<T>) -> Told<T> {
    result.map_err(|error| refusal(&error))
}

/// Why a part is missing, in one line.
fn refusal(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::PermissionDenied => {
            "permission denied: run hubtop as root or as the user of this process".to_owned()
        }
        ErrorKind::NotFound => "the kernel tells none".to_owned(),
        _ => error.to_string(),
    }
}

/// The entries of a folder whose names are numbers, in rising order.
fn numbers_in(folder: &Path) -> io::Result<Vec<(u32, PathBuf)>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let number = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok());
        found.extend(number.map(|number| (number, entry.path())));
    }
    found.sort_unstable_by_key(|(number, _)| *number);
    Ok(found)
}

impl Reader for Detail {
    fn spec(&self) -> Spec {
        Spec {
            name: "process_detail".into(),
            kind: SourceKind::Host,
            cadence: Cadence::EveryTick,
            timeout: Duration::from_secs(5),
        }
    }

    fn read(&mut self, now: Moment) -> Result<Reading, CollectError> {
        let mut reading = Reading::at(now.wall);
        let focus = self.focus.borrow_and_update().clone();
        match focus {
            Focus::Process(key) => {
                let detail = self.detail(key, now);
                reading.rows.push(Rows::ProcessDetail(detail.map(Box::new)));
            }
            Focus::None | Focus::Statement(..) | Focus::Cache(_) => self.threads = None,
        }
        Ok(reading)
    }
}
