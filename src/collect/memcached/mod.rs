//! memcached, over its text protocol: four questions an interval over one connection.

mod protocol;
mod row;
mod tally;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::counter::Interval;
use super::form::SourceForm;
use super::series::InstanceSeries;
use super::wire::Place;
use super::{Cadence, CollectError, Collecting, Collector, Source, Spec, Surroundings};
use crate::model::{CacheDetail, CacheInstance, Focus, Moment, Reading, Rows, SourceKind};
use crate::net::FormError;
use protocol::{Link, Stats};
use tally::Tally;

/// Where it listens if nobody says otherwise.
const USUAL_PORT: u16 = 11211;
const INTERVAL: Duration = Duration::from_secs(2);
const TIMEOUT: Duration = Duration::from_secs(2);

/// Makes a source of a form, without connecting yet.
///
/// # Errors
/// What is wrong with the form.
pub fn open(form: &SourceForm, around: &Surroundings) -> Result<Source, FormError> {
    let memcached = Memcached::new(form, around)?;
    Ok(Source::Asked(Box::new(memcached)))
}

/// One server.
struct Memcached {
    spec: Spec,
    place: Place,
    form: SourceForm,
    focus: watch::Receiver<Focus>,
    series: InstanceSeries,
    link: Option<Link>,
    interval: Interval,
    tally: Option<Tally>,
    settings: Arc<Stats>,
}

impl Memcached {
    fn new(form: &SourceForm, around: &Surroundings) -> Result<Self, FormError> {
        let address = form
            .address
            .strip_prefix("memcached://")
            .unwrap_or(&form.address);
        let place = Place::parse(address, USUAL_PORT)?;
        let usual = || format!("memcached@{}", place.short());
        let spec = Spec {
            name: form.name.clone().unwrap_or_else(usual).into(),
            kind: SourceKind::Cache,
            cadence: Cadence::Every(form.interval.unwrap_or(INTERVAL)),
            timeout: form.timeout.unwrap_or(TIMEOUT),
        };
        Ok(Self {
            place,
            form: form.clone(),
            focus: around.focus.clone(),
            series: InstanceSeries::new(&around.catalog, &spec.name),
            link: None,
            interval: Interval::default(),
            tally: None,
            settings: Arc::default(),
            spec,
        })
    }

    /// The connection with the answer to `stats`. One that was closed in the meantime is opened again at once.
    async fn enter(&mut self) -> Result<(Link, Stats), CollectError> {
        if let Some(mut link) = self.link.take()
            && let Ok(stats) = link.stats("").await
        {
            return Ok((link, stats));
        }
        let password = self.form.password().map_err(|error| CollectError::Denied {
            grant: error.to_string(),
        })?;
        let mut link =
            Link::open(&self.place, self.form.user.as_deref(), password.as_ref()).await?;
        let stats = link.stats("").await?;
        // They change with a restart only.
        self.settings = Arc::new(link.stats("settings").await?);
        Ok((link, stats))
    }

    async fn read(
        &mut self,
        link: &mut Link,
        general: Stats,
        now: Moment,
    ) -> Result<Reading, CollectError> {
        let items = link.stats("items").await?;
        let slabs = link.stats("slabs").await?;
        let ping = link.ping().await?;
        let tally = Tally { general, items };
        let interval = self.interval.next(now.mono);
        let before = self.tally.as_ref().zip(interval);
        let rise = before.and_then(|(before, interval)| tally.since(before, interval));
        let told = row::Told {
            settings: &self.settings,
            slabs: &slabs,
        };
        let mut row = row::row(&self.spec.name, &tally, rise.as_ref(), &told);
        row.ping_ms = Some(ping.as_secs_f64() * 1e3);
        own_load(&mut row, link, ping, interval);
        let mut reading = Reading::at(now.wall);
        self.series.put_cache(&mut reading, &row);
        reading.rows.push(Rows::Caches(vec![row]));
        if *self.focus.borrow() == Focus::Cache(self.spec.name.clone()) {
            let detail = CacheDetail {
                instance: self.spec.name.clone(),
                ..CacheDetail::default()
            };
            reading.rows.push(Rows::CacheDetail(Some(Box::new(detail))));
        }
        self.tally = Some(tally);
        Ok(reading)
    }
}

/// What was asked at this reading. The server's time is at most what the answers took longer than the shortest one.
fn own_load(row: &mut CacheInstance, link: &mut Link, ping: Duration, interval: Option<Duration>) {
    let (commands, waited) = std::mem::take(&mut link.load);
    let Some(interval) = interval.map(|interval| interval.as_secs_f64()) else {
        return;
    };
    let way = ping.as_secs_f64() * commands as f64;
    let server = (waited.as_secs_f64() - way).max(0.0);
    row.own_commands_per_sec = Some(commands as f64 / interval);
    row.own_ms_per_sec = Some(1e3 * server / interval);
}

impl Collector for Memcached {
    fn spec(&self) -> Spec {
        self.spec.clone()
    }

    fn collect(&mut self, now: Moment) -> Collecting<'_> {
        Box::pin(async move {
            // Whoever gives up waiting drops the connection with its outstanding answers.
            let (mut link, stats) = self.enter().await?;
            let reading = self.read(&mut link, stats, now).await?;
            self.link = Some(link);
            Ok(reading)
        })
    }
}
