//! The collectors on the real machine: what they tell is held against `/proc` and against processes started here.
#![cfg(all(target_os = "linux", not(feature = "portable")))]
#![expect(clippy::unwrap_used, reason = "a test that can't go on ends here")]

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hubtop::collect::host::linux::{Processes, Roots};
use hubtop::collect::host::signal::{self, ActError, send_signal};
use hubtop::collect::{CollectError, Reader, Source, host_sources};
use hubtop::model::{
    Catalog, Clock, Focus, Labels, Process, ProcessDetail, ProcessKey, Reading, Rows, SourceName,
    SystemClock,
};
use tokio::sync::watch;

/// The machine as hubtop sees it.
struct Machine {
    catalog: Catalog,
    clock: SystemClock,
    focus: watch::Sender<Focus>,
    sources: Vec<Source>,
}

impl Machine {
    fn new() -> Self {
        let catalog = Catalog::new();
        let (focus, focused) = watch::channel(Focus::None);
        let sources = host_sources(&catalog, focused);
        Self {
            catalog,
            clock: SystemClock::new(),
            focus,
            sources,
        }
    }

    fn read(&mut self, name: &str) -> Result<Reading, CollectError> {
        let now = self.clock.now();
        let readers = self.sources.iter_mut().filter_map(|source| match source {
            Source::Quick(reader) | Source::Blocking(reader) => Some(reader),
            Source::Asked(_) => None,
        });
        let mut named = readers.filter(|reader| *reader.spec().name == *name);
        named.next().unwrap().read(now)
    }

    fn value(&self, reading: &Reading, metric: &str, labels: &Labels) -> Option<f64> {
        let id = self.catalog.id(metric, labels.clone());
        let found = reading.samples.iter().find(|(series, _)| *series == id);
        found.map(|(_, value)| *value)
    }

    fn plain(&self, reading: &Reading, metric: &str) -> Option<f64> {
        self.value(reading, metric, &Labels::none())
    }

    fn processes(&mut self) -> Vec<Arc<Process>> {
        rows_of(self.read("processes").unwrap())
    }

    fn process(&mut self, pid: u32) -> Option<Arc<Process>> {
        let rows = self.processes();
        rows.into_iter().find(|row| row.key().pid == pid)
    }

    fn detail(&mut self) -> Option<ProcessDetail> {
        let mut reading = self.read("process_detail").unwrap();
        match reading.rows.remove(0) {
            Rows::ProcessDetail(detail) => detail.map(|detail| *detail),
            other => panic!("{other:?}"),
        }
    }
}

fn rows_of(mut reading: Reading) -> Vec<Arc<Process>> {
    match reading.rows.remove(0) {
        Rows::Processes(rows) => rows,
        other => panic!("{other:?}"),
    }
}

/// Asks until there is an answer.
fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "still waiting: {what}");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

/// A child that is gone when the test is.
struct Started(Child);

impl Started {
    fn new(command: &mut Command) -> Self {
        Self(command.stdin(Stdio::piped()).spawn().unwrap())
    }

    fn pid(&self) -> u32 {
        self.0.id()
    }

    fn tell(&mut self, line: &str) {
        let stdin = self.0.stdin.as_mut().unwrap();
        writeln!(stdin, "{line}").unwrap();
    }

    fn end(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        self.end();
    }
}

/// A shell that does what it is told.
fn shell() -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "while read line; do eval \"$line\"; done"]);
    command
}

/// A place on a disk; what is written into memory is not written to storage.
fn scratch() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

