//! How the lines of a log are written: known formats, one given in the settings, or found out from the lines.

use super::json::JsonKeys;
use super::line::{Line, NoRequest, Role};
use super::pattern::{Pattern, role_of};
use crate::net::FormError;

/// nginx' and Apache's combined, and the common log format, as far as they are used here.
const COMMON: &str = r#"$remote_addr - $remote_user [$time_local] "$request" $status $rest"#;
/// The combined format up to what people add to it.
const COMBINED: &str = r#"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent""#;
/// Traefik's `common`: the combined one with counter, router, server and time (its documentation, access logs).
const TRAEFIK: &str = r#"$remote_addr - $remote_user [$time_local] "$request" $status $bytes "$referer" "$agent" $count "$router" "$server" ${duration_ms}ms"#;
/// HAProxy's `option httplog` (its configuration manual, 8.2.3), with or without the words that syslog puts before.
const HAPROXY: &str = r#"$client [$time_local] $frontend $backend $timers $status $bytes $cookie1 $cookie2 $end $conns $queues $captured"$request""#;
/// Envoy's default format (its documentation, access logging).
const ENVOY: &str =
    r#"[$time_iso8601] "$request" $status $flags $received $sent $duration_ms $rest"#;

/// A format that lines can be read by.
#[derive(Debug, Clone)]
pub enum Format {
    /// Fields between fixed text.
    Pattern(Pattern),
    /// An object of JSON a line.
    Json(JsonKeys),
}

impl Format {
    /// The request of a line, without its line end.
    ///
    /// # Errors
    /// When the line is not of this format.
    pub fn read<'a>(&self, line: &'a [u8]) -> Result<Line<'a>, NoRequest> {
        match self {
            Self::Pattern(pattern) => pattern.read(line),
            Self::Json(keys) => keys.read(line),
        }
    }

    /// Whether its lines tell how long a request took.
    #[must_use]
    pub fn has_duration(&self) -> bool {
        match self {
            Self::Pattern(pattern) => pattern.has_duration(),
            Self::Json(keys) => keys.has_duration(),
        }
    }
}

/// What the settings say of the format.
#[derive(Debug, Clone)]
pub enum Choice {
    /// Found out from the lines, among all that are known.
    Auto,
    /// Found out from the lines, among those of one server.
    Of(Server),
    /// Given.
    Given(Box<Format>),
}

/// A server, or a family of formats, whose lines are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// The common log format, the combined one, and the combined one with times behind it.
    Common,
    /// JSON with the usual keys.
    Json,
    /// Caddy's JSON.
    Caddy,
    /// Traefik's JSON and its common format.
    Traefik,
    /// HAProxy's HTTP log.
    Haproxy,
    /// Envoy's default format, and its JSON.
    Envoy,
}

/// The words for them in the settings.
const WORDS: [(&str, Server); 8] = [
    ("combined", Server::Common),
    ("clf", Server::Common),
    ("common", Server::Common),
    ("json", Server::Json),
    ("caddy", Server::Caddy),
    ("traefik", Server::Traefik),
    ("haproxy", Server::Haproxy),
    ("envoy", Server::Envoy),
];

/// All of them, the one that tells most first.
const ALL: [Server; 6] = [
    Server::Envoy,
    Server::Traefik,
    Server::Haproxy,
    Server::Common,
    Server::Caddy,
    Server::Json,
];

impl Choice {
    /// From the word of a known format or nginx' `log_format`, with or without the directive around it.
    ///
    /// # Errors
    /// When it is neither.
    pub fn of(text: Option<&str>) -> Result<Self, FormError> {
        let text = text.unwrap_or("auto").trim();
        if text == "auto" {
            return Ok(Self::Auto);
        }
        if let Some((_, server)) = WORDS.iter().find(|(word, _)| *word == text) {
            return Ok(Self::Of(*server));
        }
        if !text.contains('$') {
            let words: Vec<&str> = WORDS.iter().map(|(word, _)| *word).collect();
            let words = words.join(", ");
            let why = format!("{text:?} is no format: auto, {words}, or a log_format of nginx");
            return Err(FormError::of("format", why));
        }
        let given = given(&without_directive(text)).map_err(|why| FormError::of("format", why))?;
        Ok(Self::Given(Box::new(given)))
    }

    /// The format of a line, if it can be told.
    #[must_use]
    pub fn detect(&self, line: &[u8]) -> Option<Format> {
        match self {
            Self::Auto => ALL.into_iter().find_map(|server| server.detect(line)),
            Self::Of(server) => server.detect(line),
            Self::Given(format) => Some((**format).clone()),
        }
    }
}

