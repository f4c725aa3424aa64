//! A real pseudo-terminal with a real hubtop in it: keys go in, a screen comes out. Nothing here waits for time; it waits
//! for what is expected, for a generous while.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    reason = "a test that can't go on says where and why"
)]
#![allow(dead_code, reason = "each test program uses its part")]

use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// After so long a test gives up waiting.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The program under test.
pub const HUBTOP: &str = env!("CARGO_BIN_EXE_hubtop");

struct Seen {
    parser: vt100::Parser,
    raw: Vec<u8>,
    ended: bool,
    hung_up: bool,
}

/// A program in a pseudo-terminal.
pub struct Session {
    pub master: Option<Box<dyn MasterPty + Send>>,
    writer: Option<Box<dyn Write + Send>>,
    pub child: Box<dyn Child + Send + Sync>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
}

impl Session {
    /// Starts hubtop with these arguments, 120x40, with settings of nobody.
    pub fn hubtop(arguments: &[&str]) -> Self {
        Self::sized(arguments, 120, 40)
    }

    pub fn sized(arguments: &[&str], columns: u16, rows: u16) -> Self {
        let mut command = CommandBuilder::new(HUBTOP);
        command.args(arguments);
        Self::start(command, columns, rows)
    }

    /// Starts any command.
    pub fn start(mut command: CommandBuilder, columns: u16, rows: u16) -> Self {
        command.env("TERM", "xterm-256color");
        command.env("COLORTERM", "truecolor");
        command.env("LANG", "C.UTF-8");
        command.env("XDG_CONFIG_HOME", "/nonexistent");
        // Nothing of a test gets into the history of whoever runs it.
        if command.get_env("HUBTOP_HISTORY_ENABLED").is_none() {
            command.env("HUBTOP_HISTORY_ENABLED", "false");
        }
        for name in ["NO_COLOR", "LC_ALL", "TMUX", "HUBTOP_CONFIG"] {
            command.env_remove(name);
        }
        let size = PtySize {
            rows,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system()
            .openpty(size)
            .expect("a pseudo-terminal");
        let child = pair
            .slave
            .spawn_command(command)
            .expect("the program starts");
        drop(pair.slave);
        let reader = pair.master.try_clone_reader().expect("a reader");
        let writer = pair.master.take_writer().expect("a writer");
        let parser = vt100::Parser::new(rows, columns, 0);
        let seen = Arc::new((
            Mutex::new(Seen {
                parser,
                raw: Vec::new(),
                ended: false,
                hung_up: false,
            }),
            Condvar::new(),
        ));
        follow(reader, seen.clone());
        Self {
            master: Some(pair.master),
            writer: Some(writer),
            child,
            seen,
        }
    }

    /// Types bytes.
    pub fn type_in(&mut self, keys: &str) {
        let writer = self.writer.as_mut().expect("the terminal is open");
        writer
            .write_all(keys.as_bytes())
            .and_then(|()| writer.flush())
            .expect("the terminal takes keys");
    }

    /// Waits until the screen is as expected.
    pub fn wait_until(&self, what: &str, holds: impl Fn(&vt100::Screen) -> bool) {
        let (seen, changed) = &*self.seen;
        let deadline = Instant::now() + PATIENCE;
        let mut seen = seen.lock().unwrap();
        while !holds(seen.parser.screen()) {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero() && !seen.ended,
                "never seen: {what}\n{}",
                seen.parser.screen().contents()
            );
            seen = changed.wait_timeout(seen, left).unwrap().0;
        }
    }

    /// Waits until the screen shows a text.
    pub fn wait_for(&self, text: &str) {
        self.wait_until(text, |screen| screen.contents().contains(text));
    }

    /// Waits until the screen shows a text no more.
    pub fn wait_gone(&self, text: &str) {
        self.wait_until(&format!("no {text}"), |screen| {
            !screen.contents().contains(text)
        });
    }

    /// The screen now.
    pub fn contents(&self) -> String {
        self.seen.0.lock().unwrap().parser.screen().contents()
    }

    /// Everything that was written to the terminal so far.
    pub fn raw(&self) -> Vec<u8> {
        self.seen.0.lock().unwrap().raw.clone()
    }

    pub fn resize(&self, columns: u16, rows: u16) {
        let size = PtySize {
            rows,
            cols: columns,
            pixel_width: 0,
            pixel_height: 0,
        };
        self.seen
            .0
            .lock()
            .unwrap()
            .parser
            .screen_mut()
            .set_size(rows, columns);
        self.master
            .as_ref()
            .unwrap()
            .resize(size)
            .expect("the terminal is resized");
    }

    pub fn pid(&self) -> u32 {
        self.child.process_id().expect("it runs")
    }

    /// Waits for its end.
    pub fn wait_exit(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                self.wait_drained();
                return status;
            }
            assert!(
                Instant::now() < deadline,
                "it does not end\n{}",
                self.contents()
            );
            std::thread::yield_now();
        }
    }

    /// Asserts that the terminal is as it was found.
    pub fn assert_given_back(&self) {
        let seen = self.seen.0.lock().unwrap();
        let screen = seen.parser.screen();
        assert!(!screen.alternate_screen(), "the alternate screen is left");
        assert!(!screen.hide_cursor(), "the cursor is shown");
        assert_eq!(
            screen.mouse_protocol_mode(),
            vt100::MouseProtocolMode::None,
            "the mouse is off"
        );
        assert!(!screen.bracketed_paste(), "bracketed paste is off");
    }

    /// Hangs up, as a lost link does.
    pub fn hang_up(&mut self) {
        // The reader lets go of its end with the next bytes that come.
        self.seen.0.lock().unwrap().hung_up = true;
        self.writer = None;
        self.master = None;
    }

    fn wait_drained(&self) {
        let (seen, changed) = &*self.seen;
        let deadline = Instant::now() + Duration::from_secs(5);
        let mut seen = seen.lock().unwrap();
        while !seen.ended && Instant::now() < deadline {
            seen = changed
                .wait_timeout(seen, Duration::from_millis(100))
                .unwrap()
                .0;
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn follow(mut reader: Box<dyn Read + Send>, seen: Arc<(Mutex<Seen>, Condvar)>) {
    std::thread::spawn(move || {
        let mut bytes = [0; 65_536];
        loop {
            let count = reader.read(&mut bytes).unwrap_or(0);
            let mut state = seen.0.lock().unwrap();
            state.parser.process(&bytes[..count]);
            state.raw.extend_from_slice(&bytes[..count]);
            state.ended = count == 0;
            seen.1.notify_all();
            if count == 0 || state.hung_up {
                return;
            }
        }
    });
}

/// Waits until something holds.
pub fn wait(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "never came: {what}");
        std::thread::yield_now();
    }
}

/// A child process that sleeps under a name of its own; it ends with the test.
pub struct Sleeper(pub std::process::Child);

impl Sleeper {
    /// Starts a copy of `sleep` that is called `name`, in `folder`.
    pub fn called(name: &str, folder: &Path) -> Self {
        let program = folder.join(name);
        std::fs::copy("/bin/sleep", &program).expect("sleep is copied");
        // A text file is busy while another thread of this program that was forked meanwhile still holds it.
        let mut child = None;
        wait("the copy starts", || {
            child = std::process::Command::new(&program)
                .arg("1000")
                .spawn()
                .ok();
            child.is_some()
        });
        Self(child.expect("it was started"))
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
