//! Rules on how much a statement asks for: every column, every row, every row in order, pages far down.

use sqlparser::ast::{
    BinaryOperator, Distinct, Expr, GroupByExpr, LimitClause, ObjectName, Query, Select,
    SelectItem, Value,
};

use super::predicate::{bare, name_is};
use super::scope::{Scope, Tie, Top};
use super::{Case, TableFact, all_rows, rows_text};
use crate::model::{Certainty, Plan, format};

/// A call that brings fewer rows than this costs the same with all columns.
const FEW_ROWS: f64 = 10.0;

/// From so many rows a call on, whoever reads them all should know why.
const MANY_ROWS: f64 = 1_000.0;

/// From so many skipped rows on, skipping is felt.
const DEEP_OFFSET: u64 = 1_000;

/// Functions that make one row of many.
const AGGREGATES: [&str; 19] = [
    "count",
    "sum",
    "min",
    "max",
    "avg",
    "array_agg",
    "string_agg",
    "json_agg",
    "jsonb_agg",
    "json_object_agg",
    "jsonb_object_agg",
    "bool_and",
    "bool_or",
    "every",
    "group_concat",
    "stddev",
    "variance",
    "json_arrayagg",
    "percentile_cont",
];

pub(super) fn look(case: &mut Case<'_>) {
    match case.parts.top {
        Top::Select(query, select) => {
            let Some(scope) = case.parts.scopes.first() else {
                return;
            };
            if select.into.is_none() {
                every_column(case, scope, select);
                every_row(case, scope, query, select);
            }
        }
        Top::Update(update) if update.limit.is_none() && update.from.is_none() => {
            every_row_changed(case, "UPDATE", update.selection.as_ref());
        }
        Top::Delete(delete) if delete.limit.is_none() && delete.using.is_none() => {
            every_row_changed(case, "DELETE", delete.selection.as_ref());
        }
        Top::Update(_) | Top::Delete(_) | Top::Other => {}
    }
    for query in &case.parts.queries {
        deep_offset(case, query);
    }
}

fn every_column(case: &mut Case<'_>, scope: &Scope<'_>, select: &Select) {
    let is_star = |item: &SelectItem| {
        matches!(
            item,
            SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..)
        )
    };
    let members = &scope.members;
    let all_are_tables = members.iter().all(|member| member.table.is_some());
    if !select.projection.iter().any(is_star) || members.is_empty() || !all_are_tables {
        return;
    }
    let per_call = case.known.rows_per_call;
    if per_call.is_some_and(|rows| rows < FEW_ROWS) || scope.is_found_by_key(0, case.known.dialect)
    {
        return;
    }
    let largest = members
        .iter()
        .filter_map(|member| member.fact)
        .filter(|fact| fact.is_large())
        .max_by_key(|fact| fact.bytes);
    let why = match (largest, per_call) {
        (None, _) if !case.knows_no_tables() => return,
        (None, _) => "every column is read and sent, those that are added later too".to_owned(),
        (Some(table), per_call) => width_text(table, per_call),
    };
    let certainty = match per_call {
        Some(rows) if rows >= MANY_ROWS => Certainty::Likely,
        _ => Certainty::Possible,
    };
    let line = "Name the columns that are needed instead of *".to_owned();
    case.say("select_star", certainty, line, why, None);
}

fn width_text(table: &TableFact, per_call: Option<f64>) -> String {
    let rows = per_call.map_or(String::new(), |rows| {
        format!("{} rows a call, ", rows_text(rows))
    });
    match (table.bytes, table.rows) {
        (Some(bytes), Some(count)) if bytes >= count && count > 0 => {
            let width = format::grouped(bytes / count);
            format!("{rows}each row of {} takes about {width} bytes", table.name)
        }
        _ => format!("{rows}every column of {} is read and sent", table.name),
    }
}

/// No WHERE on a large table, and no LIMIT where rows are put in order.
fn every_row(case: &mut Case<'_>, scope: &Scope<'_>, query: &Query, select: &Select) {
    let is_bounded = query.limit_clause.as_ref().is_some_and(has_limit) || query.fetch.is_some();
    if is_bounded || select.top.is_some() || makes_one_row_of_many(select) {
        return;
    }
    if scope.is_found_by_key(0, case.known.dialect) {
        return;
    }
    let chooses = !scope
        .conditions
        .iter()
        .all(|condition| is_always_true(condition));
    let has_distinct = !matches!(select.distinct, None | Some(Distinct::All));
    let whole = (!chooses && !has_distinct)
        .then(|| table_read_whole(scope))
        .flatten();
    let is_ordered = query.order_by.is_some();
    let Some((certainty, why)) = how_many(case, whole, is_ordered) else {
        return;
    };
    if is_ordered {
        let line = "Add a LIMIT: every row is put in order and sent".to_owned();
        case.say("no_limit", certainty, line, why, None);
    } else if whole.is_some() {
        let line = "Add a WHERE or a LIMIT: it reads the whole table".to_owned();
        case.say("no_where", certainty, line, why, None);
    }
}

