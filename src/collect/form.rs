//! How a source is written down in the settings: one `[[source]]` each, whatever its kind.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use crate::model::span;
use crate::net::secret::{self, Secret};
use crate::net::{FormError, TlsForm};

/// A `[[source]]` as it is written. Which of the keys a kind has a use for stands in [`super::KINDS`].
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceForm {
    /// One of the words of [`super::KINDS`].
    pub kind: String,
    /// What it is called on the screen; made from kind and address when left out.
    pub name: Option<String>,
    /// A DSN, a URL, `host:port`, the path of a socket or of a log.
    pub address: String,
    /// Who logs in, where the address does not say.
    pub user: Option<String>,
    /// The file whose first line is the password.
    pub password_file: Option<PathBuf>,
    /// The variable of the environment that holds the password.
    pub password_env: Option<String>,
    /// How the connection is secured.
    pub tls: Option<TlsForm>,
    /// How often it is asked.
    #[serde(default, deserialize_with = "span::optional")]
    pub interval: Option<Duration>,
    /// After how long a question to it is given up.
    #[serde(default, deserialize_with = "span::optional")]
    pub timeout: Option<Duration>,
    /// Headers sent with each request, for pages behind a gate.
    #[serde(default)]
    pub headers: std::collections::BTreeMap<String, String>,
    /// How the lines of a log are written: the name of a known format, or nginx' `log_format` itself.
    pub format: Option<String>,
    /// Read a log from its beginning as far as it is younger than this, instead of from its end.
    #[serde(default, deserialize_with = "span::optional")]
    pub since: Option<Duration>,
    /// Lists, streams and sorted sets whose lengths are watched.
    pub queues: Option<Vec<String>>,
}

impl SourceForm {
    /// The password that it names by file or variable, read now: whoever changed it need not restart hubtop.
    ///
    /// # Errors
    /// When the file can't be read or the variable is not set.
    pub(super) fn password(&self) -> Result<Option<Secret>, FormError> {
        secret::password_of(self.password_file.as_deref(), self.password_env.as_deref())
    }

    /// The keys that are given and that not every kind has a use for.
    pub(super) fn special_keys(&self) -> Vec<&'static str> {
        // Written out, so that none that is added is forgotten.
        let Self {
            kind: _,
            name: _,
            address: _,
            user,
            password_file,
            password_env,
            tls,
            interval: _,
            timeout: _,
            headers,
            format,
            since,
            queues,
        } = self;
        let given = [
            ("user", user.is_some()),
            ("password_file", password_file.is_some()),
            ("password_env", password_env.is_some()),
            ("tls", tls.is_some()),
            ("headers", !headers.is_empty()),
            ("format", format.is_some()),
            ("since", since.is_some()),
            ("queues", queues.is_some()),
        ];
        let given = given.into_iter().filter(|(_, is_given)| *is_given);
        given.map(|(key, _)| key).collect()
    }
}

/// `[discover]`: what is looked for on this machine without being configured.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DiscoverForm {
    /// Whether anything is looked for.
    pub enabled: bool,
    /// The kinds that are not looked for.
    pub except: Vec<String>,
}

impl Default for DiscoverForm {
    fn default() -> Self {
        Self {
            enabled: true,
            except: Vec::new(),
        }
    }
}

/// Thresholds and bounds that hold for all sources.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// From this mean time on a statement is slow.
    pub slow_statement: Duration,
    /// What users are satisfied with: the T of Apdex.
    pub apdex_target: Duration,
    /// So many routes are told apart for each source; further ones become `other`.
    pub most_routes: usize,
    /// So many statements are listed for each server, the costliest.
    pub most_statements: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            slow_statement: Duration::from_millis(1000),
            apdex_target: Duration::from_millis(500),
            most_routes: 500,
            most_statements: 200,
        }
    }
}
