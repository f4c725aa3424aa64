//! The client backends of the demo's database: what each does, told alike as a process and as a session.

use super::story::{Scene, blend};

/// Client connections that the server allows.
pub(super) const CONNECTIONS_ALLOWED: usize = 80;
/// The process number of the nth client backend.
pub(super) fn backend_pid(n: usize) -> u32 {
    8_100 + n as u32 * 7
}

/// Where the application's connections come from.
pub(super) const CLIENT_HOST: &str = "10.0.3.7";

/// The port at the client's end of the nth connection.
pub(super) fn backend_client(n: usize) -> usize {
    51_000 + n * 37
}

/// Which client backend has this process number.
pub(super) fn backend_of(pid: u32) -> Option<usize> {
    (0..CONNECTIONS_ALLOWED).find(|n| backend_pid(*n) == pid)
}

/// How many clients are connected.
pub(super) fn backend_count(scene: &Scene) -> usize {
    let clients = scene.around(blend(33.0, 77.5, scene.connections), 0.02, "backends", 0);
    (clients as usize).min(CONNECTIONS_ALLOWED - 1)
}

/// What a client backend is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    /// Waiting for its client.
    Idle,
    /// A statement of the usual kind.
    Short,
    /// The statement that lost its index.
    Scanning,
    /// Waiting for a lock.
    WaitingForLock,
    /// Idle, but with a transaction open: the root of the locks.
    HoldingOn,
}

impl Doing {
    /// All of them, in the order of their numbers.
    pub(super) const ALL: [Self; 5] = [
        Self::Idle,
        Self::Short,
        Self::Scanning,
        Self::WaitingForLock,
        Self::HoldingOn,
    ];

    /// What the process calls itself meanwhile.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Short | Self::Scanning => "SELECT",
            Self::WaitingForLock => "UPDATE waiting",
            Self::HoldingOn => "idle in transaction",
        }
    }

    /// As the server tells it.
    pub(super) fn state(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::HoldingOn => "idle in transaction",
            _ => "active",
        }
    }

    /// What it waits for, as the server tells it.
    pub(super) fn wait(self) -> Option<&'static str> {
        match self {
            Self::WaitingForLock => Some("Lock:transactionid"),
            Self::Scanning => Some("IO:DataFileRead"),
            _ => None,
        }
    }

    /// Its last statement.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Idle => "COMMIT",
            Self::Short => "SELECT id, name, price FROM products WHERE id = $1",
            Self::Scanning => "SELECT * FROM orders WHERE lower(email) = $1",
            Self::WaitingForLock => {
                "UPDATE orders SET status = $1, updated_at = now() WHERE id = $2"
            }
            Self::HoldingOn => "SELECT id, total FROM orders WHERE status = $1 FOR UPDATE",
        }
    }
}

/// The number of the backend that holds on to its transaction.
pub(super) const HOLDER: usize = 2;

/// How many backends wait for a lock.
pub(super) fn waiting_count(scene: &Scene) -> usize {
    (scene.locks * 9.4) as usize
}

/// What the nth client backend is doing.
pub(super) fn backend_doing(scene: &Scene, n: usize) -> Doing {
    let waiting = waiting_count(scene);
    let scanning = (scene.statement * (3.0 + 24.0 * scene.connections)) as usize;
    if n == HOLDER && scene.locks > 0.05 {
        Doing::HoldingOn
    } else if (HOLDER + 1..HOLDER + 1 + waiting).contains(&n) {
        Doing::WaitingForLock
    } else if (14..14 + scanning).contains(&n) {
        Doing::Scanning
    } else if scene.sway("backend.doing", n) > 0.42 {
        Doing::Short
    } else {
        Doing::Idle
    }
}

/// For how long the root of the locks has held its transaction, seconds.
pub(super) fn held(scene: &Scene) -> f64 {
    (scene.into - 38.0).clamp(0.0, 600.0)
}

/// For how long the nth backend has waited, seconds.
pub(super) fn waited(scene: &Scene, n: usize) -> f64 {
    (held(scene) - (n - HOLDER) as f64 * 7.0).max(0.4)
}
