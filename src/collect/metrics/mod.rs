//! Pages of metrics as Prometheus reads them: text 0.0.4 and OpenMetrics 1.0, over HTTP.
//!
//! A page goes through `page` (lines), `book` (what was added to each series), `requests`, `models` and `levels` (what
//! that means) into one reading. Which names mean what stands in `known`, or in the settings by `form`.

mod book;
mod fetch;
mod flaws;
mod form;
mod increase;
mod known;
mod levels;
mod meaning;
mod model_use;
mod models;
mod page;
mod place;
mod reader;
mod requests;
mod sessions;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub use form::{ApiForm, LevelForm, Mappings, PriceForm, SeriesForm, TimeUnit, WorkKind};
pub use reader::{Survey, survey};

use self::fetch::{Fetch, Fetched};
use self::reader::Reader;
use super::form::SourceForm;
use super::{Cadence, Collecting, Collector, Source, Spec, Surroundings};
use crate::model::{Moment, Reading, SourceKind, SourceName, Timestamp};
use crate::net::FormError;

/// How often a page is asked for, unless it is given.
const INTERVAL: Duration = Duration::from_secs(5);
/// After how long a page is given up, unless it is given.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Pages up to this size are read where they are asked for; larger ones in a thread of their own, so that no frame
/// waits for them. 100 KB take about a millisecond.
const LARGE: usize = 100 << 10;

/// Makes a source of a form, without connecting yet.
///
/// # Errors
/// What is wrong with the form.
pub fn open(form: &SourceForm, around: &Surroundings) -> Result<Source, FormError> {
    for api in &around.mappings.apis {
        api.check()?;
    }
    for level in &around.mappings.levels {
        level.check()?;
    }
    let timeout = form.timeout.unwrap_or(TIMEOUT);
    let fetch = Fetch::new(form, timeout)?;
    let name: SourceName = match &form.name {
        Some(name) => name.as_str().into(),
        None => fetch.name().into(),
    };
    Ok(Source::Asked(Box::new(MetricsPage {
        reader: Arc::new(Mutex::new(Reader::new(&name, around))),
        spec: Spec {
            name,
            kind: SourceKind::Api,
            cadence: Cadence::Every(form.interval.unwrap_or(INTERVAL)),
            timeout,
        },
        fetch,
    })))
}

/// Reads pages of one source, five seconds apart, without asking anybody for them: what each brings, or why it is none.
#[doc(hidden)]
pub fn read_apart(pages: &[&[u8]]) -> Vec<Result<Reading, String>> {
    let mut reader = Reader::new(&"apart".into(), &Surroundings::apart());
    let moments = (0..).map(|page: u32| Moment {
        wall: Timestamp(0).plus(INTERVAL * page),
        mono: INTERVAL * page,
    });
    let pages = pages.iter().zip(moments);
    pages
        .map(|(page, now)| reader.read(page, false, now))
        .collect()
}

/// Lines of a page with a value, and lines that can't be read.
#[doc(hidden)]
#[must_use]
pub fn count_lines(bytes: &[u8]) -> (usize, usize) {
    let mut page = page::Page::new(bytes);
    let mut counts = (0, 0);
    while let Some(line) = page.next() {
        match line {
            Ok(page::Line::Sample(_)) => counts.0 += 1,
            Ok(_) => {}
            Err(_) => counts.1 += 1,
        }
    }
    counts
}

/// A page that is asked for again and again.
struct MetricsPage {
    spec: Spec,
    fetch: Fetch,
    reader: Arc<Mutex<Reader>>,
}

impl Collector for MetricsPage {
    fn spec(&self) -> Spec {
        self.spec.clone()
    }

    fn collect(&mut self, now: Moment) -> Collecting<'_> {
        Box::pin(async move {
            let fetched = self.fetch.page().await?;
            let read = self.read(fetched, now).await;
            read.map_err(|why| self.fetch.malformed(&why))
        })
    }
}

impl MetricsPage {
    async fn read(&self, fetched: Fetched, now: Moment) -> Result<Reading, String> {
        let reader = self.reader.clone();
        let is_large = fetched.bytes.len() > LARGE;
        let read = move || {
            let mut reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
            reader.read(&fetched.bytes, fetched.is_cut, now)
        };
        if !is_large {
            return read();
        }
        let done = tokio::task::spawn_blocking(read).await;
        done.unwrap_or_else(|_| Err("hubtop failed while reading it; please report it".to_owned()))
    }
}
