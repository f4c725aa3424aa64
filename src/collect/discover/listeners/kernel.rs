//! Sockets as Linux tells of them: `/proc/net/tcp`, `tcp6` and `unix` name those that listen by their inodes, and the
//! open files of processes name the same inodes (proc_pid_net(5)).

use std::collections::{HashMap, HashSet};
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use super::{Process, Socket, real, usual_sockets};
use crate::collect::CollectError;
use crate::collect::discover::place::Place;
use crate::model::text::printable;

/// No more open files of one process are looked at: what a server listens at is among its first.
const MOST_FILES: usize = 512;
/// The state of a TCP socket that listens, include/net/tcp_states.h.
const LISTEN: &str = "0A";
/// The flag of a unix socket that listens, `__SO_ACCEPTCON` of include/uapi/linux/net.h.
const ACCEPTS: &str = "00010000";

/// Looks who listens. Which process a socket is of is looked for once: it stays the same as long as the socket does.
#[derive(Default)]
pub struct Listeners {
    /// By inode; none where it can't be seen.
    owners: HashMap<u64, Option<Process>>,
}

impl Listeners {
    /// Everybody who listens now.
    ///
    /// # Errors
    /// When `/proc` can't be read.
    pub fn look(&mut self) -> Result<Vec<Socket>, CollectError> {
        let mut found = internet_sockets()?;
        found.extend(unix_sockets());
        self.owners
            .retain(|inode, _| found.iter().any(|(number, _)| number == inode));
        let unknown: HashSet<u64> = found
            .iter()
            .map(|(inode, _)| *inode)
            .filter(|inode| !self.owners.contains_key(inode))
            .collect();
        if !unknown.is_empty() {
            self.owners.extend(owners_of(&unknown));
        }
        let socket = |(number, place)| Socket {
            number,
            place,
            process: self.owners.get(&number).cloned().flatten(),
        };
        let mut sockets: Vec<Socket> = found.into_iter().map(socket).collect();
        for usual in usual_sockets() {
            let Place::Unix(path) = &usual.place else {
                continue;
            };
            let path = real(path);
            let is_known = |known: &Socket| known.place == Place::Unix(path.clone());
            if !sockets.iter().any(is_known) {
                sockets.push(usual);
            }
        }
        let own = std::process::id();
        sockets.retain(|socket| socket.process.as_ref().is_none_or(|it| it.pid != own));
        Ok(sockets)
    }
}

fn internet_sockets() -> Result<Vec<(u64, Place)>, CollectError> {
    let path = "/proc/self/net/tcp";
    let text = fs::read_to_string(path).map_err(|source| CollectError::Io {
        what: path.to_owned(),
        source,
    })?;
    // A kernel without IPv6 has no such file.
    let six = fs::read_to_string("/proc/self/net/tcp6").unwrap_or_default();
    let lines = text.lines().chain(six.lines());
    Ok(lines.filter_map(listening).collect())
}

/// A line of `/proc/net/tcp`: the inode of a socket that listens, and where it is reached from here.
fn listening(line: &str) -> Option<(u64, Place)> {
    let mut fields = line.split_ascii_whitespace();
    let local = fields.nth(1)?;
    if fields.nth(1)? != LISTEN {
        return None;
    }
    let inode = fields.nth(5)?.parse().ok()?;
    Some((inode, Place::Tcp(reached_from_here(address(local)?))))
}

/// `0100007F:1F90`: the address as words in the byte order of the machine, the port plainly.
fn address(field: &str) -> Option<SocketAddr> {
    let (ip, port) = field.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let word = |from: usize| {
        let digits = ip.get(from..from + 8)?;
        Some(u32::from_str_radix(digits, 16).ok()?.to_ne_bytes())
    };
    let ip: IpAddr = if ip.len() == 8 {
        Ipv4Addr::from(word(0)?).into()
    } else {
        let words = [word(0)?, word(8)?, word(16)?, word(24)?];
        Ipv6Addr::from(<[u8; 16]>::try_from(words.concat()).ok()?).into()
    };
    Some(SocketAddr::new(ip, port))
}

