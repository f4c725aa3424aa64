//! What a page may hold, by the two specifications and by what is seen.

use super::*;

type Read = (String, Vec<(String, String)>, f64);

fn read(page: &str) -> (Vec<Read>, Vec<(u32, Flaw)>) {
    let mut page = Page::new(page.as_bytes());
    let mut samples = Vec::new();
    let mut flaws = Vec::new();
    loop {
        let flaw = match page.next() {
            None => return (samples, flaws),
            Some(Ok(Line::Sample(sample))) => {
                let labels = sample.labels.iter();
                let labels = labels.map(|(name, value)| (name.to_string(), value.to_string()));
                samples.push((sample.name.to_string(), labels.collect(), sample.value));
                continue;
            }
            Some(Ok(_)) => continue,
            Some(Err(flaw)) => flaw,
        };
        flaws.push((page.number(), flaw));
    }
}

fn one(line: &str) -> Read {
    let (mut samples, flaws) = read(line);
    assert_eq!(flaws, [], "{line}");
    assert_eq!(samples.len(), 1, "{line}");
    samples.remove(0)
}

fn sample(name: &str, labels: &[(&str, &str)], value: f64) -> Read {
    let labels = labels.iter();
    let labels = labels.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    (name.to_owned(), labels.collect(), value)
}

#[test]
fn every_form_of_a_line_is_read() {
    let cases = [
        ("up 1", sample("up", &[], 1.0)),
        ("\t up \t{ } \t 1 \t", sample("up", &[], 1.0)),
        ("up{} 1", sample("up", &[], 1.0)),
        ("up 1\r", sample("up", &[], 1.0)),
        ("up 1.5 1700000000000", sample("up", &[], 1.5)),
        ("up 1.5 1700000000.123", sample("up", &[], 1.5)),
        ("up 1.5 -1", sample("up", &[], 1.5)),
        ("a:b_c1 1e3", sample("a:b_c1", &[], 1000.0)),
        ("x +Inf", sample("x", &[], f64::INFINITY)),
        ("x -Inf", sample("x", &[], f64::NEG_INFINITY)),
        ("x -0.25e-2", sample("x", &[], -0.0025)),
        (
            "x 123456789012345678",
            sample("x", &[], 123_456_789_012_345_680.0),
        ),
        (
            r#"x{a="1",b="2",} 3"#,
            sample("x", &[("a", "1"), ("b", "2")], 3.0),
        ),
        (
            r#"x { a = "1" , b = "2" } 3"#,
            sample("x", &[("a", "1"), ("b", "2")], 3.0),
        ),
        (
            r#"x{path="/a/{id}",q="},{"} 3"#,
            sample("x", &[("path", "/a/{id}"), ("q", "},{")], 3.0),
        ),
        (
            r#"x{a="say \"no\"\\",b="two\nlines",c="\d"} 3"#,
            sample(
                "x",
                &[("a", "say \"no\"\\"), ("b", "two\nlines"), ("c", "\\d")],
                3.0,
            ),
        ),
        (
            r#"{"http.server.duration","url.path"="/ü",b="\ü"} 3"#,
            sample(
                "http.server.duration",
                &[("url.path", "/ü"), ("b", "\\ü")],
                3.0,
            ),
        ),
        (
            r#"x{le="+Inf"} 3 # {trace_id="a } b"} 0.67 1.5"#,
            sample("x", &[("le", "+Inf")], 3.0),
        ),
        (r#"x_total 3 1.5 # {} 0.67"#, sample("x_total", &[], 3.0)),
    ];
    for (line, expected) in cases {
        assert_eq!(one(line), expected, "{line}");
    }
    assert!(one("x NaN").2.is_nan());
}

#[test]
fn a_line_that_cannot_be_read_is_told_and_costs_no_other() {
    let cases = [
        ("1x 2", "does not begin with a name"),
        ("{a=\"1\"} 2", "does not begin with a name"),
        ("x", "has no value"),
        ("x{a=\"1\"}", "has no value"),
        ("x one", "has a value that is no number"),
        ("x 0x1p3", "has a value that is no number"),
        ("x 1 soon", "has something behind its value that is no time"),
        ("x 1 2 3", "goes on behind its time"),
        ("x{a=1} 2", "has a label whose value is not in quotes"),
        ("x{a} 2", "has a label without a value"),
        ("x{a=\"1\" b=\"2\"} 2", "has labels that don't end"),
        ("x{a=\"1\" 2", "has labels that don't end"),
        ("x{a=\"1} 2", "has quotes that don't end"),
        ("x{a=\"1\\", "has quotes that don't end"),
        ("x{=\"1\"} 2", "has a label without a name"),
        ("x{\"y\"} 2", "has two names"),
        ("{\"x\",\"y\"} 2", "has a label without a value"),
        ("# TYPE x thing", "has a # TYPE that there is not"),
        ("# TYPE", ""),
    ];
    for (line, flaw) in cases {
        let (samples, flaws) = read(&format!("before 1\n{line}\nafter 2"));
        let names: Vec<&str> = samples.iter().map(|(name, ..)| &**name).collect();
        assert_eq!(names, ["before", "after"], "{line}");
        let expected: &[(u32, Flaw)] = if flaw.is_empty() { &[] } else { &[(2, flaw)] };
        assert_eq!(flaws, expected, "{line}");
    }
    let mut page = Page::new(b"a 1\nb{c=\"\xff\"} 2\nd 3\n");
    assert!(page.next().unwrap().is_ok());
    assert_eq!(page.next().unwrap().unwrap_err(), "is not UTF-8");
    assert!(page.next().unwrap().is_ok());
}

#[test]
fn comments_tell_type_and_unit_and_the_end() {
    let text = "# HELP x some \\\\ text\n# TYPE x histogram\n#TYPE\ty\tcounter\n# UNIT x seconds\n# just words\n\n\
                # TYPE \"my.metric\" gauge\n# EOF\nafter 1\n";
    let mut page = Page::new(text.as_bytes());
    assert_eq!(
        page.next(),
        Some(Ok(Line::Type("x".into(), Type::Histogram)))
    );
    assert_eq!(page.next(), Some(Ok(Line::Type("y".into(), Type::Counter))));
    assert_eq!(page.next(), Some(Ok(Line::Unit("x".into(), "seconds"))));
    assert_eq!(
        page.next(),
        Some(Ok(Line::Type("my.metric".into(), Type::Gauge)))
    );
    assert_eq!(page.next(), None);
    assert_eq!(page.next(), None);
}
