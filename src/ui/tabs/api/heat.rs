//! The heat-map of response times: time across, the times on a log scale upward, the colour how many.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::latency::{Latency, Whose};
use crate::model::{Distribution, Unit};
use crate::ui::tabs::Context;
use crate::ui::theme::{Look, Role};
use crate::ui::widgets::{Heatmap, Notice, NoticeKind, TimeAxis};

/// Cells of the labels at the left.
const LABELS: u16 = 8;
/// The steps of a decade at which rows begin, as on other log scales.
const STEPS: [f64; 3] = [1.0, 2.0, 5.0];
/// The decades that rows may begin in, from a microsecond to a thousand seconds.
const DECADES: std::ops::Range<i32> = -3..7;

/// Draws it.
pub(super) fn draw(cx: &Context<'_>, whose: Whose<'_>, area: Rect, buf: &mut Buffer) {
    let columns = usize::from(area.width.saturating_sub(LABELS)).max(1);
    let latency = Latency::read(cx, whose, columns);
    let bounds = bounds(&latency.whole());
    if bounds.is_empty() {
        let notice = Notice {
            kind: NoticeKind::Empty,
            title: "No request in this time".to_owned(),
            lines: Vec::new(),
        };
        notice.render(area, buf, cx.look);
        return;
    }
    let counted: Vec<Vec<f64>> = latency
        .points
        .iter()
        .map(|point| counts(point.as_ref(), &bounds))
        .collect();
    let labels: Vec<String> = bounds.iter().map(|bound| label(*bound, cx.look)).collect();
    // Each point takes as many columns as its part of the range.
    let stretched: Vec<Vec<f64>> = (0..columns)
        .filter_map(|column| counted.get(column * counted.len() / columns).cloned())
        .collect();
    let map = Heatmap {
        cells: &stretched,
        labels: &labels,
        time: TimeAxis {
            start: latency.window.start,
            end: latency.window.end(),
        },
    };
    map.render(area, buf, cx.look);
}

/// What the colours mean, for the border of the panel.
pub(super) fn legend(cx: &Context<'_>) -> Line<'static> {
    let mut spans = vec![Span::styled("few ", cx.look.style(Role::Dim))];
    for (step, glyph) in (1..=4).zip(['░', '▒', '▓', '█']) {
        let share = f64::from(step) / 4.0;
        spans.push(match cx.look.shade(share.sqrt()) {
            Some(style) => Span::styled("█", style),
            None => Span::styled(glyph.to_string(), cx.look.style(Role::Curve1)),
        });
    }
    spans.push(Span::styled(" many", cx.look.style(Role::Dim)));
    Line::from(spans)
}

/// The upper bounds of the rows, from the quickest to the slowest time there is: those of the source's own buckets
/// where that is all it tells, else three a decade.
fn bounds(all: &Distribution) -> Vec<f64> {
    let bins = all.bins();
    let mut filled = bins.iter().filter(|(_, count)| *count > 0.0);
    let Some((first, _)) = filled.next() else {
        return Vec::new();
    };
    let last = filled.next_back().map_or(*first, |(last, _)| *last);
    let scale: Vec<f64> = match all {
        Distribution::Buckets(buckets) => buckets.bounds_ms.to_vec(),
        Distribution::Sketch(_) => DECADES
            .flat_map(|decade| STEPS.map(|step| step * 10f64.powi(decade)))
            .collect(),
    };
    let from = scale.partition_point(|bound| bound < first);
    let to = scale.partition_point(|bound| *bound < last);
    let to = (to + 1).min(scale.len());
    scale[from.min(to)..to].to_vec()
}

/// How many lie in each row.
fn counts(point: Option<&Distribution>, bounds: &[f64]) -> Vec<f64> {
    let Some(point) = point else {
        return vec![f64::NAN; bounds.len()];
    };
    let mut counts = vec![0.0; bounds.len()];
    let last = bounds.len().saturating_sub(1);
    for (value, count) in point.bins() {
        let row = bounds.partition_point(|bound| *bound < value);
        if let Some(sum) = counts.get_mut(row.min(last)) {
            *sum += count;
        }
    }
    counts
}

fn label(bound: f64, look: &Look) -> String {
    if bound.is_infinite() {
        return "more".to_owned();
    }
    look.format
        .value(Unit::Millis, Some(bound))
        .replace(".0", "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Buckets, Sketch};

    #[test]
    fn rows_reach_from_the_quickest_to_the_slowest() {
        let mut sketch = Sketch::default();
        [1.3, 1.4, 80.0, 730.0]
            .into_iter()
            .for_each(|ms| sketch.add(ms));
        let all = Distribution::Sketch(sketch);
        let rows = bounds(&all);
        assert_eq!(
            rows,
            [2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0]
        );
        let expected = [2.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0];
        assert_eq!(counts(Some(&all), &rows), expected);
        assert!(counts(None, &rows).iter().all(|count| count.is_nan()));
        assert!(bounds(&Distribution::default()).is_empty());
    }

    #[test]
    fn buckets_keep_their_own_rows() {
        let all = Distribution::Buckets(Buckets {
            bounds_ms: [5.0, 25.0, 250.0, f64::INFINITY].into(),
            counts: vec![0.0, 7.0, 0.0, 2.0],
            sum_ms: None,
        });
        let rows = bounds(&all);
        assert_eq!(rows, [25.0, 250.0, f64::INFINITY]);
        assert_eq!(counts(Some(&all), &rows), [7.0, 0.0, 2.0]);
    }
}
