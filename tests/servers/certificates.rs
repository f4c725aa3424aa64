//! Certificates that servers of tests show.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{give_away, succeed};

/// A certificate that signs itself, and its key; both belong to the one whom servers run as.
pub struct Certificate {
    pub file: PathBuf,
    pub key: PathBuf,
}

impl Certificate {
    /// Makes `NAME.pem` and `NAME.key` in a folder, for these names: `DNS:localhost,IP:127.0.0.1`.
    pub fn make(folder: &Path, name: &str, names: &str) -> Self {
        let made = Self {
            file: folder.join(format!("{name}.pem")),
            key: folder.join(format!("{name}.key")),
        };
        let mut openssl = Command::new("openssl");
        openssl
            .args([
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
            ])
            .args(["-subj", "/CN=localhost", "-addext"])
            .arg(format!("subjectAltName={names}"))
            .args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout"])
            .arg(&made.key)
            .arg("-out")
            .arg(&made.file);
        succeed(&mut openssl);
        give_away(&made.file);
        give_away(&made.key);
        made
    }
}
