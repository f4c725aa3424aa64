//! Values as they are written, read into what they mean.

use crate::model::span;
use std::ops::RangeInclusive;
use std::time::Duration;

use toml::de::{DeTable, DeValue};

use crate::model::redact;

use super::mistake::nearest;
use super::place::as_written;

/// A value as it was written, in a file, the environment or on the command line.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// A text.
    Text(String),
    /// A text from outside a file, where nothing is quoted: it may also mean yes, no or a number.
    Bare(String),
    /// `true` or `false`.
    Switch(bool),
    /// A number.
    Number(f64),
    /// Texts.
    List(Vec<String>),
    /// Something else, by what it is: `a date`.
    Other(&'static str),
}

impl Given {
    /// The value as it stands in a file.
    #[must_use]
    pub fn from_toml(value: &DeValue<'_>) -> Self {
        match value {
            DeValue::String(text) => Self::Text(text.to_string()),
            DeValue::Boolean(on) => Self::Switch(*on),
            DeValue::Integer(number) => {
                let digits = number.as_str();
                i64::from_str_radix(digits, number.radix())
                    .map_or(Self::Other("a number that is too large"), |n| {
                        Self::Number(n as f64)
                    })
            }
            DeValue::Float(number) => number
                .as_str()
                .parse()
                .map_or(Self::Other("a number that is too large"), Self::Number),
            DeValue::Datetime(_) => Self::Other("a date"),
            DeValue::Array(list) => {
                let texts = list.iter().map(|item| item.get_ref().as_str());
                let texts: Option<Vec<String>> =
                    texts.map(|text| text.map(str::to_owned)).collect();
                texts.map_or(Self::Other("a list"), Self::List)
            }
            DeValue::Table(_) => Self::Other("a section"),
        }
    }

    /// The value as TOML, without secrets in it. `key` is what it is the value of.
    #[must_use]
    pub fn to_toml(&self, key: &str) -> String {
        match self {
            Self::Text(text) | Self::Bare(text) => quoted(key, text),
            Self::Switch(on) => on.to_string(),
            Self::Number(number) => number.to_string(),
            Self::List(texts) => {
                let texts: Vec<String> = texts.iter().map(|text| quoted(key, text)).collect();
                format!("[{}]", texts.join(", "))
            }
            Self::Other(kind) => (*kind).to_owned(),
        }
    }

    /// What it is, as messages say it: `a number`.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) | Self::Bare(_) => "a text",
            Self::Switch(_) => "true or false",
            Self::Number(_) => "a number",
            Self::List(_) => "a list",
            Self::Other(kind) => kind,
        }
    }
}

/// `text` as a TOML string; hidden when `key` names a secret, and without the passwords of addresses.
#[must_use]
pub fn quoted(key: &str, text: &str) -> String {
    let pair = format!("{key}={text}");
    let shown = match redact::argument(&pair) {
        hidden if hidden.ends_with(redact::HIDDEN) => redact::HIDDEN.into(),
        _ => redact::argument(text),
    };
    // JSON and TOML quote alike, but for DEL, which TOML wants escaped.
    serde_json::Value::from(&*shown)
        .to_string()
        .replace('\u{7f}', "\\u007f")
}

/// The entries of a section as TOML, a line each, in the order in which they were written; without secrets.
#[must_use]
pub fn table_text(table: &DeTable<'_>) -> String {
    let line = |(key, value): &(String, String)| format!("{key} = {value}\n");
    entries(table, false).iter().map(line).collect()
}

/// Keys and values as TOML. What stands in headers may all be secret.
fn entries(table: &DeTable<'_>, is_secret: bool) -> Vec<(String, String)> {
    let entry = |(key, value): (
        &toml::Spanned<toml::de::DeString<'_>>,
        &toml::Spanned<DeValue<'_>>,
    )| {
        let key = &**key.get_ref();
        let is_plain = key
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        let written = if is_plain {
            key.to_owned()
        } else {
            quoted("", key)
        };
        (written, value_text(key, value.get_ref(), is_secret))
    };
    as_written(table).into_iter().map(entry).collect()
}

