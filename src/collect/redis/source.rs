//! One server as a source: what is asked of it at each reading, and in which order.

use std::sync::Arc;
use std::time::{Duration, Instant};

use redis::Value;
use tokio::sync::watch;

use super::clients::clients;
use super::door::{CacheDoor, Wish};
use super::fault::Fault;
use super::findings::findings;
use super::histogram::{Histograms, parse_histogram};
use super::info::{Info, parse_info};
use super::link::{Link, why_turned_away, words};
use super::parts::{Asking, CLIENTS, CLUSTER, KEY_SPACE, PERCENTILES, PING, Refused};
use super::published::Published;
use super::queues::Queues;
use super::round_trips::RoundTrips;
use super::row;
use super::slow_log::{self, SlowRate};
use super::tally::{OwnLookups, Tally};
use super::target::{Route, Target};
use super::walk::Walk;
use crate::collect::counter::Interval;
use crate::collect::form::SourceForm;
use crate::collect::{Cadence, CollectError, Collecting, Collector, Spec, Surroundings};
use crate::model::{
    CacheClient, CacheDetail, Focus, KeySpace, Moment, QueueLength, Reading, Rows, SourceKind,
};
use crate::net::FormError;

const INTERVAL: Duration = Duration::from_secs(2);
const TIMEOUT: Duration = Duration::from_secs(2);
/// CLIENT LIST of so many clients stalls the server for 10 ms; beyond, they are not listed.
const MOST_CLIENTS: u64 = 3_000;
/// Clients are listed no oftener.
const CLIENTS_EVERY: Duration = Duration::from_secs(5);
/// While even the quickest of the last PINGs took longer than this and than five of the best, no keys are walked.
const SLOW_PING: Duration = Duration::from_millis(20);

/// One server.
pub(super) struct Redis {
    spec: Spec,
    target: Target,
    focus: watch::Receiver<Focus>,
    door: Arc<CacheDoor>,
    published: Published,
    link: Option<Link>,
    refused: Refused,
    interval: Interval,
    tally: Option<Tally>,
    own: OwnLookups,
    slow_rate: SlowRate,
    queues: Queues,
    walk: Option<Walk>,
    clients: Vec<CacheClient>,
    clients_at: Option<Duration>,
    best_ping: Option<Duration>,
    pings: RoundTrips,
}

impl Redis {
    pub fn new(form: &SourceForm, around: &Surroundings) -> Result<Self, FormError> {
        let target = Target::of(form)?;
        let name = form.name.clone().unwrap_or_else(|| target.name());
        let spec = Spec {
            name: name.into(),
            kind: SourceKind::Cache,
            cadence: Cadence::Every(form.interval.unwrap_or(INTERVAL)),
            timeout: form.timeout.unwrap_or(TIMEOUT),
        };
        let door = Arc::new(CacheDoor::new(&spec.name));
        let queues = Queues::of(form)?;
        around.doors.open(spec.name.clone(), door.clone());
        Ok(Self {
            target,
            focus: around.focus.clone(),
            door,
            published: Published::new(&around.catalog, &spec.name),
            link: None,
            refused: Refused::default(),
            interval: Interval::default(),
            tally: None,
            own: OwnLookups::default(),
            slow_rate: SlowRate::default(),
            queues,
            walk: None,
            clients: Vec::new(),
            clients_at: None,
            best_ping: None,
            pings: RoundTrips::default(),
            spec,
        })
    }

    /// The connection with the answer to INFO. One that was closed in the meantime (a restart, the server's `timeout`)
    /// is opened again at once; one that leads to what is no longer the primary as well.
    async fn enter(&mut self) -> Result<(Link, Info), CollectError> {
        if let Some(mut link) = self.link.take()
            && let Ok(info) = self.info(&mut link).await
            && !self.is_led_astray(&info)
        {
            return Ok((link, info));
        }
        self.refused = Refused::default();
        match self.enter_anew().await {
            Ok(entered) => Ok(entered),
            Err(error) => Err(why_turned_away(error, &self.target).await),
        }
    }

    async fn enter_anew(&self) -> Result<(Link, Info), CollectError> {
        let mut link = Link::open(&self.target).await?;
        let info = self.info(&mut link).await?;
        Ok((link, info))
    }

