//! The files of one control group, whichever version it is of.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::bytes::{fields, number, value_of};
use super::cgroup::{path_of_controller, unified_path};
use super::files::{Roots, number_in};

/// Version 1 writes "no limit" as the largest number of pages.
const NO_LIMIT: u64 = 1 << 60;

/// The files of one control group. `None` from any method: it is not told, or there is no limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupFiles {
    memory: Option<Place>,
    cpu: Option<Place>,
    cpu_time: Option<Place>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    /// Where the hierarchy begins.
    top: PathBuf,
    folder: PathBuf,
    is_unified: bool,
}

/// How often a group was held back by its CPU limit since it exists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Throttling {
    /// Scheduling periods.
    pub periods: Option<u64>,
    /// Those in which it was held back.
    pub throttled_periods: Option<u64>,
    /// For how long in all.
    pub throttled: Option<Duration>,
}

impl GroupFiles {
    /// The group of the process whose `/proc/PID/cgroup` holds `text`.
    #[must_use]
    pub fn of_process(roots: &Roots, text: &[u8]) -> Self {
        let mounted = roots.sys.join("fs/cgroup");
        let place = |controller: &str| {
            let old = path_of_controller(text, controller.as_bytes());
            match old {
                Some(path) => Place::below(mounted.join(controller), path, false),
                None => unified_path(text).and_then(|path| {
                    let is_unified = mounted.join("cgroup.controllers").exists();
                    is_unified.then(|| Place::below(mounted.clone(), path, true))?
                }),
            }
        };
        Self {
            memory: place("memory"),
            cpu: place("cpu"),
            cpu_time: place("cpuacct"),
        }
    }

    /// Bytes that the group may use: the least of its own limit and those of the groups around it.
    #[must_use]
    pub fn memory_limit(&self) -> Option<u64> {
        let place = self.memory.as_ref()?;
        let file = place.named("memory.max", "memory.limit_in_bytes");
        let limits = place.upwards().filter_map(|at| number_in(&at.join(file)));
        limits.filter(|&limit| limit < NO_LIMIT).min()
    }

    /// Bytes in use, without the page cache that can be dropped at once.
    #[must_use]
    pub fn memory_used(&self) -> Option<u64> {
        let place = self.memory.as_ref()?;
        let file = place.named("memory.current", "memory.usage_in_bytes");
        let used = number_in(&place.folder.join(file))?;
        let stat = std::fs::read(place.folder.join("memory.stat")).unwrap_or_default();
        let name = place.named("inactive_file", "total_inactive_file");
        let droppable = value_of(&stat, name.as_bytes()).unwrap_or(0);
        Some(used.saturating_sub(droppable))
    }

    /// Times that the kernel killed in the group for lack of memory.
    #[must_use]
    pub fn oom_kills(&self) -> Option<u64> {
        let place = self.memory.as_ref()?;
        let file = place.named("memory.events", "memory.oom_control");
        let text = std::fs::read(place.folder.join(file)).ok()?;
        value_of(&text, b"oom_kill")
    }

    /// Cores that the group may use: the least of its own limit and those of the groups around it.
    #[must_use]
    pub fn cpu_limit(&self) -> Option<f64> {
        let place = self.cpu.as_ref()?;
        place
            .upwards()
            .filter_map(|at| cpu_limit_in(&at, place.is_unified))
            .min_by(f64::total_cmp)
    }

    /// CPU time used since the group exists.
    #[must_use]
    pub fn cpu_time(&self) -> Option<Duration> {
        let place = self.cpu_time.as_ref()?;
        if place.is_unified {
            let text = std::fs::read(place.folder.join("cpu.stat")).ok()?;
            value_of(&text, b"usage_usec").map(Duration::from_micros)
        } else {
            number_in(&place.folder.join("cpuacct.usage")).map(Duration::from_nanos)
        }
    }

    /// How often it was held back.
    #[must_use]
    pub fn throttling(&self) -> Throttling {
        let Some(place) = &self.cpu else {
            return Throttling::default();
        };
        let text = std::fs::read(place.folder.join("cpu.stat")).unwrap_or_default();
        let micros = value_of(&text, b"throttled_usec").map(Duration::from_micros);
        let nanos = || value_of(&text, b"throttled_time").map(Duration::from_nanos);
        Throttling {
            periods: value_of(&text, b"nr_periods"),
            throttled_periods: value_of(&text, b"nr_throttled"),
            throttled: micros.or_else(nanos),
        }
    }
}

