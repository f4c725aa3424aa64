//! Lines of figures: words with their roles, written one below the other into an area.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::ui::theme::{Look, Role};
use crate::ui::widgets::{Gauge, Sparkline, spread, text};

/// A line that is put together from words with their roles.
#[derive(Debug, Clone)]
pub struct Words<'a> {
    look: &'a Look,
    spans: Vec<Span<'a>>,
}

impl<'a> Words<'a> {
    /// An empty line.
    #[must_use]
    pub fn new(look: &'a Look) -> Self {
        Self {
            look,
            spans: Vec::new(),
        }
    }

    /// Adds words in a role.
    #[must_use]
    pub fn put(mut self, role: Role, words: impl Into<Cow<'a, str>>) -> Self {
        self.spans.push(Span::styled(words, self.look.style(role)));
        self
    }

    /// Adds a label or a unit.
    #[must_use]
    pub fn dim(self, words: impl Into<Cow<'a, str>>) -> Self {
        self.put(Role::Dim, words)
    }

    /// Adds a value.
    #[must_use]
    pub fn value(self, words: impl Into<Cow<'a, str>>) -> Self {
        self.put(Role::Bright, words)
    }

    /// Adds a title.
    #[must_use]
    pub fn title(self, words: impl Into<Cow<'a, str>>) -> Self {
        self.put(Role::Title, words)
    }

    /// Adds a value coloured by how much of its scale it is; a quiet one is like any other value.
    #[must_use]
    pub fn heat(mut self, fraction: Option<f64>, words: impl Into<Cow<'a, str>>) -> Self {
        match fraction.filter(|fraction| *fraction >= HOT) {
            None => self.value(words),
            Some(fraction) => {
                let style = self.look.heat(fraction.min(1.0));
                self.spans.push(Span::styled(words, style));
                self
            }
        }
    }

    /// The line without what has no room at its end: a value goes with the label before it, and the first fact stays,
    /// cut if it must be.
    fn within(mut self, width: u16) -> Self {
        let taken = |spans: &[Span<'_>]| spans.iter().map(Span::width).sum::<usize>();
        let label = self.look.style(Role::Dim);
        while self.spans.len() >= 3 && taken(&self.spans) > usize::from(width) {
            // A value may be blank to keep its column; only what is written needs room.
            if let Some(last) = self.spans.last_mut()
                && last.content.ends_with(' ')
            {
                last.content = last.content.trim_end().to_owned().into();
                continue;
            }
            let is_value = self.spans.pop().is_some_and(|span| span.style != label);
            if is_value && self.spans.len() > 2 {
                self.spans.pop_if(|span| span.style == label);
            }
        }
        self
    }

    /// The line.
    #[must_use]
    pub fn line(self) -> Line<'a> {
        Line::from(self.spans)
    }
}

/// The share of its scale from which on a figure is worth a colour.
const HOT: f64 = 0.7;

/// Writes lines into an area from its top; what does not fit is left out.
pub struct Pen<'a> {
    rest: Rect,
    buf: &'a mut Buffer,
    look: &'a Look,
}

impl<'a> Pen<'a> {
    /// Begins at the top of an area.
    pub fn new(area: Rect, buf: &'a mut Buffer, look: &'a Look) -> Self {
        Self {
            rest: area,
            buf,
            look,
        }
    }

    /// What is left of the area.
    #[must_use]
    pub fn rest(&self) -> Rect {
        self.rest
    }

    /// How many lines are left.
    #[must_use]
    pub fn lines_left(&self) -> usize {
        usize::from(self.rest.height)
    }

    /// Takes the next line; empty when none is left.
    fn next(&mut self) -> Rect {
        let height = self.rest.height.min(1);
        let line = Rect {
            height,
            ..self.rest
        };
        self.rest.y += height;
        self.rest.height -= height;
        line
    }

    /// Writes words into the next line.
    pub fn words(&mut self, words: Words<'_>) {
        let at = self.next();
        if at.height > 0 {
            let style = self.look.style(Role::Text);
            text::put_line(
                self.buf,
                (at.x, at.y),
                &words.within(at.width).line(),
                at.width,
                style,
                self.look,
            );
        }
    }

    /// Writes words into the middle of what is left.
    pub fn middle(&mut self, words: Words<'_>) {
        let line = words.line();
        let width = u16::try_from(line.width()).unwrap_or(u16::MAX);
        let down = self.rest.height.saturating_sub(1) / 2;
        self.rest.y += down;
        self.rest.height -= down;
        let at = self.next();
        if at.height > 0 {
            let x = at.x + at.width.saturating_sub(width) / 2;
            let style = self.look.style(Role::Text);
            text::put_line(self.buf, (x, at.y), &line, at.right() - x, style, self.look);
        }
    }

    /// Writes `label ████░░ 61%`: the label and the figure keep their widths, the bar takes what is left.
    pub fn gauge(&mut self, label: &str, label_width: u16, fraction: Option<f64>, figure: &str) {
        let at = self.next();
        let label = text::fit(label, usize::from(label_width));
        let figure_width = cells(figure);
        self.write(at, 0, label_width, &label, Role::Dim);
        let bar = at
            .width
            .saturating_sub(label_width + 1)
            .saturating_sub(figure_width + 1);
        if bar >= 3 {
            let area = Rect::new(at.x + label_width + 1, at.y, bar, at.height);
            let gauge = Gauge {
                fraction,
                role: None,
            };
            gauge.render(area, self.buf, self.look);
        }
        let from = at.width.saturating_sub(figure_width).max(label_width + 1);
        self.write(at, from, figure_width, figure, Role::Bright);
    }

    /// Writes words and fills what is left of the line with a small chart, where that is worth it.
    pub fn trend(&mut self, words: Words<'_>, width: u16, values: impl FnOnce(usize) -> Vec<f64>) {
        let at = self.next();
        if at.height == 0 {
            return;
        }
        self.buf.set_line(at.x, at.y, &words.line(), at.width);
        let left = at.width.saturating_sub(width);
        if left < 4 {
            return;
        }
        let values = spread(&values(usize::from(left)), usize::from(left));
        let sparkline = Sparkline {
            values: &values,
            top: None,
            role: Some(Role::Dim),
        };
        sparkline.render(Rect::new(at.x + width, at.y, left, 1), self.buf, self.look);
    }

    fn write(&mut self, line: Rect, from: u16, width: u16, words: &str, role: Role) {
        if line.height == 0 || from >= line.width {
            return;
        }
        let width = usize::from(width.min(line.width - from));
        self.buf
            .set_stringn(line.x + from, line.y, words, width, self.look.style(role));
    }
}

/// The width of a text in cells.
#[must_use]
pub fn cells(words: &str) -> u16 {
    u16::try_from(text::width(words)).unwrap_or(u16::MAX)
}
