//! Counts over time and size: time across, buckets upward, colour is the count.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::TimeAxis;
use crate::ui::theme::Look;

/// Counts over time and size.
#[derive(Debug, Clone)]
pub struct Heatmap<'a> {
    /// `cells[time][bucket]`, oldest first, smallest bucket first; NaN is a gap.
    pub cells: &'a [Vec<f64>],
    /// The label of each bucket, smallest first.
    pub labels: &'a [String],
    /// When.
    pub time: TimeAxis,
}

impl Heatmap<'_> {
    /// Draws it.
    pub fn render(&self, _area: Rect, _buf: &mut Buffer, _look: &Look) {}
}
