//! One request as a line of a log tells it, whatever the format.

use std::borrow::Cow;

/// What a field of a line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// `GET /a/42 HTTP/1.1`.
    Request,
    /// The method alone.
    Method,
    /// The target alone.
    Target,
    /// The status.
    Status,
    /// When it ended or began.
    Time,
    /// How long it took, seconds.
    Seconds,
    /// The same, milliseconds.
    Millis,
    /// The same, nanoseconds.
    Nanos,
    /// How long the servers behind took, seconds: one, or as many as were tried (`0.001, 0.020 : 0.003`).
    UpstreamSeconds,
    /// HAProxy's timers, of which the last is the time of the whole, milliseconds (`0/0/0/12/12`).
    Timers,
    /// The type of the answer, by which a stream is known.
    ContentType,
    /// Which part of Caddy wrote it; it tells its errors with the same request once more.
    Logger,
    /// Nothing that is used here.
    Skip,
}

impl Role {
    /// Whether it tells how long a request took.
    #[must_use]
    pub fn is_duration(self) -> bool {
        use Role::{Millis, Nanos, Seconds, Timers, UpstreamSeconds};
        matches!(self, Seconds | Millis | Nanos | UpstreamSeconds | Timers)
    }
}

/// What stands in a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// As it is written.
    Text(Cow<'a, str>),
    /// A number of JSON.
    Number(f64),
}

/// What is no request: the line is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoRequest;

/// One request.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Line<'a> {
    /// The method; empty when the request was not understood by the server either.
    pub method: Cow<'a, str>,
    /// The target as it was sent; empty as the method.
    pub target: Cow<'a, str>,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
    /// When, as it is written.
    pub time: Option<Cow<'a, str>>,
    /// It is understood, but is no line of an access log.
    pub is_other: bool,
    took_ms: Option<f64>,
    upstream_ms: Option<f64>,
    is_stream: bool,
}

impl<'a> Line<'a> {
    /// How long it took, milliseconds; unknown where the log does not tell, and where the time is not that of an
    /// answer: upgrades, tunnels, streams, and what was no request (a client that connected and said nothing).
    #[must_use]
    pub fn latency_ms(&self) -> Option<f64> {
        let is_answer = self.status != Some(101)
            && self.method != "CONNECT"
            && !self.method.is_empty()
            && !self.is_stream;
        self.took_ms.or(self.upstream_ms).filter(|_| is_answer)
    }

    /// Takes what stands in a field.
    ///
    /// # Errors
    /// When it can't be what the field should say.
    pub fn set(&mut self, role: Role, value: Value<'a>) -> Result<(), NoRequest> {
        match role {
            Role::Request => self.set_request(value.text()),
            Role::Method => self.method = value.text(),
            Role::Target => self.target = value.text(),
            Role::Status => self.status = value.status()?,
            Role::Time => self.time = Some(value.text()),
            Role::Seconds => self.took_ms = value.number()?.map(|seconds| seconds * 1e3),
            Role::Millis => self.took_ms = value.number()?,
            Role::Nanos => self.took_ms = value.number()?.map(|nanos| nanos / 1e6),
            Role::UpstreamSeconds => self.upstream_ms = value.sum()?.map(|seconds| seconds * 1e3),
            Role::Timers => self.took_ms = value.last_timer()?,
            Role::ContentType => self.is_stream = value.text().starts_with("text/event-stream"),
            Role::Logger => self.is_other = !value.text().starts_with("http.log.access"),
            Role::Skip => {}
        }
        Ok(())
    }

    /// What is no `METHOD target [protocol]` (bytes of a scan, an empty line) leaves both empty.
    fn set_request(&mut self, request: Cow<'a, str>) {
        let is_method = |word: &str| {
            let may_be = |byte: u8| byte.is_ascii_uppercase() || byte == b'-' || byte == b'_';
            (1..=24).contains(&word.len()) && word.bytes().all(may_be)
        };
        let split = |request: &str| {
            let method = request.find(' ')?;
            let target = &request[method + 1..];
            let end = target.rfind(" HTTP/").unwrap_or(target.len());
            let is_request = is_method(&request[..method]) && end > 0;
            is_request.then_some((method, method + 1 + end))
        };
        let Some((method, end)) = split(&request) else {
            return;
        };
        match request {
            Cow::Borrowed(request) => {
                self.method = Cow::Borrowed(&request[..method]);
                self.target = Cow::Borrowed(&request[method + 1..end]);
            }
            Cow::Owned(request) => {
                self.method = Cow::Owned(request[..method].to_owned());
                self.target = Cow::Owned(request[method + 1..end].to_owned());
            }
        }
    }
}

