//! What a plan tells of a table: whether it is read as a whole, and how many rows come of it.

use super::facts::{Dialect, TableFact};
use crate::model::{Plan, PlanNode};

/// How a plan reads a table.
#[derive(Debug, Clone, Copy)]
pub(super) enum Read<'a> {
    /// There is no plan, or the table is not in it.
    Unknown,
    /// From its beginning to its end.
    Whole(&'a PlanNode),
    /// Through an index.
    ByIndex,
}

/// How a plan reads a table.
pub(super) fn read<'a>(plan: Option<&'a Plan>, table: &TableFact, dialect: Dialect) -> Read<'a> {
    let mut found = Read::Unknown;
    let nodes = plan.into_iter().flat_map(|plan| &plan.nodes);
    for node in nodes.filter(|node| is_of(node, table, dialect)) {
        if is_whole(node) {
            return Read::Whole(node);
        }
        found = Read::ByIndex;
    }
    found
}

/// Whether a node reads this table.
pub(super) fn is_of(node: &PlanNode, table: &TableFact, dialect: Dialect) -> bool {
    let Some(relation) = &node.relation else {
        return false;
    };
    // The schema may stand before it.
    let name = relation
        .strip_prefix(&*table.schema)
        .and_then(|rest| rest.strip_prefix('.'))
        .unwrap_or(relation);
    dialect.same(name, &table.name)
}

/// Whether a node reads its table from the beginning to the end: `Seq Scan` of PostgreSQL, `Table scan` of MySQL.
pub(super) fn is_whole(node: &PlanNode) -> bool {
    ["Seq Scan", "Parallel Seq Scan", "Table scan"].contains(&&*node.kind)
}

/// How many rows come of a node: those that came when it was measured, in all loops, else those expected.
pub(super) fn rows_of(plan: &Plan, node: &PlanNode) -> Option<f64> {
    if plan.is_measured {
        return node.actual_rows;
    }
    node.rows
}

/// The nodes right below one of the plan's nodes, by their numbers.
pub(super) fn children(plan: &Plan, of: usize) -> Vec<usize> {
    let depth = plan.nodes[of].depth;
    let below = (of + 1..plan.nodes.len()).take_while(|&i| plan.nodes[i].depth > depth);
    below
        .filter(|&i| plan.nodes[i].depth == depth + 1)
        .collect()
}

/// A node and all below it.
pub(super) fn subtree(plan: &Plan, of: usize) -> impl Iterator<Item = &PlanNode> {
    let depth = plan.nodes[of].depth;
    let below = plan.nodes[of + 1..].iter();
    std::iter::once(&plan.nodes[of]).chain(below.take_while(move |node| node.depth > depth))
}
