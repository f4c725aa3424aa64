//! Rules on joins: tables that nothing ties together, and nested loops over many rows.

use super::facts::TableFact;
use super::planned::{children, is_of, is_whole, rows_of, subtree};
use super::predicate::{Test, mentions};
use super::scans::create_index;
use super::scope::{Member, Scope, Tie};
use super::{Case, rows_text};
use crate::model::{Certainty, Plan, PlanNode};

/// From so many compared pairs of rows on, a join is slow whatever the machine.
const MANY_PAIRS: f64 = 1_000_000.0;

/// A plan whose rows are wrong by this factor was made for another table than the one that is there.
pub(super) const MISJUDGED: f64 = 10.0;

/// Fewer rows than this may be misjudged without harm.
pub(super) const WORTH_JUDGING: f64 = 1_000.0;

pub(super) fn look(case: &mut Case<'_>) {
    let parts = case.parts;
    for scope in &parts.scopes {
        untied(case, scope);
    }
    if let Some(plan) = case.plan {
        for node in 0..plan.nodes.len() {
            if plan.nodes[node].kind.eq_ignore_ascii_case("nested loop") {
                nested_loop(case, plan, node);
            }
        }
    }
}

/// Members of a FROM that no condition ties to the others: each row of one is paired with each of the other.
fn untied(case: &mut Case<'_>, scope: &Scope<'_>) {
    let members = &scope.members;
    let all_are_tables = members.iter().all(|member| member.table.is_some());
    if members.len() < 2 || !all_are_tables {
        return;
    }
    let Some(groups) = groups(case, scope) else {
        return;
    };
    // A group of which one row is asked for multiplies nothing.
    let many: Vec<&Member<'_>> = groups
        .iter()
        .filter(|group| !group.iter().any(|&member| is_pinned(case, scope, member)))
        .map(|group| largest(members, group))
        .collect();
    let [one, other, ..] = &many[..] else { return };
    let names = |member: &Member<'_>| {
        member
            .alias
            .map_or(String::new(), |name| name.value.clone())
    };
    let line = format!(
        "Tie {} and {} together: no condition does",
        names(one),
        names(other)
    );
    match (
        one.fact.and_then(|table| table.rows),
        other.fact.and_then(|table| table.rows),
    ) {
        (Some(ones), Some(others)) => {
            let pairs = ones as f64 * others as f64;
            if pairs < MANY_PAIRS {
                return;
            }
            let (ones, others) = (rows_text(ones as f64), rows_text(others as f64));
            let why = format!(
                "each of {ones} rows is paired with each of {others}: {} pairs",
                rows_text(pairs)
            );
            case.say("cross_join", Certainty::Likely, line, why, None);
        }
        _ if case.knows_no_tables() => {
            let why = "each row of one is paired with each row of the other".to_owned();
            case.say("cross_join", Certainty::Possible, line, why, None);
        }
        _ => {}
    }
}

fn largest<'a>(members: &'a [Member<'a>], group: &[usize]) -> &'a Member<'a> {
    let rows = |member: usize| members[member].fact.and_then(|table| table.rows);
    let largest = group.iter().copied().max_by_key(|&member| rows(member));
    &members[largest.unwrap_or(group[0])]
}

/// Whether values choose rows of this member, or it has one row anyway.
fn is_pinned(case: &Case<'_>, scope: &Scope<'_>, member: usize) -> bool {
    let dialect = case.known.dialect;
    let has_one_row = scope.members[member]
        .fact
        .is_some_and(|table| table.rows.is_some_and(|rows| rows <= 1));
    has_one_row
        || scope
            .conditions
            .iter()
            .any(|condition| match Test::of(condition) {
                Test::Equal(column) | Test::Found(column) => {
                    scope.owner(&column, dialect) == Some(member)
                }
                _ => false,
            })
}

