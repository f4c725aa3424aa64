//! The scale at the left of a chart: a round top, and the figures at 0, half and top.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Chart, Curve};
use crate::model::{Formatter, Unit};
use crate::ui::theme::{Look, Role};
use crate::ui::widgets::text;

/// From 0 to a round top.
pub(super) struct Scale {
    /// The value at the upper edge; always above 0.
    pub(super) top: f64,
}

impl Scale {
    /// The chart's own top, or the round number over everything that it shows; `stacked` curves stand on each other.
    pub(super) fn of(chart: &Chart<'_>, stacked: bool) -> Self {
        if let Some(top) = chart.top.filter(|top| top.is_finite() && *top > 0.0) {
            return Self { top };
        }
        let known = |curve: &Curve<'_>, point: usize| {
            let value = curve.values.get(point).copied();
            value.filter(|value| value.is_finite()).unwrap_or(0.0)
        };
        let points = chart.curves.iter().map(|curve| curve.values.len()).max();
        let most = (0..points.unwrap_or(0))
            .map(|point| {
                let each = chart.curves.iter().map(|curve| known(curve, point));
                if stacked {
                    each.sum()
                } else {
                    each.fold(0.0, f64::max)
                }
            })
            .fold(0.0, f64::max);
        Self {
            top: round_top(most, chart.unit),
        }
    }

    /// Writes the figures into the columns left of the plot, which are as high as it.
    pub(super) fn draw(&self, area: Rect, unit: Unit, buf: &mut Buffer, look: &Look) {
        let style = look.style(Role::Dim);
        let width = usize::from(area.width.saturating_sub(1));
        let mut write = |y: u16, value: f64| {
            let label = text::pad_left(&label(value, unit, look.format), width);
            text::put(buf, area.x, y, &label, width as u16, style);
        };
        write(area.top(), self.top);
        if area.height >= 5 {
            write(area.y + area.height / 2, self.top / 2.0);
        }
        if area.height >= 2 {
            write(area.bottom() - 1, 0.0);
        }
    }
}

/// The least round number that is not below `most`.
fn round_top(most: f64, unit: Unit) -> f64 {
    if unit == Unit::Percent && most <= 100.0 {
        return 100.0;
    }
    if most <= 0.0 {
        return 1.0;
    }
    // Sizes are written in steps of 1024, so they are round in those.
    let base: f64 = match unit {
        Unit::Bytes | Unit::BytesPerSec if most >= 1024.0 => 1024.0,
        _ => 1.0,
    };
    let mut group = 1.0;
    while base > 1.0 && most / group >= 1024.0 {
        group *= base;
    }
    let ten = 10f64.powf((most / group).log10().floor());
    let steps = [1.0, 2.0, 4.0, 5.0, 8.0, 10.0];
    let fitting = steps.iter().map(|step| step * ten * group);
    fitting.into_iter().find(|top| *top >= most).unwrap_or(most)
}

/// A figure in at most five cells, without what the title says already.
fn label(value: f64, unit: Unit, format: Formatter) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let text = match unit {
        Unit::Percent => return trimmed(format!("{value:.1}")),
        Unit::BytesPerSec => format.value(Unit::Bytes, Some(value)),
        Unit::PerSec => format.value(Unit::Count, Some(value)),
        Unit::Celsius => format!("{value:.0}°"),
        Unit::Ratio => return trimmed(format!("{value:.2}")),
        unit => format.value(unit, Some(value)),
    };
    // `5.0M` says no more than `5M`.
    text.replacen(".0", "", 1)
}

fn trimmed(number: String) -> String {
    number
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tops_are_round_and_cover_the_values() {
        let mib = 1024.0 * 1024.0;
        let cases = [
            (37.0, Unit::Percent, 100.0),
            (340.0, Unit::Percent, 400.0),
            (0.0, Unit::Count, 1.0),
            (12.1 * mib, Unit::BytesPerSec, 20.0 * mib),
            (1000.5 * 1024.0, Unit::Bytes, 2000.0 * 1024.0),
            (182.0, Unit::Millis, 200.0),
            (1300.0, Unit::Millis, 2000.0),
            (0.03, Unit::Ratio, 0.04),
        ];
        for (most, unit, top) in cases {
            let got = round_top(most, unit);
            assert!((got - top).abs() < 1e-9, "{most} {unit:?}: {got}");
        }
    }

    #[test]
    fn labels_are_short() {
        let format = Formatter::default();
        assert_eq!(label(100.0, Unit::Percent, format), "100");
        assert_eq!(label(5.0 * 1048576.0, Unit::BytesPerSec, format), "5M");
        assert_eq!(label(500.0, Unit::Millis, format), "500ms");
        assert_eq!(label(2000.0, Unit::Millis, format), "2s");
        assert_eq!(label(0.02, Unit::Ratio, format), "0.02");
    }
}
