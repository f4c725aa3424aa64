//! Rules on conditions that no index can serve: a search inside of texts, something made of a column, an OR, a NOT IN.

use sqlparser::ast::{Expr, Query, SetExpr};

use super::facts::Dialect;
use super::planned::{Read, read};
use super::predicate::{Named, Test, name_is};
use super::scans::create_index;
use super::scope::Scope;
use super::{Case, TableFact, alike, all_rows};
use crate::model::{Certainty, format};

/// Functions of PostgreSQL whose answer never depends on settings, so that an index may be over them.
const IMMUTABLE: [&str; 9] = [
    "lower", "upper", "abs", "length", "md5", "btrim", "ltrim", "rtrim", "reverse",
];

/// A condition that this share of the rows fulfils at most is worth an index.
const SELECTIVE_SHARE: f64 = 0.01;

pub(super) fn look(case: &mut Case<'_>) {
    let parts = case.parts;
    for scope in &parts.scopes {
        // Where an index has found the few rows already, the other conditions cost nothing.
        let is_narrowed = scope.is_narrowed(case.known.dialect);
        for condition in &scope.conditions {
            if !is_narrowed {
                for side in Test::sides_of(condition) {
                    inside_of_texts(case, scope, &side);
                }
            }
            match Test::of(condition) {
                Test::Wrapped(column, by) if !is_narrowed => wrapped(case, scope, &column, by),
                Test::Either(sides) if !is_narrowed => either(case, scope, &sides),
                Test::NotIn(subquery) => not_in(case, subquery),
                _ => {}
            }
        }
    }
}

/// How sure it is that a condition makes the server read a table as a whole; `None` when it does not.
fn certainty_of_whole_read(case: &Case<'_>, table: &TableFact) -> Option<Certainty> {
    if !table.is_large() {
        return None;
    }
    match read(case.plan, table, case.known.dialect) {
        Read::Whole(_) => Some(Certainty::Certain),
        Read::Unknown => Some(Certainty::Likely),
        Read::ByIndex => None,
    }
}

fn inside_of_texts(case: &mut Case<'_>, scope: &Scope<'_>, test: &Test<'_>) {
    let Test::Inside(column, subject) = test else {
        return;
    };
    let dialect = case.known.dialect;
    let rule = "leading_wildcard";
    let line =
        format!("No ordinary index serves a pattern that begins with a wildcard on {subject}");
    if case.knows_no_tables() {
        let why = "its matches can stand anywhere, so that every row must be looked at".to_owned();
        case.say(rule, Certainty::Possible, line, why, None);
        return;
    }
    let Some((table, name)) = scope.known_owner(column, dialect) else {
        return;
    };
    if table.has_text_index(&name, dialect) {
        return;
    }
    let Some(certainty) = certainty_of_whole_read(case, table) else {
        return;
    };
    let rows = all_rows(table);
    let (why, try_this) = match dialect {
        Dialect::Postgres => {
            let why = format!(
                "{rows} are looked at; an index of trigrams (extension pg_trgm) would serve it"
            );
            let over = match subject {
                Expr::Identifier(_) | Expr::CompoundIdentifier(_) => {
                    dialect.quoted(&name).into_owned()
                }
                _ => return case.say(rule, certainty, line, why, None),
            };
            let on = table.typed(dialect);
            let index =
                format!("CREATE INDEX CONCURRENTLY ON {on} USING gin ({over} gin_trgm_ops)");
            (why, Some(index))
        }
        Dialect::Mysql => {
            let why = format!(
                "{rows} are looked at; whole words can be found by a FULLTEXT index and MATCH"
            );
            (why, None)
        }
    };
    case.say(rule, certainty, line, why, try_this);
}

fn wrapped(case: &mut Case<'_>, scope: &Scope<'_>, column: &Named<'_>, by: &Expr) {
    let dialect = case.known.dialect;
    let Some((table, name)) = scope.known_owner(column, dialect) else {
        return;
    };
    let indexes = table.indexes.as_deref().unwrap_or_default();
    let expressions = indexes.iter().flat_map(|index| index.expressions());
    if expressions
        .into_iter()
        .any(|index| alike::serves(index, by, dialect))
    {
        return;
    }
    let unused = table.lookup_indexes().find(|index| {
        index
            .leading_column()
            .is_some_and(|leading| dialect.same(leading, &name))
    });
    let Some(unused) = unused else { return };
    let Some(certainty) = certainty_of_whole_read(case, table) else {
        return;
    };
    let line = format!("Compare {name} itself instead of {by}");
    let index = &unused.name;
    let why = format!(
        "index {index} on {name} can't serve it, so that {} are read",
        all_rows(table)
    );
    let try_this = index_over(by, table, &name, dialect);
    case.say("function_on_column", certainty, line, why, try_this);
}

