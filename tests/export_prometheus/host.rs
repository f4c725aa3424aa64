//! A host whose figures a test makes up, and an export that takes them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hubtop::model::{
    Catalog, Clock, Frame, Keeping, KeepingState, Labels, SeriesId, SystemClock, Timestamp, Unit,
};
use hubtop::store::remote::{Around, ExportForm, start_export};
use hubtop::store::{Kept, Sink};

use crate::servers::wait_for;

/// So many series are in each moment.
pub const SERIES: u32 = 40;

/// The metric that all of them are of, and what it is called there.
pub const METRIC: &str = "test.disk.usage_percent";
pub const THERE: &str = "test_disk_usage_percent";

/// Half an hour ago, at a whole minute and a little more, so that engines take what tests tell.
pub fn begin() -> Timestamp {
    let now = SystemClock::new().now().wall;
    let half_an_hour = Duration::from_secs(1800);
    let minute = Duration::from_secs(60);
    now.minus(half_an_hour)
        .floor_to(minute)
        .plus(Duration::from_millis(250))
}

/// A value as every figure of a frame is: of five digits. VictoriaMetrics keeps decimals, some bits fewer than a float has.
pub fn value(series: u32, moment: i64) -> f64 {
    let wave = (moment as f64 / 7.0 + f64::from(series)).sin();
    Unit::Percent.rounded(50.0 + 49.0 * wave / 3.0)
}

/// A host with a tick a second.
pub struct Host {
    pub catalog: Catalog,
    pub begin: Timestamp,
    sink: Box<dyn Sink>,
    ids: Vec<SeriesId>,
}

/// The keys of an `[[export]]` that sends each second.
pub fn form(address: &str, further: &str) -> ExportForm {
    let keys = format!(
        "kind = \"prometheus\"\nurl = \"{address}\"\ninterval = \"1s\"\ntimeout = \"2s\"\n{further}"
    );
    toml::from_str(&keys).unwrap()
}

impl Host {
    /// A host whose export keeps its queue in `state`. Nothing is sent of its first moment: every interval is sent when
    /// it is over.
    pub fn start(form: &ExportForm, state: &Path, begin: Timestamp) -> Self {
        let catalog = Catalog::new();
        let series = |n: u32| catalog.id(METRIC, Labels::one("mount", &format!("/{n}")));
        let ids = (0..SERIES).map(series).collect();
        let around = Around {
            state: state.to_owned(),
            now: begin,
        };
        let sink = start_export(form, &around).unwrap();
        Self {
            catalog,
            begin,
            sink,
            ids,
        }
    }

    pub fn at(&self, moment: i64) -> Timestamp {
        self.begin.plus(Duration::from_secs(moment.unsigned_abs()))
    }

    /// Puts a moment and waits until the export has it in its queue.
    pub fn put(&mut self, moment: i64) {
        self.put_with(moment, |series| Some(value(series, moment)));
    }

    /// The same with other values.
    pub fn put_with(&mut self, moment: i64, value: impl Fn(u32) -> Option<f64>) {
        let values = (0..SERIES).map(|series| value(series).unwrap_or(f64::NAN));
        let frame = Arc::new(Frame {
            series: self.catalog.table(),
            values: Arc::new(values.collect()),
            ..Frame::empty(self.at(moment))
        });
        assert_eq!(self.ids.len(), frame.values.len());
        let kept = Kept {
            frame: frame.clone(),
            came: [].into(),
        };
        self.sink.put(&kept);
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
        self.sink.keeping()
    }

    pub fn wait_until_all_is_sent(&self) {
        wait_for("the queue to be sent", || {
            let keeping = self.keeping();
            (keeping.state == KeepingState::Keeping && keeping.bytes == Some(0)).then_some(())
        });
    }

    /// Waits until it says why nothing is sent, or that something was refused.
    pub fn wait_for_line(&self, words: &str) -> Arc<str> {
        wait_for(&format!("the export to say {words:?}"), || {
            let line = self.keeping().line;
            line.contains(words).then_some(line)
        })
    }
}
