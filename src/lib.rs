//! hubtop: a host, the latency of its APIs, its caches, its slow queries and its alerts, full screen.
//!
//! The modules in the order of the path that a datum takes; an arrow never runs back:
//!
//! ```text
//! collect ─▶ store ─▶ detect ─▶ alert ─▶ notify        (each knows model/ and what stands left of it on the path;
//!    └─────────┴── pipeline ──┴─────┘                    collect, store, alert and notify do not know each other)
//!                     │ Arc<Frame>, once a tick
//!                   feed ──▶ serve
//!                     └────▶ ui ──▶ terminal
//! ```
//!
//! Beside the path stands net/: secured connections and secrets, for everybody who speaks to a server.

pub mod model;
pub mod net;

pub mod alert;
pub mod collect;
pub mod detect;
pub mod feed;
pub mod notify;
pub mod pipeline;
pub mod serve;
pub mod store;
pub mod ui;

pub mod config;

pub mod cli;

#[doc(hidden)]
pub mod fuzzing;
