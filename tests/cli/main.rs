//! The command line as a person or a script meets it: the real binary, real files, the real `/proc`.
#![expect(
    clippy::unwrap_used,
    reason = "a test that can't go on says where and why"
)]

mod config;
mod recording;
mod schema;
mod screenless;
mod snapshot;
mod words;

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// A person with a home folder of their own and a UTF-8 locale, and nothing else in the environment.
struct Person {
    home: TempDir,
}

impl Person {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        Self { home }
    }

    /// A person whose settings are `text`.
    fn with_settings(text: &str) -> Self {
        let person = Self::new();
        let path = person.settings_file();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        person
    }

    fn settings_file(&self) -> std::path::PathBuf {
        self.home.path().join("hubtop/config.toml")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hubtop"));
        command
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home.path())
            .env("XDG_CONFIG_HOME", self.home.path())
            .env("LANG", "C.UTF-8")
            .env("COLUMNS", "100");
        command
    }

    fn run(&self, arguments: &[&str]) -> Answer {
        Answer::of(self.command(arguments).output().unwrap(), self.home.path())
    }

    fn run_with(&self, variable: &str, value: impl AsRef<OsStr>, arguments: &[&str]) -> Answer {
        let mut command = self.command(arguments);
        Answer::of(
            command.env(variable, value).output().unwrap(),
            self.home.path(),
        )
    }
}

/// What the program said; the person's folder reads `~`.
#[derive(Debug)]
struct Answer {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Answer {
    fn of(output: Output, home: &Path) -> Self {
        let home = home.display().to_string();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace(&home, "~");
        Self {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}
