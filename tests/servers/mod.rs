//! Real servers that tests start for themselves: on free ports, in folders of their own, gone when the test is.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    reason = "a test that can't go on says where and why"
)]
#![allow(dead_code, reason = "each test program uses its part")]

pub mod asked;
pub mod cache;
pub mod certificates;
pub mod misbehaving;
pub mod mysql;
pub mod postgres;
pub mod prometheus;

use std::ffi::OsStr;
use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// After so long a test gives up waiting.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Servers that refuse to run as root run as this user (nobody of Debian) when the tests are root's.
const NOBODY: u32 = 65534;

/// A port that nobody listens on at this moment.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// Where a program lies: in the path, in the folders of system programs, or in that of `scripts/servers`.
pub fn program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin"), PathBuf::from("/usr/local/sbin")])
        .chain([fetched().join("bin")]);
    for place in places {
        let file = place.join(name);
        if file.is_file() {
            return file;
        }
    }
    panic!("{name} is not installed: `scripts/setup --tests` installs what the tests need")
}

/// A program that only `scripts/servers` brings.
pub fn fetched_program(name: &str) -> PathBuf {
    let file = fetched().join("bin").join(name);
    assert!(
        file.is_file(),
        "{name} is not there: `scripts/servers` fetches it"
    );
    file
}

/// The folder into which `scripts/servers` puts what Debian has no package of. For root it is one that servers which
/// refuse to be root can read too.
pub fn fetched() -> PathBuf {
    const NAME: &str = "hubtop-test-servers";
    if let Some(folder) = std::env::var_os("HUBTOP_TEST_SERVERS") {
        return folder.into();
    }
    if is_root() {
        return Path::new("/var/cache").join(NAME);
    }
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || PathBuf::from(std::env::var_os("HOME").expect("HOME is set")).join(".cache");
    cache.unwrap_or_else(home).join(NAME)
}

/// Waits until something is there; panics with `what` after a generous while.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begin.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A folder that also a server of another user may write to.
pub fn folder() -> TempDir {
    let folder = tempfile::Builder::new()
        .prefix("hubtop-test-")
        .tempdir()
        .unwrap();
    give_away(folder.path());
    folder
}

/// Makes a path belong to the one whom servers run as.
pub fn give_away(path: &Path) {
    if is_root() {
        chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
    if path.is_dir() {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A command that never runs as root, and that ends when the test program does.
pub fn command(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]);
    if is_root() {
        let nobody = NOBODY.to_string();
        command.args(["--reuid", &nobody, "--regid", &nobody, "--clear-groups"]);
    }
    command.arg("--").arg(program);
    command
}

/// Runs a program to its end; panics with what it said when it fails.
pub fn succeed(command: &mut Command) {
    let made = command.output().unwrap();
    let said = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "{command:?}: {said}");
}

/// A server that runs; dropped, it is gone.
pub struct Server {
    child: Child,
    /// Its folder.
    pub folder: TempDir,
    /// Where it listens on loopback.
    pub port: u16,
}

impl Server {
    /// Starts a program in a folder and waits until something answers on the port.
    pub fn start<A: AsRef<OsStr>>(
        program: &Path,
        arguments: impl IntoIterator<Item = A>,
        folder: TempDir,
        port: u16,
    ) -> Self {
        let log = File::create(folder.path().join("server.log")).unwrap();
        let child = command(program)
            .args(arguments)
            .current_dir(folder.path())
            .env("HOME", folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut server = Self {
            child,
            folder,
            port,
        };
        wait_for("the server to listen", || server.listens());
        server
    }

    fn listens(&mut self) -> Option<()> {
        if let Some(status) = self.child.try_wait().unwrap() {
            panic!("the server ended with {status}:\n{}", self.log());
        }
        TcpStream::connect(("127.0.0.1", self.port)).ok().map(drop)
    }

    /// What it wrote to its output.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("server.log")).unwrap_or_default()
    }

    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.id()).unwrap()
    }

    /// Sends it a signal: 19 pauses it, 18 lets it go on.
    pub fn signal(&self, signal: i32) {
        let signal = rustix::process::Signal::from_named_raw(signal).unwrap();
        let pid = rustix::process::Pid::from_raw(self.pid()).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Ends it at once.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}