#[test]
fn processors_and_memory_are_what_proc_says() {
    let mut machine = Machine::new();
    let first = machine.read("cpu").unwrap();
    assert_eq!(machine.plain(&first, "system.cpu.usage_percent"), None);
    let second = until("time passes", || {
        let reading = machine.read("cpu").unwrap();
        let usage = machine.plain(&reading, "system.cpu.usage_percent");
        usage.map(|_| reading)
    });
    let of = |metric| machine.plain(&second, metric).unwrap();
    let usage = of("system.cpu.usage_percent");
    assert!((0.0..=100.0).contains(&usage));
    let parts = of("system.cpu.user_percent")
        + of("system.cpu.system_percent")
        + of("system.cpu.steal_percent");
    assert!((parts - usage).abs() < 1e-6);
    let stat = std::fs::read_to_string("/proc/stat").unwrap();
    let cores = stat.lines().filter(|line| line.starts_with("cpu")).count() - 1;
    let table = machine.catalog.table();
    assert_eq!(
        table.of_metric("system.cpu.core.usage_percent").len(),
        cores
    );
    let uptime = std::fs::read_to_string("/proc/uptime").unwrap();
    let uptime: f64 = uptime.split(' ').next().unwrap().parse().unwrap();
    assert!((of("system.uptime_seconds") - uptime).abs() < 3.0);

    let memory = machine.read("memory").unwrap();
    let meminfo = std::fs::read_to_string("/proc/meminfo").unwrap();
    let total = meminfo.lines().next().unwrap();
    let total: f64 = total.split_whitespace().nth(1).unwrap().parse().unwrap();
    let of = |metric| machine.plain(&memory, metric).unwrap();
    assert_eq!(of("system.memory.total_bytes"), total * 1024.0);
    let used = of("system.memory.used_bytes");
    let available = of("system.memory.available_bytes");
    assert_eq!(used + available, total * 1024.0);
    assert!((0.0..=100.0).contains(&of("system.memory.usage_percent")));
}

#[test]
fn the_root_file_system_and_the_machine_itself_are_told() {
    let mut machine = Machine::new();
    let reading = machine.read("mounts").unwrap();
    let root = Labels::one("mount", "/");
    let of = |metric| machine.value(&reading, metric, &root).unwrap();
    let space = rustix::fs::statvfs("/").unwrap();
    let total = (space.f_blocks * space.f_frsize) as f64;
    assert_eq!(of("system.disk.total_bytes"), total);
    assert!((0.0..=100.0).contains(&of("system.disk.usage_percent")));
    assert!(machine.read("mount_answers").is_ok());

    let mut reading = machine.read("host").unwrap();
    let Rows::Host(facts) = reading.rows.remove(0) else {
        panic!("{reading:?}");
    };
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    assert_eq!(facts.name, name.trim());
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    assert_eq!(facts.kernel.as_deref(), Some(kernel.trim()));
    assert!(facts.boot.unwrap() < machine.clock.now().wall);
}

#[test]
fn no_source_of_this_machine_is_misunderstood() {
    let mut machine = Machine::new();
    let names: Vec<SourceName> = machine
        .sources
        .iter()
        .map(|source| match source {
            Source::Quick(reader) | Source::Blocking(reader) => reader.spec().name,
            Source::Asked(collector) => collector.spec().name,
        })
        .collect();
    for name in names {
        match machine.read(&name) {
            Ok(_) | Err(CollectError::Absent | CollectError::Denied { .. }) => {}
            Err(error) => panic!("{name}: {error}"),
        }
    }
    let described = hubtop::model::metric::find;
    for (_, key) in machine.catalog.table().iter() {
        assert!(described(&key.metric).is_some(), "{key} is not described");
    }
}

#[test]
fn traffic_is_counted_by_interface() {
    let mut machine = Machine::new();
    let lo = Labels::one("interface", "lo");
    let server = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap();
    let rate = until("bytes on lo", || {
        server.send_to(&[7; 1000], address).unwrap();
        let reading = machine.read("network").unwrap();
        let rate = machine.value(&reading, "system.network.bytes_recv_per_sec", &lo);
        rate.filter(|&rate| rate > 1000.0)
    });
    assert!(rate.is_finite());
}

