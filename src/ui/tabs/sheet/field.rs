//! The columns of a sheet: how each is headed, what its rows are ordered by, what its cells show.

use std::borrow::Cow;

use crate::model::{Unit, format};
use crate::ui::tabs::Context;
use crate::ui::theme::{Look, Role};
use crate::ui::widgets::{Align, Cell, Column};

/// What rows are ordered by.
pub enum Key<T> {
    /// A figure; unknown ones come last.
    Number(fn(&T) -> Option<f64>),
    /// A word; also what a filter looks at.
    Text(fn(&T) -> &str),
}

/// What a cell shows.
pub enum Show<T> {
    /// The figure in its unit, which stands in the column's head.
    Figure(Unit, fn(f64) -> Role),
    /// The word.
    Word(fn(&T) -> Role),
    /// Something else.
    Drawn(fn(&T, &Context<'_>) -> Cell<'static>),
}

/// One column of a sheet.
pub struct Field<T> {
    /// How it is headed.
    pub column: Column,
    /// What its rows are ordered by.
    pub key: Key<T>,
    /// What its cells show.
    pub show: Show<T>,
    /// Whether it names the source of a row: it is shown only where there are several.
    pub names_source: bool,
}

impl<T> Field<T> {
    /// A column of figures.
    pub const fn figure(
        title: &'static str,
        width: u16,
        worth: u8,
        unit: Unit,
        key: fn(&T) -> Option<f64>,
    ) -> Self {
        Self {
            column: column(title, width, Align::Right, worth),
            key: Key::Number(key),
            show: Show::Figure(unit, |_| Role::Text),
            names_source: false,
        }
    }

    /// A column of words.
    pub const fn word(title: &'static str, width: u16, worth: u8, key: fn(&T) -> &str) -> Self {
        Self {
            column: column(title, width, Align::Left, worth),
            key: Key::Text(key),
            show: Show::Word(|_| Role::Text),
            names_source: false,
        }
    }

    /// A column that is drawn otherwise.
    pub const fn drawn(
        title: &'static str,
        width: u16,
        worth: u8,
        key: Key<T>,
        draw: fn(&T, &Context<'_>) -> Cell<'static>,
    ) -> Self {
        Self {
            column: column(title, width, Align::Left, worth),
            key,
            show: Show::Drawn(draw),
            names_source: false,
        }
    }

    /// The same column, taking what is left of the width.
    #[must_use]
    pub const fn growing(mut self) -> Self {
        self.column.grow = true;
        self
    }

    /// The same column, which names the source of a row.
    #[must_use]
    pub const fn naming_source(mut self) -> Self {
        self.names_source = true;
        self
    }

    /// The same column, its text at the right.
    #[must_use]
    pub const fn right(mut self) -> Self {
        self.column.align = Align::Right;
        self
    }

    /// The same column of figures, each coloured by what it means.
    #[must_use]
    pub const fn judged(mut self, role: fn(f64) -> Role) -> Self {
        if let Show::Figure(_, known) = &mut self.show {
            *known = role;
        }
        self
    }

    /// The same column of words, each coloured by what its row means.
    #[must_use]
    pub const fn toned(mut self, role: fn(&T) -> Role) -> Self {
        if let Show::Word(known) = &mut self.show {
            *known = role;
        }
        self
    }

    /// The cell of a row.
    pub fn cell(&self, row: &T, cx: &Context<'_>) -> Cell<'static> {
        match (&self.show, &self.key) {
            (Show::Drawn(draw), _) => draw(row, cx),
            (Show::Figure(unit, role), Key::Number(number)) => {
                let value = number(row).filter(|value| value.is_finite());
                let role = value.map_or(Role::Dim, role);
                Cell::Text(Cow::Owned(bare_figure(*unit, value, cx.look)), role)
            }
            (Show::Word(role), Key::Text(text)) => {
                let word = text(row);
                if word.is_empty() {
                    return Cell::Text(Cow::Borrowed(format::UNKNOWN), Role::Dim);
                }
                Cell::Text(Cow::Owned(word.to_owned()), role(row))
            }
            _ => Cell::Text(Cow::Borrowed(format::UNKNOWN), Role::Dim),
        }
    }

    /// The cell of a row whose source is silent: what things are called stays, what was measured is no longer known.
    pub fn cell_of_the_past(&self, row: &T, cx: &Context<'_>) -> Cell<'static> {
        match (self.cell(row, cx), &self.key) {
            (Cell::Trend(values, _), _) => Cell::Trend(values, Some(Role::Dim)),
            (_, Key::Number(_)) => Cell::Text(Cow::Borrowed(format::UNKNOWN), Role::Dim),
            (Cell::Text(text, _), Key::Text(_)) => Cell::Text(text, Role::Dim),
            (Cell::Parts(parts), Key::Text(_)) => {
                let text: String = parts.into_iter().map(|(text, _)| text).collect();
                Cell::Text(Cow::Owned(text), Role::Dim)
            }
        }
    }
}

const fn column(title: &'static str, width: u16, align: Align, worth: u8) -> Column {
    Column {
        title,
        width,
        grow: false,
        align,
        worth,
    }
}

/// A figure without the `%` or `/s` that the head of its column already says.
fn bare_figure(unit: Unit, value: Option<f64>, look: &Look) -> String {
    match (unit, value) {
        (Unit::Percent, Some(value)) => format!("{value:.1}"),
        (Unit::PerSec, _) => look.format.value(Unit::Count, value),
        (Unit::BytesPerSec, _) => look.format.value(Unit::Bytes, value),
        _ => look.format.value(unit, value),
    }
}

/// The titles of columns, in the form that lists keep.
pub const fn titles<T, const N: usize>(fields: &[Field<T>; N]) -> [&'static str; N] {
    let mut titles = [""; N];
    let mut n = 0;
    while n < N {
        titles[n] = fields[n].column.title;
        n += 1;
    }
    titles
}
