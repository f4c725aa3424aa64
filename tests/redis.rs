//! Redis and Valkey as hubtop sees them: real servers, whose truth is known because the test made it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test that can't go on says where and why"
)]

mod servers;

#[path = "redis/detail.rs"]
mod detail;
#[path = "redis/faults.rs"]
mod faults;
#[path = "redis/figures.rs"]
mod figures;
#[path = "redis/key_space.rs"]
mod key_space;
#[path = "redis/rights.rs"]
mod rights;
#[path = "redis/topology.rs"]
mod topology;

use hubtop::model::Reading;
use servers::Server;
use servers::asked::Asked;

/// A source over loopback.
fn watch(server: &Server) -> Asked {
    Asked::open(&form(server))
}

fn form(server: &Server) -> String {
    format!(
        "kind = \"redis\"\nname = \"cache\"\naddress = \"127.0.0.1:{}\"\ntimeout = \"1s\"\n",
        server.port
    )
}

/// What a reading says of a part that it can't bring.
fn lacking<'a>(reading: &'a Reading, part: &str) -> Option<&'a str> {
    let mut partial = reading.partial.iter();
    partial
        .find(|partial| &*partial.part == part)
        .map(|partial| &*partial.line)
}