#[test]
fn this_process_is_in_the_table_as_it_is() {
    let mut machine = Machine::new();
    let pid = std::process::id();
    let row = machine.process(pid).unwrap();
    assert_eq!(row.cpu_percent, None, "one reading is no rate");
    assert_eq!(row.parent, std::os::unix::process::parent_id());
    assert!(row.resident_bytes > 1 << 20);
    assert!(row.memory_percent > 0.0);
    assert!(row.identity.command.contains("collect"));
    let age = machine.clock.now().wall.since(row.identity.started_at);
    assert!(age < Duration::from_secs(600), "{age:?}");
    let share = until("a second reading", || machine.process(pid)?.cpu_percent);
    assert!(share >= 0.0);

    let all = machine.processes();
    assert!(all.is_sorted_by_key(|row| row.key().pid));
    let reading = machine.read("processes").unwrap();
    let count = machine.plain(&reading, "system.process.count").unwrap();
    assert_eq!(count, rows_of(reading).len() as f64);
}

#[test]
fn a_row_that_did_not_change_is_the_same_one() {
    let mut machine = Machine::new();
    let child = Started::new(Command::new("sleep").arg("1000"));
    until("it sleeps", || {
        let row = machine.process(child.pid())?;
        (row.cpu_percent == Some(0.0) && row.write_bytes_per_sec == Some(0.0)).then_some(())
    });
    let before = machine.process(child.pid()).unwrap();
    for _ in 0..20 {
        let after = machine.process(child.pid()).unwrap();
        assert!(Arc::ptr_eq(&before, &after));
    }
}

#[test]
fn strange_names_are_safe_to_show() {
    let folder = scratch();
    let cases: [(&str, &str); 4] = [
        ("日本語", "日本語"),
        ("🚀 a) R 1 (b", "🚀 a) R 1 (b"),
        ("\x1b[31mred", "␛[31mred"),
        ("tab\tand\nline", "tab and line"),
    ];
    let mut machine = Machine::new();
    for (name, shown) in cases {
        let program = folder.path().join(name);
        std::fs::copy("/bin/sleep", &program).unwrap();
        let child = Started::new(Command::new(&program).arg("1000"));
        let row = until(shown, || {
            let row = machine.process(child.pid())?;
            (&*row.identity.name == shown).then_some(row)
        });
        assert!(!row.identity.command.chars().any(char::is_control));
        assert!(row.identity.command.ends_with(" 1000"));
        assert_eq!(row.parent, std::process::id());
    }
    // A name cut in the middle of a letter, and arguments that are no text.
    let program = folder.path().join("0123456789abc日本");
    std::fs::copy("/bin/sleep", &program).unwrap();
    let child = Started::new(Command::new(&program).arg0("a\u{202e}b").arg("1000"));
    until("it is cut", || {
        let row = machine.process(child.pid())?;
        let is_cut = row.identity.name.starts_with("0123456789abc\u{fffd}");
        (is_cut && &*row.identity.command == "a\u{fffd}b 1000").then_some(())
    });
}

#[test]
fn work_shows_and_the_end_too() {
    let mut machine = Machine::new();
    let mut child = Started::new(&mut shell());
    let pid = child.pid();
    until("it rests", || {
        machine.process(pid)?.cpu_percent.filter(|&cpu| cpu == 0.0)
    });
    child.tell("while :; do :; done");
    until("it works", || {
        let cpu = machine.process(pid)?.cpu_percent?;
        assert!(cpu <= 100.0, "one thread can't use {cpu}%");
        (cpu > 5.0).then_some(())
    });
    child.end();
    assert_eq!(machine.process(pid), None);
}

#[test]
fn writing_to_storage_shows() {
    let mut machine = Machine::new();
    let folder = scratch();
    let file = folder.path().join("file");
    let mut command = Command::new("dd");
    command
        .args(["if=/dev/zero", "bs=64k", "count=1000000", "oflag=sync"])
        .arg(format!("of={}", file.display()))
        .stderr(Stdio::null());
    let mut child = Started::new(&mut command);
    until("it writes", || {
        let written = machine.process(child.pid())?.write_bytes_per_sec?;
        (written >= 4096.0).then_some(())
    });
    child.end();
}

