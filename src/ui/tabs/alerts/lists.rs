//! The columns of the Alerts tab's lists.

use std::borrow::Cow;

use super::view;
use crate::model::alert::RuleSummary;
use crate::model::{AlertState, Incident};
use crate::ui::tabs::Context;
use crate::ui::tabs::sheet::{Field, Key, Kind, titles};
use crate::ui::theme::Role;
use crate::ui::widgets::Cell;

/// Beyond the last column: as the board has them, open ones first and the worst of them on top.
const AS_ON_THE_BOARD: (usize, bool) = (usize::MAX, true);

/// The incidents.
pub(super) const INCIDENTS: Kind<Incident> = Kind {
    title: "Incidents",
    fields: &INCIDENT_FIELDS,
    titles: &titles(&INCIDENT_FIELDS),
    text_columns: &[3, 5, 6],
    order: AS_ON_THE_BOARD,
    rows: |frame| Some(view::incidents(frame).cloned().collect::<Vec<_>>().into()),
    id: view::name,
    source: None,
    empty: "Nothing has fired",
};

// A rule is called after its metric: where there is no room for both, the rule and its place tell more.
#[rustfmt::skip]
const INCIDENT_FIELDS: [Field<Incident>; 7] = [
    Field::drawn("STATE", 8, 0, Key::Number(|i| Some(state_rank(i.state))), state),
    Field::drawn("SEV", 8, 1, Key::Number(|i| Some(f64::from(i.severity as u8))), severity),
    Field::drawn("FOR", 7, 2, Key::Number(|i: &Incident| Some(-i.fired.unwrap_or(i.began).0 as f64)), lasted).right(),
    Field::word("METRIC", 26, 5, |i: &Incident| &i.metric).toned(view::text_role).growing(),
    Field::drawn("VALUE", 8, 0, Key::Number(|i: &Incident| i.value), value).right(),
    Field::word("RULE", 20, 4, |i: &Incident| &i.rule).toned(view::text_role),
    Field::word("WHERE", 16, 3, |i: &Incident| &i.place).toned(view::text_role),
];

/// What calls for attention ranks highest.
fn state_rank(state: AlertState) -> f64 {
    match state {
        AlertState::Firing => 3.0,
        AlertState::Acknowledged => 2.0,
        AlertState::Pending => 1.0,
        AlertState::Resolved => 0.0,
    }
}

fn state(incident: &Incident, _cx: &Context<'_>) -> Cell<'static> {
    Cell::Text(incident.state.word().into(), view::state_role(incident))
}

fn severity(incident: &Incident, _cx: &Context<'_>) -> Cell<'static> {
    Cell::Text(incident.severity.word().into(), view::state_role(incident))
}

fn lasted(incident: &Incident, cx: &Context<'_>) -> Cell<'static> {
    let text = view::lasted_text(incident, cx.at());
    Cell::Text(text.into(), view::text_role(incident))
}

/// The newest value; that there is no data to judge by is more worth saying.
fn value(incident: &Incident, cx: &Context<'_>) -> Cell<'static> {
    if incident.stale_since.is_some() {
        return Cell::Text("no data".into(), Role::Warning);
    }
    let role = match view::text_role(incident) {
        Role::Text => Role::Bright,
        role => role,
    };
    let text = cx.look.format.value(incident.unit, incident.value);
    Cell::Text(text.into(), role)
}

/// The rules.
pub(super) const RULES: Kind<RuleSummary> = Kind {
    title: "Rules",
    fields: &RULE_FIELDS,
    titles: &titles(&RULE_FIELDS),
    text_columns: &[0, 2],
    order: AS_ON_THE_BOARD,
    rows: |frame| Some(Cow::Borrowed(&frame.alerts.rules)),
    id: view::rule_name,
    source: None,
    empty: "No rule is in force",
};

#[rustfmt::skip]
const RULE_FIELDS: [Field<RuleSummary>; 4] = [
    Field::word("RULE", 22, 0, |r: &RuleSummary| &r.name).toned(|_| Role::Bright),
    Field::drawn("SEV", 8, 1, Key::Number(|r| Some(f64::from(r.severity as u8))), rule_severity),
    Field::drawn("CONDITION", 36, 0, Key::Text(|r: &RuleSummary| &r.condition), condition).growing(),
    Field::drawn("SERIES", 7, 2, Key::Number(|r: &RuleSummary| Some(r.series as f64)), series).right(),
];

fn rule_severity(rule: &RuleSummary, _cx: &Context<'_>) -> Cell<'static> {
    // A rule alone is no alarm: its severity is told by the word.
    Cell::Text(rule.severity.word().into(), Role::Text)
}

/// The condition; that it can't be evaluated where it watches nothing.
fn condition(rule: &RuleSummary, _cx: &Context<'_>) -> Cell<'static> {
    let condition = Cow::Owned(rule.condition.clone());
    if rule.series > 0 {
        return Cell::Text(condition, Role::Text);
    }
    let why = "can't be evaluated: no source brings this metric · ";
    Cell::Parts(vec![(why.into(), Role::Warning), (condition, Role::Dim)])
}

fn series(rule: &RuleSummary, _cx: &Context<'_>) -> Cell<'static> {
    match rule.series {
        0 => Cell::Text("none".into(), Role::Warning),
        count => Cell::Text(count.to_string().into(), Role::Text),
    }
}