    fn is_led_astray(&self, info: &Info) -> bool {
        matches!(self.target.route, Route::Sentinels(..)) && row::is_replica(info)
    }

    async fn info(&self, link: &mut Link) -> Result<Info, CollectError> {
        let malformed = |why: &str| CollectError::Malformed {
            what: "the answer to INFO".to_owned(),
            why: why.to_owned(),
        };
        let text = match link.ask(words(&["INFO", "all"])).await {
            Ok(answer) => bytes(answer).ok_or_else(|| malformed("it is no text"))?,
            Err(Fault::Said(refusal)) => {
                return Err(refusal.into_error(self.target.user_name()));
            }
            Err(Fault::Lost(error)) => return Err(error),
        };
        let info = parse_info(&text);
        if info.text("redis_mode") == Some("sentinel") {
            let line = "it is a sentinel: write sentinel://host:port/name to watch its primary";
            return Err(CollectError::Server(line.to_owned()));
        }
        match info.text("redis_version") {
            Some(_) => Ok(info),
            None => Err(malformed("it tells no version")),
        }
    }

    async fn read(
        &mut self,
        link: &mut Link,
        info: &Info,
        now: Moment,
    ) -> Result<Reading, CollectError> {
        let mut reading = Reading::at(now.wall);
        let own = self.own;
        let told = self.ask_parts(link, info, now, &mut reading).await?;
        let mut tally = Tally::of(info, told.histograms, own);
        let interval = self.interval.next(now.mono);
        let before = self.tally.as_ref();
        if before.is_some_and(|before| tally.is_reset_since(before)) {
            self.own = self.own.less(own);
            tally.own = OwnLookups::default();
            // Another run has other keys, and another order of them.
            if before.is_some_and(|before| tally.is_another_run(before)) {
                self.walk.iter_mut().for_each(Walk::stop);
            }
        }
        let rise = before
            .zip(interval)
            .and_then(|(before, interval)| tally.since(before, interval));
        let mut instance = row::row(&self.spec.name, info, &tally, rise.as_ref(), now.wall);
        instance.ping_ms = told.ping.map(|ping| ping.as_secs_f64() * 1e3);
        instance.slow = told.slow;
        if let Some(answer) = &told.cluster {
            let alone = instance.replication.take();
            instance.replication = Some(row::in_cluster(answer, alone.as_deref()).into());
        }
        instance.findings = findings(info, &instance, told.cluster.as_deref());
        let load = link.take_load();
        instance.own_commands_per_sec =
            interval.map(|interval| load.commands() as f64 / interval.as_secs_f64());
        instance.own_ms_per_sec = rise.as_ref().and_then(|rise| rise.own_ms_per_sec(&load));
        self.published
            .put(&mut reading, info, &instance, &told.queues);
        reading.rows.push(Rows::Caches(vec![instance]));
        if let Some(detail) = told.detail {
            reading
                .rows
                .push(Rows::CacheDetail(Some(Box::new(CacheDetail {
                    queues: told.queues,
                    ..detail
                }))));
        }
        self.tally = Some(tally);
        Ok(reading)
    }

    async fn ask_parts(
        &mut self,
        link: &mut Link,
        info: &Info,
        now: Moment,
        reading: &mut Reading,
    ) -> Result<Told, CollectError> {
        let user = self.target.user_name().to_owned();
        let mut refused = std::mem::take(&mut self.refused);
        let mut own = self.own;
        let mut asking = Asking {
            link,
            refused: &mut refused,
            reading,
            own: &mut own,
            user: &user,
            now: now.mono,
        };
        let mut told = Told::default();
        let begun = Instant::now();
        if asking.part(PING, words(&["PING"])).await?.is_some() {
            told.ping = Some(begun.elapsed());
        }
        let question = words(&["LATENCY", "HISTOGRAM"]);
        if let Some(answer) = asking.part(PERCENTILES, question).await? {
            told.histograms = parse_histogram(&answer);
        }
        let (part, question) = slow_log::question(info, false);
        if let Some(answer) = asking.part(part, question).await? {
            told.slow = Some(self.slow_rate.take(now.mono, slow_log::newest(&answer)));
        }
        if info.is_set("cluster_enabled") {
            let answer = asking.part(CLUSTER, words(&["CLUSTER", "INFO"])).await?;
            told.cluster = answer.and_then(bytes);
        }
        told.queues = self.queues.ask(&mut asking).await?;
        let key_space = self.walk_on(&mut asking, info, now, told.ping).await?;
        if *self.focus.borrow() == Focus::Cache(self.spec.name.clone()) {
            told.detail = Some(self.detail(&mut asking, info, key_space).await?);
        }
        (self.refused, self.own) = (refused, own);
        Ok(told)
    }

