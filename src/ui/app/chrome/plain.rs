//! The last step of drawing where the terminal knows ASCII alone: what is still beyond it gets a letter that it can show.

use ratatui::buffer::Buffer;

/// Replaces every character beyond ASCII. A wide one becomes one cell, and a blank stands behind it as before.
pub(super) fn make_plain(buf: &mut Buffer) {
    for cell in &mut buf.content {
        if !cell.symbol().is_ascii() {
            let plain = plain_symbol(cell.symbol());
            cell.set_symbol(plain);
        }
    }
}

/// What stands for a character; `?` for one that has no likeness, such as a letter of a name.
fn plain_symbol(symbol: &str) -> &'static str {
    match symbol {
        "–" | "—" | "−" | "·" | "─" => "-",
        "…" => "~",
        "°" | "\u{a0}" => " ",
        "µ" | "μ" => "u",
        "×" => "x",
        "•" | "●" => "*",
        "→" | "▸" | "▶" | "›" => ">",
        "←" | "‹" => "<",
        "▼" | "↓" => "v",
        "▲" | "↑" => "^",
        _ => "?",
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;

    use super::*;
    use crate::ui::tabs::testing::as_text;

    #[test]
    fn every_cell_is_ascii_and_stays_at_its_place() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 20, 1));
        buf.set_string(0, 0, "65°C – 日本 ls … µs", ratatui::style::Style::new());
        make_plain(&mut buf);
        assert_eq!(as_text(&buf), "65 C - ? ?  ls ~ us\n");
    }
}
