//! A server with all the ways to it: it listens at a port for each family of addresses and through a socket, and is asked
//! once all the same.

use super::listeners::{Process, Socket};
use super::place::{Key, Place, usual_port};
use super::recognise::{Guess, Kind, guess};

/// Something that may be a server.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// What it may be.
    pub kind: Kind,
    /// Whether the name of its process says so.
    pub is_named: bool,
    /// Where it listens, the best way first.
    pub places: Vec<Place>,
    /// The numbers of its sockets, sorted: others are another server.
    pub sockets: Vec<u64>,
    /// The process, where it can be seen.
    pub process: Option<Process>,
}

impl Candidate {
    /// The keys of all its places.
    pub fn keys(&self) -> Vec<Key> {
        self.places.iter().flat_map(Place::keys).collect()
    }

    /// Whether a socket is one of its own.
    fn has(&self, kind: Kind, socket: &Socket) -> bool {
        if self.kind != kind {
            return false;
        }
        let port = port_of(kind, &socket.place, socket.process.as_ref());
        let mine = |place| port_of(kind, place, self.process.as_ref());
        let same_port = port.is_some() && self.places.iter().any(|place| mine(place) == port);
        // A process may have pages at several ports.
        let same_process = match (&self.process, &socket.process) {
            (Some(mine), Some(its)) => mine.pid == its.pid && kind != Kind::Metrics,
            _ => false,
        };
        let may_be_one = match (&self.process, &socket.process) {
            (Some(mine), Some(its)) => mine.pid == its.pid,
            _ => true,
        };
        same_process || (same_port && may_be_one)
    }
}

/// The port of a place; a socket that does not tell it, of a process that can't be seen, is held for that of the server at
/// the usual port.
fn port_of(kind: Kind, place: &Place, process: Option<&Process>) -> Option<u16> {
    let usual = || process.is_none().then(|| usual_port(kind.word()));
    place.port().or_else(usual)
}

/// Sockets by the server that they are of; those of other kinds than are looked for are left out.
pub fn group(sockets: Vec<Socket>, except: &[String]) -> Vec<Candidate> {
    let mut candidates: Vec<Candidate> = Vec::new();
    for socket in sockets {
        let name = socket.process.as_ref().map(|process| &*process.name);
        let (kind, is_named) = match guess(name, &socket.place) {
            Guess::Leave => continue,
            Guess::Named(kind) => (kind, true),
            Guess::Likely(kind) => (kind, false),
        };
        if except.iter().any(|word| word == kind.word()) {
            continue;
        }
        match candidates.iter_mut().find(|one| one.has(kind, &socket)) {
            Some(one) => {
                one.is_named |= is_named;
                one.places.push(socket.place);
                one.sockets.push(socket.number);
            }
            None => candidates.push(Candidate {
                kind,
                is_named,
                places: vec![socket.place],
                sockets: vec![socket.number],
                process: socket.process,
            }),
        }
    }
    for one in &mut candidates {
        one.sockets.sort_unstable();
        let rank = rank_of(one.kind);
        one.places.sort_by_key(rank);
        one.places.dedup();
    }
    candidates
}

/// Databases let the users of this machine in through their sockets; caches are known by their ports.
fn rank_of(kind: Kind) -> fn(&Place) -> (bool, bool) {
    match kind {
        Kind::Postgres | Kind::Mysql => |place| match place {
            Place::Unix(_) => (false, false),
            Place::Tcp(address) => (true, address.is_ipv6()),
        },
        _ => |place| match place {
            Place::Tcp(address) => (false, address.is_ipv6()),
            Place::Unix(_) => (true, false),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn socket(number: u64, place: Place, process: Option<(u32, &str)>) -> Socket {
        Socket {
            number,
            place,
            process: process.map(|(pid, name)| Process {
                pid,
                name: name.into(),
            }),
        }
    }

    fn tcp(address: &str) -> Place {
        Place::Tcp(address.parse().unwrap())
    }

    #[test]
    fn all_ways_to_one_server_are_one_candidate() {
        let pg = Some((7, "postgres"));
        let unix = Place::Unix("/run/postgresql/.s.PGSQL.5433".into());
        let sockets = vec![
            socket(3, tcp("127.0.0.1:5433"), pg),
            socket(2, tcp("[::1]:5433"), pg),
            socket(1, unix.clone(), pg),
            socket(4, tcp("127.0.0.1:5432"), Some((8, "postgres"))),
            socket(5, tcp("127.0.0.1:8000"), Some((9, "python3"))),
            socket(6, tcp("127.0.0.1:8001"), Some((9, "python3"))),
        ];
        let found = group(sockets.clone(), &[]);
        assert_eq!(found.len(), 4, "{found:?}");
        assert_eq!(found[0].places[0], unix);
        assert_eq!(found[0].sockets, [1, 2, 3]);
        assert_eq!(group(sockets, &["postgres".to_owned()]).len(), 2);
        // Who can't see the process knows the port from the socket's name.
        let hidden = vec![
            socket(1, tcp("127.0.0.1:5433"), None),
            socket(2, unix, None),
        ];
        assert_eq!(group(hidden, &[]).len(), 1);
    }
}
