//! Statements with the advice they must get, and those of which nothing may be said. The lists stand beside this file.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that can't go on says where and why"
)]

use std::path::Path;
use std::time::Duration;

use hubtop::collect::advice::{Analyzed, Dialect, IndexFact, IndexKey, Known, TableFact, advise};
use hubtop::model::{Advice, Plan, PlanNode};
use proptest::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tables {
    table: Vec<Table>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    schema: Option<String>,
    name: String,
    rows: Option<u64>,
    bytes: Option<u64>,
    changed: Option<u64>,
    analyzed_hours: Option<u64>,
    indexes: Vec<Index>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Index {
    name: String,
    over: Vec<String>,
    #[serde(default)]
    unique: bool,
    #[serde(default)]
    partial: bool,
    method: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    sql: String,
    /// Each as `rule certainty`.
    says: Vec<String>,
    /// Why nothing may be said; there exactly when `says` is empty.
    silent: Option<String>,
    /// What must stand in the reason of one of them.
    why: Option<String>,
    /// What one of them must propose, exactly.
    try_this: Option<String>,
    /// `none`: nothing is known of any table.
    tables: Option<String>,
    rows_per_call: Option<f64>,
    rows_read_per_call: Option<f64>,
    plan: Option<Vec<Node>>,
    #[serde(default)]
    measured: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Node {
    #[serde(default)]
    depth: usize,
    kind: String,
    relation: Option<String>,
    index: Option<String>,
    rows: Option<f64>,
    came: Option<f64>,
    loops: Option<f64>,
}

fn read<T: DeserializeOwned>(name: &str) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/advice")
        .join(name);
    toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn tables(home: &str) -> Vec<TableFact> {
    let tables: Tables = read("tables.toml");
    let fact = |table: Table| TableFact {
        schema: table.schema.as_deref().unwrap_or(home).into(),
        name: table.name.into(),
        rows: table.rows,
        bytes: table.bytes,
        indexes: Some(table.indexes.into_iter().map(index).collect()),
        analyzed: table.analyzed_hours.map_or(Analyzed::Unknown, |hours| {
            Analyzed::Ago(Duration::from_secs(hours * 3600))
        }),
        changed_since_analyze: table.changed,
    };
    tables.table.into_iter().map(fact).collect()
}

fn index(index: Index) -> IndexFact {
    let key = |over: &String| {
        if over.contains('(') {
            IndexKey::Expression(over.as_str().into())
        } else {
            IndexKey::Column(over.as_str().into())
        }
    };
    IndexFact {
        name: index.name.into(),
        method: index.method.as_deref().unwrap_or("btree").into(),
        keys: index.over.iter().map(key).collect(),
        unique: index.unique,
        partial: index.partial,
    }
}

fn plan(case: &Case) -> Option<Plan> {
    let node = |node: &Node| PlanNode {
        depth: node.depth,
        kind: node.kind.as_str().into(),
        relation: node.relation.as_deref().map(Into::into),
        index: node.index.as_deref().map(Into::into),
        rows: node.rows,
        actual_rows: node.came,
        loops: node.loops,
        ..PlanNode::default()
    };
    Some(Plan {
        nodes: case.plan.as_ref()?.iter().map(node).collect(),
        is_measured: case.measured,
        ..Plan::default()
    })
}

/// What is wrong with what a case gets.
fn wrong(case: &Case, said: &[Advice]) -> Option<String> {
    let heard = |what: &str| {
        let lines: Vec<String> = said
            .iter()
            .map(|advice| format!("    {advice:?}"))
            .collect();
        Some(format!("{}\n  {what}\n{}", case.sql, lines.join("\n")))
    };
    if case.says.is_empty() != case.silent.is_some() {
        return heard("either it says something, or there is a reason for silence");
    }
    let words: Vec<String> = said
        .iter()
        .map(|advice| format!("{} {}", advice.rule, advice.certainty.word()))
        .collect();
    let (mut got, mut expected) = (words, case.says.clone());
    got.sort();
    expected.sort();
    if got != expected {
        return heard(&format!("should say {expected:?}"));
    }
    if let Some(why) = &case.why
        && !said.iter().any(|advice| advice.why.contains(why.as_str()))
    {
        return heard(&format!("no reason is {why:?}"));
    }
    if let Some(try_this) = &case.try_this
        && !said
            .iter()
            .any(|advice| advice.try_this.as_deref() == Some(try_this))
    {
        return heard(&format!("none proposes {try_this:?}"));
    }
    None
}

fn check(file: &str, dialect: Dialect, home: &str) -> usize {
    let cases: Cases = read(file);
    let tables = tables(home);
    let mut failures = Vec::new();
    for case in &cases.case {
        let known = Known {
            dialect,
            schema: Some(home),
            tables: if case.tables.is_some() { &[] } else { &tables },
            rows_per_call: case.rows_per_call,
            rows_read_per_call: case.rows_read_per_call,
        };
        let said = advise(&case.sql, &known, plan(case).as_ref());
        assert!(
            said.is_sorted_by_key(|advice| advice.certainty),
            "{}",
            case.sql
        );
        failures.extend(wrong(case, &said));
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n\n"));
    cases.case.len()
}

#[test]
fn statements_of_postgresql_get_what_they_should_and_nothing_else() {
    assert!(check("postgres.toml", Dialect::Postgres, "public") >= 60);
}

#[test]
fn statements_of_mysql_get_what_they_should_and_nothing_else() {
    check("mysql.toml", Dialect::Mysql, "shop");
}

#[test]
fn what_is_nested_or_chained_without_end_is_left_alone() {
    let known = Known::default();
    let many = 200_000;
    for text in [
        format!("SELECT {}1{}", "(".repeat(many), ")".repeat(many)),
        format!("SELECT 1{}", "+1".repeat(many)),
        format!("SELECT 1 WHERE {}true", "NOT ".repeat(many)),
        format!("SELECT {}", "- ".repeat(many)),
        format!("SELECT a FROM t WHERE a = 1{}", " OR a = 1".repeat(900)),
        format!("SELECT 1{}", "+1".repeat(1_900)),
        format!("{}1", "SELECT * FROM (".repeat(many)),
        format!("SELECT {}", "CASE WHEN ".repeat(many)),
        format!("SELECT 1{}", "::int".repeat(1_000)),
        format!("SELECT 1{}", "[1]".repeat(1_000)),
        format!("SELECT a{}", ".a".repeat(1_900)),
        format!("SELECT 1 {}", "UNION SELECT 1 ".repeat(1_300)),
    ] {
        let _ = advise(&text, &known, None);
    }
}

/// Words that make statements more often than letters do.
fn sql() -> impl Strategy<Value = String> {
    let words = [
        "SELECT",
        "*",
        "FROM",
        "orders",
        "customers",
        "o",
        "c",
        ",",
        "WHERE",
        "AND",
        "OR",
        "NOT",
        "IN",
        "(",
        ")",
        "=",
        "<",
        "id",
        "email",
        "lower(email)",
        "LIKE",
        "'%x'",
        "$1",
        "?",
        "...",
        "`orders`",
        "\"o\"",
        ".",
        "JOIN",
        "ON",
        "LEFT",
        "ORDER",
        "BY",
        "LIMIT",
        "OFFSET",
        "5000",
        "UPDATE",
        "SET",
        "DELETE",
        "WITH",
        "AS",
        "EXISTS",
        "UNION",
        "ALL",
        "GROUP",
        "count(*)",
        "::date",
        "BETWEEN",
        "IS",
        "NULL",
        "CASE",
        "WHEN",
        "THEN",
        "END",
        ";",
        "--",
        "/*",
        "'",
        "\u{1b}",
    ];
    let word = prop_oneof![9 => proptest::sample::select(words.to_vec()).prop_map(str::to_owned), 1 => any::<String>()];
    proptest::collection::vec(word, 0..40).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn no_text_is_too_strange(text in prop_oneof![sql(), any::<String>()], is_mysql: bool) {
        let tables = tables("public");
        let dialect = if is_mysql { Dialect::Mysql } else { Dialect::Postgres };
        let known = Known { dialect, tables: &tables, ..Known::default() };
        for advice in advise(&text, &known, None) {
            let texts = [&advice.line, &advice.why].into_iter().chain(&advice.try_this);
            for text in texts {
                prop_assert!(!text.chars().any(char::is_control), "{text:?}");
            }
        }
    }
}