impl Server {
    fn detect(self, line: &[u8]) -> Option<Format> {
        let json = |keys: JsonKeys| Some(Format::Json(keys));
        let candidates = match (self, line.first()?) {
            (Self::Caddy, b'{') => [json(JsonKeys::caddy()), None],
            (Self::Traefik, b'{') => [json(JsonKeys::traefik()), None],
            (Self::Envoy, b'{') => [json(JsonKeys::envoy()), None],
            (Self::Json, b'{') => [JsonKeys::guess(line).map(Format::Json), None],
            (_, b'{') | (Self::Json | Self::Caddy, _) => [None, None],
            (Self::Envoy, _) => [pattern(ENVOY), None],
            (Self::Traefik, _) => [pattern(TRAEFIK), None],
            (Self::Haproxy, _) => [pattern(HAPROXY), None],
            (Self::Common, _) => [combined_with_time(line), pattern(COMMON)],
        };
        let mut candidates = candidates.into_iter().flatten();
        candidates.find(|format| format.read(line).is_ok_and(|line| !line.target.is_empty()))
    }
}

fn pattern(format: &str) -> Option<Format> {
    Pattern::compile(format).ok().map(Format::Pattern)
}

/// The combined format with times behind it, as far as the first of them: `rt=0.012`, `"0.012"` or `0.012`. nginx
/// writes times with three decimals, and nothing else so.
fn combined_with_time(line: &[u8]) -> Option<Format> {
    let with_rest = Pattern::compile(&format!("{COMBINED} $rest")).ok()?;
    with_rest.read(line).ok()?;
    let line = std::str::from_utf8(line).ok()?;
    let mut format = COMBINED.to_owned();
    let (agent_end, _) = line.match_indices('"').nth(5)?;
    let words = words_of(line[agent_end + 1..].trim_start());
    for (place, word) in words.iter().enumerate() {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (format!("{name}="), value),
            None => (String::new(), *word),
        };
        let quote = if value.starts_with('"') { "\"" } else { "" };
        let may_be_whole = name.is_empty() || ["rt=", "request_time="].contains(&&*name);
        if may_be_whole && has_three_decimals(value.trim_matches('"')) {
            let rest = if place + 1 < words.len() {
                " $rest"
            } else {
                ""
            };
            format.push_str(&format!(" {name}{quote}${{request_time}}{quote}{rest}"));
            return pattern(&format);
        }
        format.push_str(&format!(" {name}{quote}$skipped{quote}"));
    }
    None
}

/// The words of a text; what stands between quotes is part of one.
fn words_of(text: &str) -> Vec<&str> {
    let mut is_quoted = false;
    text.split(|c| {
        is_quoted ^= c == '"';
        c == ' ' && !is_quoted
    })
    .collect()
}

fn has_three_decimals(text: &str) -> bool {
    let Some((whole, decimals)) = text.split_once('.') else {
        return false;
    };
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits(whole) && is_digits(decimals) && decimals.len() == 3
}

/// What stands between the quotes of `log_format name escape=json '…' '…';`, or the text itself.
fn without_directive(text: &str) -> String {
    let Some(arguments) = text.strip_prefix("log_format ") else {
        return text.to_owned();
    };
    let mut parts = arguments.split('\'');
    let mut format = String::new();
    parts.next();
    while let Some(quoted) = parts.next() {
        format.push_str(quoted);
        parts.next();
    }
    format
}

fn given(format: &str) -> Result<Format, String> {
    if format.starts_with('{') {
        let keys = JsonKeys::of(keys_of(format));
        return keys
            .map(Format::Json)
            .ok_or_else(|| "no key holds $request or $request_uri and one $status".to_owned());
    }
    Pattern::compile(format).map(Format::Pattern)
}

/// The keys of a log_format of JSON whose value is one variable and nothing else.
fn keys_of(format: &str) -> Vec<(String, Role)> {
    let mut keys = Vec::new();
    let mut words = format.split('"');
    // Text outside of quotes and within them takes turns.
    let (mut key, mut outside) = (None, words.next().unwrap_or_default());
    for (place, word) in words.enumerate() {
        if place % 2 == 1 {
            outside = word;
            if let (Some(key), Some(role)) = (
                &key,
                role_of_value(outside.trim_matches([':', ' ', ',', '}'])),
            ) {
                keys.push((String::clone(key), role));
            }
        } else if outside.trim() == ":" {
            if let (Some(key), Some(role)) = (&key, role_of_value(word)) {
                keys.push((key.clone(), role));
            }
            key = None;
        } else {
            key = Some(word.to_owned());
        }
    }
    keys
}

fn role_of_value(value: &str) -> Option<Role> {
    let name = value.strip_prefix('$')?;
    let name = name
        .strip_prefix('{')
        .and_then(|name| name.strip_suffix('}'))
        .unwrap_or(name);
    Some(role_of(name)).filter(|role| *role != Role::Skip)
}
