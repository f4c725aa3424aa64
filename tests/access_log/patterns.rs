//! Logs that a pattern names: each is a source of its own.

use std::fs;

use hubtop::collect::{Limits, Source};
use hubtop::model::Rows;

use crate::rotation::{append, lines};
use crate::seen::form;
use crate::servers::asked::Asked;
use crate::servers::folder;

/// The sources that were found since the last time.
fn found(looking: &mut Asked) -> Vec<Source> {
    std::iter::from_fn(|| looking.found.try_recv().ok()).collect()
}

/// What they are called, without the folder.
fn names(sources: &[Source]) -> Vec<String> {
    let name = |source: &Source| {
        let name = source.spec().name.to_string();
        name.split(' ').next_back().unwrap_or_default().to_owned()
    };
    sources.iter().map(name).collect()
}

#[test]
fn each_log_that_fits_is_followed_and_so_is_one_that_comes_later() {
    let folder = folder();
    let log = |name: &str| folder.path().join(name);
    for name in [
        "shop.access.log",
        "blog.access.log",
        "shop.access.log.1",
        "error.log",
    ] {
        fs::write(log(name), lines(2)).unwrap();
    }
    let mut looking = Asked::open(&form(&log("*.access.log"), ""));
    looking.ask().unwrap();
    let mut sources = found(&mut looking);
    assert_eq!(names(&sources), ["blog.access.log", "shop.access.log"]);

    let mut shop = Asked::of(Limits::default(), |_| sources.remove(1));
    shop.ask().unwrap();
    append(&log("shop.access.log"), lines(3));
    shop.ask_until("what came", |reading, _| {
        let mut rows = reading.rows.iter();
        let requests: u64 = rows.find_map(|rows| match rows {
            Rows::Endpoints(rows) => Some(rows.iter().map(|row| row.requests).sum()),
            _ => None,
        })?;
        (requests == 3).then_some(())
    });

    fs::write(log("late.access.log"), lines(1)).unwrap();
    let reading = looking.ask().unwrap();
    assert!(reading.partial.is_empty(), "{:?}", reading.partial);
    assert_eq!(names(&found(&mut looking)), ["late.access.log"]);
}

#[test]
fn their_number_has_a_bound_and_none_is_told() {
    let folder = folder();
    let mut looking = Asked::open(&form(&folder.path().join("*.log"), "name = \"sites\""));
    let line = |looking: &mut Asked| looking.ask().unwrap().partial[0].line.to_string();
    assert!(line(&mut looking).starts_with("no file is called so"));
    for number in 10..30 {
        fs::write(folder.path().join(format!("{number}.log")), "").unwrap();
    }
    assert!(
        line(&mut looking).starts_with("16 logs that fit are followed, and 4 more are not"),
        "{}",
        line(&mut looking)
    );
    let sources = found(&mut looking);
    assert_eq!(sources.len(), 16);
    assert_eq!(&*sources[0].spec().name, "sites 10.log");
}
