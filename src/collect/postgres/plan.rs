//! Plans as PostgreSQL writes them (`EXPLAIN (FORMAT JSON)`), made into [`Plan`]: each node with its own share of the
//! whole, and the hot one marked.

use std::sync::Arc;

use serde_json::Value;

use crate::model::text::printable;
use crate::model::{Plan, PlanNode};

/// A plan has at most so many nodes here; larger ones are cut.
const MOST_NODES: usize = 500;

/// The longest condition that is shown, characters.
const LONGEST_CONDITION: usize = 400;

/// What is worth telling of a node, in this order.
const CONDITIONS: [&str; 15] = [
    "Index Cond",
    "Recheck Cond",
    "TID Cond",
    "Hash Cond",
    "Merge Cond",
    "Join Filter",
    "Filter",
    "One-Time Filter",
    "Sort Key",
    "Presorted Key",
    "Group Key",
    "Order By",
    "Cache Key",
    "Conflict Filter",
    "Subplan Name",
];

/// Words for what was measured and is worth a line when it is not zero.
const MEASURED: [&str; 5] = [
    "Rows Removed by Filter",
    "Rows Removed by Join Filter",
    "Rows Removed by Index Recheck",
    "Temp Written Blocks",
    "Lossy Heap Blocks",
];

/// Reads a plan; `None` when the text is no plan. `how` says in a few words how it was had.
pub(in crate::collect) fn parse(json: &str, how: &str) -> Option<Plan> {
    let document: Value = serde_json::from_str(json).ok()?;
    let top = document.get(0)?.get("Plan")?;
    let mut tree = Tree::default();
    tree.take(top, 0);
    let is_measured = top.get("Actual Loops").is_some();
    let Tree { mut nodes, costs } = tree;
    mark(&mut nodes, &costs);
    Some(Plan {
        nodes,
        how: how.into(),
        is_measured,
    })
}

/// Nodes from the top down, with what each costs together with all below it: milliseconds when it was measured, else
/// the planner's unit.
#[derive(Default)]
struct Tree {
    nodes: Vec<PlanNode>,
    costs: Vec<f64>,
}

impl Tree {
    fn take(&mut self, node: &Value, depth: usize) {
        if self.nodes.len() >= MOST_NODES {
            return;
        }
        let figure = |name: &str| node.get(name).and_then(Value::as_f64);
        let loops = figure("Actual Loops");
        let in_all = |value: Option<f64>| Some(value? * loops?);
        let actual_ms = in_all(figure("Actual Total Time"));
        let cost = figure("Total Cost");
        self.costs.push(actual_ms.or(cost).unwrap_or_default());
        self.nodes.push(PlanNode {
            depth,
            kind: kind(node).into(),
            relation: name(node, "Relation Name").or_else(|| name(node, "CTE Name")),
            index: name(node, "Index Name"),
            conditions: conditions(node),
            cost,
            own_percent: None,
            rows: figure("Plan Rows"),
            actual_rows: in_all(figure("Actual Rows")),
            loops,
            actual_ms,
            is_hot: false,
        });
        let children = node.get("Plans").and_then(Value::as_array);
        for child in children.into_iter().flatten() {
            self.take(child, depth + 1);
        }
    }
}

/// Tells each node's own share and marks the one where most of it goes.
///
/// The server gives costs with all that is below. A child's cost is of one run, a node above it may run it many times
/// (a nested loop) or stop it early (a limit): what the children cost together is therefore fitted into what remains of
/// their parent.
fn mark(nodes: &mut [PlanNode], costs: &[f64]) {
    let Some(whole) = costs.first().copied().filter(|cost| *cost > 0.0) else {
        return;
    };
    let mut shares = vec![0.0; nodes.len()];
    if let Some(top) = shares.first_mut() {
        *top = 1.0;
    }
    for at in 0..nodes.len() {
        let share: f64 = shares[at];
        let children: Vec<usize> = children_of(nodes, at);
        let claims = claims(nodes, costs, at, &children, share * whole);
        let sum: f64 = claims.iter().sum();
        let fit = if sum > share * whole {
            share * whole / sum
        } else {
            1.0
        };
        for (child, claim) in children.iter().zip(&claims) {
            shares[*child] = claim * fit / whole;
        }
        let below = (sum * fit / whole).min(share);
        nodes[at].own_percent = Some(100.0 * (share - below));
    }
    let own = |node: &PlanNode| node.own_percent.unwrap_or_default();
    let hottest = (0..nodes.len()).max_by(|a, b| own(&nodes[*a]).total_cmp(&own(&nodes[*b])));
    if let Some(hottest) = hottest {
        nodes[hottest].is_hot = true;
    }
}

