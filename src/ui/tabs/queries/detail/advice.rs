//! What can be said of the statement that is open: each piece with how sure it is, why, and what to try.

use crate::model::{Advice, Certainty, Frame, Statement};
use crate::ui::tabs::Context;
use crate::ui::tabs::notices::wrapped;
use crate::ui::tabs::pen::Words;
use crate::ui::theme::{Role, Symbols};

/// Cells before the words of a piece: its certainty, `why` or `try`.
const MARGIN: usize = 11;

/// The advice on a statement, the most certain first: that of its plan, and what its text alone gives.
pub(super) fn on(frame: &Frame, statement: &Statement) -> Vec<Advice> {
    let detail = frame.tables.statement_detail.as_deref();
    let of_plan = detail.filter(|it| it.id == statement.id && it.instance == statement.instance);
    let mut advice = of_plan.map_or_else(Vec::new, |detail| detail.advice.clone());
    for piece in &statement.advice {
        if advice.iter().all(|known| known.rule != piece.rule) {
            advice.push(piece.clone());
        }
    }
    advice.sort_by_key(|piece| piece.certainty);
    advice
}

/// The pieces in lines of at most `cells`.
pub(super) fn lines<'a>(cx: &'a Context<'a>, advice: &[Advice], cells: usize) -> Vec<Words<'a>> {
    if advice.is_empty() {
        let nothing = "nothing to say: neither its text nor its plan gives a reason to change it";
        return vec![Words::new(cx.look).dim(nothing)];
    }
    let mut lines = Vec::new();
    for (n, piece) in advice.iter().enumerate() {
        if n > 0 {
            lines.push(Words::new(cx.look));
        }
        let mark = (
            certainty_role(piece.certainty),
            certainty_text(cx, piece.certainty),
        );
        lines.extend(part(cx, mark, Role::Bright, &piece.line, cells));
        lines.extend(part(
            cx,
            (Role::Dim, "  why".to_owned()),
            Role::Text,
            &piece.why,
            cells,
        ));
        if let Some(statement) = &piece.try_this {
            lines.extend(part(
                cx,
                (Role::Dim, "  try".to_owned()),
                Role::Key,
                statement,
                cells,
            ));
        }
    }
    lines
}

fn part<'a>(
    cx: &'a Context<'a>,
    (mark_role, mark): (Role, String),
    role: Role,
    words: &str,
    cells: usize,
) -> Vec<Words<'a>> {
    let room = cells.saturating_sub(MARGIN).max(8);
    let lines = wrapped(words, room).into_iter().enumerate();
    lines
        .map(|(n, line)| {
            let margin = if n == 0 { mark.as_str() } else { "" };
            Words::new(cx.look)
                .put(mark_role, format!("{margin:<MARGIN$}"))
                .put(role, line)
        })
        .collect()
}

fn certainty_role(certainty: Certainty) -> Role {
    match certainty {
        Certainty::Certain => Role::Warning,
        Certainty::Likely => Role::Info,
        Certainty::Possible => Role::Dim,
    }
}

fn certainty_text(cx: &Context<'_>, certainty: Certainty) -> String {
    let dot = match (cx.look.symbols, certainty) {
        (Symbols::Ascii, _) => "*",
        (_, Certainty::Certain) => "●",
        (_, Certainty::Likely) => "◐",
        (_, Certainty::Possible) => "○",
    };
    format!("{dot} {}", certainty.word())
}

/// The pieces as text for the clipboard: what to do, why, and what to try.
pub(super) fn as_text(advice: &[Advice]) -> String {
    let pieces = advice.iter().map(|piece| {
        let mut text = format!(
            "-- {} ({}): {}",
            piece.line,
            piece.certainty.word(),
            piece.why
        );
        if let Some(statement) = &piece.try_this {
            text += &format!("\n{statement};");
        }
        text
    });
    pieces.collect::<Vec<_>>().join("\n")
}
