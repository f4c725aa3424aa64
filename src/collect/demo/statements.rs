//! The statements of the demo's database, and what there is to say of them.

use std::sync::Arc;

use crate::model::{Advice, Certainty, Statement};

/// What one statement is like: text, calls a second, mean time in calm and at the worst, rows a call, block reads from
/// memory in calm and at the worst, percent.
pub(super) type Nature = (&'static str, f64, (f64, f64), f64, (f64, f64));

#[rustfmt::skip]
pub(super) const STATEMENTS: &[Nature] = &[
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

/// Values of a call of each of them.
#[rustfmt::skip]
const VALUES: [&[&str]; STATEMENTS.len()] = [
    &["'ada@example.org'"],
    &["4711"],
    &["1815", "20"],
    &["'shipped'", "90210"],
    &["90210", "4711", "2", "19.90"],
    &["1815"],
    &["'b1946ac9'"],
    &["'red shoes'", "24"],
    &["2", "4711"],
    &["'open'"],
    &["now() - interval '1 day'"],
    &[],
];

/// One of them as a call with values.
pub(super) fn sample(n: usize) -> Option<Arc<str>> {
    let (text, ..) = STATEMENTS.get(n)?;
    let values = VALUES.get(n)?.iter().enumerate();
    let sample = values.fold((*text).to_owned(), |text, (n, value)| {
        text.replace(&format!("${}", n + 1), value)
    });
    Some(sample.into())
}

/// A piece of advice: its kind, how sure it is, what to change, why, what to try.
pub(super) type Piece = (
    &'static str,
    Certainty,
    &'static str,
    &'static str,
    Option<&'static str>,
);

/// What there is to say of the first statement while it lacks its index.
#[rustfmt::skip]
pub(super) const ADVICE: [Piece; 3] = [
    ("seq_scan", Certainty::Certain, "an index on lower(email) would serve it", "reads all of orders (1.2M rows) to return a few",
        Some("CREATE INDEX CONCURRENTLY orders_lower_email ON orders (lower(email))")),
    ("index_gone", Certainty::Likely, "put the index back that was dropped", "orders_lower_email was dropped while this was watched, and the mean time went from 12ms to 1.8s after it", None),
    ("select_star", Certainty::Possible, "name the columns that are needed", "SELECT * fetches 31 columns", None),
];
#[rustfmt::skip]
const ADVICE_ON_EVENTS: Piece = ("seq_scan", Certainty::Likely, "an index on created_at or a running total would serve it", "counts a range by scanning it",
    Some("CREATE INDEX CONCURRENTLY events_created_at ON events (created_at)"));

/// A piece of advice as rows carry it.
pub(super) fn piece((rule, certainty, line, why, try_this): Piece) -> Advice {
    Advice {
        rule: rule.into(),
        certainty,
        line: line.into(),
        why: why.into(),
        try_this: try_this.map(Into::into),
    }
}

/// A statement before anything was measured of it.
pub(super) fn blank((text, ..): &Nature, n: usize, instance: &Arc<str>) -> Statement {
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
