//! What the environment of this process names: `DATABASE_URL`, `REDIS_URL`, and the variables of the clients of
//! PostgreSQL (libpq's documentation, "Environment Variables") and MySQL. Who is named there on this machine is watched as
//! named; who is named on another is only listed: nobody asked hubtop to go there.

use std::collections::HashMap;

use url::Url;

use super::Prospect;
use super::place::{keys_of, leads_here};
use super::recognise::Kind;
use super::row::password_file;
use crate::collect::form::SourceForm;

/// The variables that are read.
const READ: &[&str] = &[
    "DATABASE_URL",
    "REDIS_URL",
    "PGHOST",
    "PGHOSTADDR",
    "PGPORT",
    "PGUSER",
    "PGDATABASE",
    "PGPASSWORD",
    "PGSSLMODE",
    "MYSQL_HOST",
    "MYSQL_TCP_PORT",
    "MYSQL_UNIX_PORT",
    "MYSQL_USER",
    "MYSQL_PWD",
    "MYSQL_PASSWORD",
    "USER",
    "LOGNAME",
    "USERNAME",
];

/// As whom servers are asked whether they want a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The users that are tried, in this order.
    postgres: Vec<String>,
    /// The database.
    pub database: String,
    /// The user of MySQL.
    pub mysql_user: String,
}

impl Login {
    /// The users that PostgreSQL is asked as.
    pub fn postgres_users(&self) -> impl Iterator<Item = &str> {
        self.postgres.iter().map(String::as_str)
    }
}

/// What the environment says.
#[derive(Debug, Default)]
pub struct Environment {
    variables: HashMap<&'static str, String>,
    user: Option<String>,
}

impl Environment {
    /// That of this process.
    pub fn of_this_process() -> Self {
        Self::new(|name| std::env::var(name).ok(), user_of_this_process())
    }

    fn new(variable: impl Fn(&str) -> Option<String>, user: Option<String>) -> Self {
        let known = READ.iter().filter_map(|name| {
            let value = variable(name)?;
            (!value.trim().is_empty()).then_some((*name, value))
        });
        Self {
            variables: known.collect(),
            user,
        }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// As whom servers are asked.
    pub fn login(&self) -> Login {
        let named = ["USER", "LOGNAME", "USERNAME"];
        let named = || named.iter().find_map(|name| self.get(name));
        let user = self.user.as_deref().or_else(named);
        let mut postgres: Vec<String> = Vec::new();
        for name in [user, self.get("PGUSER"), Some("postgres")] {
            if let Some(name) = name
                && postgres.iter().all(|known| known != name)
            {
                postgres.push(name.to_owned());
            }
        }
        Login {
            postgres,
            database: self.get("PGDATABASE").unwrap_or("postgres").to_owned(),
            mysql_user: self.get("MYSQL_USER").or(user).unwrap_or("root").to_owned(),
        }
    }

    /// What is named.
    pub fn prospects(&self) -> Vec<Prospect> {
        let found = [
            self.of_url("DATABASE_URL"),
            self.of_url("REDIS_URL"),
            self.of_libpq(),
            self.of_mysql(),
        ];
        found.into_iter().flatten().collect()
    }

    fn of_url(&self, name: &str) -> Option<Prospect> {
        let address = self.get(name)?;
        let (scheme, _) = address.split_once("://")?;
        let kind = match scheme {
            "postgres" | "postgresql" => Kind::Postgres,
            "mysql" | "mariadb" => Kind::Mysql,
            "redis" | "rediss" | "valkey" | "valkeys" | "unix" | "redis+unix" => Kind::Redis,
            _ => return None,
        };
        Some(prospect(name, kind, address.to_owned(), None, None))
    }

    /// Without a host and a password nothing is named that would not be found as it listens.
    fn of_libpq(&self) -> Option<Prospect> {
        let host = self.get("PGHOSTADDR").or(self.get("PGHOST"));
        let password = self.get("PGPASSWORD").map(|_| "PGPASSWORD");
        if host.is_none() && password.is_none() {
            return None;
        }
        let words = [
            ("host", Some(host.unwrap_or("localhost"))),
            ("port", self.get("PGPORT")),
            ("dbname", self.get("PGDATABASE")),
            ("sslmode", self.get("PGSSLMODE")),
        ];
        let words: Vec<String> = words
            .iter()
            .filter_map(|(word, value)| Some(format!("{word}={}", (*value)?)))
            .collect();
        let user = self.get("PGUSER").map(str::to_owned);
        let address = words.join(" ");
        Some(prospect("PGHOST", Kind::Postgres, address, user, password))
    }

    fn of_mysql(&self) -> Option<Prospect> {
        let passwords = ["MYSQL_PWD", "MYSQL_PASSWORD"];
        let password = passwords.into_iter().find(|name| self.get(name).is_some());
        let host = self.get("MYSQL_HOST");
        let socket = self.get("MYSQL_UNIX_PORT").filter(|_| host.is_none());
        if host.is_none() && socket.is_none() && password.is_none() {
            return None;
        }
        let port = self.get("MYSQL_TCP_PORT").unwrap_or("3306");
        let address = socket.map_or_else(
            || format!("{}:{port}", host.unwrap_or("127.0.0.1")),
            str::to_owned,
        );
        let user = Some(self.login().mysql_user);
        Some(prospect("MYSQL_HOST", Kind::Mysql, address, user, password))
    }
}

/// What the variable `by` names.
fn prospect(
    by: &str,
    kind: Kind,
    address: String,
    user: Option<String>,
    password: Option<&str>,
) -> Prospect {
    let is_here = leads_here(kind.word(), &address);
    let form = SourceForm {
        kind: kind.word().to_owned(),
        address,
        user,
        password_env: password.map(str::to_owned),
        ..SourceForm::default()
    };
    Prospect {
        kind,
        keys: keys_of(kind.word(), &form.address),
        why_not: (!is_here).then(|| {
            format!(
                "{by} leads to another machine, where hubtop goes only when the settings say so"
            )
        }),
        form: if is_here {
            form
        } else {
            without_password(form)
        },
    }
}

/// The form as it can be put into the settings: the password of the address in a file of its own.
fn without_password(form: SourceForm) -> SourceForm {
    let Ok(mut url) = Url::parse(&form.address) else {
        return form;
    };
    if url.password().is_none() || url.set_password(None).is_err() {
        return form;
    }
    SourceForm {
        address: url.into(),
        password_file: Some(password_file(&form.kind)),
        ..form
    }
}

/// The name of the user that this process runs as, from `/etc/passwd`.
#[cfg(unix)]
fn user_of_this_process() -> Option<String> {
    let uid = rustix::process::geteuid().as_raw().to_string();
    let text = std::fs::read_to_string("/etc/passwd").ok()?;
    let name = |line: &str| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == uid).then(|| name.to_owned())
    };
    text.lines().find_map(name)
}