/// What each child costs of the `parent_cost`. Measured times are of all runs; an estimate is of one, and the inner
/// side of a nested loop is run once for each row of the outer.
fn claims(
    nodes: &[PlanNode],
    costs: &[f64],
    at: usize,
    children: &[usize],
    parent_cost: f64,
) -> Vec<f64> {
    let is_measured = nodes[at].actual_ms.is_some();
    // What the parent costs here against what it costs in a single run.
    let runs = if costs[at] > 0.0 {
        parent_cost / costs[at]
    } else {
        0.0
    };
    let mut claims: Vec<f64> = children.iter().map(|child| costs[*child] * runs).collect();
    if !is_measured
        && nodes[at].kind.starts_with("Nested Loop")
        && let ([outer, ..], [outer_claim, inner_claim, ..]) = (children, claims.as_mut_slice())
    {
        let times = nodes[*outer].rows.unwrap_or(1.0).max(1.0);
        let left = (parent_cost - *outer_claim).max(0.0);
        *inner_claim = (*inner_claim * times).min(left.max(*inner_claim));
    }
    claims
}

fn children_of(nodes: &[PlanNode], at: usize) -> Vec<usize> {
    let depth = nodes[at].depth;
    let below = (at + 1..nodes.len()).take_while(|index| nodes[*index].depth > depth);
    below
        .filter(|index| nodes[*index].depth == depth + 1)
        .collect()
}

/// `Parallel Seq Scan`, `Update`, `Hash Left Join`, as the text form of EXPLAIN has it.
fn kind(node: &Value) -> String {
    let word = |name: &str| node.get(name).and_then(Value::as_str);
    let kind = printable(word("Node Type").unwrap_or("?")).into_owned();
    let kind = match (
        &*kind,
        word("Operation"),
        word("Join Type"),
        word("Strategy"),
    ) {
        ("ModifyTable", Some(operation), _, _) => operation.to_owned(),
        ("Aggregate", _, _, Some("Hashed")) => "HashAggregate".to_owned(),
        ("Aggregate", _, _, Some("Sorted")) => "GroupAggregate".to_owned(),
        ("Nested Loop", _, Some(join), _) if join != "Inner" => format!("Nested Loop {join} Join"),
        ("Hash Join" | "Merge Join", _, Some(join), _) if join != "Inner" => {
            kind.replace("Join", &format!("{join} Join"))
        }
        _ => kind,
    };
    let is_parallel = node.get("Parallel Aware").and_then(Value::as_bool);
    if is_parallel.unwrap_or_default() {
        format!("Parallel {kind}")
    } else {
        kind
    }
}

fn name(node: &Value, key: &str) -> Option<Arc<str>> {
    let name = node.get(key)?.as_str()?;
    Some(printable(name).into())
}

fn conditions(node: &Value) -> Vec<Arc<str>> {
    let written = CONDITIONS.iter().filter_map(|key| {
        let text = match node.get(*key)? {
            Value::String(text) => text.clone(),
            Value::Array(parts) => {
                let parts: Vec<&str> = parts.iter().filter_map(Value::as_str).collect();
                parts.join(", ")
            }
            _ => return None,
        };
        Some(line(key, &text))
    });
    let measured = MEASURED.iter().filter_map(|key| {
        let value = node.get(*key)?.as_f64()?;
        (value > 0.0).then(|| line(key, &value.to_string()))
    });
    let spilled = node.get("Sort Space Type").and_then(Value::as_str) == Some("Disk");
    let spill = spilled.then(|| {
        let size = node
            .get("Sort Space Used")
            .and_then(Value::as_u64)
            .unwrap_or_default();
        line("Sorted on disk", &format!("{size} kB"))
    });
    written.chain(measured).chain(spill).collect()
}