/// Who listens at every address is reached over loopback; at those of IPv6, over IPv4 too unless it was forbidden.
fn reached_from_here(address: SocketAddr) -> SocketAddr {
    let ip = address.ip().to_canonical();
    let ip = if ip.is_unspecified() {
        Ipv4Addr::LOCALHOST.into()
    } else {
        ip
    };
    SocketAddr::new(ip, address.port())
}

fn unix_sockets() -> Vec<(u64, Place)> {
    let text = fs::read("/proc/self/net/unix").unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    text.lines().filter_map(accepting).collect()
}

/// A line of `/proc/net/unix`: one that listens and has a path. Those with `@` have none.
fn accepting(line: &str) -> Option<(u64, Place)> {
    let mut fields = line.split_ascii_whitespace();
    if fields.nth(3)? != ACCEPTS {
        return None;
    }
    let inode = fields.nth(2)?.parse().ok()?;
    let path = fields.next()?;
    path.starts_with('/')
        .then(|| (inode, Place::Unix(real(&PathBuf::from(path)))))
}

/// The processes that have these sockets open; of several the first, which began the others. What can't be seen is
/// remembered as such.
fn owners_of(inodes: &HashSet<u64>) -> HashMap<u64, Option<Process>> {
    let mut owners: HashMap<u64, Option<Process>> =
        inodes.iter().map(|inode| (*inode, None)).collect();
    let mut left = inodes.clone();
    for pid in processes() {
        let files = fs::read_dir(format!("/proc/{pid}/fd"));
        for file in files.into_iter().flatten().flatten().take(MOST_FILES) {
            let inode = fs::read_link(file.path()).ok().and_then(socket_inode);
            if let Some(inode) = inode.filter(|inode| left.contains(inode))
                && let Some(process) = process(pid)
            {
                // systemd keeps the sockets of the services that it starts; the service tells more.
                if pid != 1 {
                    left.remove(&inode);
                }
                owners.insert(inode, Some(process));
            }
        }
        if left.is_empty() {
            break;
        }
    }
    owners
}

fn processes() -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut pids: Vec<u32> = entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    pids.sort_unstable();
    pids
}

fn process(pid: u32) -> Option<Process> {
    let name = fs::read(format!("/proc/{pid}/comm")).ok()?;
    let name = String::from_utf8_lossy(&name);
    Some(Process {
        pid,
        name: printable(name.trim_end()).into(),
    })
}

/// `socket:[4242]`
fn socket_inode(target: PathBuf) -> Option<u64> {
    let text = target.to_str()?;
    text.strip_prefix("socket:[")?
        .strip_suffix(']')?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn those_that_listen_are_read() {
        let line = "   0: 00000000:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4242 1 0 20 4";
        let place = Place::Tcp("127.0.0.1:5432".parse().unwrap());
        assert_eq!(listening(line), Some((4242, place)));
        let line = "   1: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 77 1";
        let place = Place::Tcp("[::1]:80".parse().unwrap());
        assert_eq!(listening(line), Some((77, place)));
        let line =
            "   0: 0100007F:1F90 0200000A:0050 01 00000000:00000000 00:00000000 00000000 0 0 1 1";
        assert_eq!(listening(line), None);
        let line = "0000000000000000: 00000002 00000000 00010000 0001 01 77 /nowhere/x.sock";
        assert_eq!(
            accepting(line),
            Some((77, Place::Unix("/nowhere/x.sock".into())))
        );
        let line = "0000000000000000: 00000002 00000000 00010000 0001 01 77 @/tmp/.X11";
        assert_eq!(accepting(line), None);
    }

    proptest! {
        #[test]
        fn no_line_panics(line in ".{0,200}", field in "[0-9A-Fé:]{0,40}") {
            let _ = listening(&line);
            let _ = accepting(&line);
            let _ = address(&field);
        }
    }
}
