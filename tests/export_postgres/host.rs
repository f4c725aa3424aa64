//! A host whose figures a test makes up, and an export that takes them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hubtop::model::{
    AlertBoard, Catalog, Frame, HostFacts, Keeping, KeepingState, Labels, SeriesId, Timestamp,
};
use hubtop::store::remote::{Around, ExportForm, start_export};
use hubtop::store::{Kept, Sink};
use tempfile::TempDir;

use crate::servers::postgres::Postgres;
use crate::servers::wait_for;

/// When the first moment is.
pub const BEGIN: i64 = 1_790_000_000_000;

/// The metric whose value is the number of the moment.
pub const NUMBER: &str = "test.moment.number";

/// So many series besides the number are in each moment.
pub const COMPANY: u32 = 20;

/// A host, a tick a second.
pub struct Host {
    pub name: String,
    pub catalog: Catalog,
    pub alerts: Arc<AlertBoard>,
    values: Vec<(SeriesId, f64)>,
    sink: Option<Box<dyn Sink>>,
    form: ExportForm,
}

/// The keys of an `[[export]]` that sends each second.
pub fn form(server: &Postgres, user: &str, further: &str) -> ExportForm {
    form_to(server.port, user, further)
}

pub fn form_to(port: u16, user: &str, further: &str) -> ExportForm {
    toml::from_str(&format!(
        "kind = \"postgres\"\nurl = \"postgres://{user}@127.0.0.1:{port}/postgres\"\ninterval = \"1s\"\n{further}"
    ))
    .unwrap()
}

pub fn at(moment: i64) -> Timestamp {
    Timestamp(BEGIN).plus(Duration::from_secs(moment.unsigned_abs()))
}

impl Host {
    /// A host whose export keeps its queue in `state`; nothing is sent of its first moment, for every interval is sent
    /// when it is over.
    pub fn start(name: &str, form: ExportForm, state: &Path) -> Self {
        let mut host = Self {
            name: name.to_owned(),
            catalog: Catalog::new(),
            alerts: Arc::default(),
            values: Vec::new(),
            sink: None,
            form,
        };
        for n in 0..COMPANY {
            host.set(
                "test.company",
                Labels::one("n", &n.to_string()),
                f64::from(n),
            );
        }
        host.open(state);
        host
    }

    /// Starts the export.
    pub fn open(&mut self, state: &Path) {
        let around = Around {
            state: state.to_owned(),
            now: Timestamp(BEGIN),
        };
        self.sink = Some(start_export(&self.form, &around).unwrap());
    }

    /// Ends the export; another may take its queue.
    pub fn close(&mut self) {
        self.sink = None;
    }

    pub fn set(&mut self, metric: &str, labels: Labels, value: f64) {
        let id = self.catalog.id(metric, labels);
        self.values.retain(|(known, _)| *known != id);
        self.values.push((id, value));
    }

    /// Everything as it is at a moment.
    pub fn frame(&mut self, moment: i64) -> Frame {
        self.set(NUMBER, Labels::none(), moment as f64);
        let series = self.catalog.table();
        let mut values = vec![f64::NAN; series.len()];
        for (id, value) in &self.values {
            values[id.index()] = *value;
        }
        Frame {
            number: 1,
            host: Arc::new(HostFacts {
                name: self.name.clone(),
                ..HostFacts::default()
            }),
            series,
            values: Arc::new(values),
            alerts: self.alerts.clone(),
            ..Frame::empty(at(moment))
        }
    }

    /// Puts a moment and waits until the export has it in its queue.
    pub fn put(&mut self, moment: i64) {
        let frame = Arc::new(self.frame(moment));
        let kept = Kept {
            frame: frame.clone(),
            came: [].into(),
        };
        self.sink.as_mut().unwrap().put(&kept);
        drop(kept);
        wait_for("the export to take a moment", || {
            (Arc::strong_count(&frame) == 1).then_some(())
        });
    }

    pub fn put_all(&mut self, moments: std::ops::RangeInclusive<i64>) {
        for moment in moments {
            self.put(moment);
        }
    }

    pub fn keeping(&self) -> Keeping {
        self.sink.as_ref().unwrap().keeping()
    }

    /// Waits until nothing waits in the queue.
    pub fn wait_until_all_is_sent(&self) {
        wait_for("the queue to be sent", || {
            let keeping = self.keeping();
            (keeping.state == KeepingState::Keeping && keeping.bytes == Some(0)).then_some(())
        });
    }

    /// Waits until it is told that nothing is sent, and why.
    pub fn wait_for_line(&self, state: KeepingState, words: &str) -> String {
        wait_for(&format!("the export to say {words:?}"), || {
            let keeping = self.keeping();
            let said = keeping.state == state && keeping.line.contains(words);
            said.then(|| keeping.line.to_string())
        })
    }
}

/// The numbers of the moments of a host that are in the database, in the order of their times; the company of each is
/// looked at too.
pub fn numbers(server: &Postgres, host: &str) -> Vec<i64> {
    let rows = server.sql(&format!(
        "SELECT value::bigint, extract(epoch FROM \"timestamp\")::bigint * 1000 FROM performance_metrics
          WHERE metric_name = '{NUMBER}' AND tags ->> 'host' = '{host}' ORDER BY \"timestamp\", id"
    ));
    let numbers: Vec<i64> = rows.iter().map(|row| row[0].parse().unwrap()).collect();
    for (row, number) in rows.iter().zip(&numbers) {
        assert_eq!(row[1], at(*number).0.to_string(), "the time of a moment");
    }
    let company = server.sql(&format!(
        "SELECT count(*), count(DISTINCT (\"timestamp\", tags)) FROM performance_metrics
          WHERE metric_name = 'test.company' AND tags ->> 'host' = '{host}'"
    ));
    let expected = (numbers.len() * COMPANY as usize).to_string();
    assert_eq!(company[0], [expected.clone(), expected], "whole moments");
    numbers
}

pub fn state() -> TempDir {
    tempfile::tempdir().unwrap()
}
