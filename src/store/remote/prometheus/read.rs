//! The past beyond what is kept here, asked of an engine that keeps more: nobody waits for it. What is not at hand is
//! asked for in a thread of its own, and drawn when it has come.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::cache::{Held, Part};
use super::client::{Access, Http};
use super::query;
use super::reader::{Reader, Shared, Wish};
use crate::model::{Catalog, SeriesKey, Timestamp};
use crate::net::FormError;
use crate::store::names::{Label, label_name, labels_of};
use crate::store::{Points, Window};

/// So many requests wait to be sent; more are asked for again when they are drawn again.
const MOST_WAITING: usize = 256;
/// More points than this Prometheus does not answer with.
const MOST_POINTS: usize = 11_000;

/// Reads series back from a Prometheus-compatible engine.
#[derive(Debug)]
pub struct RemoteHistory {
    catalog: Catalog,
    of_host: Vec<Label>,
    shown: String,
    interval: Duration,
    shared: Arc<Shared>,
    wishes: mpsc::Sender<Wish>,
    arrived: watch::Receiver<u64>,
}

impl RemoteHistory {
    /// Begins to read from the engine below `access.address` the series that bear the labels `of_host` besides their own,
    /// and have a sample each `interval`. Nothing connects before something is asked.
    ///
    /// # Errors
    /// What is wrong with the access, or that the system gives no thread.
    pub(super) fn start(
        access: &Access,
        of_host: Vec<Label>,
        interval: Duration,
        catalog: Catalog,
    ) -> Result<Self, FormError> {
        let http = Http::new(access, "")?;
        let (wishes, wished) = mpsc::channel(MOST_WAITING);
        let (arrival, arrived) = watch::channel(0);
        let shared = Arc::new(Shared::default());
        let shown = http.shown().to_owned();
        let reader = Reader {
            http,
            timeout: access.timeout,
            interval,
            catalog: catalog.clone(),
            of_host: of_host.clone(),
            shared: shared.clone(),
            arrival,
            pause: Mutex::default(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = runtime.map_err(|error| FormError::of("address", error.to_string()))?;
        std::thread::Builder::new()
            .name("hubtop-reads-back".to_owned())
            .spawn(move || runtime.block_on(Arc::new(reader).run(wished)))
            .map_err(|error| FormError::of("address", error.to_string()))?;
        Ok(Self {
            catalog,
            of_host,
            shown,
            interval,
            shared,
            wishes,
            arrived,
        })
    }

    /// The series over a window: at once, if it has been asked before; otherwise it is asked for now, and
    /// [`RemoteHistory::arrivals`] tells when to ask again. `None` until then.
    #[must_use]
    pub fn points(&self, key: &SeriesKey, window: Window) -> Option<Points> {
        if window.count == 0 || window.count > MOST_POINTS {
            return None;
        }
        let part = Part::new(key, window);
        let mut cache = self.shared.cache();
        let (points, is_due) = match cache.get(&part) {
            Some(Held::Fresh(points)) => (Some(points), false),
            Some(Held::Old(points)) => (Some(points), true),
            Some(Held::Asked) => (None, false),
            None => (None, true),
        };
        if is_due {
            let selector = self.selector(key);
            let wish = Wish::Part {
                part: part.clone(),
                selector,
            };
            if self.wishes.try_send(wish).is_ok() {
                cache.asked(part);
            }
        }
        points
    }

    /// The value of each series at a moment, by its number: at once, if it has been asked before; otherwise it is asked
    /// for now, and [`RemoteHistory::arrivals`] tells when to ask again. `None` until then. Series that the catalog does
    /// not know are left out.
    #[must_use]
    pub fn values(&self, at: Timestamp) -> Option<Arc<Vec<f64>>> {
        let series = self.catalog.table().len();
        let mut moments = self.shared.moments();
        let (values, is_due) = moments.get(at, series);
        if is_due && self.wishes.try_send(Wish::Moment(at)).is_ok() {
            moments.asked(at);
        }
        values
    }

    /// Whether the values of a moment are at hand.
    #[must_use]
    pub fn knows(&self, at: Timestamp) -> bool {
        self.shared.moments().knows(at)
    }

    /// The first moment of which any of some series has a sample there, to the second; `None` until that is known, and
    /// where there is none. `now` is the newest moment.
    #[must_use]
    pub fn begins(&self, witnesses: &[&SeriesKey], now: Timestamp) -> Option<Timestamp> {
        let mut begin = self.shared.begin();
        let (at, is_due) = begin.get();
        if is_due && !witnesses.is_empty() {
            let selectors = witnesses.iter().map(|key| self.selector(key)).collect();
            if self.wishes.try_send(Wish::Begin { selectors, now }).is_ok() {
                begin.asked();
            }
        }
        at
    }

    /// How long a sample stands.
    #[must_use]
    pub fn interval(&self) -> Duration {
        self.interval
    }

    /// The engine's address as people read it, without secrets.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Changes whenever something has come that was asked for, or could not be had.
    #[must_use]
    pub fn arrivals(&self) -> watch::Receiver<u64> {
        self.arrived.clone()
    }

    /// Why nothing comes, in one line; `None` when all is well.
    #[must_use]
    pub fn trouble(&self) -> Option<Arc<str>> {
        self.shared.trouble().clone()
    }

    /// Metrics have series with more labels and with fewer; those that this one lacks must be empty.
    fn selector(&self, key: &SeriesKey) -> String {
        let labels = labels_of(key, &self.of_host);
        let table = self.catalog.table();
        let others = table.of_metric(&key.metric).iter();
        let names: BTreeSet<String> = others
            .filter_map(|id| table.key(*id))
            .flat_map(|key| key.labels.iter().map(|(name, _)| label_name(name)))
            .filter(|name| labels.iter().all(|(own, _)| own != name))
            .collect();
        query::selector(&labels, names.iter().map(String::as_str))
    }
}
