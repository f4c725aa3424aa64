//! The database of the demo: its statements, who is connected, who waits for whom.

use std::sync::Arc;
use std::time::Duration;

use crate::model::{
    Advice, Backend, BackendLock, Catalog, Certainty, IndexUse, Labels, Reading, Rows, SeriesId,
    SourceKind, Statement, TableUse,
};

use super::backends::{
    CONNECTIONS_ALLOWED, Doing, HOLDER, backend_count, backend_doing, backend_pid, held, waited,
    waiting_count,
};
use super::schema::{indexes, tables};
use super::story::{Scene, blend, grow};
use super::{CollectError, Teller};

const INSTANCE: &str = "pg@5432/shop";
/// From this mean time on a statement counts as slow, milliseconds.
const SLOW_MS: f64 = 500.0;

/// What one statement is like: text, calls a second, mean time in calm and at the worst, rows a call, block reads from
/// memory in calm and at the worst, percent.
type Nature = (&'static str, f64, (f64, f64), f64, (f64, f64));

#[rustfmt::skip]
const STATEMENTS: &[Nature] = &[
    ("SELECT * FROM orders WHERE lower(email) = $1", 12.1, (12.0, 1820.0), 3.0, (99.6, 71.0)),
    ("SELECT id, name, price FROM products WHERE id = $1", 410.2, (0.31, 0.6), 1.0, (99.9, 99.1)),
    ("SELECT o.id, o.total, o.status FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.id = $1 ORDER BY o.created_at DESC LIMIT $2", 41.0, (2.4, 9.5), 20.0, (99.4, 93.0)),
    ("UPDATE orders SET status = $1, updated_at = now() WHERE id = $2", 9.0, (1.1, 740.0), 1.0, (99.8, 97.0)),
    ("INSERT INTO order_items (order_id, product_id, quantity, price) VALUES ($1, $2, $3, $4)", 26.0, (0.7, 2.9), 1.0, (99.9, 98.4)),
    ("SELECT id FROM users WHERE id = $1", 220.0, (0.09, 0.2), 1.0, (100.0, 99.8)),
    ("SELECT token, expires_at FROM sessions WHERE token = $1", 190.0, (0.12, 0.3), 1.0, (100.0, 99.7)),
    ("SELECT p.*, ts_rank(p.document, q) AS rank FROM products p, plainto_tsquery($1) q WHERE p.document @@ q ORDER BY rank DESC LIMIT $2", 8.0, (18.0, 41.0), 24.0, (98.1, 90.2)),
    ("UPDATE inventory SET reserved = reserved + $1 WHERE product_id = $2", 9.0, (0.9, 3.1), 1.0, (99.9, 99.0)),
    ("SELECT id, total FROM orders WHERE status = $1 FOR UPDATE", 0.4, (3.0, 21.0), 41.0, (99.0, 92.0)),
    ("SELECT count(*) FROM events WHERE created_at > $1", 0.2, (210.0, 690.0), 1.0, (61.0, 44.0)),
    ("DELETE FROM sessions WHERE expires_at < now()", 0.02, (84.0, 130.0), 310.0, (96.0, 91.0)),
];

/// A piece of advice: its kind, how sure it is, what to change, why, what to try.
type Piece = (
    &'static str,
    Certainty,
    &'static str,
    &'static str,
    Option<&'static str>,
);

/// What there is to say of the first statement while it lacks its index.
#[rustfmt::skip]
const ADVICE: [Piece; 3] = [
    ("seq_scan", Certainty::Certain, "an index on lower(email) would serve it", "reads all of orders (1.2M rows) to return a few",
        Some("CREATE INDEX CONCURRENTLY orders_lower_email ON orders (lower(email))")),
    ("index_gone", Certainty::Likely, "put the index back that was dropped", "orders_lower_email was dropped while this was watched, and the mean time went from 12ms to 1.8s after it", None),
    ("select_star", Certainty::Possible, "name the columns that are needed", "SELECT * fetches 31 columns", None),
];
#[rustfmt::skip]
const ADVICE_ON_EVENTS: Piece = ("seq_scan", Certainty::Likely, "an index on created_at or a running total would serve it", "counts a range by scanning it",
    Some("CREATE INDEX CONCURRENTLY events_created_at ON events (created_at)"));

const METRICS: [&str; 10] = [
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
];

/// The database server.
pub(super) struct Database {
    instance: Arc<str>,
    figures: [SeriesId; METRICS.len()],
    slow: SeriesId,
    statements: Vec<Statement>,
    series: Vec<[SeriesId; 2]>,
    advice: Vec<Advice>,
    names: Names,
    tables: Vec<TableUse>,
    indexes: Vec<IndexUse>,
}

/// Words that rows share.
struct Names {
    user: Arc<str>,
    database: Arc<str>,
    orders: Arc<str>,
    mode: Arc<str>,
    states: [Arc<str>; Doing::ALL.len()],
    waits: [Option<Arc<str>>; Doing::ALL.len()],
    texts: [Arc<str>; Doing::ALL.len()],
}

impl Database {
    pub(super) fn new(catalog: &Catalog) -> Self {
        let instance: Arc<str> = INSTANCE.into();
        let statements: Vec<Statement> = STATEMENTS
            .iter()
            .enumerate()
            .map(|(n, nature)| blank(nature, n, &instance))
            .collect();
        let series = statements.iter().map(|statement| {
            let labels = Labels::of([("instance", INSTANCE), ("statement", &*statement.label())]);
            ["db.statement.mean_ms", "db.statement.time_percent"]
                .map(|metric| catalog.id(metric, labels.clone()))
        });
        Self {
            figures: METRICS.map(|metric| catalog.id(metric, Labels::one("instance", INSTANCE))),
            slow: catalog.plain("db.statements.slow_count"),
            series: series.collect(),
            statements,
            advice: ADVICE.map(piece).into(),
            names: Names {
                user: "app".into(),
                database: "shop".into(),
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

    fn statement_rows(&self, scene: &Scene) -> Vec<Statement> {
        let mut rows: Vec<Statement> = STATEMENTS
            .iter()
            .zip(&self.statements)
            .enumerate()
            .map(|(n, ((_, calls, mean, rows, hit), blank))| {
                // What reads one row by its key always reads one.
                let spread = if *rows > 1.0 { 0.02 } else { 0.0 };
                let stage = if n == 3 { scene.locks } else { scene.statement };
                let mean = scene.around(grow(mean.0, mean.1, stage), 0.09, "statement.mean", n);
                Statement {
                    calls_per_sec: Some(scene.around(
                        calls * scene.traffic,
                        0.12,
                        "statement.calls",
                        n,
                    )),
                    calls: Some((calls * scene.traffic).round() as u64),
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
        rows
    }

    fn advice_on(&self, statement: usize, scene: &Scene) -> Vec<Advice> {
        match statement {
            0 if scene.statement > 0.3 => self.advice.clone(),
            _ => self.statements[statement].advice.clone(),
        }
    }

    fn backend_rows(&self, scene: &Scene) -> Vec<Backend> {
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
                    ..Backend::default()
                }
            })
            .collect()
    }

    fn lock_rows(&self, scene: &Scene) -> Vec<BackendLock> {
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
            ..BackendLock::default()
        };
        let mut rows = vec![lock(HOLDER, None, Doing::HoldingOn)];
        for n in HOLDER + 1..=HOLDER + waiting {
            // Every third waits for one who waits.
            let by = if n % 3 == 0 && n > HOLDER + 1 {
                n - 1
            } else {
                HOLDER
            };
            rows.push(lock(n, Some(by), Doing::WaitingForLock));
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
        ];
        reading
            .samples
            .extend(self.figures.into_iter().zip(figures));
        reading.put(self.slow, slow);
    }
}

fn piece((rule, certainty, line, why, try_this): Piece) -> Advice {
    Advice {
        rule,
        certainty,
        line: line.into(),
        why: why.into(),
        try_this: try_this.map(Into::into),
    }
}

fn blank((text, ..): &Nature, n: usize, instance: &Arc<str>) -> Statement {
    let advice: Vec<Advice> = if text.contains("FROM events") {
        vec![piece(ADVICE_ON_EVENTS)]
    } else {
        Vec::new()
    };
    Statement {
        instance: instance.clone(),
        id: format!("{:016x}", 0x51f0_7a3c_9e11_u64.wrapping_mul(n as u64 + 3)).into(),
        text: (*text).into(),
        time_percent: None,
        calls_per_sec: None,
        mean_ms: None,
        p95_ms: None,
        rows_per_call: None,
        hit_percent: None,
        advice,
        is_new: false,
        ..Statement::default()
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
        let statements = self.statement_rows(scene);
        for (row, [mean, time]) in statements.iter().zip(&self.series) {
            reading.put_known(*mean, row.mean_ms);
            reading.put_known(*time, row.time_percent);
        }
        self.tell_figures(&statements, scene, reading);
        let mut tables = self.tables.clone();
        tables[0].seq_scans_per_sec = Some(scene.around(12.1 * scene.statement, 0.1, "scans", 0));
        // While the deploy has it dropped, the first index is not there.
        let gone = usize::from(scene.statement > 0.02);
        reading.rows.extend([
            Rows::Statements(statements),
            Rows::Backends(self.backend_rows(scene)),
            Rows::Locks(self.lock_rows(scene)),
            Rows::TableUses(tables),
            Rows::IndexUses(self.indexes[gone..].to_vec()),
        ]);
        Ok(())
    }
}
