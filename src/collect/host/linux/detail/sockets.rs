//! The sockets of a process: its descriptors name inodes, and the tables of its network name space tell what those are.

use std::collections::HashSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use crate::model::ProcessDetail;
use crate::model::process::Socket;
use crate::model::text::printable_bytes;

use super::super::bytes::{fields, lines, number};

/// The tables of addresses; those of the kernel that are missing (no IPv6) hold nothing.
const TABLES: [&str; 4] = ["tcp", "tcp6", "udp", "udp6"];

/// The sockets with these inodes.
///
/// # Errors
/// What the system said of the first table.
pub fn of_inodes(folder: &Path, inodes: &HashSet<u64>) -> io::Result<Vec<Socket>> {
    let mut sockets = Vec::new();
    if inodes.is_empty() {
        return Ok(sockets);
    }
    let net = folder.join("net");
    std::fs::metadata(&net)?;
    for protocol in TABLES {
        let text = std::fs::read(net.join(protocol)).unwrap_or_default();
        let found = lines(&text).filter_map(|line| internet_socket(protocol, line, inodes));
        sockets.extend(found);
    }
    let text = std::fs::read(net.join("unix")).unwrap_or_default();
    sockets.extend(lines(&text).filter_map(|line| unix_socket(line, inodes)));
    sockets.truncate(ProcessDetail::ROWS);
    Ok(sockets)
}

/// A line of `/proc/net/tcp` and its like (proc_pid_net(5)).
fn internet_socket(protocol: &'static str, line: &[u8], inodes: &HashSet<u64>) -> Option<Socket> {
    let mut fields = fields(line);
    let local = address(fields.nth(1)?)?;
    let remote = address(fields.next()?)?;
    let state = fields.next()?;
    let inode = number(fields.nth(5)?)?;
    if !inodes.contains(&inode) {
        return None;
    }
    let is_connected = remote.port() != 0 || !remote.ip().is_unspecified();
    let is_tcp = protocol.starts_with("tcp");
    Some(Socket {
        protocol,
        local: local.to_string(),
        remote: is_connected.then(|| remote.to_string()),
        state: is_tcp.then(|| tcp_state(state)).flatten(),
    })
}

/// A line of `/proc/net/unix`.
fn unix_socket(line: &[u8], inodes: &HashSet<u64>) -> Option<Socket> {
    let mut fields = fields(line);
    let inode = number(fields.nth(6)?)?;
    if !inodes.contains(&inode) {
        return None;
    }
    let path = fields.next().unwrap_or(b"(no name)");
    Some(Socket {
        protocol: "unix",
        local: printable_bytes(path),
        remote: None,
        state: None,
    })
}

/// `0100007F:1F90`: the address as words in the byte order of the machine, the port plainly.
fn address(field: &[u8]) -> Option<SocketAddr> {
    let (ip, port) = std::str::from_utf8(field).ok()?.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let word = |from: usize| {
        let digits = ip.get(from..from + 8)?;
        Some(u32::from_str_radix(digits, 16).ok()?.to_ne_bytes())
    };
    let ip: IpAddr = match ip.len() {
        8 => Ipv4Addr::from(word(0)?).into(),
        32 => {
            let words = [word(0)?, word(8)?, word(16)?, word(24)?];
            let bytes: [u8; 16] = words.concat().try_into().ok()?;
            Ipv6Addr::from(bytes).into()
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

/// include/net/tcp_states.h
fn tcp_state(field: &[u8]) -> Option<&'static str> {
    Some(match field {
        b"01" => "ESTABLISHED",
        b"02" => "SYN_SENT",
        b"03" => "SYN_RECV",
        b"04" => "FIN_WAIT1",
        b"05" => "FIN_WAIT2",
        b"06" => "TIME_WAIT",
        b"07" => "CLOSE",
        b"08" => "CLOSE_WAIT",
        b"09" => "LAST_ACK",
        b"0A" => "LISTEN",
        b"0B" => "CLOSING",
        b"0C" => "NEW_SYN_RECV",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn lines_of_the_tables_are_read() {
        let inodes = HashSet::from([4242, 77]);
        let line = b"   0: 0100007F:1F90 0200000A:0050 01 00000000:00000000 00:00000000 00000000  1000        0 4242 1 0 20 4";
        let socket = internet_socket("tcp", line, &inodes).unwrap();
        assert_eq!(socket.local, "127.0.0.1:8080");
        assert_eq!(socket.remote.as_deref(), Some("10.0.0.2:80"));
        assert_eq!(socket.state, Some("ESTABLISHED"));
        let line = b"   1: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 77 1";
        let socket = internet_socket("tcp6", line, &inodes).unwrap();
        assert_eq!(socket.local, "[::1]:80");
        assert_eq!(socket.remote, None);
        assert_eq!(socket.state, Some("LISTEN"));
        let line = b"0000000000000000: 00000002 00000000 00010000 0001 01 77 @/tmp/.X11";
        assert_eq!(unix_socket(line, &inodes).unwrap().local, "@/tmp/.X11");
    }

    proptest! {
        #[test]
        fn no_line_panics(line in proptest::collection::vec(any::<u8>(), 0..200), field in "[0-9A-Fé:]{0,40}") {
            let inodes = HashSet::from([1]);
            let _ = internet_socket("udp", &line, &inodes);
            let _ = unix_socket(&line, &inodes);
            let _ = address(field.as_bytes());
        }
    }
}
