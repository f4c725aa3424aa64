//! What was found on this machine that could be watched.

use std::sync::Arc;

use serde::Serialize;

use super::source::SourceName;

/// A server, a page or a log that was found without being configured.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Found {
    /// The `kind` of the `[[source]]` that would watch it: `postgres`, `redis`, `metrics`, `access_log`.
    pub kind: Arc<str>,
    /// Where it is: `127.0.0.1:5432`, `/var/log/nginx/access.log`.
    pub address: Arc<str>,
    /// The source's name when it is watched; none when it is not.
    pub attached: Option<SourceName>,
    /// Why it is not watched, in one line.
    pub why_not: Option<Arc<str>>,
    /// The lines of the settings that would watch it.
    pub settings: Arc<str>,
}