impl<'a> Value<'a> {
    fn text(self) -> Cow<'a, str> {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => Cow::Owned(number.to_string()),
        }
    }

    fn status(&self) -> Result<Option<u16>, NoRequest> {
        let number = self.number()?;
        Ok(number
            .map(|status| status as u16)
            .filter(|status| (100..1000).contains(status)))
    }

    /// A number; `-` and nothing stand for what is not known. Less than 0 is HAProxy's word for it.
    fn number(&self) -> Result<Option<f64>, NoRequest> {
        let number = match self {
            Self::Number(number) => *number,
            Self::Text(text) if text.is_empty() || text == "-" => return Ok(None),
            Self::Text(text) => text.parse().map_err(|_| NoRequest)?,
        };
        Ok((number.is_finite() && number >= 0.0).then_some(number))
    }

    /// The sum of nginx' list of times, one for each server that was tried.
    fn sum(&self) -> Result<Option<f64>, NoRequest> {
        let Self::Text(text) = self else {
            return self.number();
        };
        let mut sum = None;
        for part in text.split([',', ':', ' ']).filter(|part| !part.is_empty()) {
            if let Some(seconds) = Value::Text(part.into()).number()? {
                sum = Some(sum.unwrap_or(0.0) + seconds);
            }
        }
        Ok(sum)
    }

    /// `+` stands before the time of an answer that was still going on when it was logged.
    fn last_timer(&self) -> Result<Option<f64>, NoRequest> {
        let Self::Text(text) = self else {
            return Err(NoRequest);
        };
        let (_, last) = text.rsplit_once('/').ok_or(NoRequest)?;
        if last.starts_with('+') {
            return Ok(None);
        }
        Value::Text(last.into()).number()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(fields: &[(Role, &'static str)]) -> Result<Line<'static>, NoRequest> {
        let mut line = Line::default();
        for (role, text) in fields {
            line.set(*role, Value::Text((*text).into()))?;
        }
        Ok(line)
    }

    #[test]
    fn times_of_every_unit_are_milliseconds() {
        let request = (Role::Request, "GET / HTTP/1.1");
        let cases = [
            (Role::Seconds, "0.050", Some(50.0)),
            (Role::Seconds, "-", None),
            (Role::Millis, "94", Some(94.0)),
            (Role::Nanos, "1453260", Some(1.45326)),
            (Role::UpstreamSeconds, "-, 0.250 : 0.5", Some(750.0)),
            (Role::UpstreamSeconds, "-", None),
            (Role::Timers, "0/0/0/12/13", Some(13.0)),
            (Role::Timers, "0/0/0/-1/+13", None),
            (Role::Timers, "-1/-1/-1/-1/-1", None),
        ];
        for (role, text, ms) in cases {
            assert_eq!(
                line(&[request, (role, text)]).unwrap().latency_ms(),
                ms,
                "{text}"
            );
        }
        assert_eq!(line(&[(Role::Seconds, "soon")]), Err(NoRequest));
        assert_eq!(line(&[(Role::Status, "OK")]), Err(NoRequest));
    }

    #[test]
    fn what_is_no_answer_has_no_latency() {
        let took = (Role::Seconds, "3600.0");
        let of = |fields: &[(Role, &'static str)]| line(fields).unwrap().latency_ms();
        let get = (Role::Request, "GET /ws HTTP/1.1");
        assert_eq!(of(&[get, took, (Role::Status, "101")]), None);
        assert_eq!(
            of(&[
                get,
                took,
                (Role::ContentType, "text/event-stream; charset=utf-8")
            ]),
            None
        );
        assert_eq!(of(&[(Role::Request, "CONNECT a:443 HTTP/1.1"), took]), None);
        assert_eq!(of(&[(Role::Request, "\\x16\\x03"), took]), None);
        assert_eq!(of(&[get, took, (Role::Status, "200")]), Some(3_600_000.0));
    }
}
