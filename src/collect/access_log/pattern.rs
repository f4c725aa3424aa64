//! Lines of fields between fixed text, as nginx' `log_format` describes them: compiled once, then matched without
//! looking back.

use memchr::memmem;

use super::line::{Line, NoRequest, Role, Value};

/// Variables of nginx that are used, and own ones for what other servers write.
const VARIABLES: [(&str, Role); 17] = [
    ("request", Role::Request),
    ("request_method", Role::Method),
    ("request_uri", Role::Target),
    ("uri", Role::Target),
    ("document_uri", Role::Target),
    ("status", Role::Status),
    ("time_local", Role::Time),
    ("time_iso8601", Role::Time),
    ("msec", Role::Time),
    ("request_time", Role::Seconds),
    ("upstream_response_time", Role::UpstreamSeconds),
    ("sent_http_content_type", Role::ContentType),
    ("upstream_http_content_type", Role::ContentType),
    ("duration_ms", Role::Millis),
    ("duration_ns", Role::Nanos),
    ("timers", Role::Timers),
    ("method", Role::Method),
];

/// What a variable says; those that are not used here are skipped.
#[must_use]
pub fn role_of(variable: &str) -> Role {
    let known = VARIABLES.iter().find(|(name, _)| *name == variable);
    known.map_or(Role::Skip, |(_, role)| *role)
}

/// A compiled format.
#[derive(Debug, Clone)]
pub struct Pattern {
    start: Box<[u8]>,
    fields: Vec<Field>,
}

#[derive(Debug, Clone)]
struct Field {
    role: Role,
    /// What stands behind it; nothing behind the last one, which takes the rest.
    end: memmem::Finder<'static>,
}

impl Pattern {
    /// Compiles nginx' `log_format`: text with `$name` or `${name}` in it.
    ///
    /// # Errors
    /// One line: two fields that nothing stands between, or nothing that tells a request.
    pub fn compile(format: &str) -> Result<Self, String> {
        let mut rest = format;
        let start = take_text(&mut rest);
        let mut fields: Vec<Field> = Vec::new();
        while !rest.is_empty() {
            let name = take_name(&mut rest).ok_or("a `$` without a name")?;
            let end = take_text(&mut rest);
            if end.is_empty() && !rest.is_empty() {
                return Err(format!("nothing stands between ${name} and {rest}"));
            }
            let end = memmem::Finder::new(end.as_bytes()).into_owned();
            let role = role_of(name);
            fields.push(Field { role, end });
        }
        let has = |role| fields.iter().any(|field: &Field| field.role == role);
        if !has(Role::Request) && !has(Role::Target) {
            return Err("neither $request nor $request_uri stands in it".to_owned());
        }
        Ok(Self {
            start: start.as_bytes().into(),
            fields,
        })
    }

    /// Whether its lines tell how long a request took.
    #[must_use]
    pub fn has_duration(&self) -> bool {
        self.fields.iter().any(|field| field.role.is_duration())
    }

    /// The request of a line, without its line end.
    ///
    /// # Errors
    /// When the line has another form.
    pub fn read<'a>(&self, line: &'a [u8]) -> Result<Line<'a>, NoRequest> {
        let mut rest = line.strip_prefix(&*self.start).ok_or(NoRequest)?;
        let mut request = Line::default();
        for field in &self.fields {
            let length = field.length(rest).ok_or(NoRequest)?;
            let (value, behind) = rest.split_at(length);
            rest = &behind[field.end.needle().len()..];
            if field.role != Role::Skip {
                let text = String::from_utf8_lossy(value);
                request.set(field.role, Value::Text(text))?;
            }
        }
        if rest.is_empty() {
            Ok(request)
        } else {
            Err(NoRequest)
        }
    }
}

impl Field {
    /// How long the value is that `text` begins with.
    fn length(&self, text: &[u8]) -> Option<usize> {
        let end = self.end.needle();
        if end.is_empty() {
            return Some(text.len());
        }
        let mut from = 0;
        loop {
            let at = from + self.end.find(&text[from..])?;
            let is_escaped = end[0] == b'"' && ends_with_escape(&text[..at]);
            let goes_on =
                self.role == Role::UpstreamSeconds && is_within_list(&text[..at], &text[at..]);
            if !is_escaped && !goes_on {
                return Some(at);
            }
            from = at + 1;
        }
    }
}

/// Whether an odd number of backslashes stands at the end: the quote behind it belongs to the value.
fn ends_with_escape(text: &[u8]) -> bool {
    let escapes = text.iter().rev().take_while(|byte| **byte == b'\\').count();
    escapes % 2 == 1
}

/// Whether a list of nginx (`0.001, 0.020 : 0.003`) goes on behind this blank.
fn is_within_list(before: &[u8], behind: &[u8]) -> bool {
    before.ends_with(b",") || before.ends_with(b" :") || behind.starts_with(b" : ")
}

/// The text up to the next variable.
fn take_text<'a>(rest: &mut &'a str) -> &'a str {
    let (text, behind) = rest.split_at(rest.find('$').unwrap_or(rest.len()));
    *rest = behind;
    text
}

/// The name of the variable that begins here.
fn take_name<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let text = rest.strip_prefix('$')?;
    let (name, behind) = if let Some(braced) = text.strip_prefix('{') {
        braced.split_once('}')?
    } else {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        text.split_at(text.find(|c| !is_name(c)).unwrap_or(text.len()))
    };
    *rest = behind;
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_of_any_order_is_matched() {
        let format = r#"$status|${request_method}|$request_uri|$upstream_response_time $pipe "$http_x" rt=$request_time"#;
        let pattern = Pattern::compile(format).unwrap();
        let line = br#"502|GET|/a b|0.001, 0.020 : - . "a\" rt=9" rt=0.021"#;
        let request = pattern.read(line).unwrap();
        assert_eq!((&*request.method, &*request.target), ("GET", "/a b"));
        assert_eq!(
            (request.status, request.latency_ms()),
            (Some(502), Some(21.0))
        );
        assert!(pattern.read(b"502|GET|/a|0.001 .").is_err());
        assert!(pattern.read(b"").is_err());
    }

    #[test]
    fn a_format_that_can_not_be_matched_says_why() {
        let why = |format| Pattern::compile(format).unwrap_err();
        assert!(why("$request $a$b").contains("between $a and $b"));
        assert!(why("$status").contains("$request"));
        assert!(why("$request $").contains("without a name"));
    }
}
