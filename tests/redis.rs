//! Redis and Valkey as hubtop sees them: real servers, whose truth is known because the test made it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test that can't go on says where and why"
)]

mod servers;

#[path = "redis/figures.rs"]
mod figures;

use servers::Server;
use servers::asked::Asked;

/// A source over loopback.
fn watch(server: &Server) -> Asked {
    Asked::open(&form(server))
}

fn form(server: &Server) -> String {
    format!(
        "kind = \"redis\"\nname = \"cache\"\naddress = \"127.0.0.1:{}\"\n",
        server.port
    )
}
