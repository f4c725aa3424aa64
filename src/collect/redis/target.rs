//! Which server is watched, and as whom: read from the address of a `[[source]]`.

use percent_encoding::percent_decode_str;

use crate::collect::CollectError;
use crate::collect::form::SourceForm;
use crate::collect::wire::{Place, Security};
use crate::net::FormError;
use crate::net::secret::Secret;

/// Where Redis listens if nobody says otherwise.
const USUAL_PORT: u16 = 6379;
/// Where a sentinel does.
const SENTINEL_PORT: u16 = 26379;

/// How the server is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    /// It is here.
    Straight(Place),
    /// These sentinels know where the primary of that name is at present.
    Sentinels(Vec<Place>, String),
}

/// Which server, and as whom.
pub(super) struct Target {
    pub route: Route,
    pub security: Option<Security>,
    /// The number of the database, for the keys.
    pub database: u32,
    /// Who logs in; `default` where nobody is named.
    pub user: Option<String>,
    in_address: Option<Secret>,
    form: SourceForm,
}

impl Target {
    /// Reads the address: `redis://user@host:port/db`, `rediss://…`, `unix:///path?db=1`, `host:port`, the path of a
    /// socket, or `sentinel://host:port,host:port/name`.
    ///
    /// # Errors
    /// What is wrong with the form.
    pub fn of(form: &SourceForm) -> Result<Self, FormError> {
        let (scheme, rest) = form
            .address
            .split_once("://")
            .unwrap_or(("", &form.address));
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (login, rest) = match rest.rsplit_once('@') {
            Some((login, rest)) => (Some(login), rest),
            None => (None, rest),
        };
        let is_path = rest.starts_with('/');
        let (hosts, path) = match rest.split_once('/') {
            Some((hosts, path)) if !is_path => (hosts, path),
            _ => (rest, ""),
        };
        let route = match scheme {
            "" | "redis" | "rediss" | "valkey" | "valkeys" | "unix" | "redis+unix" => {
                Route::Straight(Place::parse(hosts, USUAL_PORT)?)
            }
            "sentinel" => sentinels(hosts, path)?,
            other => {
                let why = format!("{other:?} is none of redis, rediss, unix, sentinel");
                return Err(FormError::of("address", why));
            }
        };
        let database = match (&route, query.strip_prefix("db=")) {
            (_, Some(number)) => number,
            (Route::Straight(_), None) => path,
            (Route::Sentinels(..), None) => "",
        };
        let database = match database {
            "" => 0,
            number => number.parse().map_err(|_| {
                FormError::of("address", format!("{number:?} is no number of a database"))
            })?,
        };
        let is_secured = form.tls.is_some() || matches!(scheme, "rediss" | "valkeys");
        let tls = form.tls.clone().unwrap_or_default();
        let (user, in_address) = login_of(login);
        Ok(Self {
            route,
            security: is_secured.then(|| Security::of(&tls)).transpose()?,
            database,
            user: form.user.clone().or(user),
            in_address,
            form: form.clone(),
        })
    }

    /// What it is called where nobody gave it a name: `redis@6379`, `redis@cache-1:6379/2`, `redis@mymaster`.
    pub fn name(&self) -> String {
        let place = match &self.route {
            Route::Straight(place) => place.short(),
            Route::Sentinels(_, name) => name.clone(),
        };
        match self.database {
            0 => format!("redis@{place}"),
            number => format!("redis@{place}/{number}"),
        }
    }

    /// Who logs in, as the lines of rights name him.
    pub fn user_name(&self) -> &str {
        self.user.as_deref().unwrap_or("default")
    }

    /// The password, read now.
    ///
    /// # Errors
    /// When the file or the variable that holds it can't be read.
    pub fn password(&self) -> Result<Option<Secret>, CollectError> {
        let named = self.form.password().map_err(|error| CollectError::Denied {
            grant: error.to_string(),
        })?;
        Ok(named.or_else(|| self.in_address.clone()))
    }
}

fn sentinels(hosts: &str, name: &str) -> Result<Route, FormError> {
    if name.is_empty() {
        return Err(FormError::of(
            "address",
            "say which primary: sentinel://host:26379/mymaster",
        ));
    }
    let places: Result<Vec<Place>, FormError> = hosts
        .split(',')
        .map(|host| Place::parse(host.trim(), SENTINEL_PORT))
        .collect();
    Ok(Route::Sentinels(places?, name.to_owned()))
}

/// `user:password`, `user`, `:password`, each percent-encoded.
fn login_of(login: Option<&str>) -> (Option<String>, Option<Secret>) {
    let Some(login) = login else {
        return (None, None);
    };
    let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (user, password) = match login.split_once(':') {
        Some((user, password)) => (user, Some(Secret::new(plain(password)))),
        None => (login, None),
    };
    ((!user.is_empty()).then(|| plain(user)), password)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(address: &str) -> Result<Target, FormError> {
        Target::of(&SourceForm {
            kind: "redis".to_owned(),
            address: address.to_owned(),
            ..SourceForm::default()
        })
    }

    #[test]
    fn addresses_say_where_who_and_which_database() {
        let cases = [
            ("redis://127.0.0.1:6380", "redis@6380", "default", None),
            ("127.0.0.1:6380", "redis@6380", "default", None),
            (
                "redis://mon:p%40ss@cache-1/2",
                "redis@cache-1:6379/2",
                "mon",
                Some("p@ss"),
            ),
            (
                "rediss://:pw@[::1]:6380",
                "redis@6380",
                "default",
                Some("pw"),
            ),
            ("/run/redis/redis.sock", "redis@redis.sock", "default", None),
            (
                "unix:///run/redis.sock?db=3",
                "redis@redis.sock/3",
                "default",
                None,
            ),
            (
                "sentinel://a:26379,b/orders",
                "redis@orders",
                "default",
                None,
            ),
        ];
        for (address, name, user, password) in cases {
            let target = target(address).unwrap();
            assert_eq!(target.name(), name, "{address}");
            assert_eq!(target.user_name(), user, "{address}");
            let told = target.password().unwrap();
            assert_eq!(told.as_ref().map(Secret::reveal), password, "{address}");
            assert_eq!(target.security.is_some(), address.starts_with("rediss"));
        }
        for wrong in [
            "http://x",
            "redis://h:port",
            "sentinel://h",
            "redis://h/zero",
        ] {
            assert!(target(wrong).is_err(), "{wrong}");
        }
    }
}
