//! The plan of the statement that is open, as a tree: its steps with their conditions below them.

use std::borrow::Cow;
use std::sync::Arc;

use crate::model::{Frame, PlanNode, SourceName, Unit, format};
use crate::ui::tabs::Context;
use crate::ui::tabs::sheet::{Field, Key, Kind, titles};
use crate::ui::theme::{Look, Role, Symbols};
use crate::ui::widgets::Cell;

/// A step of the plan, or one of its conditions.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PlanRow {
    instance: SourceName,
    /// Its place from the top.
    place: usize,
    depth: usize,
    /// The step; none on the line of a condition.
    node: Option<PlanNode>,
    /// What the line says, for the filter and the clipboard.
    text: Arc<str>,
}

/// The steps.
pub(super) const PLAN: Kind<PlanRow> = Kind {
    title: "Plan",
    fields: &FIELDS,
    titles: &titles(&FIELDS),
    text_columns: &[0],
    order: (0, false),
    rows: |frame| rows(frame).map(Cow::Owned),
    id: |row| row.place.to_string(),
    source: Some(|row| &row.instance),
    empty: "The server gave no plan",
};

#[rustfmt::skip]
const FIELDS: [Field<PlanRow>; 7] = [
    Field::drawn("STEP", 30, 0, Key::Number(|r: &PlanRow| Some(r.place as f64)), step).growing(),
    Field::drawn("OWN", 12, 1, Key::Number(|r| r.node.as_ref()?.own_percent), own),
    Field::drawn("COST", 7, 2, Key::Number(|r: &PlanRow| r.node.as_ref()?.cost), |r, cx| figure(r, cx, Unit::Count, |n| n.cost)).right(),
    Field::drawn("ROWS", 6, 0, Key::Number(|r: &PlanRow| r.node.as_ref()?.rows), |r, cx| figure(r, cx, Unit::Count, |n| n.rows)).right(),
    Field::drawn("CAME", 6, 3, Key::Number(|r: &PlanRow| r.node.as_ref()?.actual_rows), |r, cx| figure(r, cx, Unit::Count, |n| n.actual_rows)).right(),
    Field::drawn("TIME", 6, 3, Key::Number(|r: &PlanRow| r.node.as_ref()?.actual_ms), |r, cx| figure(r, cx, Unit::Millis, |n| n.actual_ms)).right(),
    Field::drawn("LOOPS", 6, 4, Key::Number(|r: &PlanRow| r.node.as_ref()?.loops), |r, cx| figure(r, cx, Unit::Count, |n| n.loops)).right(),
];

fn rows(frame: &Frame) -> Option<Vec<PlanRow>> {
    let detail = frame.tables.statement_detail.as_deref()?;
    let plan = detail.plan.as_ref()?;
    let mut rows = Vec::new();
    for node in &plan.nodes {
        let mut row = |node_of: Option<PlanNode>, text: Arc<str>| {
            rows.push(PlanRow {
                instance: detail.instance.clone(),
                place: rows.len(),
                depth: node.depth,
                node: node_of,
                text,
            });
        };
        row(Some(node.clone()), name(node).into());
        for condition in &node.conditions {
            row(None, condition.clone());
        }
    }
    Some(rows)
}

/// `Index Scan on orders through orders_pkey`.
fn name(node: &PlanNode) -> String {
    let mut name = node.kind.to_string();
    if let Some(relation) = &node.relation {
        name += &format!(" on {relation}");
    }
    if let Some(index) = &node.index {
        name += &format!(" through {index}");
    }
    name
}

/// A step below the one that asks for its rows; the one where most of it goes is marked by a sign and a word.
fn step(row: &PlanRow, cx: &Context<'_>) -> Cell<'static> {
    let is_ascii = cx.look.symbols == Symbols::Ascii;
    let twig = match (row.depth, &row.node) {
        (0, Some(_)) => String::new(),
        (depth, Some(_)) => {
            let sign = if is_ascii { "`- " } else { "└ " };
            format!("{:width$}{sign}", "", width = (depth - 1) * 2)
        }
        (depth, None) => " ".repeat(depth * 2 + 2),
    };
    let Some(node) = &row.node else {
        return Cell::Parts(vec![
            (twig.into(), Role::Dim),
            (row.text.to_string().into(), Role::Dim),
        ]);
    };
    let mut parts: Vec<(Cow<'static, str>, Role)> = vec![(twig.into(), Role::Dim)];
    if node.is_hot {
        let sign = if is_ascii { "> hot " } else { "▶ hot " };
        parts.push((sign.into(), Role::Warning));
    }
    parts.push((row.text.to_string().into(), Role::Bright));
    Cell::Parts(parts)
}

/// Its own share as a bar and a figure.
fn own(row: &PlanRow, cx: &Context<'_>) -> Cell<'static> {
    let Some(node) = &row.node else {
        return blank();
    };
    let Some(percent) = node.own_percent else {
        return Cell::Text(format::UNKNOWN.into(), Role::Dim);
    };
    let figure = cx.look.format.value(Unit::Percent, Some(percent));
    let role = if node.is_hot {
        Role::Warning
    } else {
        Role::Text
    };
    let (full, empty) = bar(percent, cx.look);
    Cell::Parts(vec![
        (full.into(), role),
        (empty.into(), Role::Track),
        (format!(" {figure:>5}").into(), role),
    ])
}

/// Cells of the bar of a share.
const BAR: usize = 6;

fn bar(percent: f64, look: &Look) -> (String, String) {
    let full = ((percent / 100.0).clamp(0.0, 1.0) * BAR as f64).round() as usize;
    let (sign, track) = match look.symbols {
        Symbols::Ascii => ("#", "."),
        _ => ("█", "░"),
    };
    (sign.repeat(full), track.repeat(BAR - full))
}

/// A figure of a step; nothing on the line of a condition.
fn figure(
    row: &PlanRow,
    cx: &Context<'_>,
    unit: Unit,
    of: fn(&PlanNode) -> Option<f64>,
) -> Cell<'static> {
    let Some(node) = &row.node else {
        return blank();
    };
    match of(node) {
        Some(value) => {
            let role = if misses(node) {
                Role::Warning
            } else {
                Role::Text
            };
            Cell::Text(cx.look.format.value(unit, Some(value)).into(), role)
        }
        None => Cell::Text(format::UNKNOWN.into(), Role::Dim),
    }
}

fn blank() -> Cell<'static> {
    Cell::Text("".into(), Role::Dim)
}

/// Whether ten times more or fewer rows came than the planner expected, and enough of them to matter.
fn misses(node: &PlanNode) -> bool {
    let (Some(expected), Some(came)) = (node.rows, node.actual_rows) else {
        return false;
    };
    let expected = expected * node.loops.unwrap_or(1.0);
    let (small, large) = (expected.min(came).max(1.0), expected.max(came));
    large > 1000.0 && large / small >= 10.0
}
