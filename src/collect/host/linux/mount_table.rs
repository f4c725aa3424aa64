//! Which file systems are mounted where: `/proc/self/mountinfo`.

use std::collections::HashMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use super::bytes::{fields, lines};

/// One mount of a file system that holds something of people's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// `major:minor` of what is mounted.
    pub device: String,
    /// Where it is mounted.
    pub point: PathBuf,
    /// Whether its beginning is mounted here, not a folder of it.
    is_whole: bool,
    /// Where it comes from, as the system writes it: `/dev/sda1`, `server:/export`.
    source: Vec<u8>,
    kind: Vec<u8>,
}

/// File systems without space of their own, or full by nature.
const PSEUDO: &[&[u8]] = &[
    b"autofs",
    b"binfmt_misc",
    b"bpf",
    b"cgroup",
    b"cgroup2",
    b"configfs",
    b"debugfs",
    b"devpts",
    b"devtmpfs",
    b"efivarfs",
    b"fuse.gvfsd-fuse",
    b"fuse.lxcfs",
    b"fuse.portal",
    b"fuse.snapfuse",
    b"fusectl",
    b"hugetlbfs",
    b"iso9660",
    b"mqueue",
    b"nsfs",
    b"proc",
    b"pstore",
    b"ramfs",
    b"rpc_pipefs",
    b"securityfs",
    b"selinuxfs",
    b"squashfs",
    b"sysfs",
    b"tracefs",
];

/// Below these a file system in memory is the system's own.
const SYSTEM_FOLDERS: &[&str] = &["/run", "/dev", "/sys", "/proc"];

/// The mounts worth showing, each file system once: at its own beginning rather than at a folder of it, and where the
/// path is shortest.
#[must_use]
pub fn worth_showing(text: &[u8]) -> Vec<Mount> {
    // A later mount hides an earlier one at the same point.
    let mut by_point: HashMap<PathBuf, Mount> = HashMap::new();
    for mount in lines(text).filter_map(parse_mount) {
        by_point.insert(mount.point.clone(), mount);
    }
    let mut once: HashMap<Vec<u8>, Mount> = HashMap::new();
    for mount in by_point.into_values().filter(Mount::is_worth_showing) {
        let key = mount.file_system();
        match once.get(&key) {
            Some(known) if known.rank() <= mount.rank() => {}
            _ => {
                once.insert(key, mount);
            }
        }
    }
    let mut mounts: Vec<Mount> = once.into_values().collect();
    mounts.sort_by(|a, b| a.point.cmp(&b.point));
    mounts
}

impl Mount {
    fn is_worth_showing(&self) -> bool {
        if PSEUDO.contains(&self.kind.as_slice()) {
            return false;
        }
        let is_root = self.point.as_os_str() == "/";
        match self.kind.as_slice() {
            // The layers of containers lie on a disk that is shown.
            b"overlay" => is_root,
            b"tmpfs" => !SYSTEM_FOLDERS.iter().any(|f| self.point.starts_with(f)),
            _ => is_root || !self.point.starts_with("/etc"),
        }
    }

    /// What tells file systems apart. The parts of a btrfs have numbers of their own and one source.
    fn file_system(&self) -> Vec<u8> {
        match self.kind.as_slice() {
            b"btrfs" => self.source.clone(),
            _ => self.device.clone().into_bytes(),
        }
    }

    fn rank(&self) -> (bool, usize, &PathBuf) {
        (!self.is_whole, self.point.as_os_str().len(), &self.point)
    }
}

/// A line of mountinfo (proc_pid_mountinfo(5)).
fn parse_mount(line: &[u8]) -> Option<Mount> {
    let mut fields = fields(line);
    let device = std::str::from_utf8(fields.nth(2)?).ok()?.to_owned();
    let root = fields.next()?;
    let point = PathBuf::from(OsString::from_vec(unescape(fields.next()?)));
    // Options, then any number of tags up to a dash.
    fields.find(|&field| field == b"-")?;
    let kind = fields.next()?.to_vec();
    Some(Mount {
        device,
        point,
        is_whole: root == b"/",
        source: unescape(fields.next()?),
        kind,
    })
}

/// Blanks, tabs, newlines and backslashes are written as `\` and three octal digits.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&first, after)) = rest.split_first() {
        let code = after.get(..3).filter(|_| first == b'\\').and_then(octal);
        plain.push(code.unwrap_or(first));
        rest = if code.is_some() { &after[3..] } else { after };
    }
    plain
}

fn octal(digits: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(digits).ok()?;
    u8::from_str_radix(text, 8).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_file_system_stands_once_and_pseudo_ones_do_not() {
        let text = br"21 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
22 21 0:20 / /proc rw - proc proc rw
23 21 0:21 / /run rw - tmpfs tmpfs rw
24 21 0:22 / /tmp rw - tmpfs tmpfs rw
25 21 254:1 /srv/data /data rw - ext4 /dev/vda1 rw
26 21 254:2 / /mnt/with\040blank rw master:1 propagate_from:2 - xfs /dev/vdb rw
27 21 254:2 / /very/long/path/of/the/same rw - xfs /dev/vdb rw
28 21 0:40 / /var/lib/docker/overlay2/x/merged rw - overlay overlay rw
29 21 0:50 / /mnt/nfs rw - nfs4 server:/export rw
30 21 0:33 /@ /btr rw - btrfs /dev/vdc rw
31 21 0:34 /@home /btr/home rw - btrfs /dev/vdc rw
32 21 7:1 / /snap/core rw - squashfs /dev/loop1 ro
33 21 254:9 / /data/over rw - ext4 /dev/vdx rw
34 21 254:8 / /data/over rw - ext4 /dev/vdy rw
broken line
";
        let mounts = worth_showing(text);
        let points: Vec<_> = mounts.iter().map(|m| m.point.to_str().unwrap()).collect();
        let expected = [
            "/",
            "/btr",
            "/data/over",
            "/mnt/nfs",
            "/mnt/with blank",
            "/tmp",
        ];
        assert_eq!(points, expected);
        assert_eq!(
            mounts[2].device, "254:8",
            "the later mount hides the earlier"
        );
    }

    proptest! {
        #[test]
        fn no_text_panics(text in proptest::collection::vec(any::<u8>(), 0..200), field in r"[\\0-9a]{0,20}") {
            let _ = worth_showing(&text);
            let _ = unescape(field.as_bytes());
        }
    }
}
