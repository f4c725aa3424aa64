//! The database of the demo: its statements, who is connected, who waits for whom.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::model::{
    Advice, Backend, BackendLock, Catalog, DatabaseInstance, Focus, IndexUse, Labels, Reading,
    Replica, Rows, SeriesId, SourceKind, Statement, StatementDetail, StatementTotals, TableUse,
    Timestamp,
};

use super::backends::{
    CLIENT_HOST, CONNECTIONS_ALLOWED, Doing, HOLDER, backend_client, backend_count, backend_doing,
    backend_pid, held, waited, waiting_count,
};
use super::plans::plan_of;
use super::schema::{indexes, tables};
use super::statements::{ADVICE, SLOW_MS, STATEMENTS, blank, piece, sample_of};
use super::story::{Scene, blend, grow};
use super::{CollectError, Teller};

/// The server's name.
const INSTANCE: &str = "pg@5432/shop";
/// When the server's statistics were reset, seconds before the live part.
const RESET_BEFORE: f64 = 9.3 * 86_400.0;
/// When the server was started.
const STARTED_BEFORE: f64 = 41.0 * 86_400.0;

const METRICS: [&str; 14] = [
    "db.connections.used_count",
    "db.connections.max_count",
    "db.connections.used_percent",
    "db.connections.active_count",
    "db.connections.idle_count",
    "db.connections.waiting_count",
    "db.transactions_per_sec",
    "db.cache_hit_percent",
    "db.replication.lag_seconds",
    "db.transaction.longest_seconds",
    "db.connections.idle_in_transaction_count",
    "db.temp_bytes_per_sec",
    "db.deadlocks_per_sec",
    "db.transaction_ids.age_count",
];

/// The database server.
pub(super) struct Database {
    instance: Arc<str>,
    figures: [SeriesId; METRICS.len()],
    slow: SeriesId,
    statements: Vec<Statement>,
    series: Vec<[SeriesId; 3]>,
    advice: Vec<Advice>,
    focus: watch::Receiver<Focus>,
    names: Names,
    tables: Vec<TableUse>,
    indexes: Vec<IndexUse>,
}

/// Words that rows share.
struct Names {
    user: Arc<str>,
    database: Arc<str>,
    application: Arc<str>,
    orders: Arc<str>,
    mode: Arc<str>,
    states: [Arc<str>; Doing::ALL.len()],
    waits: [Option<Arc<str>>; Doing::ALL.len()],
    texts: [Arc<str>; Doing::ALL.len()],
}

impl Database {
    pub(super) fn new(catalog: &Catalog, focus: watch::Receiver<Focus>) -> Self {
        let instance: Arc<str> = INSTANCE.into();
        let statements: Vec<Statement> = STATEMENTS
            .iter()
            .enumerate()
            .map(|(n, nature)| blank(nature, n, &instance))
            .collect();
        let series = statements.iter().map(|statement| {
            let labels = Labels::of([("instance", INSTANCE), ("statement", &*statement.label())]);
            let metrics = [
                "db.statement.mean_ms",
                "db.statement.time_percent",
                "db.statement.calls_per_sec",
            ];
            metrics.map(|metric| catalog.id(metric, labels.clone()))
        });
        Self {
            figures: METRICS.map(|metric| catalog.id(metric, Labels::one("instance", INSTANCE))),
            slow: catalog.plain("db.statements.slow_count"),
            series: series.collect(),
            statements,
            advice: ADVICE.map(piece).into(),
            focus,
            names: Names {
                user: "app".into(),
                database: "shop".into(),
                application: "shop-api".into(),
                orders: "orders".into(),
                mode: "ShareLock".into(),
                states: Doing::ALL.map(|doing| doing.state().into()),
                waits: Doing::ALL.map(|doing| doing.wait().map(Into::into)),
                texts: Doing::ALL.map(|doing| doing.text().into()),
            },
            tables: tables(&instance),
            indexes: indexes(&instance),
            instance,
        }
    }

