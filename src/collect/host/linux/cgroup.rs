//! Control groups, both versions: which one a process is in, which container that is, what it may use and uses.

use crate::model::Container;

/// The path of the memory control group, or of the unified one, in a `/proc/PID/cgroup` (cgroups(7)).
#[must_use]
pub fn path_of_process(text: &[u8]) -> Option<&[u8]> {
    path_of_controller(text, b"memory").or_else(|| unified_path(text))
}

/// The path of the group of one controller of version 1.
#[must_use]
pub fn path_of_controller<'a>(text: &'a [u8], controller: &[u8]) -> Option<&'a [u8]> {
    hierarchies(text).find_map(|(controllers, path)| {
        let has = controllers.split(|&b| b == b',').any(|c| c == controller);
        has.then_some(path)
    })
}

/// The path of the group of version 2.
#[must_use]
pub fn unified_path(text: &[u8]) -> Option<&[u8]> {
    hierarchies(text).find_map(|(controllers, path)| controllers.is_empty().then_some(path))
}

fn hierarchies(text: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    super::bytes::lines(text).filter_map(|line| {
        let mut fields = line.splitn(3, |&b| b == b':');
        let _number = fields.next()?;
        Some((fields.next()?, fields.next()?))
    })
}

/// How runtimes name the last part of the path: what stands before the id, what behind it, whose it is.
const NAMINGS: &[(&str, &str, &str)] = &[
    ("docker-", ".scope", "docker"),
    ("libpod-", ".scope", "podman"),
    ("libpod-", "", "podman"),
    ("cri-containerd-", ".scope", "containerd"),
    ("crio-", ".scope", "crio"),
    ("nerdctl-", ".scope", "containerd"),
];

/// The container that the path of a control group names: the runtime and its 12 digits, as `docker ps` shows them.
#[must_use]
pub fn container_of(path: &str) -> Option<Container> {
    let in_kubernetes = path.contains("kubepods");
    let mut parent = "";
    let mut found = None;
    for part in path.split('/') {
        found = container_part(parent, part, in_kubernetes).or(found);
        parent = part;
    }
    found
}

fn container_part(parent: &str, part: &str, in_kubernetes: bool) -> Option<Container> {
    for (before, after, runtime) in NAMINGS {
        let id = part
            .strip_prefix(before)
            .and_then(|p| p.strip_suffix(after));
        if let Some(id) = id.and_then(short_id) {
            let runtime = if in_kubernetes { "kubernetes" } else { runtime };
            return Some(container(runtime, id));
        }
    }
    let named = [("lxc.payload.", "lxc"), ("machine-", "nspawn")];
    for (before, runtime) in named {
        if let Some(name) = part.strip_prefix(before) {
            return Some(container(runtime, name.trim_end_matches(".scope")));
        }
    }
    if parent == "lxc" && !part.is_empty() {
        return Some(container("lxc", part));
    }
    let id = short_id(part.rsplit(':').next()?)?;
    let runtime = match parent {
        _ if in_kubernetes => "kubernetes",
        "docker" => "docker",
        "libpod_parent" | "libpod" => "podman",
        "default" | "k8s.io" | "moby" => "containerd",
        _ => "container",
    };
    Some(container(runtime, id))
}

fn container(runtime: &str, name: &str) -> Container {
    Container {
        runtime: runtime.to_owned(),
        name: Some(name.to_owned()),
    }
}

/// The first 12 digits of an id of 64.
fn short_id(id: &str) -> Option<&str> {
    let is_id = id.len() == 64 && id.bytes().all(|b| b.is_ascii_hexdigit());
    if is_id { id.get(..12) } else { None }
}
