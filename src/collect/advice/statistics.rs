//! The rule on statistics that no longer tell the planner what is in a table.

use super::facts::{Analyzed, Dialect};
use super::joins::{MISJUDGED, WORTH_JUDGING, table_of};
use super::{Case, TableFact, rows_text};
use crate::model::{Certainty, Plan, PlanNode, format};

/// Statistics are stale when this share of the rows has changed since: twice what makes PostgreSQL's autovacuum renew
/// them by itself (autovacuum_analyze_scale_factor).
const STALE_SHARE: f64 = 0.2;

/// Statistics are fresh while no more than this share has changed: renewing them would find the same.
const FRESH_SHARE: f64 = 0.02;

pub(super) fn look(case: &mut Case<'_>) {
    let parts = case.parts;
    let members = parts.scopes.iter().flat_map(|scope| &scope.members);
    for table in members
        .filter_map(|member| member.fact)
        .filter(|table| table.is_large())
    {
        changed_much(case, table);
    }
    if let Some(plan) = case.plan.filter(|plan| plan.is_measured) {
        for node in &plan.nodes {
            misjudged(case, plan, node);
        }
    }
}

fn changed_share(table: &TableFact) -> Option<f64> {
    Some(table.changed_since_analyze? as f64 / table.rows.filter(|rows| *rows > 0)? as f64)
}

fn changed_much(case: &mut Case<'_>, table: &TableFact) {
    let Some(changed) = table.changed_since_analyze else {
        return;
    };
    if changed_share(table).is_none_or(|share| share < STALE_SHARE) {
        return;
    }
    let when = match table.analyzed {
        Analyzed::Ago(age) => format!("since they were renewed {} ago", format::duration(age)),
        Analyzed::Never => "and they were never renewed".to_owned(),
        Analyzed::Unknown => "since they were renewed".to_owned(),
    };
    let why = format!(
        "{} of {} rows have changed {when}",
        format::grouped(changed),
        table.rows.map_or(String::new(), format::grouped)
    );
    say(case, Certainty::Certain, table, why);
}

/// A scan that brought many times the rows that the planner expected.
fn misjudged(case: &mut Case<'_>, plan: &Plan, node: &PlanNode) {
    let (Some(expected), Some(came)) = (node.rows, super::planned::rows_of(plan, node)) else {
        return;
    };
    // What is expected is of one loop; what came, of all.
    let expected = expected.max(1.0) * node.loops.unwrap_or(1.0).max(1.0);
    if came < WORTH_JUDGING || came < expected * MISJUDGED {
        return;
    }
    let Some(table) = table_of(case, node) else {
        return;
    };
    let is_fresh = table.analyzed != Analyzed::Never
        && changed_share(table).is_some_and(|share| share < FRESH_SHARE);
    if is_fresh || changed_share(table).is_some_and(|share| share >= STALE_SHARE) {
        return;
    }
    let why = format!(
        "the planner expected {} rows, {} came",
        rows_text(expected),
        rows_text(came)
    );
    say(case, Certainty::Likely, table, why);
}

fn say(case: &mut Case<'_>, certainty: Certainty, table: &TableFact, why: String) {
    let line = format!("Renew the planner's statistics of {}", table.name);
    let try_this = analyze(table, case.known.dialect);
    case.say("stale_statistics", certainty, line, why, Some(try_this));
}

/// The statement that renews a table's statistics.
pub(super) fn analyze(table: &TableFact, dialect: Dialect) -> String {
    match dialect {
        Dialect::Postgres => format!("ANALYZE {}", table.typed(dialect)),
        Dialect::Mysql => format!("ANALYZE TABLE {}", table.typed(dialect)),
    }
}