#[cfg(not(unix))]
fn user_of_this_process() -> Option<String> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::discover::row::listed;

    fn environment(pairs: &[(&str, &str)]) -> Environment {
        let get = |name: &str| {
            let found = pairs.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Environment::new(get, Some("me".to_owned()))
    }

    #[test]
    fn what_is_named_on_this_machine_becomes_a_source() {
        let named = environment(&[
            ("DATABASE_URL", "postgres://app:pw@localhost/orders"),
            ("REDIS_URL", "redis://:pw@127.0.0.1:6380/1"),
            ("PGHOST", "/run/pg"),
            ("PGPORT", "5433"),
            ("PGUSER", "mon"),
            ("PGPASSWORD", "pw"),
            ("MYSQL_PWD", "pw"),
        ]);
        let found = named.prospects();
        assert!(found.iter().all(|it| it.why_not.is_none()));
        let forms: Vec<SourceForm> = found.into_iter().map(|it| it.form).collect();
        let short: Vec<(&str, &str)> = forms
            .iter()
            .map(|form| (form.kind.as_str(), form.address.as_str()))
            .collect();
        assert_eq!(
            short,
            [
                ("postgres", "postgres://app:pw@localhost/orders"),
                ("redis", "redis://:pw@127.0.0.1:6380/1"),
                ("postgres", "host=/run/pg port=5433"),
                ("mysql", "127.0.0.1:3306"),
            ]
        );
        assert_eq!(forms[2].user.as_deref(), Some("mon"));
        assert_eq!(forms[2].password_env.as_deref(), Some("PGPASSWORD"));
        assert_eq!(forms[3].user.as_deref(), Some("me"));
        let users: Vec<String> = named.login().postgres_users().map(str::to_owned).collect();
        assert_eq!(users, ["me", "mon", "postgres"]);
    }

    #[test]
    fn what_is_named_on_another_machine_is_listed_without_its_password() {
        let named = environment(&[
            ("DATABASE_URL", "postgres://app:hunter2@db.example/orders"),
            ("REDIS_URL", "rediss://:hunter2@10.0.0.2:6380/1"),
            ("PGHOST", "db.example"),
            ("PGPASSWORD", "hunter2"),
            ("MYSQL_HOST", "my"),
            ("MYSQL_PWD", "hunter2"),
        ]);
        let found = named.prospects();
        let lines: Vec<String> = found
            .iter()
            .map(|it| listed(it, it.why_not.as_deref(), None).settings.to_string())
            .collect();
        let tails = [
            "address = \"postgres://app@db.example/orders\"\npassword_file = \"/etc/hubtop/postgres.pw\"\n",
            "address = \"rediss://10.0.0.2:6380/1\"\npassword_file = \"/etc/hubtop/redis.pw\"\n",
            "address = \"host=db.example\"\npassword_env = \"PGPASSWORD\"\n",
            "address = \"my:3306\"\nuser = \"me\"\npassword_env = \"MYSQL_PWD\"\n",
        ];
        for ((prospect, lines), tail) in found.iter().zip(&lines).zip(tails) {
            assert!(lines.ends_with(tail), "{lines}");
            let why = prospect.why_not.as_deref().unwrap();
            assert!(why.contains("leads to another machine"), "{why}");
        }
        assert_eq!(found.len(), tails.len());
    }

    #[test]
    fn a_user_alone_names_nothing() {
        assert!(
            environment(&[("PGUSER", "mon"), ("PGDATABASE", "x")])
                .prospects()
                .is_empty()
        );
        assert!(
            environment(&[("DATABASE_URL", "sqlite://x.db")])
                .prospects()
                .is_empty()
        );
        assert!(environment(&[("REDIS_URL", "")]).prospects().is_empty());
    }
}
