//! What the server is: its version, its limits, and whether it counts statements.

use std::sync::Arc;

use super::failure::Failure;
use super::field::{count, shown, text};
use super::session::Session;

/// What changes seldom.
#[derive(Debug, Clone, Default)]
pub(super) struct Server {
    /// Whether it is MariaDB.
    pub is_mariadb: bool,
    /// `MariaDB 10.11.19`.
    pub kind: Arc<str>,
    /// Whom rights are granted to: `'mon'@'%'`.
    pub grantee: String,
    /// Connections that ordinary users can have.
    pub max_connections: Option<u64>,
    /// Whether `performance_schema` is on.
    pub has_performance_schema: bool,
    /// The columns of the table of digests, in lower case: they differ between versions and products.
    pub digest_columns: Vec<Arc<str>>,
}

impl Server {
    /// Asks for what changes seldom.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn ask(session: &mut Session) -> Result<Self, Failure> {
        let question = "SELECT @@performance_schema AS hubtop_schema, @@max_connections AS max_connections, \
             CURRENT_USER() AS grantee";
        let rows = session.rows(question).await?;
        let Some(row) = rows.first() else {
            return Ok(Self::default());
        };
        let has_performance_schema = count(row, "hubtop_schema") == Some(1);
        let mut server = Self {
            is_mariadb: session.is_mariadb,
            kind: kind(&session.version, session.is_mariadb).into(),
            grantee: grantee(&shown(row, "grantee")),
            max_connections: count(row, "max_connections"),
            has_performance_schema,
            digest_columns: Vec::new(),
        };
        if has_performance_schema {
            server.digest_columns = columns(session).await?;
        }
        Ok(server)
    }
}

async fn columns(session: &mut Session) -> Result<Vec<Arc<str>>, Failure> {
    let question = "SELECT LOWER(COLUMN_NAME) AS name FROM information_schema.COLUMNS AS hubtop \
         WHERE TABLE_SCHEMA = 'performance_schema' AND TABLE_NAME = 'events_statements_summary_by_digest'";
    let rows = session.rows(question).await?;
    Ok(rows.iter().filter_map(|row| text(row, "name")).collect())
}

/// `10.11.19-MariaDB-0+deb12u1` → `MariaDB 10.11.19`; `8.0.36-28` → `MySQL 8.0.36`.
fn kind(version: &str, is_mariadb: bool) -> String {
    // Before 11, MariaDB puts this in front for old replicas.
    let version = version.strip_prefix("5.5.5-").unwrap_or(version);
    let digits = |c: char| c.is_ascii_digit() || c == '.';
    let number = version.split(|c| !digits(c)).next().unwrap_or_default();
    let product = if is_mariadb { "MariaDB" } else { "MySQL" };
    format!("{product} {number}").trim_end().to_owned()
}

/// `mon@%` → `'mon'@'%'`.
fn grantee(current_user: &str) -> String {
    let (user, host) = current_user.rsplit_once('@').unwrap_or((current_user, "%"));
    format!("'{user}'@'{host}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_told_as_people_know_them() {
        assert_eq!(kind("10.11.19-MariaDB-0+deb12u1", true), "MariaDB 10.11.19");
        assert_eq!(kind("5.5.5-10.6.16-MariaDB", true), "MariaDB 10.6.16");
        assert_eq!(kind("8.0.36-28", false), "MySQL 8.0.36");
        assert_eq!(grantee("mon@10.0.%"), "'mon'@'10.0.%'");
    }
}
