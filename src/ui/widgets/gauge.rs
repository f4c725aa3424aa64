//! A share as a bar: `███████████░░ 61%`.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::ui::theme::{Look, Role};

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
    pub fn render(self, _area: Rect, _buf: &mut Buffer, _look: &Look) {}
}
