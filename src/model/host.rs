//! What stays the same of a host while it runs.

use serde::{Deserialize, Serialize};

use super::clock::Timestamp;

/// The container that hubtop itself runs in, as its control group shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    /// `docker`, `podman`, `containerd`, `kubernetes`, `lxc`, or `cgroup` when only a limit shows it.
    pub runtime: String,
    /// Its short id or name, if the control group tells one.
    pub name: Option<String>,
}

/// Facts of the host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HostFacts {
    /// Its name.
    pub name: String,
    /// The operating system, for example `Debian GNU/Linux 12`.
    pub os: Option<String>,
    /// The kernel's release.
    pub kernel: Option<String>,
    /// What the processor calls itself.
    pub cpu_model: Option<String>,
    /// Logical cores.
    pub cores: usize,
    /// When it was started.
    pub boot: Option<Timestamp>,
    /// The container around hubtop, if there is one.
    pub container: Option<Container>,
}
