//! Which part of a long list is seen, and the bar that tells it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::theme::{Look, Role, Symbols};

/// The first line to show so that `selected` is in sight, about in the middle when there is choice.
pub(super) fn first_visible(selected: usize, rows: usize, total: usize) -> usize {
    let last_start = total.saturating_sub(rows);
    selected.saturating_sub(rows / 2).min(last_start)
}

/// Draws the bar (without a track: a second line beside the border would be noise) into the last column of an area, when not everything is seen.
pub(super) fn draw_bar(
    area: Rect,
    first: usize,
    rows: usize,
    total: usize,
    buf: &mut Buffer,
    look: &Look,
) {
    let height = usize::from(area.height);
    if area.is_empty() || total <= rows || height < 2 {
        return;
    }
    let thumb = (height * rows / total).clamp(1, height - 1);
    let hidden = total - rows;
    let top = (first.min(hidden) * (height - thumb) + hidden / 2) / hidden;
    let glyph = match look.symbols {
        Symbols::Ascii => '#',
        _ => '┃',
    };
    for row in top..top + thumb {
        buf[(area.right() - 1, area.y + row as u16)]
            .set_char(glyph)
            .set_style(look.style(Role::Dim));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_selected_line_is_always_in_sight() {
        for total in 0..40 {
            for rows in 1..12 {
                for selected in 0..total {
                    let first = first_visible(selected, rows, total);
                    assert!((first..first + rows).contains(&selected));
                    assert!(first == 0 || first + rows <= total);
                }
            }
        }
    }
}
