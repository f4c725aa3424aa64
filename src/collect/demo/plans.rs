//! How the demo's database means to run its statements.

use std::sync::Arc;

use crate::model::{Plan, PlanNode};

/// A step: its depth, what it does, on which table, through which index, its condition, its cost with all below it, and
/// the rows that are expected.
type Step = (
    usize,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    f64,
    f64,
);

/// The statement that lost its index.
#[rustfmt::skip]
const WITHOUT_INDEX: &[Step] = &[
    (0, "Gather", "", "", "Workers Planned: 2", 141_920.0, 24_050.0),
    (1, "Parallel Seq Scan", "orders", "", "Filter: (lower(email) = $1)", 138_515.0, 10_021.0),
];

/// What each statement does, in the order of the statements.
#[rustfmt::skip]
const PLANS: [&[Step]; 12] = [
    &[(0, "Index Scan", "orders", "orders_lower_email", "Index Cond: (lower(email) = $1)", 12.4, 3.0)],
    &[(0, "Index Scan", "products", "products_pkey", "Index Cond: (id = $1)", 8.3, 1.0)],
    &[
        (0, "Limit", "", "", "", 41.2, 20.0),
        (1, "Nested Loop", "", "", "", 86.1, 42.0),
        (2, "Index Only Scan", "customers c", "customers_pkey", "Index Cond: (id = $1)", 4.4, 1.0),
        (2, "Index Scan Backward", "orders o", "orders_customer_created", "Index Cond: (customer_id = $1)", 81.2, 42.0),
    ],
    &[(0, "Update", "orders", "", "", 8.5, 0.0), (1, "Index Scan", "orders", "orders_pkey", "Index Cond: (id = $2)", 8.5, 1.0)],
    &[(0, "Insert", "order_items", "", "", 0.01, 0.0), (1, "Result", "", "", "", 0.01, 1.0)],
    &[(0, "Index Only Scan", "users", "users_pkey", "Index Cond: (id = $1)", 4.3, 1.0)],
    &[(0, "Index Scan", "sessions", "sessions_token", "Index Cond: (token = $1)", 8.4, 1.0)],
    &[
        (0, "Limit", "", "", "", 912.0, 24.0),
        (1, "Sort", "", "", "Sort Key: (ts_rank(p.document, q.q)) DESC", 912.8, 305.0),
        (2, "Nested Loop", "", "", "", 901.3, 305.0),
        (3, "Function Scan", "plainto_tsquery q", "", "", 0.01, 1.0),
        (3, "Bitmap Heap Scan", "products p", "", "Recheck Cond: (document @@ q.q)", 898.2, 305.0),
        (4, "Bitmap Index Scan", "", "products_document", "Index Cond: (document @@ q.q)", 14.3, 305.0),
    ],
    &[(0, "Update", "inventory", "", "", 8.3, 0.0), (1, "Index Scan", "inventory", "inventory_pkey", "Index Cond: (product_id = $2)", 8.3, 1.0)],
    &[(0, "LockRows", "", "", "", 1_204.0, 41.0), (1, "Index Scan", "orders", "orders_status", "Index Cond: (status = $1)", 1_203.6, 41.0)],
    &[
        (0, "Aggregate", "", "", "", 3_911_204.0, 1.0),
        (1, "Seq Scan", "events", "", "Filter: (created_at > $1)", 3_840_112.0, 28_436_000.0),
    ],
    &[(0, "Delete", "sessions", "", "", 7_402.0, 0.0), (1, "Seq Scan", "sessions", "", "Filter: (expires_at < now())", 7_402.0, 310.0)],
];

/// The plan of the nth statement; while its index is gone, the first one reads the whole table.
pub(super) fn plan_of(statement: usize, index_is_gone: bool) -> Plan {
    let steps = match (statement, index_is_gone) {
        (0, true) => WITHOUT_INDEX,
        _ => PLANS.get(statement).copied().unwrap_or(&[]),
    };
    let own: Vec<f64> = (0..steps.len()).map(|n| own_cost(steps, n)).collect();
    let whole: f64 = own.iter().sum();
    let most = own.iter().copied().fold(0.0, f64::max);
    let nodes = steps.iter().zip(own).map(|(step, own)| {
        let (depth, kind, relation, index, condition, cost, rows) = *step;
        let some = |word: &str| (!word.is_empty()).then(|| Arc::from(word));
        PlanNode {
            depth,
            kind: kind.into(),
            relation: some(relation),
            index: some(index),
            conditions: some(condition).into_iter().collect(),
            cost: Some(cost),
            own_percent: (whole > 0.0).then(|| own / whole * 100.0),
            rows: Some(rows),
            is_hot: steps.len() > 1 && own >= most && most > 0.0,
            ..PlanNode::default()
        }
    });
    Plan {
        nodes: nodes.collect(),
        how: "generic plan, nothing was run".into(),
        is_measured: false,
    }
}

/// The cost of a step without those right below it.
fn own_cost(steps: &[Step], n: usize) -> f64 {
    let (depth, .., cost, _) = steps[n];
    let below = steps[n + 1..].iter().take_while(|step| step.0 > depth);
    let children: f64 = below
        .filter(|step| step.0 == depth + 1)
        .map(|step| step.5)
        .sum();
    (cost - children).max(0.0)
}
