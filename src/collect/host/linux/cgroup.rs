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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn containers_are_known_by_their_paths() {
        let cases = [
            (format!("/docker/{ID}"), "docker:0123456789ab"),
            (
                format!("/system.slice/docker-{ID}.scope"),
                "docker:0123456789ab",
            ),
            (
                format!("/machine.slice/libpod-{ID}.scope/container"),
                "podman:0123456789ab",
            ),
            (
                format!("/kubepods.slice/kubepods-pod1.slice/cri-containerd-{ID}.scope"),
                "kubernetes:0123456789ab",
            ),
            (
                format!("/kubepods/besteffort/pod1-2/{ID}"),
                "kubernetes:0123456789ab",
            ),
            (
                format!("/system.slice/crio-{ID}.scope"),
                "crio:0123456789ab",
            ),
            (format!("/default/{ID}"), "containerd:0123456789ab"),
            ("/lxc/web/init.scope".to_owned(), "lxc:web"),
            ("/lxc.payload.db/system.slice".to_owned(), "lxc:db"),
            ("/machine.slice/machine-deb.scope".to_owned(), "nspawn:deb"),
        ];
        for (path, shown) in cases {
            let found = container_of(&path).map(|c| format!("{}:{}", c.runtime, c.name.unwrap()));
            assert_eq!(found.as_deref(), Some(shown), "{path}");
        }
        for path in [
            "/",
            "",
            "/user.slice/user-0.slice/session-1.scope",
            "/init.scope",
        ] {
            assert_eq!(container_of(path), None, "{path}");
        }
    }

    #[test]
    fn the_memory_group_is_the_group_of_a_process() {
        let v1 = b"9:name=systemd:/\n4:memory:/app\n2:cpu,cpuacct:/cpu\n0::/unified\n";
        assert_eq!(path_of_process(v1), Some(&b"/app"[..]));
        assert_eq!(path_of_controller(v1, b"cpuacct"), Some(&b"/cpu"[..]));
        let v2 = b"0::/user.slice/a:b\n";
        assert_eq!(path_of_process(v2), Some(&b"/user.slice/a:b"[..]));
        assert_eq!(path_of_process(b""), None);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in proptest::collection::vec(any::<u8>(), 0..200), path in "[/a-f0-9:.é-]{0,80}") {
            let _ = path_of_process(&text);
            let _ = container_of(&path);
        }
    }
}