    fn statement_rows(&self, scene: &Scene, at: Timestamp) -> Vec<Statement> {
        let mut rows: Vec<Statement> = STATEMENTS
            .iter()
            .zip(&self.statements)
            .enumerate()
            .map(|(n, ((_, calls, mean, rows, hit), blank))| {
                // What reads one row by its key always reads one.
                let spread = if *rows > 1.0 { 0.02 } else { 0.0 };
                let stage = if n == 3 { scene.locks } else { scene.statement };
                let usual = mean.0;
                let mean = scene.around(grow(mean.0, mean.1, stage), 0.09, "statement.mean", n);
                // Sorting what no longer fits into memory spills, when the disk is slow anyway.
                let spills = matches!(n, 7 | 10)
                    .then_some(scene.disk * 3.1e6)
                    .filter(|it| *it > 1e4);
                Statement {
                    usual_mean_ms: Some(usual),
                    is_slow: mean > SLOW_MS,
                    is_new: n == 9 && scene.locks > 0.05,
                    io_ms_per_call: Some(
                        mean * (1.0 - blend(hit.0, hit.1, scene.disk) / 100.0) * 2.0,
                    ),
                    temp_bytes_per_call: Some(spills.unwrap_or(0.0)),
                    since_reset: since_reset(*calls, usual, *rows, hit.0, scene, at),
                    database: self.names.database.clone(),
                    user: self.names.user.clone(),
                    calls_per_sec: Some(scene.around(
                        calls * scene.traffic,
                        0.12,
                        "statement.calls",
                        n,
                    )),
                    calls: Some((calls * scene.traffic).round().max(1.0) as u64),
                    mean_ms: Some(mean),
                    p95_ms: Some(mean * (2.0 + 0.3 * scene.sway("statement.p95", n))),
                    rows_per_call: Some(scene.around(*rows, spread, "statement.rows", n)),
                    hit_percent: Some(blend(hit.0, hit.1, scene.disk)),
                    advice: self.advice_on(n, scene),
                    ..blank.clone()
                }
            })
            .collect();
        let time = |row: &Statement| row.calls_per_sec.unwrap_or(0.0) * row.mean_ms.unwrap_or(0.0);
        let whole: f64 = rows.iter().map(time).sum();
        for row in &mut rows {
            row.time_percent = Some(time(row) / whole * 100.0);
        }
        let total: f64 = rows.iter().map(|row| row.since_reset.total_ms).sum();
        for row in &mut rows {
            row.since_reset.time_percent = Some(row.since_reset.total_ms / total * 100.0);
        }
        rows
    }

    fn database_row(&self, scene: &Scene, at: Timestamp) -> DatabaseInstance {
        let used = backend_count(scene);
        let waiting = waiting_count(scene);
        let mut findings: Vec<Arc<str>> = Vec::new();
        if waiting > 0 {
            let holder = backend_pid(HOLDER);
            let line = format!(
                "session {holder} is idle in a transaction and holds up {waiting}: see Locks"
            );
            findings.push(line.into());
        }
        if used * 10 > CONNECTIONS_ALLOWED * 9 {
            let line = format!(
                "{used} of {CONNECTIONS_ALLOWED} connection slots are used: end idle sessions"
            );
            findings.push(line.into());
        }
        let lag = scene.around(blend(0.4, 6.2, scene.disk), 0.3, "db.lag", 0);
        DatabaseInstance {
            instance: self.instance.clone(),
            kind: "PostgreSQL 15.18".into(),
            role: Some("primary".into()),
            started: Some(ago(at, scene, STARTED_BEFORE)),
            replicas: vec![Replica {
                name: "standby-1".into(),
                state: "streaming".into(),
                lag_bytes: Some((lag * 1.9e6) as u64),
                lag_seconds: Some(lag),
            }],
            findings,
            own_statements_per_sec: Some(1.4),
            own_ms_per_sec: Some(scene.around(1.9, 0.1, "db.own", 0)),
        }
    }