/// The members, those that are tied to each other together; `None` when a condition is not understood.
fn groups(case: &Case<'_>, scope: &Scope<'_>) -> Option<Vec<Vec<usize>>> {
    let mut group_of: Vec<usize> = (0..scope.members.len()).collect();
    let mut tie = |one: usize, other: usize| {
        let (from, to) = (group_of[one], group_of[other]);
        for group in &mut group_of {
            if *group == from {
                *group = to;
            }
        }
    };
    for (number, member) in scope.members.iter().enumerate().skip(1) {
        match member.tie {
            Tie::Nothing => {}
            Tie::Inner => tie(number, number - 1),
            Tie::Left | Tie::Otherwise => (0..number).for_each(|before| tie(number, before)),
        }
    }
    for condition in &scope.conditions {
        let mut owners = Vec::new();
        for column in mentions(condition)? {
            // A column without a table before it could be of any of them.
            column.of?;
            // One of none of them is of a statement around this one.
            owners.extend(scope.owner(&column, case.known.dialect));
        }
        owners.windows(2).for_each(|pair| tie(pair[0], pair[1]));
    }
    let mut groups: Vec<Vec<usize>> = vec![Vec::new(); scope.members.len()];
    for (member, group) in group_of.iter().enumerate() {
        groups[*group].push(member);
    }
    groups.retain(|group| !group.is_empty());
    Some(groups)
}

fn nested_loop(case: &mut Case<'_>, plan: &Plan, node: usize) {
    let [outer, inner] = children(plan, node)[..] else {
        return;
    };
    let Some(outer_rows) = rows_of(plan, &plan.nodes[outer]) else {
        return;
    };
    if let Some(scanned) = subtree(plan, inner).find(|node| is_whole(node))
        && let Some(table) = table_of(case, scanned)
    {
        over_a_whole_table(case, outer_rows, table);
        return;
    }
    misjudged(case, plan, outer, outer_rows);
}

/// For each row of the outer side the whole inner table is gone through.
fn over_a_whole_table(case: &mut Case<'_>, outer_rows: f64, table: &TableFact) {
    let Some(rows) = table.rows else { return };
    let pairs = outer_rows * rows as f64;
    if pairs < MANY_PAIRS {
        return;
    }
    let dialect = case.known.dialect;
    let column = joining_column(case, table);
    let line = match &column {
        Some(column) => format!(
            "The join reads {} as a whole again and again: no index begins with {column}",
            table.name
        ),
        None => format!("The join reads {} as a whole again and again", table.name),
    };
    let why = format!(
        "the plan compares {} rows with {} rows: {} pairs",
        rows_text(outer_rows),
        rows_text(rows as f64),
        rows_text(pairs)
    );
    let try_this = column.map(|column| create_index(table, &[column], dialect));
    case.say("nested_loop", Certainty::Certain, line, why, try_this);
}

/// The planner chose the loop because it expected few rows.
fn misjudged(case: &mut Case<'_>, plan: &Plan, outer: usize, came: f64) {
    let Some(expected) = plan.nodes[outer].rows else {
        return;
    };
    if !plan.is_measured || came < WORTH_JUDGING || came < expected.max(1.0) * MISJUDGED {
        return;
    }
    let line = "The nested loop was chosen for few rows, and many came".to_owned();
    let why = format!(
        "planned for {} rows, {} came",
        rows_text(expected),
        rows_text(came)
    );
    let table = subtree(plan, outer).find_map(|node| table_of(case, node));
    let try_this = table.map(|table| super::statistics::analyze(table, case.known.dialect));
    case.say("nested_loop", Certainty::Certain, line, why, try_this);
}

/// The table of the statement that a node reads.
pub(super) fn table_of<'a>(case: &Case<'a>, node: &PlanNode) -> Option<&'a TableFact> {
    let scopes = case.parts.scopes.iter();
    let mut tables = scopes
        .flat_map(|scope| &scope.members)
        .filter_map(|member| member.fact);
    tables.find(|table| is_of(node, table, case.known.dialect))
}

/// The column by which the table is joined, if no index begins with it.
fn joining_column(case: &Case<'_>, table: &TableFact) -> Option<String> {
    let dialect = case.known.dialect;
    table.indexes.as_ref()?;
    let scopes = case.parts.scopes.iter();
    let columns = scopes.flat_map(|scope| {
        let pairs = scope
            .conditions
            .iter()
            .filter_map(|condition| match Test::of(condition) {
                Test::Joined(one, other) => Some([one, other]),
                _ => None,
            });
        pairs
            .flatten()
            .filter_map(|column| scope.known_owner(&column, dialect))
    });
    let mut own = columns
        .filter(|(of, _)| std::ptr::eq(*of, table))
        .map(|(_, column)| column);
    own.find(|column| !table.leads_an_index(column, dialect))
}
