//! The sections of the page, one file a section.

pub mod alerts;
pub mod host;
pub mod processes;
pub mod services;

use super::page::Side;
use crate::model::{Formatter, Frame, Unit, metric};

/// A figure of the frame as the screen writes it.
struct Figures<'a> {
    frame: &'a Frame,
    format: Formatter,
}

impl Figures<'_> {
    /// The value of `metric` without labels.
    fn plain(&self, name: &str) -> String {
        self.value(metric::describe(name).unit, self.frame.value(name))
    }

    /// Whether `metric` without labels is known.
    fn knows(&self, name: &str) -> bool {
        self.frame.value(name).is_some()
    }

    fn value(&self, unit: Unit, value: Option<f64>) -> String {
        self.format.value(unit, value)
    }

    /// One row for each series of the first of `columns`, with the other metrics of the same labels beside it.
    fn by_label(&self, head: &str, columns: &[(&str, &str)]) -> Vec<Vec<String>> {
        let Some((_, lead)) = columns.first() else {
            return Vec::new();
        };
        let mut rows: Vec<Vec<String>> = self
            .frame
            .each(lead)
            .map(|(_, key, _)| {
                let cell = |(_, name): &(&str, &str)| {
                    let value = self.frame.value_with(name, &key.labels);
                    self.value(metric::describe(name).unit, value)
                };
                std::iter::once(key.labels.values_text())
                    .chain(columns.iter().map(cell))
                    .collect()
            })
            .collect();
        if !rows.is_empty() {
            let heads = columns.iter().map(|(head, _)| (*head).to_owned());
            rows.insert(0, std::iter::once(head.to_owned()).chain(heads).collect());
        }
        rows
    }
}

/// A column of words and then `figures` columns of figures.
fn sides(figures: usize) -> Vec<Side> {
    let mut sides = vec![Side::Right; figures + 1];
    sides[0] = Side::Left;
    sides
}

/// Cells of a row, from anything that is text.
fn cells<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}
