//! Which sources answer, and which rules have something to judge by.

use super::finding::{Finding, Mark, Section};
use crate::model::{Frame, Health, SourceKind, SourceStatus, format};

/// How each source of this machine is doing.
pub fn section(frame: &Frame) -> Section {
    let own = frame.sources.iter();
    let own = own.filter(|status| matches!(status.kind, SourceKind::Host | SourceKind::Own));
    let findings = own.map(|status| source(status, "")).collect();
    Section::new("This machine", findings)
}

/// How a source is doing; `how` it came to be watched, if that is worth a word.
pub fn source(status: &SourceStatus, how: &str) -> Finding {
    // Who is slow says so with the time.
    let is_slow = matches!(status.health, Health::Slow { .. });
    let took = status
        .duration_ms
        .filter(|_| !is_slow)
        .map_or(String::new(), |ms| format!(", took {}", format::millis(ms)));
    let how = if how.is_empty() {
        String::new()
    } else {
        format!(", {how}")
    };
    let what = format!("{}: {}{took}{how}", status.name, status.line());
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
