//! EXPLAIN FORMAT=JSON made into a plan. The forms of MariaDB 10.11 were measured; those of MySQL 8 are of its manual.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use crate::model::text::printable;
use crate::model::{Plan, PlanNode};

/// Deeper plans are cut off.
const DEEPEST: usize = 40;

/// More nodes are cut off.
const MOST_NODES: usize = 500;

/// What holds other parts of the plan and does nothing that a person must know of.
const TRANSPARENT: [&str; 6] = [
    "query_block",
    "read_sorted_file",
    "buffer_result",
    "block-nl-join",
    "insert_from",
    "materialization",
];

/// What holds other parts and does something.
const STEPS: [(&str, &str); 10] = [
    ("filesort", "Sort"),
    ("ordering_operation", "Sort"),
    ("grouping_operation", "Group"),
    ("temporary_table", "Temporary table"),
    ("duplicates_removal", "Distinct"),
    ("window_functions_computation", "Window"),
    ("windowing", "Window"),
    ("union_result", "Union"),
    ("materialized_from_subquery", "Materialize"),
    ("materialized", "Materialize"),
];

/// Lists of further parts.
const LISTS: [(&str, &str); 7] = [
    ("query_specifications", "Part"),
    ("subqueries", "Subquery"),
    ("attached_subqueries", "Subquery"),
    ("select_list_subqueries", "Subquery"),
    ("having_subqueries", "Subquery"),
    ("order_by_subqueries", "Subquery"),
    ("optimized_away_subqueries", "Subquery, done already"),
];

/// Reads a plan; `tables` are the real names of the aliases of the statement.
///
/// # Errors
/// What is wrong with the text.
pub(super) fn plan(json: &str, tables: &HashMap<String, String>) -> Result<Plan, String> {
    let whole: Value = serde_json::from_str(json).map_err(|error| error.to_string())?;
    let mut reader = Reader {
        tables,
        nodes: Vec::new(),
        work: Vec::new(),
    };
    reader.part(&whole, 0, 1.0);
    if reader.nodes.is_empty() {
        return Err(reason(&whole).unwrap_or_else(|| "it has no steps".to_owned()));
    }
    reader.mark_the_hottest();
    Ok(Plan {
        nodes: reader.nodes,
        how: "planned, nothing was run; shares are of the rows that are read".into(),
        is_measured: false,
    })
}

/// Why a plan has no steps: `Impossible WHERE`, `No tables used`.
fn reason(whole: &Value) -> Option<String> {
    let block = whole.get("query_block")?;
    let message = block
        .get("message")
        .or_else(|| block.get("table")?.get("message"))?;
    Some(printable(message.as_str()?).into_owned())
}

struct Reader<'a> {
    tables: &'a HashMap<String, String>,
    nodes: Vec<PlanNode>,
    /// Rows that each node reads itself, in all its loops.
    work: Vec<f64>,
}

impl Reader<'_> {
    /// Reads one part, which is run so many times; brings how many rows come of it.
    fn part(&mut self, part: &Value, depth: usize, loops: f64) -> f64 {
        let Some(fields) = part.as_object() else {
            return 1.0;
        };
        let mut rows = 1.0;
        for (key, value) in fields {
            if depth > DEEPEST || self.nodes.len() >= MOST_NODES {
                return rows;
            }
            if key == "nested_loop" {
                if let Some(members) = value.as_array() {
                    rows = self.nested(members, depth, loops);
                }
            } else if key == "table" {
                rows = self.table(value, depth, loops);
            } else if TRANSPARENT.contains(&&**key) {
                rows = self.part(value, depth, loops);
            } else if let Some((_, kind)) = STEPS.iter().find(|(name, _)| name == key) {
                rows = self.step(kind, value, depth, loops);
            } else if let Some((_, kind)) = LISTS.iter().find(|(name, _)| name == key) {
                for part in value.as_array().into_iter().flatten() {
                    self.step(kind, part, depth + 1, loops);
                }
            }
        }
        rows
    }

    /// A list of tables: each is gone through for every row that comes of those before it.
    fn nested(&mut self, members: &[Value], depth: usize, loops: f64) -> f64 {
        match members {
            [] => 1.0,
            [only] => self.part(only, depth, loops),
            [before @ .., last] => {
                let at = self.push("Nested loop", depth);
                if depth > DEEPEST {
                    return 1.0;
                }
                let outer = self.nested(before, depth + 1, loops);
                let inner = self.part(last, depth + 1, loops * outer.max(1.0));
                self.nodes[at].rows = Some(outer * inner);
                outer * inner
            }
        }
    }

    fn step(&mut self, kind: &str, part: &Value, depth: usize, loops: f64) -> f64 {
        // It says of itself when it needs no sorting.
        if part.get("using_filesort") == Some(&Value::Bool(false)) && kind == "Sort" {
            return self.part(part, depth, loops);
        }
        let at = self.push(kind, depth);
        if let Some(key) = part.get("sort_key").and_then(Value::as_str) {
            self.nodes[at].conditions.push(line("by", key));
        }
        let rows = self.part(part, depth + 1, loops);
        self.nodes[at].rows = Some(rows);
        rows
    }

    fn table(&mut self, table: &Value, depth: usize, loops: f64) -> f64 {
        if table.get("table_name").is_none() {
            return 0.0;
        }
        let access = table
            .get("access_type")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let at = self.push(kind_of(access), depth);
        let text = |key: &str| table.get(key).and_then(Value::as_str);
        let scanned = number(table, "rows_examined_per_scan").or_else(|| number(table, "rows"));
        let filtered = number(table, "filtered").unwrap_or(100.0) / 100.0;
        let rows = scanned.map(|rows| rows * filtered);
        let node = &mut self.nodes[at];
        node.relation = text("table_name").map(|alias| {
            let name = self
                .tables
                .get(&alias.to_ascii_lowercase())
                .map_or(alias, String::as_str);
            printable(name).into()
        });
        node.index = text("key").map(|key| printable(key).into());
        node.rows = rows;
        node.loops = Some(loops);
        node.cost = table
            .get("cost_info")
            .and_then(|cost| number(cost, "prefix_cost"));
        node.conditions
            .extend(text("attached_condition").map(|condition| line("Condition:", condition)));
        node.conditions
            .extend(text("index_condition").map(|condition| line("Index condition:", condition)));
        self.work[at] = scanned.unwrap_or(0.0) * loops;
        for inner in ["materialized", "materialized_from_subquery"] {
            if let Some(part) = table.get(inner) {
                self.step("Materialize", part, depth + 1, 1.0);
            }
        }
        rows.unwrap_or(1.0)
    }

    fn push(&mut self, kind: &str, depth: usize) -> usize {
        self.nodes.push(PlanNode {
            depth,
            kind: kind.into(),
            ..PlanNode::default()
        });
        self.work.push(0.0);
        self.nodes.len() - 1
    }

    fn mark_the_hottest(&mut self) {
        let all: f64 = self.work.iter().sum();
        if all <= 0.0 {
            return;
        }
        let largest = self.work.iter().copied().fold(0.0, f64::max);
        for (node, work) in self.nodes.iter_mut().zip(&self.work) {
            node.own_percent = node.relation.as_ref().map(|_| 100.0 * work / all);
            node.is_hot = *work >= largest;
        }
    }
}

