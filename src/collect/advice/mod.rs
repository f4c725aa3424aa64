//! What can be said of a statement to the one who wrote it. Pure functions between the database collectors and their
//! rows: the statement is parsed, never searched as a text, and what is not understood or not known makes the rules
//! silent, because advice that only looks right is worse than none.

mod alike;
mod conditions;
mod facts;
mod joins;
mod parse;
mod planned;
mod predicate;
mod reads;
mod scans;
mod scope;
mod statistics;

pub use facts::{Analyzed, Dialect, IndexFact, IndexKey, Known, TableFact};

use std::sync::Arc;

use sqlparser::ast::Statement;

use crate::model::text::printable;
use crate::model::{Advice, Certainty, Plan, format};
use scope::Parts;

/// More is not read.
const MOST_PIECES: usize = 8;

/// What to change about a statement, most certain first. `text` may be normalised (`$1`, `?`), cut off or no SQL at all.
#[must_use]
pub fn advise(text: &str, known: &Known<'_>, plan: Option<&Plan>) -> Vec<Advice> {
    let Some(statement) = parse::statement(text, known.dialect) else {
        return Vec::new();
    };
    let Some(parts) = scope::parts(&statement, known) else {
        return Vec::new();
    };
    let mut case = Case {
        known,
        plan,
        parts: &parts,
        said: Vec::new(),
    };
    reads::look(&mut case);
    conditions::look(&mut case);
    joins::look(&mut case);
    scans::look(&mut case);
    statistics::look(&mut case);
    case.most_certain_first()
}

/// What a statement does to tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// It only reads.
    Reads,
    /// It changes rows.
    Writes,
}

/// What a text does, if it is one statement of the kinds that have a plan; `None` for anything else, and for more than
/// one.
#[must_use]
pub fn verb(text: &str, dialect: Dialect) -> Option<Verb> {
    match parse::statement(text, dialect)? {
        Statement::Query(query) if query.locks.is_empty() => Some(Verb::Reads),
        Statement::Query(_) | Statement::Update(_) | Statement::Delete(_) => Some(Verb::Writes),
        _ => None,
    }
}

/// The names that a statement calls its tables by, each with the table's own name.
#[must_use]
pub fn tables_by_alias(text: &str, dialect: Dialect) -> Vec<(String, String)> {
    let Some(statement) = parse::statement(text, dialect) else {
        return Vec::new();
    };
    let known = Known {
        dialect,
        ..Known::default()
    };
    let parts = scope::parts(&statement, &known);
    let scopes = parts.iter().flat_map(|parts| &parts.scopes);
    let members = scopes.flat_map(|scope| &scope.members);
    let pair = |member: &scope::Member<'_>| {
        let name = member.table?.0.last()?.as_ident()?;
        Some((dialect.folded(member.alias?), dialect.folded(name)))
    };
    members.filter_map(pair).collect()
}

/// A statement before the rules.
struct Case<'a> {
    known: &'a Known<'a>,
    plan: Option<&'a Plan>,
    parts: &'a Parts<'a>,
    said: Vec<Advice>,
}

impl Case<'_> {
    fn say(
        &mut self,
        rule: &'static str,
        certainty: Certainty,
        line: String,
        why: String,
        try_this: Option<String>,
    ) {
        let safe = |text: String| -> Arc<str> { printable(&text).into() };
        let advice = Advice {
            rule: rule.into(),
            certainty,
            line: safe(line),
            why: safe(why),
            try_this: try_this.map(safe),
        };
        let is_new = |said: &Advice| said.rule != advice.rule || said.line != advice.line;
        if self.said.iter().all(is_new) {
            self.said.push(advice);
        }
    }

    /// Whether nothing at all is known of the tables; a table that is missing among known ones is a view or none of
    /// this database, and then nothing is said of it.
    fn knows_no_tables(&self) -> bool {
        self.known.tables.is_empty()
    }

    fn most_certain_first(mut self) -> Vec<Advice> {
        self.said.sort_by_key(|advice| advice.certainty);
        self.said.truncate(MOST_PIECES);
        self.said
    }
}

/// `all 1,204,000 rows of orders`, as far as it is known.
fn all_rows(table: &TableFact) -> String {
    match table.rows {
        Some(rows) => format!("all {} rows of {}", format::grouped(rows), table.name),
        None => format!("all rows of {}", table.name),
    }
}

/// A number of rows that was measured or planned.
fn rows_text(rows: f64) -> String {
    if rows.is_finite() && (0.0..1e15).contains(&rows) {
        return format::grouped(rows.round() as u64);
    }
    format::count(rows)
}