    /// What is told of the statement that is open.
    fn detail(&self, statements: &[Statement], scene: &Scene) -> Option<StatementDetail> {
        let Focus::Statement(server, id) = &*self.focus.borrow() else {
            return None;
        };
        let of_server = server == &self.instance;
        let n = statements
            .iter()
            .position(|row| of_server && row.id == *id)?;
        Some(StatementDetail {
            instance: self.instance.clone(),
            id: id.clone(),
            plan: Some(plan_of(n, scene.statement > 0.3)),
            no_plan: None,
            sample: sample_of(n),
            advice: self.advice_on(n, scene),
        })
    }

    fn advice_on(&self, statement: usize, scene: &Scene) -> Vec<Advice> {
        match statement {
            0 if scene.statement > 0.3 => self.advice.clone(),
            _ => self.statements[statement].advice.clone(),
        }
    }

    fn backend_rows(&self, scene: &Scene, at: Timestamp) -> Vec<Backend> {
        (0..backend_count(scene))
            .map(|n| {
                let doing = backend_doing(scene, n);
                let age = match doing {
                    Doing::Idle => None,
                    Doing::Short => Some(0.002),
                    Doing::Scanning => Some(0.2 + 1.6 * scene.fixed("scan", n)),
                    Doing::WaitingForLock => Some(waited(scene, n)),
                    Doing::HoldingOn => Some(held(scene)),
                };
                let age = age.map(Duration::from_secs_f64);
                Backend {
                    instance: self.instance.clone(),
                    pid: u64::from(backend_pid(n)),
                    user: self.names.user.clone(),
                    database: self.names.database.clone(),
                    state: self.names.states[doing as usize].clone(),
                    wait: self.names.waits[doing as usize].clone(),
                    transaction_age: age,
                    statement_age: age.filter(|_| doing != Doing::HoldingOn),
                    text: self.names.texts[doing as usize].clone(),
                    started: Some(backend_started(n, scene, at)),
                    application: self.names.application.clone(),
                    client: format!("{CLIENT_HOST}:{}", backend_client(n)).into(),
                    blocked_by: match doing {
                        Doing::WaitingForLock => vec![u64::from(backend_pid(blocker_of(n)))],
                        _ => Vec::new(),
                    },
                    state_age: Some(age.unwrap_or(Duration::from_secs(1 + n as u64 % 9))),
                }
            })
            .collect()
    }

    fn lock_rows(&self, scene: &Scene, at: Timestamp) -> Vec<BackendLock> {
        let waiting = waiting_count(scene);
        if waiting == 0 {
            return Vec::new();
        }
        let lock = |n: usize, blocked_by: Option<usize>, doing: Doing| BackendLock {
            instance: self.instance.clone(),
            pid: u64::from(backend_pid(n)),
            blocked_by: blocked_by.map(|by| u64::from(backend_pid(by))),
            object: self.names.orders.clone(),
            mode: self.names.mode.clone(),
            waiting: blocked_by.map(|_| Duration::from_secs_f64(waited(scene, n))),
            text: self.names.texts[doing as usize].clone(),
            started: Some(backend_started(n, scene, at)),
            user: self.names.user.clone(),
            state: self.names.states[doing as usize].clone(),
            transaction_age: Some(Duration::from_secs_f64(match blocked_by {
                Some(_) => waited(scene, n),
                None => held(scene),
            })),
        };
        let mut rows = vec![lock(HOLDER, None, Doing::HoldingOn)];
        for n in HOLDER + 1..=HOLDER + waiting {
            rows.push(lock(n, Some(blocker_of(n)), Doing::WaitingForLock));
        }
        rows
    }

