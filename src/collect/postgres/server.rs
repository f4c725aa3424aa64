//! What a server is and what hubtop may see of it: version, role, limits, rights. Looked at again every few seconds,
//! because rights are granted and revoked while one watches.

use std::sync::Arc;

use super::failure::Failure;
use super::session::{Session, count, field, moment, shown};
use crate::model::Timestamp;

/// `pg_stat_statements.max` exists once the library is loaded; unlike `shared_preload_libraries`, anybody may read it.
/// `reserved_connections` came with 16.
const QUESTION: &str = "SELECT current_setting('server_version_num')::int8 AS version_num, \
     current_setting('server_version') AS version, \
     current_user::text AS username, current_database()::text AS database, \
     current_setting('is_superuser') = 'on' AS is_superuser, \
     pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS sees_all, \
     pg_has_role(current_user, 'pg_signal_backend', 'USAGE') AS may_signal, \
     pg_is_in_recovery() AS is_standby, \
     current_setting('max_connections')::int8 - current_setting('superuser_reserved_connections')::int8 \
       - coalesce(current_setting('reserved_connections', true)::int8, 0) AS slots, \
     current_setting('autovacuum_freeze_max_age')::int8 AS freeze_max_age, \
     current_setting('track_io_timing') = 'on' AS times_io, \
     (extract(epoch FROM pg_postmaster_start_time()) * 1000)::int8 AS started, \
     current_setting('pg_stat_statements.max', true) IS NOT NULL AS statements_loaded, \
     (SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace \
       WHERE e.extname = 'pg_stat_statements') AS statements_schema";

/// A server as hubtop sees it.
#[derive(Debug, Clone, Default)]
pub(super) struct Server {
    /// `150018`.
    pub version: u64,
    /// `PostgreSQL 15.18`.
    pub kind: Arc<str>,
    /// Who hubtop is there.
    pub user: Arc<str>,
    /// The database that it is connected to.
    pub database: Arc<str>,
    /// Whether it sees other people's sessions and statements.
    pub sees_all: bool,
    /// Whether it may cancel and end other people's sessions.
    pub may_signal: bool,
    /// Whether the server follows another.
    pub is_standby: bool,
    /// Connections that ordinary users can have.
    pub slots: Option<u64>,
    /// Age of transaction numbers at which the server begins to freeze on its own.
    pub freeze_max_age: Option<u64>,
    /// Whether it times the reads and writes of blocks.
    pub times_io: bool,
    /// When it was started.
    pub started: Option<Timestamp>,
    /// Whether the library that counts statements is loaded.
    pub statements_loaded: bool,
    /// The schema of its functions in this database, quoted; `None` without the extension.
    pub statements_schema: Option<Arc<str>>,
}

impl Server {
    /// Asks the server.
    ///
    /// # Errors
    /// Why it does not tell.
    pub async fn ask(session: &mut Session) -> Result<Self, Failure> {
        let rows = session.rows(QUESTION, &[]).await?;
        let Some(row) = rows.first() else {
            return Ok(Self::default());
        };
        let is = |column| field::<bool>(row, column).unwrap_or_default();
        let version = shown(row, "version");
        // Packagers append their own words: `15.18 (Debian 15.18-0+deb12u1)`.
        let number = version.split(' ').next().unwrap_or_default();
        Ok(Self {
            version: count(row, "version_num").unwrap_or_default(),
            kind: format!("PostgreSQL {number}").into(),
            user: shown(row, "username"),
            database: shown(row, "database"),
            sees_all: is("sees_all") || is("is_superuser"),
            may_signal: is("may_signal") || is("is_superuser"),
            is_standby: is("is_standby"),
            slots: count(row, "slots"),
            freeze_max_age: count(row, "freeze_max_age"),
            times_io: is("times_io"),
            started: moment(row, "started"),
            statements_loaded: is("statements_loaded"),
            statements_schema: field::<&str>(row, "statements_schema").map(Into::into),
        })
    }

    /// Whether its version is at least this one, `14`.
    pub fn is_at_least(&self, major: u64) -> bool {
        self.version >= major * 10_000
    }
}