/// How many rows a statement without a bound brings, when those are many, and how sure that is.
fn how_many(
    case: &Case<'_>,
    whole: Option<&TableFact>,
    is_ordered: bool,
) -> Option<(Certainty, String)> {
    if let Some(rows) = case.known.rows_per_call {
        let why = format!("a call returns {} rows on average", rows_text(rows));
        return (rows >= MANY_ROWS).then_some((Certainty::Certain, why));
    }
    let planned = case.plan.filter(|_| is_ordered).and_then(planned_rows);
    if let Some(rows) = planned {
        let why = format!("the plan expects {} rows", rows_text(rows));
        return (rows >= TableFact::LARGE as f64).then_some((Certainty::Certain, why));
    }
    let table = whole.filter(|table| table.is_large())?;
    let verb = if is_ordered { "sorts" } else { "returns" };
    Some((Certainty::Likely, format!("it {verb} {}", all_rows(table))))
}

fn planned_rows(plan: &Plan) -> Option<f64> {
    plan.nodes.first()?.rows
}

/// The table of which a statement without conditions returns every row: its only one, or the one that others are only
/// joined to from the left.
fn table_read_whole<'a>(scope: &Scope<'a>) -> Option<&'a TableFact> {
    let (first, others) = scope.members.split_first()?;
    let only_added = others.iter().all(|member| member.tie == Tie::Left);
    first.fact.filter(|_| only_added)
}

fn every_row_changed(case: &mut Case<'_>, verb: &str, selection: Option<&Expr>) {
    let scope = &case.parts.scopes[0];
    let [member] = &scope.members[..] else { return };
    let Some(table) = member.fact.filter(|table| table.is_large()) else {
        return;
    };
    if selection.is_some_and(|selection| !is_always_true(selection)) {
        return;
    }
    let (certainty, why) = match case.known.rows_per_call {
        Some(rows) if rows < TableFact::LARGE as f64 => return,
        Some(rows) => {
            let rows = rows_text(rows);
            (
                Certainty::Certain,
                format!("a call changes {rows} rows of {} on average", table.name),
            )
        }
        None => (
            Certainty::Likely,
            format!("it changes {} at once", all_rows(table)),
        ),
    };
    let line = match verb {
        "DELETE" => "Give the DELETE a WHERE, or use TRUNCATE if all rows shall go".to_owned(),
        _ => format!("Give the {verb} a WHERE, or change the rows in portions"),
    };
    case.say("no_where", certainty, line, why, None);
}

fn deep_offset(case: &mut Case<'_>, query: &Query) {
    let offset = match &query.limit_clause {
        Some(LimitClause::LimitOffset {
            offset: Some(offset),
            ..
        }) => &offset.value,
        Some(LimitClause::OffsetCommaLimit { offset, .. }) => offset,
        _ => return,
    };
    let Some(skipped) = number(offset).filter(|skipped| *skipped >= DEEP_OFFSET) else {
        return;
    };
    let tables = case.parts.scopes.iter().flat_map(|scope| &scope.members);
    let mut facts = tables.filter_map(|member| member.fact).peekable();
    if facts.peek().is_some() && facts.all(TableFact::is_small) {
        return;
    }
    let skipped = format::grouped(skipped);
    let line = "Page by the last key seen (WHERE key > … ORDER BY key LIMIT …) instead of OFFSET"
        .to_owned();
    let why = format!("{skipped} rows are read and thrown away before the first is sent");
    case.say("deep_offset", Certainty::Likely, line, why, None);
}

fn has_limit(clause: &LimitClause) -> bool {
    match clause {
        LimitClause::LimitOffset { limit, .. } => limit.is_some(),
        LimitClause::OffsetCommaLimit { .. } => true,
    }
}

fn number(expr: &Expr) -> Option<u64> {
    match bare(expr) {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => digits.parse().ok(),
            _ => None,
        },
        _ => None,
    }
}

/// `true`, `1 = 1`: what programs write to have a WHERE in any case.
fn is_always_true(condition: &Expr) -> bool {
    match bare(condition) {
        Expr::Value(value) => value.value == Value::Boolean(true),
        Expr::BinaryOp { left, op, right } => {
            let same_number = number(left).is_some() && number(left) == number(right);
            *op == BinaryOperator::Eq && same_number
        }
        _ => false,
    }
}

/// Whether the rows that come are fewer than those that are read: groups, sums. Where a column stands by itself and
/// nothing is grouped, rows come as they are.
pub(super) fn makes_one_row_of_many(select: &Select) -> bool {
    let is_grouped = match &select.group_by {
        GroupByExpr::All(_) => true,
        GroupByExpr::Expressions(keys, modifiers) => !keys.is_empty() || !modifiers.is_empty(),
    };
    if is_grouped || select.having.is_some() {
        return true;
    }
    let mut has_plain_column = false;
    for item in &select.projection {
        let expr = match item {
            SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..) => {
                has_plain_column = true;
                continue;
            }
            SelectItem::UnnamedExpr(expr)
            | SelectItem::ExprWithAlias { expr, .. }
            | SelectItem::ExprWithAliases { expr, .. } => bare(expr),
        };
        match expr {
            Expr::Identifier(_) | Expr::CompoundIdentifier(_) => has_plain_column = true,
            Expr::Function(function) if function.over.is_none() && is_aggregate(&function.name) => {
                return true;
            }
            _ => {}
        }
    }
    !has_plain_column
}

fn is_aggregate(name: &ObjectName) -> bool {
    AGGREGATES.iter().any(|word| name_is(name, word))
}
