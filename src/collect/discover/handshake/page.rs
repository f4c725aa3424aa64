//! Pages of metrics: `GET /metrics`, once, of whoever does not speak first. Only what reads as such a page is one.

use std::io::Result;
use std::time::Duration;

use super::Reply;
use super::wire::Wire;
use crate::collect::discover::place::Place;

/// Servers that greet by themselves (mail, ssh, MySQL) do it within this.
const GREETING: Duration = Duration::from_millis(100);

/// Asks for the page.
pub fn ask(place: &Place) -> Result<Reply> {
    let mut wire = Wire::to(place)?;
    if wire.speaks_first(GREETING)? {
        return Ok(Reply::Foreign);
    }
    let request = format!(
        "GET /metrics HTTP/1.1\r\nHost: {place}\r\nUser-Agent: hubtop\r\nAccept: text/plain;version=0.0.4\r\nConnection: close\r\n\r\n"
    );
    wire.send(request.as_bytes())?;
    let answer = wire.rest();
    Ok(if is_page(&String::from_utf8_lossy(&answer)) {
        Reply::open()
    } else {
        Reply::Foreign
    })
}

/// Whether an answer, which may be cut off, is a page of metrics: it says what a metric is of, and has a value.
fn is_page(answer: &str) -> bool {
    let Some((head, body)) = answer.split_once("\r\n\r\n") else {
        return false;
    };
    let status = head.lines().next().and_then(|line| line.split(' ').nth(1));
    if !head.starts_with("HTTP/1.") || status != Some("200") {
        return false;
    }
    let mut lines = body.lines();
    let has_type = lines.clone().any(|line| line.starts_with("# TYPE "));
    has_type && lines.any(is_sample)
}

/// `name{label="value"} 1`
fn is_sample(line: &str) -> bool {
    let name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let rest = line.trim_start_matches(name);
    let starts = line.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == ':');
    let value = match rest.strip_prefix('{') {
        Some(labels) => labels.rsplit_once('}').map_or("", |(_, value)| value),
        None => rest,
    };
    let number = value.split_ascii_whitespace().next().unwrap_or_default();
    starts && value.starts_with(' ') && number.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_metrics_are_taken_for_such() {
        let page = "# HELP up It is.\n# TYPE up gauge\nup{job=\"a\"} 1\n";
        let answer = |status: &str, body: &str| {
            format!("HTTP/1.1 {status}\r\nContent-Type: text/plain\r\n\r\n{body}")
        };
        assert!(is_page(&answer("200 OK", page)));
        assert!(is_page(&answer(
            "200 OK",
            &format!("1f\r\n{page}\r\n0\r\n")
        )));
        assert!(is_page(&answer(
            "200 OK",
            "# TYPE a counter\na_total 3 17000\n"
        )));
        assert!(!is_page(&answer("404 Not Found", page)));
        assert!(!is_page(&answer("200 OK", "<html># TYPE up gauge</html>")));
        assert!(!is_page(&answer("200 OK", "up 1\n")));
        assert!(!is_page("SSH-2.0-OpenSSH\r\n"));
        assert!(!is_page(""));
    }
}
