//! What a log's source said over several readings.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use hubtop::model::{Distribution, Endpoint, Reading, Rows};

use crate::servers::asked::Asked;

/// A log that is followed, and all that was said of it.
pub struct Seen {
    pub asked: Asked,
    /// Times by the label of the endpoint; of all under the empty label.
    pub times: HashMap<String, Distribution>,
    pub last: Reading,
}

impl Seen {
    /// Follows a log from where it ends now.
    pub fn follow(log: &Path, more: &str) -> Self {
        let asked = Asked::open(&form(log, more));
        let mut seen = Self {
            asked,
            times: HashMap::new(),
            last: Reading::default(),
        };
        seen.read();
        seen
    }

    pub fn read(&mut self) {
        let reading = self.asked.ask().unwrap();
        self.keep(reading);
    }

    fn keep(&mut self, reading: Reading) {
        let table = self.asked.catalog.table();
        for (id, times) in &reading.distributions {
            let labels = &table.key(*id).unwrap().labels;
            let label = labels.get("endpoint").unwrap_or_default().to_owned();
            self.times.entry(label).or_default().merge(times);
        }
        self.last = reading;
    }

    /// Reads on until so many requests were seen in all.
    pub fn read_until(&mut self, requests: u64) {
        let what = format!("{requests} requests in the log");
        self.read_until_told(&what, |rows| {
            rows.iter().map(|row| row.requests).sum::<u64>() >= requests
        });
    }

    /// Reads on until each of these routes was seen, whatever else was asked for.
    pub fn read_until_rows(&mut self, labels: &[&str]) {
        self.read_until_told(&format!("{labels:?} in the log"), |rows| {
            let is_there = |label: &&str| rows.iter().any(|row| row.label() == *label);
            labels.iter().all(is_there)
        });
    }

    fn read_until_told(&mut self, what: &str, is_enough: impl Fn(&[Endpoint]) -> bool) {
        let mut got = Vec::new();
        self.asked.ask_until(what, |reading, _| {
            got.push(reading.clone());
            is_enough(&rows(reading)).then_some(())
        });
        got.into_iter().for_each(|reading| self.keep(reading));
    }

    pub fn row(&self, label: &str) -> Endpoint {
        let rows = rows(&self.last);
        let found = rows.iter().find(|row| row.label() == label);
        found
            .unwrap_or_else(|| panic!("{label} is not among {rows:#?}"))
            .clone()
    }

    pub fn requests(&self) -> u64 {
        rows(&self.last).iter().map(|row| row.requests).sum()
    }

    pub fn partial(&self, part: &str) -> Option<String> {
        let found = self
            .last
            .partial
            .iter()
            .find(|partial| &*partial.part == part);
        found.map(|partial| partial.line.to_string())
    }
}

pub fn form(log: &Path, more: &str) -> String {
    format!(
        "kind = \"access_log\"\naddress = {:?}\n{more}",
        log.to_str().unwrap()
    )
}

pub fn rows(reading: &Reading) -> Vec<Endpoint> {
    let mut endpoints = reading.rows.iter().filter_map(|rows| match rows {
        Rows::Endpoints(rows) => Some(rows.clone()),
        _ => None,
    });
    endpoints.next().unwrap_or_default()
}

/// The times that a log's own lines tell, by what reads one of a line, rising.
pub fn times_of(log: &Path, of: impl Fn(&str) -> Option<f64>) -> Vec<f64> {
    let text = fs::read_to_string(log).unwrap();
    let mut times: Vec<f64> = text.lines().filter_map(of).collect();
    times.sort_by(f64::total_cmp);
    times
}

/// Asserts that percentiles are those of the times themselves, within the error of a sketch.
pub fn assert_percentiles(told: &Distribution, times: &[f64]) {
    assert_eq!(told.count(), times.len() as u64);
    for q in [0.5, 0.95, 0.99] {
        let exact = times[(q * (times.len() - 1) as f64) as usize];
        let ms = told.quantile(q).unwrap().ms;
        assert!(
            (ms - exact).abs() <= exact * 0.0101 + 1e-3,
            "p{q}: {ms} is not {exact}"
        );
    }
}