#[test]
fn a_process_that_calls_exec_gets_its_new_name() {
    let mut machine = Machine::new();
    let mut child = Started::new(&mut shell());
    let before = until("the shell", || {
        let row = machine.process(child.pid())?;
        (&*row.identity.name == "sh").then_some(row)
    });
    child.tell("exec sleep 1000");
    let after = until("sleep", || {
        let row = machine.process(child.pid())?;
        (&*row.identity.command == "sleep 1000").then_some(row)
    });
    assert_eq!(before.key(), after.key());
    assert_eq!(&*after.identity.name, "sleep");
}

#[test]
fn files_that_stay_open_and_files_that_do_not_tell_the_same() {
    let catalog = Catalog::new();
    let clock = SystemClock::new();
    let mut kept = Processes::new(&Roots::default(), &catalog);
    let mut few = Processes::new(&Roots::default(), &catalog).keeping(3);
    let child = Started::new(Command::new("sleep").arg("1000"));
    for _ in 0..3 {
        let [a, b] = [&mut kept, &mut few].map(|reader| {
            let rows = rows_of(reader.read(clock.now()).unwrap());
            let row = rows.into_iter().find(|row| row.key().pid == child.pid());
            row.unwrap()
        });
        assert_eq!(a.key(), b.key());
        assert_eq!(a.identity.user, b.identity.user);
    }
}

#[test]
fn processes_that_come_and_go_while_they_are_read_do_no_harm() {
    let mut machine = Machine::new();
    let mut child = Started::new(&mut shell());
    child.tell("i=0; while [ $i -lt 300 ]; do /bin/true; i=$((i+1)); done; exec sleep 1000");
    until("the last of them", || {
        let rows = machine.processes();
        assert!(rows.iter().any(|row| row.key().pid == child.pid()));
        let own = rows.into_iter().find(|row| row.key().pid == child.pid());
        (&*own?.identity.name == "sleep").then_some(())
    });
}

/// A folder like `/proc` with what a test puts into it.
fn fake_proc() -> (tempfile::TempDir, Roots) {
    let folder = tempfile::tempdir().unwrap();
    let roots = Roots {
        proc: folder.path().to_owned(),
        ..Roots::default()
    };
    (folder, roots)
}