    /// Begins, ends or goes on with the walk over the keys, as a person wished.
    async fn walk_on(
        &mut self,
        asking: &mut Asking<'_>,
        info: &Info,
        now: Moment,
        ping: Option<Duration>,
    ) -> Result<Option<KeySpace>, CollectError> {
        let keys = row::keys_of(info, self.target.database);
        let is_slow = self.is_slow(ping);
        if let (Some(walk), Some(before)) = (&mut self.walk, &self.tally) {
            walk.settle(&Tally::of(info, Histograms::new(), self.own), before);
        }
        match self.door.take() {
            Wish::Walk => self.walk = Some(Walk::begin(now, keys)),
            Wish::Stop => self.walk.iter_mut().for_each(Walk::stop),
            Wish::Nothing => {}
        }
        let Some(walk) = &mut self.walk else {
            return Ok(None);
        };
        if walk.is_refused() {
            asking.is_refused(KEY_SPACE);
        } else if walk.is_running() && !is_slow {
            walk.walk_on(asking).await?;
        }
        Ok(Some(walk.picture(keys)))
    }

    fn is_slow(&mut self, ping: Option<Duration>) -> bool {
        let Some(ping) = ping else { return false };
        let best = self.best_ping.map_or(ping, |best| best.min(ping));
        self.best_ping = Some(best);
        let lately = self.pings.least_with(ping);
        lately > SLOW_PING && lately > best * 5
    }

    async fn detail(
        &mut self,
        asking: &mut Asking<'_>,
        info: &Info,
        key_space: Option<KeySpace>,
    ) -> Result<CacheDetail, CollectError> {
        let (part, question) = slow_log::question(info, true);
        let answer = asking.part(part, question).await?;
        self.list_clients(asking, info).await?;
        Ok(CacheDetail {
            instance: self.spec.name.clone(),
            slow_log: answer.as_ref().map(slow_log::entries).unwrap_or_default(),
            clients: self.clients.clone(),
            queues: Vec::new(),
            key_space,
        })
    }

    async fn list_clients(
        &mut self,
        asking: &mut Asking<'_>,
        info: &Info,
    ) -> Result<(), CollectError> {
        let count = info.number("connected_clients").unwrap_or(0);
        if count > MOST_CLIENTS {
            let line = format!(
                "{count} are connected: listing more than {MOST_CLIENTS} would hold the server up"
            );
            asking.reading.lacks(CLIENTS.name, line);
            self.clients.clear();
            return Ok(());
        }
        let is_young = |at: Duration| asking.now.saturating_sub(at) < CLIENTS_EVERY;
        if self.clients_at.is_some_and(is_young) {
            return Ok(());
        }
        let answer = asking.part(CLIENTS, words(&["CLIENT", "LIST"])).await?;
        self.clients_at = answer.is_some().then_some(asking.now);
        self.clients = answer.as_ref().map(clients).unwrap_or_default();
        Ok(())
    }
}

/// What the server answered besides INFO.
#[derive(Default)]
struct Told {
    ping: Option<Duration>,
    histograms: Histograms,
    slow: Option<u64>,
    cluster: Option<Vec<u8>>,
    queues: Vec<QueueLength>,
    detail: Option<CacheDetail>,
}

fn bytes(answer: Value) -> Option<Vec<u8>> {
    match answer {
        Value::BulkString(bytes) => Some(bytes),
        Value::VerbatimString { text, .. } => Some(text.into_bytes()),
        Value::SimpleString(text) => Some(text.into_bytes()),
        _ => None,
    }
}

impl Collector for Redis {
    fn spec(&self) -> Spec {
        self.spec.clone()
    }

    fn collect(&mut self, now: Moment) -> Collecting<'_> {
        Box::pin(async move {
            // Whoever gives up waiting drops the connection with its outstanding answers.
            let (mut link, info) = self.enter().await?;
            let reading = self.read(&mut link, &info, now).await?;
            self.link = Some(link);
            Ok(reading)
        })
    }
}
