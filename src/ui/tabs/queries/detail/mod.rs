//! What is open in the Queries tab: a statement with its plan and advice, or a session with the locks around it.

mod advice;
mod figures;
mod plan;
mod session;
mod statement;

pub(super) use session::OpenSession;
pub(super) use statement::OpenStatement;

use super::sql;
use crate::ui::tabs::Context;
use crate::ui::tabs::pen::Words;
use crate::ui::theme::Role;

/// A statement laid out and coloured, in lines of at most `cells`.
fn sql_lines<'a>(cx: &'a Context<'a>, text: &str, cells: usize) -> Vec<Words<'a>> {
    let lines = sql::lines(text, cells).into_iter();
    lines
        .map(|line| {
            let begun = Words::new(cx.look);
            line.into_iter()
                .fold(begun, |words, (piece, role): (String, Role)| {
                    words.put(role, piece)
                })
        })
        .collect()
}