/// The index that serves the condition as it is written, where one can be made.
fn index_over(by: &Expr, table: &TableFact, column: &str, dialect: Dialect) -> Option<String> {
    let Expr::Function(function) = by else {
        return None;
    };
    let word = IMMUTABLE
        .iter()
        .find(|word| name_is(&function.name, word))?;
    let is_of_the_column_alone = function.args.to_string().matches(',').count() == 0;
    if dialect != Dialect::Postgres || !is_of_the_column_alone {
        return None;
    }
    let on = table.typed(dialect);
    let column = dialect.quoted(column);
    Some(format!(
        "CREATE INDEX CONCURRENTLY ON {on} ({word}({column}))"
    ))
}

fn either(case: &mut Case<'_>, scope: &Scope<'_>, sides: &[&Expr]) {
    let dialect = case.known.dialect;
    let mut columns: Vec<(&TableFact, String)> = Vec::new();
    for side in sides {
        let Test::Equal(column) = Test::of(side) else {
            return;
        };
        let Some(owned) = scope.known_owner(&column, dialect) else {
            return;
        };
        if !columns.contains(&owned) {
            columns.push(owned);
        }
    }
    let Some((table, _)) = columns.first().cloned() else {
        return;
    };
    if columns.len() < 2 {
        return;
    }
    if columns.iter().any(|(other, _)| *other != table) {
        across_tables(case, &columns);
    } else {
        across_columns(case, table, &columns);
    }
}

fn across_tables(case: &mut Case<'_>, columns: &[(&TableFact, String)]) {
    let largest = columns.iter().max_by_key(|(table, _)| table.rows);
    let Some((largest, _)) = largest.filter(|(table, _)| table.is_large()) else {
        return;
    };
    let Some(certainty) = certainty_of_whole_read(case, largest) else {
        return;
    };
    let line =
        "Ask for each side of the OR by itself and put the answers together with UNION".to_owned();
    let why = format!(
        "its sides are of different tables, so that no index of either can choose rows: {} are joined first",
        all_rows(largest)
    );
    case.say("or_across_columns", certainty, line, why, None);
}

/// An OR of one table is served when an index leads with each of its columns; one column without is enough to read
/// everything.
fn across_columns(case: &mut Case<'_>, table: &TableFact, columns: &[(&TableFact, String)]) {
    let dialect = case.known.dialect;
    if table.indexes.is_none() {
        return;
    }
    let names = columns.iter().map(|(_, name)| name);
    let bare: Vec<&String> = names
        .filter(|name| !table.leads_an_index(name, dialect))
        .collect();
    let (Some(first), Some(rows)) = (bare.first(), table.rows) else {
        return;
    };
    let Some(mut certainty) = certainty_of_whole_read(case, table) else {
        return;
    };
    // A column with few values (a state, a flag) is in most rows: an index on it would not be used.
    match case.known.rows_per_call {
        Some(found) if found > rows as f64 * SELECTIVE_SHARE => return,
        Some(_) => {}
        None if certainty == Certainty::Certain => {}
        None => certainty = Certainty::Possible,
    }
    let list = bare
        .iter()
        .map(|name| name.as_str())
        .collect::<Vec<_>>()
        .join(" and ");
    let line = format!("An OR is as fast as its slowest side: no index begins with {list}");
    let why = format!(
        "{} are read although the other sides may have an index",
        all_rows(table)
    );
    let try_this = create_index(table, std::slice::from_ref(*first), dialect);
    case.say("or_across_columns", certainty, line, why, Some(try_this));
}

fn not_in(case: &mut Case<'_>, subquery: &Query) {
    let SetExpr::Select(select) = &*subquery.body else {
        return;
    };
    let Some(searched) = case.parts.scopes.iter().find(|scope| scope.is_of(select)) else {
        return;
    };
    let Some(member) = searched
        .members
        .first()
        .filter(|member| member.table.is_some())
    else {
        return;
    };
    let trap = "one NULL in the subquery makes the whole answer empty";
    let (certainty, why) = match member.fact {
        Some(table) if table.is_small() => return,
        Some(table) if table.is_large() => {
            let rows = table.rows.map_or(String::new(), format::grouped);
            let why = format!(
                "{trap}, and {} has {rows} rows that can't be joined against",
                table.name
            );
            (Certainty::Likely, why)
        }
        _ => (Certainty::Possible, trap.to_owned()),
    };
    let line = "Use NOT EXISTS instead of NOT IN over a subquery".to_owned();
    case.say("not_in_subquery", certainty, line, why, None);
}
