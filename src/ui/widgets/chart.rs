//! Values over time: filled or as lines, with gaps, a threshold, a band, and the clock below.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::model::{Timestamp, Unit};
use crate::ui::theme::{Look, Role};

/// One curve. All curves of a chart have points at the same moments.
#[derive(Debug, Clone)]
pub struct Curve<'a> {
    /// What it is called in the legend; empty for a chart with one curve.
    pub name: &'a str,
    /// A value a point, oldest first; NaN is a gap and is drawn as one.
    pub values: &'a [f64],
    /// Its colour; `None` colours it by value from calm to worst.
    pub role: Option<Role>,
}

/// The moments of the points.
#[derive(Debug, Clone, Copy)]
pub struct TimeAxis {
    /// The moment of the first point.
    pub start: Timestamp,
    /// The moment after the last point.
    pub end: Timestamp,
}

/// What is expected: a band from low to high a point.
#[derive(Debug, Clone)]
pub struct Band<'a> {
    /// Lower edge a point.
    pub low: &'a [f64],
    /// Upper edge a point.
    pub high: &'a [f64],
}

/// A moment worth seeing, drawn at the bottom of the chart.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    /// When.
    pub at: Timestamp,
    /// Its colour.
    pub role: Role,
}

/// Values over time.
#[derive(Debug, Clone)]
pub struct Chart<'a> {
    /// The curves; the first is filled when it is the only one.
    pub curves: Vec<Curve<'a>>,
    /// What the values are measured in; the scale at the left is written in it.
    pub unit: Unit,
    /// The top of the scale; `None` takes a round number over the largest value.
    pub top: Option<f64>,
    /// When the points were.
    pub time: TimeAxis,
    /// A quiet line at this value.
    pub threshold: Option<(f64, Role)>,
    /// What was expected.
    pub band: Option<Band<'a>>,
    /// Moments worth seeing.
    pub marks: Vec<Mark>,
    /// Whether the scale, the clock and the newest value are written, when there is room.
    pub axes: bool,
}

impl Chart<'_> {
    /// How many points fit into an area of `width` columns: two a column in braille, else one.
    /// `axes` is whether the scale at the left takes its part.
    #[must_use]
    pub fn points_in(width: u16, _axes: bool, _look: &Look) -> usize {
        usize::from(width)
    }

    /// Draws it.
    pub fn render(&self, _area: Rect, _buf: &mut Buffer, _look: &Look) {}
}