fn line(key: &str, value: &str) -> Arc<str> {
    let whole = format!("{key}: {}", printable(value));
    let mut line: String = whole.chars().take(LONGEST_CONDITION).collect();
    if line.len() < whole.len() {
        line.push('…');
    }
    line.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As PostgreSQL 15.18 wrote it, without what is not read.
    const JOIN: &str = r#"[{"Plan": {"Node Type": "Limit", "Total Cost": 14.54, "Plan Rows": 5, "Plans": [
      {"Node Type": "Sort", "Total Cost": 14.77, "Plan Rows": 96, "Sort Key": ["a.abalance", "a.aid"], "Plans": [
        {"Node Type": "Hash Join", "Join Type": "Left", "Total Cost": 12.93, "Plan Rows": 96, "Hash Cond": "(a.bid = b.bid)", "Plans": [
          {"Node Type": "Index Scan", "Index Name": "pgbench_accounts_pkey", "Relation Name": "pgbench_accounts",
           "Total Cost": 11.10, "Plan Rows": 96, "Index Cond": "(aid < 100)"},
          {"Node Type": "Hash", "Total Cost": 1.02, "Plan Rows": 2, "Plans": [
            {"Node Type": "Seq Scan", "Parallel Aware": true, "Relation Name": "pgbench_branches", "Total Cost": 1.02, "Plan Rows": 2}]}]}]}]}}]"#;

    fn own_sum(plan: &Plan) -> f64 {
        plan.nodes.iter().filter_map(|node| node.own_percent).sum()
    }

    #[test]
    fn the_tree_is_told_from_the_top_with_shares_that_add_up() {
        let plan = parse(JOIN, "generic plan").unwrap();
        let shape: Vec<(usize, &str)> = plan.nodes.iter().map(|it| (it.depth, &*it.kind)).collect();
        assert_eq!(
            shape,
            [
                (0, "Limit"),
                (1, "Sort"),
                (2, "Hash Left Join"),
                (3, "Index Scan"),
                (3, "Hash"),
                (4, "Parallel Seq Scan")
            ]
        );
        assert!((own_sum(&plan) - 100.0).abs() < 0.01, "{}", own_sum(&plan));
        assert_eq!(&*plan.nodes[1].conditions[0], "Sort Key: a.abalance, a.aid");
        let hot: Vec<&str> = plan
            .nodes
            .iter()
            .filter(|it| it.is_hot)
            .map(|it| &*it.kind)
            .collect();
        assert_eq!(hot, ["Index Scan"]);
        assert!(!plan.is_measured);
    }

    #[test]
    fn the_inner_side_of_a_nested_loop_counts_as_often_as_it_runs() {
        let json = r#"[{"Plan": {"Node Type": "Nested Loop", "Join Type": "Inner", "Total Cost": 10100, "Plan Rows": 1000, "Plans": [
          {"Node Type": "Seq Scan", "Total Cost": 100, "Plan Rows": 1000},
          {"Node Type": "Index Scan", "Total Cost": 9, "Plan Rows": 1}]}}]"#;
        let plan = parse(json, "").unwrap();
        assert!(plan.nodes[2].is_hot, "{:?}", plan.nodes);
        assert!(plan.nodes[2].own_percent.unwrap() > 80.0);
        assert!((own_sum(&plan) - 100.0).abs() < 0.01);
    }

    #[test]
    fn what_was_measured_counts_in_all_loops() {
        let json = r#"[{"Plan": {"Node Type": "Nested Loop", "Total Cost": 10, "Plan Rows": 1, "Actual Rows": 50, "Actual Loops": 1,
          "Actual Total Time": 100.0, "Plans": [
          {"Node Type": "Seq Scan", "Total Cost": 9, "Plan Rows": 1, "Actual Rows": 50, "Actual Loops": 1, "Actual Total Time": 5.0},
          {"Node Type": "Seq Scan", "Total Cost": 1, "Plan Rows": 1, "Actual Rows": 1, "Actual Loops": 50, "Actual Total Time": 1.8,
           "Rows Removed by Filter": 999}]}}]"#;
        let plan = parse(json, "measured").unwrap();
        let inner = &plan.nodes[2];
        assert!(plan.is_measured && inner.is_hot);
        assert_eq!(
            (inner.actual_ms, inner.actual_rows),
            (Some(90.0), Some(50.0))
        );
        assert_eq!(inner.own_percent.map(f64::round), Some(90.0));
        assert_eq!(&*inner.conditions[0], "Rows Removed by Filter: 999");
    }

    #[test]
    fn nonsense_is_no_plan() {
        for text in ["", "{}", "[]", "[{\"Plan\": 1}]x", "[{}]"] {
            assert!(parse(text, "").is_none(), "{text}");
        }
    }
}