fn put(folder: &Path, name: &str, text: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn what_can_not_be_read_of_a_process_is_missing_and_nothing_else() {
    let (folder, roots) = fake_proc();
    let at = folder.path();
    let stat = |pid: u32| {
        format!("{pid} (app) S 1 1 1 0 -1 0 9 0 0 0 10 5 0 0 20 0 2 0 4200 1000 25 0 0\n")
    };
    put(at, "10/stat", stat(10).as_bytes());
    put(at, "10/cmdline", b"app\0--secret\0x\0");
    // As good as no right to read it, also for root.
    std::fs::create_dir_all(at.join("10/io")).unwrap();
    // One that vanished after it was listed, one that is no process's line, one that tells nothing but its line.
    std::fs::create_dir_all(at.join("20")).unwrap();
    put(at, "30/stat", b"30 (half");
    put(at, "40/stat", stat(40).as_bytes());
    put(at, "self/stat", stat(10).as_bytes());

    let mut reader = Processes::new(&roots, &Catalog::new());
    let clock = SystemClock::new();
    for _ in 0..2 {
        let rows = rows_of(reader.read(clock.now()).unwrap());
        let pids: Vec<u32> = rows.iter().map(|row| row.key().pid).collect();
        assert_eq!(pids, [10, 40]);
        assert_eq!(&*rows[0].identity.command, "app --secret ***");
        assert_eq!(rows[0].read_bytes_per_sec, None);
        assert_eq!(rows[0].cpu_time, Duration::from_millis(150));
        assert_eq!(rows[0].threads, Some(2));
        assert_eq!(&*rows[1].identity.command, "[app]");
        assert_eq!(rows[1].identity.cgroup, None);
    }
}

#[test]
fn a_folder_that_is_no_proc_is_an_error() {
    let (folder, mut roots) = fake_proc();
    roots.proc = folder.path().join("missing");
    let mut reader = Processes::new(&roots, &Catalog::new());
    assert!(reader.read(SystemClock::new().now()).is_err());
}

#[test]
fn the_detail_of_a_process_is_whole_and_tells_no_secret() {
    let folder = scratch();
    let file = put(folder.path(), "open me", b"");
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap().to_string();
    let mut command = shell();
    command
        .env("HUBTOP_TEST_TOKEN", "hunter2")
        .current_dir(folder.path())
        .stdout(std::fs::File::open(&file).unwrap())
        .stderr(Stdio::from(std::os::fd::OwnedFd::from(server)));
    let mut child = Started::new(&mut command);
    let mut machine = Machine::new();
    assert!(machine.read("process_detail").unwrap().rows.is_empty());

    let row = machine.process(child.pid()).unwrap();
    machine.focus.send_replace(Focus::Process(row.key()));
    let first = until("the shell is there", || {
        let detail = machine.detail()?;
        let environment = detail.environment.as_ref().ok()?;
        environment
            .contains(&"HUBTOP_TEST_TOKEN".to_owned())
            .then_some(detail)
    });
    assert!(!format!("{first:?}").contains("hunter2"));
    assert_eq!(
        first.directory.as_deref(),
        Ok(folder.path().to_str().unwrap())
    );
    let files = first.files.as_ref().unwrap();
    assert!(
        files
            .iter()
            .any(|f| f.kind == "file" && f.target == file.to_str().unwrap())
    );
    assert!(files.iter().any(|f| f.fd == 2 && f.kind == "socket"));
    assert!(files.iter().any(|f| f.fd == 0 && f.kind == "pipe"));
    assert_eq!(first.file_count, Some(files.len()));
    let sockets = first.sockets.as_ref().unwrap();
    let listening = sockets
        .iter()
        .find(|socket| socket.local == address)
        .unwrap();
    assert_eq!(listening.protocol, "tcp");
    assert_eq!(listening.state, Some("LISTEN"));
    assert_eq!(listening.remote, None);
    let limits = first.limits.as_ref().unwrap();
    assert!(limits.iter().any(|limit| limit.name == "Max open files"));
    assert_eq!(first.parents[0].0, std::process::id());
    assert_eq!(first.parents.last().unwrap().0, 1);
    let threads = first.threads.as_ref().unwrap();
    assert_eq!(threads.len(), 1);
    assert_eq!(threads[0].tid, child.pid());

    child.tell("while :; do :; done");
    until("its thread works", || {
        let share = machine.detail()?.threads.ok()?[0].cpu_percent?;
        (share > 5.0).then_some(())
    });
    child.end();
    assert_eq!(machine.detail(), None);
}

#[test]
fn a_signal_reaches_the_process_that_was_meant_and_no_other() {
    let mut machine = Machine::new();
    let mut child = Started::new(Command::new("sleep").arg("1000"));
    let key = machine.process(child.pid()).unwrap().key();
    let other = ProcessKey {
        started: key.started + 1,
        ..key
    };
    assert!(matches!(
        send_signal(other, libc::SIGKILL),
        Err(ActError::Gone { .. })
    ));
    assert!(matches!(
        signal::renice(other, 5),
        Err(ActError::Gone { .. })
    ));
    assert!(matches!(
        send_signal(key, 12345),
        Err(ActError::Unsupported { .. })
    ));
    assert!(child.0.try_wait().unwrap().is_none(), "it still runs");

    signal::renice(key, 7).unwrap();
    assert_eq!(machine.process(child.pid()).unwrap().nice, Some(7));
    send_signal(key, libc::SIGTERM).unwrap();
    let status = child.0.wait().unwrap();
    use std::os::unix::process::ExitStatusExt;
    assert_eq!(status.signal(), Some(libc::SIGTERM));
    let gone = send_signal(key, libc::SIGTERM).unwrap_err();
    assert!(gone.to_string().contains("is gone"));
}
