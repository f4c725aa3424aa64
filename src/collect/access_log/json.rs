//! Lines that are JSON objects: Caddy's, Traefik's, Envoy's, and nginx' with any keys.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::line::{Line, NoRequest, Role, Value};

/// Which keys of an object say what.
#[derive(Debug, Clone, PartialEq)]
pub struct JsonKeys(Vec<Key>);

#[derive(Debug, Clone, PartialEq)]
struct Key {
    /// The object that it stands in, if not the line itself.
    outer: Option<&'static str>,
    name: Cow<'static, str>,
    role: Role,
}

/// Caddy's access log; a key within an object is written `outer.inner`.
const CADDY: &[(&str, Role)] = &[
    ("request.method", Role::Method),
    ("request.uri", Role::Target),
    ("status", Role::Status),
    ("duration", Role::Seconds),
    ("ts", Role::Time),
    ("logger", Role::Logger),
    ("resp_headers.Content-Type", Role::ContentType),
];

/// Traefik's access log.
const TRAEFIK: &[(&str, Role)] = &[
    ("RequestMethod", Role::Method),
    ("RequestPath", Role::Target),
    ("DownstreamStatus", Role::Status),
    ("Duration", Role::Nanos),
    ("StartUTC", Role::Time),
    ("downstream_Content-Type", Role::ContentType),
];

/// Envoy's, with the keys of its documentation.
const ENVOY: &[(&str, Role)] = &[
    ("method", Role::Method),
    ("path", Role::Target),
    ("response_code", Role::Status),
    ("duration", Role::Millis),
    ("start_time", Role::Time),
];

/// Names that people give the keys of nginx' JSON, the likelier one first for each role.
const USUAL: &[(&str, Role)] = &[
    ("request_method", Role::Method),
    ("method", Role::Method),
    ("http_method", Role::Method),
    ("verb", Role::Method),
    ("request_uri", Role::Target),
    ("uri", Role::Target),
    ("url", Role::Target),
    ("path", Role::Target),
    ("request_path", Role::Target),
    ("request", Role::Request),
    ("status", Role::Status),
    ("status_code", Role::Status),
    ("response_status", Role::Status),
    ("request_time", Role::Seconds),
    ("duration_ms", Role::Millis),
    ("request_time_ms", Role::Millis),
    ("response_time_ms", Role::Millis),
    ("latency_ms", Role::Millis),
    ("upstream_response_time", Role::UpstreamSeconds),
    ("time_iso8601", Role::Time),
    ("time_local", Role::Time),
    ("@timestamp", Role::Time),
    ("timestamp", Role::Time),
    ("time", Role::Time),
    ("msec", Role::Time),
    ("sent_http_content_type", Role::ContentType),
    ("upstream_http_content_type", Role::ContentType),
];

impl JsonKeys {
    /// Caddy's access log.
    #[must_use]
    pub fn caddy() -> Self {
        Self::known(CADDY)
    }

    /// Traefik's access log.
    #[must_use]
    pub fn traefik() -> Self {
        Self::known(TRAEFIK)
    }

    /// Envoy's, with the keys of its documentation.
    #[must_use]
    pub fn envoy() -> Self {
        Self::known(ENVOY)
    }