fn value_text(key: &str, value: &DeValue<'_>, is_secret: bool) -> String {
    match value {
        DeValue::Array(list) => {
            let items = list.iter();
            let texts: Vec<String> = items
                .map(|item| value_text(key, item.get_ref(), is_secret))
                .collect();
            format!("[{}]", texts.join(", "))
        }
        DeValue::Table(table) => {
            let entries = entries(table, is_secret || key == "headers");
            let texts: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("{key} = {value}"))
                .collect();
            format!("{{ {} }}", texts.join(", "))
        }
        DeValue::String(_) if is_secret => quoted("password", "-"),
        DeValue::Datetime(date) => date.to_string(),
        other => Given::from_toml(other).to_toml(key),
    }
}

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// In a few words.
    pub what: String,
    /// The nearest right value.
    pub nearest: Option<String>,
}

impl Wrong {
    /// A value that is wrong.
    pub fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            nearest: None,
        }
    }

    fn kind(given: &Given, wanted: &str) -> Self {
        Self::new(format!("takes {wanted}, not {}", given.kind()))
    }
}

/// A text that is not empty; `wanted` says what of.
pub fn text<'a>(given: &'a Given, wanted: &str) -> Result<&'a str, Wrong> {
    match given {
        Given::Text(text) | Given::Bare(text) if text.trim().is_empty() => {
            Err(Wrong::new(format!("is empty; it takes {wanted}")))
        }
        Given::Text(text) | Given::Bare(text) => Ok(text),
        other => Err(Wrong::kind(other, &format!("{wanted} in quotes"))),
    }
}

/// Yes or no: in files `true` and `false` alone.
pub fn switch(given: &Given) -> Result<bool, Wrong> {
    const WANTED: &str = "true or false";
    match given {
        Given::Switch(on) => Ok(*on),
        Given::Bare(word) => match word.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Ok(true),
            "false" | "no" | "off" | "0" => Ok(false),
            _ => Err(Wrong::new(format!("takes {WANTED}, not {word:?}"))),
        },
        Given::Text(_) => Err(Wrong::new(format!("takes {WANTED} without quotes"))),
        other => Err(Wrong::kind(other, WANTED)),
    }
}

/// One of a few words.
pub fn choice<T: Copy>(given: &Given, words: &[(&str, T)]) -> Result<T, Wrong> {
    let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let wanted = format!("one of {}", names.join(", "));
    let given = text(given, &wanted)?;
    words
        .iter()
        .find(|(word, _)| *word == given)
        .map(|(_, value)| *value)
        .ok_or_else(|| Wrong {
            what: format!("{given:?} is not {wanted}"),
            nearest: nearest(given, names),
        })
}

/// Some of a few words; outside a file with commas between them.
pub fn words(given: &Given, known: &[&str]) -> Result<Vec<String>, Wrong> {
    let wanted = format!("a list of some of {}", known.join(", "));
    let given = match given {
        Given::List(words) => words.clone(),
        Given::Text(word) => vec![word.clone()],
        Given::Bare(words) => {
            let words = words.split(',').map(str::trim);
            words
                .filter(|word| !word.is_empty())
                .map(str::to_owned)
                .collect()
        }
        other => return Err(Wrong::kind(other, &wanted)),
    };
    match given.iter().find(|word| !known.contains(&word.as_str())) {
        None => Ok(given),
        Some(word) => Err(Wrong {
            what: format!("{word:?} is none of {}", known.join(", ")),
            nearest: nearest(word, known.iter().copied()),
        }),
    }
}