/// How a table is read, in words; the server's own are those of its `type` column.
fn kind_of(access: &str) -> &'static str {
    match access {
        "ALL" => "Table scan",
        "index" => "Index scan",
        "range" => "Index range scan",
        "ref" | "ref_or_null" => "Index lookup",
        "eq_ref" => "Unique lookup",
        "const" | "system" => "One row",
        "fulltext" => "Full-text lookup",
        "index_merge" => "Index merge",
        "unique_subquery" | "index_subquery" => "Subquery lookup",
        _ => "Table",
    }
}

fn line(word: &str, text: &str) -> Arc<str> {
    let short: String = text.chars().take(500).collect();
    format!("{word} {}", printable(&short)).into()
}

/// Numbers come as such or as texts.
fn number(of: &Value, key: &str) -> Option<f64> {
    match of.get(key)? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Vec<(usize, String, Option<String>, Option<f64>)> {
        let tables = HashMap::from([("o".to_owned(), "orders".to_owned())]);
        let plan = plan(json, &tables).unwrap();
        let row = |node: PlanNode| {
            let relation = node.relation.map(|name| name.to_string());
            (node.depth, node.kind.to_string(), relation, node.rows)
        };
        plan.nodes.into_iter().map(row).collect()
    }

    /// As MariaDB 10.11.19 writes it.
    #[test]
    fn a_join_of_mariadb_is_a_nested_loop_over_its_tables() {
        let json = r#"{"query_block": {"select_id": 1, "nested_loop": [
            {"read_sorted_file": {"filesort": {"sort_key": "i.sku", "table":
                {"table_name": "i", "access_type": "ALL", "rows": 19762, "filtered": 100, "attached_condition": "i.order_id is not null"}}}},
            {"table": {"table_name": "o", "access_type": "eq_ref", "key": "PRIMARY", "rows": 1, "filtered": 100}}]}}"#;
        let expected = [
            (0, "Nested loop", None, Some(19762.0)),
            (1, "Sort", None, Some(19762.0)),
            (2, "Table scan", Some("i"), Some(19762.0)),
            (1, "Unique lookup", Some("orders"), Some(1.0)),
        ];
        let expected = expected.map(|(depth, kind, relation, rows)| {
            (depth, kind.to_owned(), relation.map(str::to_owned), rows)
        });
        assert_eq!(read(json), expected);
    }

    /// As the reference manual of MySQL 8.0 shows it (8.8.2): numbers as texts, costs beside them.
    #[test]
    fn a_plan_of_mysql_brings_its_costs() {
        let json = r#"{"query_block": {"select_id": 1, "cost_info": {"query_cost": "10095.25"},
            "ordering_operation": {"using_filesort": true, "table": {"table_name": "o", "access_type": "ALL",
            "rows_examined_per_scan": 49072, "rows_produced_per_join": 4907, "filtered": "10.00",
            "cost_info": {"read_cost": "4604.53", "prefix_cost": "5095.25"}, "attached_condition": "(`shop`.`o`.`note` = 'x')"}}}}"#;
        let plan = plan(json, &HashMap::new()).unwrap();
        assert_eq!(&*plan.nodes[0].kind, "Sort");
        let scan = &plan.nodes[1];
        assert_eq!(
            (scan.rows, scan.cost, scan.is_hot),
            (Some(4907.2), Some(5095.25), true)
        );
    }

    #[test]
    fn what_needs_no_plan_says_why() {
        let json = r#"{"query_block": {"select_id": 1, "table": {"message": "Impossible WHERE"}}}"#;
        assert_eq!(
            plan(json, &HashMap::new()),
            Err("Impossible WHERE".to_owned())
        );
        assert!(plan("{}", &HashMap::new()).is_err());
        assert!(plan("no json", &HashMap::new()).is_err());
    }
}
