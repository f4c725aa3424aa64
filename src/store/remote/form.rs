//! How an export is written down in the settings: one `[[export]]` each, whatever its kind.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use crate::model::{size, span};
use crate::net::secret::{self, Secret};
use crate::net::{FormError, TlsForm};

/// How often figures are sent when the form does not say.
const INTERVAL: Duration = Duration::from_secs(15);
/// No series needs a point more often, and no engine should be quiet for longer.
const INTERVALS: std::ops::RangeInclusive<Duration> =
    Duration::from_secs(1)..=Duration::from_secs(3600);

/// How long one batch may take when the form does not say.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What may wait on the disk when the form does not say, bytes: a day of some thousand series.
const QUEUE: u64 = 128 << 20;
/// What it may be: a batch or two at least, and no disk full.
const QUEUES: std::ops::RangeInclusive<u64> = (1 << 20)..=(64 << 30);

/// The longest name: it is part of the name of a file.
const LONGEST_NAME: usize = 64;

/// An `[[export]]` as it is written. Which of the keys a kind has a use for stands in [`super::KINDS`].
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportForm {
    /// One of the words of [`super::KINDS`].
    pub kind: String,
    /// What it is called where it is told how it is doing; its kind when left out.
    pub name: Option<String>,
    /// A DSN or a URL.
    pub url: String,
    /// Who logs in, where the URL does not say.
    pub user: Option<String>,
    /// The file whose first line is the password.
    pub password_file: Option<PathBuf>,
    /// The variable of the environment that holds the password.
    pub password_env: Option<String>,
    /// How the connection is secured.
    pub tls: Option<TlsForm>,
    /// Headers sent with each request.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// How often figures are sent.
    #[serde(default, deserialize_with = "span::optional")]
    pub interval: Option<Duration>,
    /// After how long a batch is given up, to be sent again.
    #[serde(default, deserialize_with = "span::optional")]
    pub timeout: Option<Duration>,
    /// What may wait on the disk while the engine is away, bytes.
    #[serde(default, deserialize_with = "size::optional")]
    pub queue: Option<u64>,
    /// Labels that every figure gets besides its own and `host`.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
}

impl ExportForm {
    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.kind)
    }

    /// How often figures are sent.
    #[must_use]
    pub fn interval(&self) -> Duration {
        self.interval.unwrap_or(INTERVAL)
    }

    /// After how long a batch is given up.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.timeout.unwrap_or(TIMEOUT)
    }

    /// What may wait on the disk, bytes.
    #[must_use]
    pub fn queue_bytes(&self) -> u64 {
        self.queue.unwrap_or(QUEUE)
    }

    /// The password that it names by file or variable, read now: whoever changed it need not restart hubtop.
    ///
    /// # Errors
    /// When the file can't be read or the variable is not set.
    pub(super) fn password(&self) -> Result<Option<Secret>, FormError> {
        secret::password_of(self.password_file.as_deref(), self.password_env.as_deref())
    }

    /// What is wrong with it whatever its kind is.
    ///
    /// # Errors
    /// The first mistake.
    pub(super) fn check(&self) -> Result<(), FormError> {
        let name = self.name();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(is_plain) {
            let why = format!(
                "it names a file too: at most {LONGEST_NAME} letters, digits, dots, dashes and underscores"
            );
            return Err(FormError::of("name", why));
        }
        if !INTERVALS.contains(&self.interval()) {
            return Err(FormError::of("interval", "is not within 1s and 1h"));
        }
        if self.timeout() < Duration::from_millis(100) {
            return Err(FormError::of("timeout", "is too short for anybody"));
        }
        if !QUEUES.contains(&self.queue_bytes()) {
            return Err(FormError::of("queue", "is not within 1MiB and 64GiB"));
        }
        if self.labels.keys().any(String::is_empty) {
            return Err(FormError::of("labels", "one of them has no name"));
        }
        self.password().map(drop)
    }

    /// The keys that are given and that not every kind has a use for.
    pub(super) fn special_keys(&self) -> Vec<&'static str> {
        // Written out, so that none that is added is forgotten.
        let Self {
            kind: _,
            name: _,
            url: _,
            user,
            password_file,
            password_env,
            tls,
            headers,
            interval: _,
            timeout: _,
            queue: _,
            labels: _,
        } = self;
        let given = [
            ("user", user.is_some()),
            ("password_file", password_file.is_some()),
            ("password_env", password_env.is_some()),
            ("tls", tls.is_some()),
            ("headers", !headers.is_empty()),
        ];
        let given = given.into_iter().filter(|(_, is_given)| *is_given);
        given.map(|(key, _)| key).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::remote::check_export;

    #[test]
    fn what_is_wrong_is_told_with_its_key_before_anything_connects() {
        let cases = [
            (
                r#"kind = "postgre""#,
                "kind: \"postgre\" is none of postgres",
            ),
            (r#"name = "a/b""#, "name: it names a file too"),
            (r#"interval = "200ms""#, "interval: is not within 1s and 1h"),
            (r#"queue = "10kB""#, "queue: is not within 1MiB and 64GiB"),
            (
                r#"headers = { a = "b" }"#,
                "headers: postgres has no use for `headers`",
            ),
            (r#"url = "postgres://x:hunter2@h:port/x""#, "url: "),
            (r#"password_file = "/nowhere""#, "password_file: /nowhere: "),
            (r#"tls = { ca_file = "/nowhere" }"#, "ca_file: /nowhere: "),
        ];
        for (line, message) in cases {
            let usual = ["kind = \"postgres\"", "url = \"postgres://x@h/x\""];
            let key = line.split(' ').next().unwrap();
            let others = usual.iter().filter(|usual| !usual.starts_with(key));
            let text: String = others.map(|usual| format!("{usual}\n")).collect();
            let form: ExportForm = toml::from_str(&format!("{text}{line}")).unwrap();
            let told = check_export(&form).unwrap_err().to_string();
            assert!(told.starts_with(message), "{line}: {told}");
            assert!(!told.contains("hunter2"), "{told}");
        }
        let wrong = toml::from_str::<ExportForm>("kind = 'postgres'\nurl = 'h'\nqueue = 'much'");
        let wrong = wrong.unwrap_err().to_string();
        assert!(
            wrong.contains("\"much\" is no size; write 32MB or 64MiB"),
            "{wrong}"
        );
    }
}
