//! The side that waits for the engine: a thread of its own that asks what is wished, and puts the answers where the screen
//! finds them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::Instant;

use super::begin::{self, Begin};
use super::cache::{Cache, Part};
use super::client::{Http, Said};
use super::every::{Every, Sample};
use super::moments::{Moments, Values};
use super::query::{self, Question, Row};
use crate::model::{Catalog, Timestamp};
use crate::store::Points;
use crate::store::names::Label;

/// So many are asked at once.
const AT_ONCE: usize = 4;
/// After a failure nothing is asked for so long, doubled with each up to the longest.
const SHORTEST_PAUSE: Duration = Duration::from_secs(2);
/// See [`SHORTEST_PAUSE`].
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

const INSTANT: &str = "/api/v1/query";
const RANGE: &str = "/api/v1/query_range";

/// What is to be asked.
#[derive(Debug)]
pub(super) enum Wish {
    /// A series over a window.
    Part { part: Part, selector: String },
    /// All series at a moment.
    Moment(Timestamp),
    /// Since when there are samples of any of these series; `now` is the newest moment.
    Begin {
        selectors: Vec<String>,
        now: Timestamp,
    },
}

/// What came, and what is on its way.
#[derive(Debug, Default)]
pub(super) struct Shared {
    cache: Mutex<Cache>,
    moments: Mutex<Moments>,
    begin: Mutex<Begin>,
    trouble: Mutex<Option<Arc<str>>>,
}

impl Shared {
    pub fn cache(&self) -> MutexGuard<'_, Cache> {
        locked(&self.cache)
    }

    pub fn moments(&self) -> MutexGuard<'_, Moments> {
        locked(&self.moments)
    }

    pub fn begin(&self) -> MutexGuard<'_, Begin> {
        locked(&self.begin)
    }

    pub fn trouble(&self) -> MutexGuard<'_, Option<Arc<str>>> {
        locked(&self.trouble)
    }

    fn is_wanted(&self, wish: &Wish) -> bool {
        match wish {
            Wish::Moment(at) => self.moments().is_wanted(*at),
            Wish::Part { .. } | Wish::Begin { .. } => true,
        }
    }

    /// Nothing came of a wish: whoever still has it asks again.
    fn forget(&self, wish: &Wish) {
        match wish {
            Wish::Part { part, .. } => self.cache().forget(part),
            Wish::Moment(at) => self.moments().forget(*at),
            Wish::Begin { .. } => self.begin().forget(),
        }
    }
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whoever asks the engine.
#[derive(Debug)]
pub(super) struct Reader {
    pub http: Http,
    pub timeout: Duration,
    /// How long a sample stands.
    pub interval: Duration,
    pub catalog: Catalog,
    pub of_host: Vec<Label>,
    pub shared: Arc<Shared>,
    pub arrival: watch::Sender<u64>,
    pub pause: Mutex<Pause>,
}

/// When an engine that failed is asked again.
#[derive(Debug, Default)]
pub(super) struct Pause {
    failures: u32,
    until: Option<Instant>,
}

impl Reader {
    /// Ends when nobody wishes anything any more.
    pub async fn run(self: Arc<Self>, mut wished: mpsc::Receiver<Wish>) {
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
        if self.pauses() || !self.shared.is_wanted(&wish) {
            self.shared.forget(&wish);
            return;
        }
        let failed = self.answer(&wish).await.err();
        if failed.is_some() {
            self.shared.forget(&wish);
        }
        self.note(failed);
        self.arrival.send_modify(|arrivals| *arrivals += 1);
    }

    async fn answer(&self, wish: &Wish) -> Result<(), String> {
        match wish {
            Wish::Part { part, selector } => {
                let points = self.points(part, selector).await?;
                self.shared.cache().put(part.clone(), points);
            }
            Wish::Moment(at) => {
                let values = self.values(*at).await?;
                self.shared.moments().put(*at, values);
            }
            Wish::Begin { selectors, now } => {
                let begin = self.begin(selectors, *now).await?;
                self.shared.begin().put(begin);
            }
        }
        Ok(())
    }

    async fn points(&self, part: &Part, selector: &str) -> Result<Points, String> {
        let mut points = Points::unknown(part.window);
        for question in Question::of_window(&part.window, self.interval) {
            let body = question.body(selector, self.timeout);
            self.ask(RANGE, body, |said| query::read(said, &mut points))
                .await?;
        }
        Ok(points)
    }

    async fn values(&self, at: Timestamp) -> Result<Values, String> {
        let table = self.catalog.table();
        if table.is_empty() {
            return Ok(Values::default());
        }
        let every = Every::of(&table, &self.of_host);
        // The next one may come a little late.
        let promql = every.promql(self.interval * 2);
        let body = query::moment_body(&promql, at, self.timeout);
        let rows: Vec<Sample> = self.ask(INSTANT, body, query::rows).await?;
        let shown = self.http.shown();
        let values = every.values(&rows);
        Ok(Arc::new(values.map_err(|why| format!("{shown}: {why}"))?))
    }

    async fn begin(
        &self,
        selectors: &[String],
        now: Timestamp,
    ) -> Result<Option<Timestamp>, String> {
        let (mut from, mut to, mut found) = (now.minus(begin::LOOK_BACK), now, None);
        for step in begin::STEPS {
            let promql = begin::promql(selectors, step);
            let body = query::range_body(&promql, (from.plus(step), to), step, self.timeout);
            let rows: Vec<Row> = self.ask(RANGE, body, query::rows).await?;
            let Some(first) = begin::first(&rows) else {
                break;
            };
            (from, to, found) = (first.minus(step), first, Some(first));
        }
        Ok(found)
    }

    /// Asks and reads the answer; what went wrong in one line that begins with the address.
    async fn ask<T>(
        &self,
        below: &str,
        body: String,
        read: impl FnOnce(&[u8]) -> Result<T, String>,
    ) -> Result<T, String> {
        let said = post(&self.http, below, body).await?;
        let shown = self.http.shown();
        read(&said.body).map_err(|why| {
            if said.status.is_success() {
                return format!("{shown}: {why}");
            }
            refusal(shown, &said)
        })
    }

    fn pauses(&self) -> bool {
        let pause = locked(&self.pause);
        pause.until.is_some_and(|until| Instant::now() < until)
    }

    fn note(&self, failed: Option<String>) {
        let mut pause = locked(&self.pause);
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
    let said = post(&http, INSTANT, "query=1".to_owned()).await?;
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
