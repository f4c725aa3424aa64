//! Access logs: in the places where packages put them, and those that a running web server has open.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::Prospect;
use super::listeners::Socket;
use super::place::Key;
use super::recognise::Kind;
use crate::collect::form::SourceForm;
use crate::model::format;

/// Folders, and what the name of a log in them has in it.
const PLACES: &[(&str, &str)] = &[
    ("/var/log/nginx", "access"),
    ("/var/log/caddy", ""),
    ("/var/log/traefik", "access"),
    ("/var/log", "haproxy.log"),
];
/// Servers whose open files are looked at.
const SERVERS: &[&str] = &["nginx", "caddy", "haproxy", "traefik", "envoy"];
/// What was not written to for so long is of a server that is gone.
const STALE: Duration = Duration::from_secs(24 * 3600);
/// So many are watched, those that were written to last.
const MOST: usize = 8;
/// No more files of a folder or a process are looked at.
const MOST_FILES: usize = 500;

/// A log, and when it was written to last.
struct Log {
    path: PathBuf,
    written: SystemTime,
    is_open: bool,
}

/// The logs that can be watched, and those that can't.
pub fn prospects(sockets: &[Socket]) -> Vec<Prospect> {
    let mut logs: Vec<Log> = Vec::new();
    let open = open_files(sockets).into_iter().map(|path| (path, true));
    let usual = usual_files().into_iter().map(|path| (path, false));
    for (path, is_open) in open.chain(usual) {
        let path = fs::canonicalize(&path).unwrap_or(path);
        let written = fs::metadata(&path).and_then(|facts| facts.modified());
        if let Ok(written) = written
            && logs.iter().all(|known| known.path != path)
        {
            logs.push(Log {
                path,
                written,
                is_open,
            });
        }
    }
    logs.sort_by_key(|log| std::cmp::Reverse(log.written));
    let mut watched = 0;
    let prospect = |log: &Log| {
        let mut why_not = why_not(log);
        if why_not.is_none() {
            watched += 1;
            why_not = (watched > MOST).then(|| format!("{MOST} logs are watched already"));
        }
        prospect(log, why_not)
    };
    logs.iter().map(prospect).collect()
}

fn prospect(log: &Log, why_not: Option<String>) -> Prospect {
    Prospect {
        kind: Kind::AccessLog,
        keys: vec![Key::Path(log.path.clone())],
        form: SourceForm {
            kind: Kind::AccessLog.word().to_owned(),
            address: log.path.display().to_string(),
            ..SourceForm::default()
        },
        why_not,
    }
}

fn why_not(log: &Log) -> Option<String> {
    match File::open(&log.path) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            return Some("this user may not read it: add the user to the file's group".to_owned());
        }
        Err(error) => return Some(error.to_string()),
        Ok(_) => {}
    }
    let idle = log.written.elapsed().unwrap_or_default();
    let is_stale = !log.is_open && idle > STALE;
    is_stale.then(|| format!("nothing was written to it for {}", format::duration(idle)))
}

fn usual_files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    for (folder, part) in PLACES {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let names = entries.take(MOST_FILES).map(|entry| entry.path());
        files.extend(names.filter(|path| is_log(path, part)));
    }
    files
}

fn is_log(path: &Path, part: &str) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.contains(part))
        && path.extension().is_some_and(|extension| extension == "log")
        && path.is_file()
}

/// The logs that web servers among those who listen have open.
fn open_files(sockets: &[Socket]) -> Vec<PathBuf> {
    let mut pids: Vec<u32> = sockets
        .iter()
        .filter_map(|socket| socket.process.as_ref())
        .filter(|process| SERVERS.contains(&&*process.name))
        .map(|process| process.pid)
        .collect();
    pids.sort_unstable();
    pids.dedup();
    let mut files = Vec::new();
    for pid in pids {
        let descriptors = fs::read_dir(format!("/proc/{pid}/fd"));
        let descriptors = descriptors.into_iter().flatten().flatten();
        let targets = descriptors
            .take(MOST_FILES)
            .filter_map(|entry| fs::read_link(entry.path()).ok());
        files.extend(targets.filter(|path| path.is_absolute() && is_log(path, "access")));
    }
    files
}
