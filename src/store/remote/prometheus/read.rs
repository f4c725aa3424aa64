//! The past beyond what is kept here, asked of an engine that keeps more: nobody waits for it. What is not at hand is
//! asked for in a thread of its own, and drawn when it has come.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::Instant;

use super::cache::{Cache, Held, Part};
use super::client::{Access, Http, Said};
use super::query::{self, Question};
use crate::model::{Catalog, SeriesKey};
use crate::net::FormError;
use crate::store::names::{Label, label_name, labels_of};
use crate::store::{Points, Window};

/// So many requests wait to be sent; more are asked for again when they are drawn again.
const MOST_WAITING: usize = 256;
/// So many are asked at once.
const AT_ONCE: usize = 4;
/// After a failure nothing is asked for so long, doubled with each up to the longest.
const SHORTEST_PAUSE: Duration = Duration::from_secs(2);
/// See [`SHORTEST_PAUSE`].
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// More points than this Prometheus does not answer with.
const MOST_POINTS: usize = 11_000;

/// Reads series back from a Prometheus-compatible engine.
#[derive(Debug)]
pub struct RemoteHistory {
    catalog: Catalog,
    of_host: Vec<Label>,
    shared: Arc<Shared>,
    wishes: mpsc::Sender<Wish>,
    arrived: watch::Receiver<u64>,
}

#[derive(Debug)]
struct Shared {
    cache: Mutex<Cache>,
    trouble: Mutex<Option<Arc<str>>>,
}

/// What is to be asked.
#[derive(Debug)]
struct Wish {
    part: Part,
    selector: String,
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
        let shared = Arc::new(Shared {
            cache: Mutex::default(),
            trouble: Mutex::default(),
        });
        let reader = Reader {
            http,
            timeout: access.timeout,
            interval,
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
            let wish = Wish {
                part: part.clone(),
                selector,
            };
            if self.wishes.try_send(wish).is_ok() {
                cache.asked(part);
            }
        }
        points
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

impl Shared {
    fn cache(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn trouble(&self) -> MutexGuard<'_, Option<Arc<str>>> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The side that waits for the engine.
#[derive(Debug)]
struct Reader {
    http: Http,
    timeout: Duration,
    /// How long a sample stands.
    interval: Duration,
    shared: Arc<Shared>,
    arrival: watch::Sender<u64>,
    pause: Mutex<Pause>,
}

/// When an engine that failed is asked again.
#[derive(Debug, Default)]
struct Pause {
    failures: u32,
    until: Option<Instant>,
}

impl Reader {
    /// Ends when nobody wishes anything any more.
    async fn run(self: Arc<Self>, mut wished: mpsc::Receiver<Wish>) {
        let local = tokio::task::LocalSet::new();
        let turns = Arc::new(Semaphore::new(AT_ONCE));
        local
            .run_until(async {
                while let Some(wish) = wished.recv().await {
                    let Ok(turn) = turns.clone().acquire_owned().await else {
                        return;
                    };
                    let reader = self.clone();
                    tokio::task::spawn_local(async move {
                        reader.fulfil(wish).await;
                        drop(turn);
                    });
                }
            })
            .await;
    }

    async fn fulfil(&self, wish: Wish) {
        if self.pauses() {
            // Whoever still wants it asks again.
            self.shared.cache().forget(&wish.part);
            return;
        }
        let answer = self.ask(&wish).await;
        {
            let mut cache = self.shared.cache();
            match &answer {
                Ok(points) => cache.put(wish.part, points.clone()),
                Err(_) => cache.forget(&wish.part),
            }
        }
        self.note(answer.err());
        self.arrival.send_modify(|arrivals| *arrivals += 1);
    }

    async fn ask(&self, wish: &Wish) -> Result<Points, String> {
        let mut points = Points::unknown(wish.part.window);
        for question in Question::of_window(&wish.part.window, self.interval) {
            let body = question.body(&wish.selector, self.timeout);
            let said = post(&self.http, "/api/v1/query_range", body).await?;
            let shown = self.http.shown();
            query::read(&said.body, &mut points).map_err(|why| {
                if said.status.is_success() {
                    return format!("{shown}: {why}");
                }
                refusal(shown, &said)
            })?;
        }
        Ok(points)
    }

    fn pauses(&self) -> bool {
        let pause = self.pause.lock().unwrap_or_else(PoisonError::into_inner);
        pause.until.is_some_and(|until| Instant::now() < until)
    }

    fn note(&self, failed: Option<String>) {
        let mut pause = self.pause.lock().unwrap_or_else(PoisonError::into_inner);
        if failed.is_some() {
            let longer = SHORTEST_PAUSE.saturating_mul(1 << pause.failures.min(8));
            pause.failures += 1;
            pause.until = Some(Instant::now() + longer.min(LONGEST_PAUSE));
        } else {
            *pause = Pause::default();
        }
        *self.shared.trouble() = failed.map(Arc::from);
    }
}

/// Whether the engine answers questions. Where it is.
pub(super) async fn look(http: Http) -> Result<String, String> {
    let said = post(&http, "/api/v1/query", "query=1".to_owned()).await?;
    if said.status.is_success() {
        return Ok(format!("{} answers", http.shown()));
    }
    Err(refusal(http.shown(), &said))
}

async fn post(http: &Http, below: &str, body: String) -> Result<Said, String> {
    let request = http
        .post(below)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(body);
    http.ask(request).await
}

fn refusal(shown: &str, said: &Said) -> String {
    match said.line() {
        none if none.is_empty() => format!("{shown}: HTTP {}", said.status),
        line => format!("{shown}: HTTP {}: {line}", said.status.as_u16()),
    }
}
