//! How a database server means to run a statement, or has run it.

use std::sync::Arc;

use serde::Serialize;

/// A plan as a tree, written down from the top: a node's children follow it, one deeper.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Plan {
    /// The nodes.
    pub nodes: Vec<PlanNode>,
    /// How it was had, in a few words: `generic plan, nothing was run`, `measured: it ran once and was rolled back`.
    pub how: Arc<str>,
    /// Whether the statement was run for it.
    pub is_measured: bool,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct PlanNode {
    /// 0 for the top.
    pub depth: usize,
    /// What it does: `Seq Scan`, `Nested Loop`.
    pub kind: Arc<str>,
    /// On which table, where it is on one.
    pub relation: Option<Arc<str>>,
    /// Through which index.
    pub index: Option<Arc<str>>,
    /// Its conditions and keys, one line each: `Filter: (total > 10)`.
    pub conditions: Vec<Arc<str>>,
    /// Cost of it with all below it, in the planner's own unit.
    pub cost: Option<f64>,
    /// Cost of it alone, as a share of the whole, 0 to 100; of the time when it was measured.
    pub own_percent: Option<f64>,
    /// Rows that the planner expects.
    pub rows: Option<f64>,
    /// Rows that came, in all loops.
    pub actual_rows: Option<f64>,
    /// How often it ran.
    pub loops: Option<f64>,
    /// Time of it with all below it, milliseconds.
    pub actual_ms: Option<f64>,
    /// Whether it is where most of the cost or time goes.
    pub is_hot: bool,
}