    fn known(keys: &[(&'static str, Role)]) -> Self {
        let keys = keys.iter().map(|(key, role)| match key.split_once('.') {
            Some((outer, name)) => Key::of(Some(outer), name, *role),
            None => Key::of(None, *key, *role),
        });
        Self(keys.collect())
    }

    /// Keys of one's own; none when they don't tell requests.
    #[must_use]
    pub fn of(keys: Vec<(String, Role)>) -> Option<Self> {
        let keys = keys.into_iter().map(|(key, role)| Key::of(None, key, role));
        Some(Self(keys.collect())).filter(Self::tells_requests)
    }

    /// The keys by which a line of an unknown log tells its requests, by their usual names.
    #[must_use]
    pub fn guess(line: &[u8]) -> Option<Self> {
        let present: HashMap<String, IgnoredAny> = serde_json::from_slice(line).ok()?;
        let mut guessed = Self(Vec::new());
        for (key, role) in USUAL {
            if !guessed.tells(*role) && present.contains_key(*key) {
                guessed.0.push(Key::of(None, *key, *role));
            }
        }
        Some(guessed).filter(Self::tells_requests)
    }

    fn tells(&self, role: Role) -> bool {
        self.0.iter().any(|key| key.role == role)
    }

    fn tells_requests(&self) -> bool {
        (self.tells(Role::Target) || self.tells(Role::Request)) && self.tells(Role::Status)
    }

    /// Whether its lines tell how long a request took.
    #[must_use]
    pub fn has_duration(&self) -> bool {
        self.0.iter().any(|key| key.role.is_duration())
    }

    /// The request of a line.
    ///
    /// # Errors
    /// When the line is no object, or has no request in these keys.
    pub fn read<'a>(&self, line: &'a [u8]) -> Result<Line<'a>, NoRequest> {
        let mut found = FoundFields {
            keys: &self.0,
            line: Line::default(),
            has_target: false,
            has_status: false,
        };
        let mut input = serde_json::Deserializer::from_slice(line);
        let object = Object {
            found: &mut found,
            outer: None,
        };
        object.deserialize(&mut input).map_err(|_| NoRequest)?;
        input.end().map_err(|_| NoRequest)?;
        if found.has_target && found.has_status {
            Ok(found.line)
        } else {
            Err(NoRequest)
        }
    }
}

impl Key {
    fn of(outer: Option<&'static str>, name: impl Into<Cow<'static, str>>, role: Role) -> Self {
        let name = name.into();
        Self { outer, name, role }
    }
}

/// What was found of a line until now.
struct FoundFields<'k, 'a> {
    keys: &'k [Key],
    line: Line<'a>,
    has_target: bool,
    has_status: bool,
}

impl<'a> FoundFields<'_, 'a> {
    fn role_of(&self, outer: Option<&str>, name: &str) -> Option<Role> {
        let of = |key: &&Key| key.name == name && key.outer == outer;
        self.keys.iter().find(of).map(|key| key.role)
    }

    fn set(&mut self, role: Role, value: Value<'a>) -> Result<(), NoRequest> {
        self.has_target |= matches!(role, Role::Target | Role::Request);
        self.has_status |= role == Role::Status;
        self.line.set(role, value)
    }
}

/// An object that is walked through: the line itself, or one within it.
struct Object<'w, 'k, 'a> {
    found: &'w mut FoundFields<'k, 'a>,
    outer: Option<&'static str>,
}

impl<'a> DeserializeSeed<'a> for Object<'_, '_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, input: D) -> Result<(), D::Error> {
        input.deserialize_map(self)
    }
}

impl<'a> Visitor<'a> for Object<'_, '_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(Text(key)) = map.next_key()? {
            if let Some(role) = self.found.role_of(self.outer, &key) {
                if let Some(value) = map.next_value_seed(Scalar)? {
                    let set = self.found.set(role, value);
                    set.map_err(|_| serde::de::Error::custom("another value"))?;
                }
                continue;
            }
            let within = self.found.keys.iter().filter_map(|key| key.outer);
            match within
                .filter(|_| self.outer.is_none())
                .find(|outer| *outer == key)
            {
                Some(outer) => map.next_value_seed(Object {
                    found: &mut *self.found,
                    outer: Some(outer),
                })?,
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// Text that is borrowed from the line where nothing in it is escaped.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// A text or a number, or the first of a list; none for anything else.
struct Scalar;

impl<'a> DeserializeSeed<'a> for Scalar {
    type Value = Option<Value<'a>>;

    fn deserialize<D: Deserializer<'a>>(self, input: D) -> Result<Self::Value, D::Error> {
        input.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Scalar {
    type Value = Option<Value<'a>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<Self::Value, E> {
        Ok(Some(Value::Text(Cow::Borrowed(text))))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Value::Text(Cow::Owned(text.to_owned()))))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Some(Value::Number(number)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(Value::Number(number as f64)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(Value::Number(number as f64)))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<S: SeqAccess<'a>>(self, mut list: S) -> Result<Self::Value, S::Error> {
        let first = list.next_element_seed(Scalar)?.flatten();
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(first)
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}
