//! Where the system does not tell who listens: somebody at the usual ports of this machine, and sockets in their usual
//! places.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use super::{Socket, real, usual_sockets};
use crate::collect::CollectError;
use crate::collect::discover::place::Place;
use crate::collect::discover::recognise::USUAL_PORTS;

/// Nobody on this machine takes longer to say whether they listen.
const PATIENCE: Duration = Duration::from_millis(200);
/// Ports at which pages of metrics are found.
const PAGES: &[u16] = &[8000, 8080, 9090, 9100, 9121, 9187];

/// Looks who listens.
#[derive(Default)]
pub struct Listeners;

impl Listeners {
    /// Everybody who listens at a usual place now.
    ///
    /// # Errors
    /// None.
    #[expect(
        clippy::unused_self,
        reason = "where the system tells more, it remembers it"
    )]
    pub fn look(&mut self) -> Result<Vec<Socket>, CollectError> {
        let ports = USUAL_PORTS.iter().map(|(port, _)| port).chain(PAGES);
        let sockets = ports.filter_map(|port| {
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, *port));
            TcpStream::connect_timeout(&address, PATIENCE).ok()?;
            let place = Place::Tcp(address);
            let mut hasher = DefaultHasher::new();
            place.hash(&mut hasher);
            Some(Socket {
                number: hasher.finish(),
                place,
                process: None,
            })
        });
        let mut sockets: Vec<Socket> = sockets.collect();
        sockets.extend(usual_sockets().into_iter().map(|socket| Socket {
            place: match &socket.place {
                Place::Unix(path) => Place::Unix(real(path)),
                other => other.clone(),
            },
            ..socket
        }));
        Ok(sockets)
    }
}