impl Place {
    fn below(top: PathBuf, path: &[u8], is_unified: bool) -> Option<Self> {
        let path = std::str::from_utf8(path).ok()?.trim_start_matches('/');
        let folder = top.join(path);
        // In a container the path may be the one that the host sees, while its own group is mounted at the top.
        let folder = if folder.is_dir() && !path.contains("..") {
            folder
        } else {
            top.clone()
        };
        folder.is_dir().then_some(Self {
            top,
            folder,
            is_unified,
        })
    }

    fn named(&self, unified: &'static str, old: &'static str) -> &'static str {
        if self.is_unified { unified } else { old }
    }

    /// The group and those around it, from the inside out.
    fn upwards(&self) -> impl Iterator<Item = PathBuf> {
        let top = self.top.clone();
        self.folder
            .ancestors()
            .take_while(move |at| at.starts_with(&top))
            .map(Path::to_owned)
            .collect::<Vec<_>>()
            .into_iter()
    }
}

fn cpu_limit_in(folder: &Path, is_unified: bool) -> Option<f64> {
    let (quota, period) = if is_unified {
        let text = std::fs::read(folder.join("cpu.max")).ok()?;
        let mut fields = fields(&text);
        (number(fields.next()?)?, number(fields.next()?)?)
    } else {
        // "-1" is no limit, and no number here.
        let quota = number_in(&folder.join("cpu.cfs_quota_us"))?;
        (quota, number_in(&folder.join("cpu.cfs_period_us"))?)
    };
    (period > 0 && quota > 0).then(|| quota as f64 / period as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roots_with(files: &[(&str, &str)]) -> (tempfile::TempDir, Roots) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join("fs/cgroup").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let roots = Roots {
            sys: folder.path().to_owned(),
            ..Roots::default()
        };
        (folder, roots)
    }

    #[test]
    fn version_2_with_a_limit_around_the_group() {
        let (_folder, roots) = roots_with(&[
            ("cgroup.controllers", "cpu memory\n"),
            ("pod/memory.max", "1000000\n"),
            ("pod/app/memory.max", "max\n"),
            ("pod/app/memory.current", "700000\n"),
            ("pod/app/memory.stat", "anon 1\ninactive_file 200000\n"),
            ("pod/app/memory.events", "oom 3\noom_kill 2\n"),
            ("pod/app/cpu.max", "150000 100000\n"),
            (
                "pod/app/cpu.stat",
                "usage_usec 2500000\nnr_periods 10\nnr_throttled 4\nthrottled_usec 1500000\n",
            ),
        ]);
        let group = GroupFiles::of_process(&roots, b"0::/pod/app\n");
        assert_eq!(group.memory_limit(), Some(1_000_000));
        assert_eq!(group.memory_used(), Some(500_000));
        assert_eq!(group.oom_kills(), Some(2));
        assert_eq!(group.cpu_limit(), Some(1.5));
        assert_eq!(group.cpu_time(), Some(Duration::from_millis(2500)));
        assert_eq!(
            group.throttling(),
            Throttling {
                periods: Some(10),
                throttled_periods: Some(4),
                throttled: Some(Duration::from_millis(1500)),
            }
        );
    }

    #[test]
    fn version_1_without_limits_and_with_the_path_of_the_host() {
        let (_folder, roots) = roots_with(&[
            ("memory/memory.limit_in_bytes", "9223372036854771712\n"),
            ("memory/memory.usage_in_bytes", "700000\n"),
            ("memory/memory.stat", "total_inactive_file 100000\n"),
            ("cpu/cpu.cfs_quota_us", "-1\n"),
            ("cpu/cpu.cfs_period_us", "100000\n"),
            ("cpuacct/cpuacct.usage", "1000000000\n"),
        ]);
        let text = b"4:memory:/docker/abc\n2:cpu,cpuacct:/docker/abc\n";
        let group = GroupFiles::of_process(&roots, text);
        assert_eq!(group.memory_limit(), None);
        assert_eq!(group.memory_used(), Some(600_000));
        assert_eq!(group.cpu_limit(), None);
        assert_eq!(group.cpu_time(), Some(Duration::from_secs(1)));
        assert_eq!(group.throttling(), Throttling::default());
    }

    #[test]
    fn no_groups_at_all_tell_nothing() {
        let (_folder, roots) = roots_with(&[]);
        let group = GroupFiles::of_process(&roots, b"0::/a\n");
        assert_eq!(group.memory_used(), None);
        assert_eq!(group.cpu_limit(), None);
    }
}
