//! Which sources answer, and which rules have something to judge by.

use super::finding::{Finding, Mark, Section};
use crate::model::{Frame, Health, SourceStatus, format};

/// How each source is doing.
pub fn section(frame: &Frame) -> Section {
    let mut findings: Vec<Finding> = frame.sources.iter().map(source).collect();
    for (what, known) in others(frame) {
        if !known {
            findings.push(Finding::absent(what).mend("`hubtop demo` shows how it looks"));
        }
    }
    Section::new("Sources", findings)
}

/// What the other tabs need.
fn others(frame: &Frame) -> [(&'static str, bool); 3] {
    let tables = &frame.tables;
    [
        (
            "API: this version reads no source of latencies",
            tables.endpoints.is_some(),
        ),
        (
            "Cache: this version reads no cache server",
            tables.caches.is_some(),
        ),
        (
            "Queries: this version reads no database",
            tables.statements.is_some(),
        ),
    ]
}

fn source(status: &SourceStatus) -> Finding {
    let took = status
        .duration_ms
        .map_or(String::new(), |ms| format!(", took {}", format::millis(ms)));
    let what = format!("{}: {}{took}", status.name, status.line());
    match &status.health {
        Health::Up => Finding::good(what),
        Health::Starting => Finding::doubt(what).mend("it has not answered yet, ask again"),
        Health::Slow { .. } => Finding::doubt(what).mend("a longer --tick asks it less often"),
        Health::Failing { .. } => Finding::new(Mark::Bad, what),
        Health::Denied { grant } => {
            Finding::new(Mark::Bad, format!("{}: denied", status.name)).mend(grant.clone())
        }
        // Whether hubtop is in a container stands below; this source reads what a container may use.
        Health::Absent if &*status.name == "container" => {
            Finding::absent("container: no limits to read")
        }
        Health::Absent => Finding::absent(format!("{}: this machine has none", status.name)),
    }
}

/// Which rules have something to judge by.
pub fn rules(frame: &Frame) -> Section {
    let finding = |rule: &crate::model::alert::RuleSummary| match rule.series {
        0 => Finding::absent(format!(
            "{}: no source brings its metric ({})",
            rule.name, rule.condition
        )),
        1 => Finding::good(format!("{}: {}", rule.name, rule.condition)),
        series => Finding::good(format!(
            "{}: {}, on {series} series",
            rule.name, rule.condition
        )),
    };
    Section::new("Rules", frame.alerts.rules.iter().map(finding).collect())
}
