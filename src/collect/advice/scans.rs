//! The rule on tables that are read as a whole although few rows are wanted, and the index that would serve.

use sqlparser::ast::GroupByExpr;

use super::facts::Dialect;
use super::planned::{Read, read, rows_of};
use super::predicate::Test;
use super::scope::{Scope, Top};
use super::{Case, TableFact, all_rows, reads, rows_text};
use crate::model::Certainty;

/// An index helps when at most this share of the rows is wanted; above, reading everything is as fast.
const WANTED_SHARE: f64 = 0.05;

/// Without a plan the share must be smaller: what a call returns is only a hint at what its conditions choose.
const RETURNED_SHARE: f64 = 0.01;

/// When a call reads this share of the table, it reads it as a whole.
const WHOLE_SHARE: f64 = 0.5;

/// The columns that conditions compare to values, by how an index can use them.
struct Compared {
    equal: Vec<String>,
    ranges: Vec<String>,
}

pub(super) fn look(case: &mut Case<'_>) {
    let parts = case.parts;
    for scope in &parts.scopes {
        for member in 0..scope.members.len() {
            if let Some(table) = scope.members[member].fact.filter(|table| table.is_large()) {
                whole_read(case, scope, member, table);
            }
        }
    }
}

fn whole_read(case: &mut Case<'_>, scope: &Scope<'_>, member: usize, table: &TableFact) {
    if table.indexes.is_none() || stands_twice(case, table) {
        return;
    }
    let compared = compared(case, scope, member);
    let dialect = case.known.dialect;
    let all = compared.equal.iter().chain(&compared.ranges);
    if all
        .into_iter()
        .any(|column| table.leads_an_index(column, dialect))
    {
        // There is one, and the planner found it not worth while.
        return;
    }
    let Some((certainty, why)) = evidence(case, scope, table, &compared) else {
        return;
    };
    let mut columns = compared.equal;
    columns.extend(compared.ranges.into_iter().next());
    let line = format!(
        "No index serves the search of {} by {}",
        table.name,
        columns.join(", ")
    );
    let try_this = create_index(table, &columns, dialect);
    case.say("seq_scan", certainty, line, why, Some(try_this));
}

/// That the table is read as a whole for few rows.
fn evidence(
    case: &Case<'_>,
    scope: &Scope<'_>,
    table: &TableFact,
    compared: &Compared,
) -> Option<(Certainty, String)> {
    if compared.equal.is_empty() && compared.ranges.is_empty() {
        return None;
    }
    let rows = table.rows? as f64;
    match read(case.plan, table, case.known.dialect) {
        Read::ByIndex => None,
        Read::Whole(node) => {
            let plan = case.plan?;
            // Of a range whose bounds are not in the text the planner can only guess the share.
            if compared.equal.is_empty() && !plan.is_measured || stops_early(case) {
                return None;
            }
            let wanted = rows_of(plan, node).filter(|wanted| *wanted <= rows * WANTED_SHARE)?;
            let verb = if plan.is_measured { "found" } else { "expects" };
            let why = format!(
                "the plan reads {} and {verb} {} among them",
                all_rows(table),
                rows_text(wanted)
            );
            Some((Certainty::Certain, why))
        }
        Read::Unknown => by_figures(case, scope, table, compared),
    }
}

/// Without a plan: what a call was measured to read and to return.
fn by_figures(
    case: &Case<'_>,
    scope: &Scope<'_>,
    table: &TableFact,
    compared: &Compared,
) -> Option<(Certainty, String)> {
    let rows = table.rows? as f64;
    let is_all = std::ptr::eq(scope, case.parts.scopes.first()?) && case.parts.scopes.len() == 1;
    if !is_all || scope.members.len() != 1 || compared.equal.is_empty() || returns_other_rows(case)
    {
        return None;
    }
    let returned = case.known.rows_per_call?;
    if returned > rows * RETURNED_SHARE {
        return None;
    }
    let returned = rows_text(returned);
    match case.known.rows_read_per_call {
        Some(read) if read >= rows * WHOLE_SHARE => {
            let why = format!(
                "a call reads {} rows of {} to find {returned}",
                rows_text(read),
                table.name
            );
            Some((Certainty::Certain, why))
        }
        Some(_) => None,
        None => {
            let why = format!("a call finds {returned} rows among {}", all_rows(table));
            Some((Certainty::Likely, why))
        }
    }
}

/// Whether what a call returns says nothing of what its conditions choose: sums, groups, a LIMIT.
fn returns_other_rows(case: &Case<'_>) -> bool {
    match case.parts.top {
        Top::Select(query, select) => {
            let is_grouped =
                !matches!(&select.group_by, GroupByExpr::Expressions(keys, _) if keys.is_empty());
            let is_cut = query.limit_clause.is_some() || query.fetch.is_some();
            is_grouped
                || is_cut
                || select.distinct.is_some()
                || reads::makes_one_row_of_many(select)
        }
        Top::Update(update) => update.limit.is_some(),
        Top::Delete(delete) => delete.limit.is_some(),
        Top::Other => true,
    }
}

/// Whether a LIMIT may end the reading before the table does.
fn stops_early(case: &Case<'_>) -> bool {
    match case.parts.top {
        Top::Select(query, _) => {
            let is_cut = query.limit_clause.is_some() || query.fetch.is_some();
            is_cut && query.order_by.is_none()
        }
        _ => false,
    }
}

fn stands_twice(case: &Case<'_>, table: &TableFact) -> bool {
    let scopes = case.parts.scopes.iter();
    let tables = scopes
        .flat_map(|scope| &scope.members)
        .filter_map(|member| member.fact);
    tables.filter(|fact| std::ptr::eq(*fact, table)).count() > 1
}

fn compared(case: &Case<'_>, scope: &Scope<'_>, member: usize) -> Compared {
    let dialect = case.known.dialect;
    let mut compared = Compared {
        equal: Vec::new(),
        ranges: Vec::new(),
    };
    for condition in &scope.conditions {
        let (column, into) = match Test::of(condition) {
            Test::Equal(column) => (column, &mut compared.equal),
            Test::Range(column) => (column, &mut compared.ranges),
            _ => continue,
        };
        if scope.owner(&column, dialect) == Some(member) {
            let name = dialect.folded(column.name);
            if !into.contains(&name) {
                into.push(name);
            }
        }
    }
    let equal = &compared.equal;
    compared.ranges.retain(|name| !equal.contains(name));
    // More columns make an index larger and seldom better.
    compared.equal.truncate(3);
    compared
}

/// The statement that makes an index without keeping writers waiting.
pub(super) fn create_index(table: &TableFact, columns: &[String], dialect: Dialect) -> String {
    let on = table.typed(dialect);
    let quoted: Vec<_> = columns
        .iter()
        .map(|column| dialect.quoted(column))
        .collect();
    let over = quoted.join(", ");
    match dialect {
        Dialect::Postgres => format!("CREATE INDEX CONCURRENTLY ON {on} ({over})"),
        Dialect::Mysql => {
            let name = format!("{}_{}", table.name, columns.join("_"));
            let name: String = name.chars().take(60).collect();
            let name = dialect.quoted(&name);
            format!("CREATE INDEX {name} ON {on} ({over}) ALGORITHM=INPLACE LOCK=NONE")
        }
    }
}