/// A whole number within `range`.
pub fn count(given: &Given, range: &RangeInclusive<usize>) -> Result<usize, Wrong> {
    const WANTED: &str = "a whole number";
    let number = match given {
        Given::Number(number) => Some(*number),
        Given::Bare(text) => text.trim().parse().ok(),
        other => return Err(Wrong::kind(other, WANTED)),
    };
    let whole = number.filter(|number| number.fract() == 0.0 && *number >= 0.0);
    let whole = whole.ok_or_else(|| Wrong::new(format!("takes {WANTED}")))? as usize;
    if range.contains(&whole) {
        return Ok(whole);
    }
    let (least, most) = (range.start(), range.end());
    Err(Wrong::new(format!(
        "{whole} is not within {least} to {most}"
    )))
}

/// A time within `range`: `250ms`, `1s`, `5m`, `1m30s`.
pub fn duration(given: &Given, range: &RangeInclusive<Duration>) -> Result<Duration, Wrong> {
    const WANTED: &str = "a time such as 250ms, 1s or 5m";
    let given = text(given, WANTED)?;
    let span =
        span::parse(given).ok_or_else(|| Wrong::new(format!("{given:?} is not {WANTED}")))?;
    if range.contains(&span) {
        return Ok(span);
    }
    Err(Wrong::new(format!(
        "{given} is not within {} to {}",
        duration_text(*range.start()),
        duration_text(*range.end())
    )))
}

/// A time as it is written in settings: the largest unit that leaves no rest.
#[must_use]
pub fn duration_text(span: Duration) -> String {
    let millis = span.as_millis();
    let units = [
        ("y", 365 * 86_400_000),
        ("d", 86_400_000),
        ("h", 3_600_000),
        ("m", 60_000),
        ("s", 1000),
    ];
    for (unit, size) in units {
        if millis > 0 && millis.is_multiple_of(size) {
            return format!("{}{unit}", millis / size);
        }
    }
    format!("{millis}ms")
}

/// A size in bytes within `range`: `32MB` (powers of 1000), `32MiB` (powers of 1024).
pub fn size(given: &Given, range: &RangeInclusive<u64>, limits: &str) -> Result<u64, Wrong> {
    const WANTED: &str = "a size such as 32MB or 64MiB";
    let given = text(given, WANTED)?;
    let bytes = crate::model::size::parse(given)
        .ok_or_else(|| Wrong::new(format!("{given:?} is not {WANTED}")))?;
    if range.contains(&bytes) {
        return Ok(bytes);
    }
    Err(Wrong::new(format!("{given} is not within {limits}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_are_read_as_people_write_them() {
        let times = [
            ("250ms", 250),
            ("1s", 1000),
            ("1.1s", 1100),
            ("5m", 300_000),
            ("1m30s", 90_000),
            ("24h", 86_400_000),
            ("1y", 31_536_000_000),
        ];
        for (written, millis) in times {
            assert_eq!(
                span::parse(written),
                Some(Duration::from_millis(millis)),
                "{written}"
            );
        }
        for wrong in ["", "5", "s", "5x", "-1s", "1s5", "1e9h"] {
            assert_eq!(span::parse(wrong), None, "{wrong}");
        }
        assert_eq!(crate::model::size::parse("32MB"), Some(32_000_000));
        assert_eq!(crate::model::size::parse("1.5 GiB"), Some(1_610_612_736));
        assert_eq!(crate::model::size::parse("32"), None);
        assert_eq!(duration_text(Duration::from_secs(90)), "90s");
        assert_eq!(duration_text(Duration::from_millis(250)), "250ms");
        assert_eq!(duration_text(Duration::from_secs(30 * 86_400)), "30d");
    }

    #[test]
    fn secrets_do_not_get_into_printouts() {
        assert_eq!(quoted("db.password", "hunter2"), "\"***\"");
        assert_eq!(quoted("url", "redis://me:pw@h/"), "\"redis://me:***@h/\"");
        assert_eq!(quoted("theme", "a\"b"), r#""a\"b""#);
    }
}
