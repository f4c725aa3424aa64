//! A share as a bar: `███████████░░ 61%`.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::theme::{Look, Role, Symbols};

/// Eighths of a cell, filled from the left.
const PARTS: [char; 7] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// A share as a bar of one line.
#[derive(Debug, Clone, Copy)]
pub struct Gauge {
    /// 0 to 1; `None` draws an empty track.
    pub fraction: Option<f64>,
    /// Its colour; `None` colours it by value.
    pub role: Option<Role>,
}

impl Gauge {
    /// Draws it into the first line of the area.
    pub fn render(self, area: Rect, buf: &mut Buffer, look: &Look) {
        let area = area.intersection(buf.area);
        if area.is_empty() {
            return;
        }
        let fraction = self.fraction.filter(|f| f.is_finite()).unwrap_or(0.0);
        let fraction = fraction.clamp(0.0, 1.0);
        let filled = look.role_or_heat(self.role, fraction);
        let track = look.style(Role::Track);
        // A share that is not nothing shows at least its first eighth.
        let eighths = (fraction * f64::from(area.width) * 8.0).round() as u16;
        let eighths = eighths.max(u16::from(fraction > 0.0));
        let (full, rest) = (eighths / 8, usize::from(eighths % 8));
        let (bar, empty) = match look.symbols {
            Symbols::Ascii => ('#', '-'),
            _ => ('█', '░'),
        };
        for column in 0..area.width {
            let cell = &mut buf[(area.x + column, area.y)];
            if column < full {
                cell.set_char(bar).set_style(filled);
            } else if column > full || rest == 0 {
                cell.set_char(empty).set_style(track);
            } else if look.symbols == Symbols::Ascii {
                cell.set_char(if rest >= 4 { bar } else { empty });
                cell.set_style(if rest >= 4 { filled } else { track });
            } else {
                cell.set_char(PARTS[rest - 1]).set_style(filled);
            }
        }
    }
}