    fn tell_figures(&self, statements: &[Statement], scene: &Scene, reading: &mut Reading) {
        let used = backend_count(scene);
        let doing = |wanted: Doing| {
            (0..used)
                .filter(|n| backend_doing(scene, *n) == wanted)
                .count()
        };
        let idle = doing(Doing::Idle);
        let waiting = waiting_count(scene);
        let slow = statements
            .iter()
            .filter(|row| row.mean_ms > Some(SLOW_MS))
            .count() as f64;
        let figures = [
            used as f64,
            CONNECTIONS_ALLOWED as f64,
            used as f64 / CONNECTIONS_ALLOWED as f64 * 100.0,
            (used - idle - doing(Doing::HoldingOn)) as f64,
            idle as f64,
            waiting as f64,
            scene.around(
                812.0 * scene.traffic * (1.0 - 0.4 * scene.errors),
                0.1,
                "db.tps",
                0,
            ),
            blend(99.2, 83.0, scene.disk) + 0.2 * scene.sway("db.hit", 0),
            scene.around(blend(0.4, 6.2, scene.disk), 0.3, "db.lag", 0),
            if waiting > 0 {
                held(scene)
            } else {
                scene.around(0.6, 0.5, "db.longest", 0)
            },
            doing(Doing::HoldingOn) as f64,
            scene.disk * scene.around(2.6e7, 0.2, "db.temp", 0),
            0.0,
            4.3e7 + scene.total(5.0, 0.0),
        ];
        reading
            .samples
            .extend(self.figures.into_iter().zip(figures));
        reading.put(self.slow, slow);
    }
}

/// For whom the nth backend waits: every third for one who waits.
fn blocker_of(n: usize) -> usize {
    if n.is_multiple_of(3) && n > HOLDER + 1 {
        n - 1
    } else {
        HOLDER
    }
}

/// A moment so many seconds before the live part of the story.
fn ago(at: Timestamp, scene: &Scene, before: f64) -> Timestamp {
    Timestamp(at.0 - ((scene.seconds + before) * 1000.0) as i64)
}

/// When the nth backend connected.
fn backend_started(n: usize, scene: &Scene, at: Timestamp) -> Timestamp {
    ago(at, scene, 5_400.0 - 41.0 * n as f64)
}

/// What a statement did since the reset: the incidents of nine days weigh little.
fn since_reset(
    calls: f64,
    mean: f64,
    rows: f64,
    hit: f64,
    scene: &Scene,
    at: Timestamp,
) -> StatementTotals {
    let calls = (calls * (RESET_BEFORE + scene.seconds)).max(0.0);
    StatementTotals {
        since: Some(ago(at, scene, RESET_BEFORE)),
        time_percent: None,
        calls: calls as u64,
        total_ms: calls * mean * 1.08,
        mean_ms: Some(mean * 1.08),
        max_ms: Some(mean * 190.0),
        rows_per_call: Some(rows),
        hit_percent: Some(hit),
    }
}

impl Teller for Database {
    fn name(&self) -> &'static str {
        INSTANCE
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Database
    }

    fn tell(&mut self, scene: &Scene, reading: &mut Reading) -> Result<(), CollectError> {
        let at = reading.at;
        let statements = self.statement_rows(scene, at);
        for (row, [mean, time, calls]) in statements.iter().zip(&self.series) {
            reading.put_known(*mean, row.mean_ms);
            reading.put_known(*time, row.time_percent);
            reading.put_known(*calls, row.calls_per_sec);
        }
        let detail = self.detail(&statements, scene);
        self.tell_figures(&statements, scene, reading);
        let mut tables = self.tables.clone();
        let scans = scene.around(12.1 * scene.statement, 0.1, "scans", 0);
        tables[0].seq_scans_per_sec = Some(scans);
        tables[0].seq_rows_per_sec = tables[0].rows.map(|rows| scans * rows as f64);
        if scans > 1.0 {
            let finding = "read whole 12 times a second: an index on lower(email) is missing";
            tables[0].finding = Some(finding.into());
        }
        // While the deploy has it dropped, the first index is not there.
        let gone = usize::from(scene.statement > 0.02);
        let mut indexes = self.indexes[gone..].to_vec();
        for index in &mut indexes {
            index.since = Some(ago(at, scene, RESET_BEFORE));
        }
        reading.rows.extend([
            Rows::Statements(statements),
            Rows::Backends(self.backend_rows(scene, at)),
            Rows::Locks(self.lock_rows(scene, at)),
            Rows::TableUses(tables),
            Rows::IndexUses(indexes),
            Rows::Databases(vec![self.database_row(scene, at)]),
            Rows::StatementDetail(detail.map(Box::new)),
        ]);
        Ok(())
    }
}
