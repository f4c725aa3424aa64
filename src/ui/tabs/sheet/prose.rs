//! A sheet of words: a statement, pieces of advice. It has no rows to choose from; the keys of a list scroll it.

use std::cell::Cell;
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::AnySheet;
use crate::model::Frame;
use crate::ui::tabs::pen::{Pen, Words};
use crate::ui::tabs::plot::padded;
use crate::ui::tabs::{Context, Hits, List};
use crate::ui::theme::Role;

/// Lines of words as wide as there is room.
type Lines = Box<dyn for<'a> Fn(&'a Context<'a>, usize) -> Vec<Words<'a>> + Send>;

/// The words without breaks, for the clipboard.
type Whole = Box<dyn Fn(&Context<'_>) -> Option<String> + Send>;

/// Words that can be scrolled.
pub struct Prose {
    title: &'static str,
    lines: Lines,
    whole: Whole,
    scroll: Scroll,
}

impl Prose {
    /// The words that these functions give; nothing to say is an empty list of lines.
    #[must_use]
    pub fn new(
        title: &'static str,
        lines: impl for<'a> Fn(&'a Context<'a>, usize) -> Vec<Words<'a>> + Send + 'static,
        whole: impl Fn(&Context<'_>) -> Option<String> + Send + 'static,
    ) -> Self {
        Self {
            title,
            lines: Box::new(lines),
            whole: Box::new(whole),
            scroll: Scroll::default(),
        }
    }
}

impl AnySheet for Prose {
    fn title(&self) -> &'static str {
        self.title
    }

    fn refresh(&mut self, _frame: &Frame, _only: Option<&Arc<str>>) {}

    fn draw(&self, cx: &Context<'_>, area: Rect, buf: &mut Buffer, hits: &mut Hits, _: bool) {
        let area = padded(area);
        let lines = (self.lines)(cx, usize::from(area.width));
        let (height, total) = (usize::from(area.height), lines.len());
        hits.page = height;
        let first = self.scroll.settle(total, height);
        let mut pen = Pen::new(area, buf, cx.look);
        for line in lines.into_iter().skip(first) {
            if pen.lines_left() == 0 {
                break;
            }
            pen.words(line);
        }
        let below = total.saturating_sub(first + height);
        if below > 0 && area.height > 0 {
            let last = Rect::new(area.x, area.bottom() - 1, area.width, 1);
            let more = Words::new(cx.look).put(
                Role::Info,
                format!("… {} more lines: j k scroll", below + 1),
            );
            buf.set_style(last, cx.look.style(Role::Text));
            for x in last.left()..last.right() {
                buf[(x, last.y)].set_symbol(" ");
            }
            Pen::new(last, buf, cx.look).words(more);
        }
    }

    fn list(&mut self) -> &mut dyn List {
        &mut self.scroll
    }

    fn counts(&self) -> (usize, usize) {
        (0, 0)
    }

    fn filter(&self) -> &str {
        ""
    }

    fn selected(&self) -> Option<&str> {
        None
    }

    fn chosen(&self) -> Vec<&str> {
        Vec::new()
    }

    fn select(&mut self, _id: &str, _frame: &Frame) -> bool {
        false
    }

    fn row_text(&self, cx: &Context<'_>) -> Option<String> {
        (self.whole)(cx)
    }
}

/// How far words are scrolled. How many lines there are is known only when they are drawn.
#[derive(Debug, Default)]
struct Scroll {
    first: Cell<usize>,
    furthest: Cell<usize>,
}

impl Scroll {
    /// The first line that is shown, so that the last page is full.
    fn settle(&self, total: usize, height: usize) -> usize {
        self.furthest.set(total.saturating_sub(height));
        self.first.set(self.first.get().min(self.furthest.get()));
        self.first.get()
    }
}

impl List for Scroll {
    fn move_by(&mut self, rows: isize) {
        self.select_index(self.first.get().saturating_add_signed(rows));
    }

    fn select_index(&mut self, index: usize) {
        self.first.set(index.min(self.furthest.get()));
    }

    fn selected_index(&self) -> Option<usize> {
        None
    }

    fn select_last(&mut self) {
        self.first.set(self.furthest.get());
    }

    fn columns(&self) -> &'static [&'static str] {
        &[]
    }

    fn order(&self) -> (usize, bool) {
        (0, false)
    }

    fn sort_by(&mut self, _column: usize) {}

    fn reverse(&mut self) {}

    fn filter(&self) -> &str {
        ""
    }

    fn set_filter(&mut self, _filter: &str) {}

    fn counts(&self) -> (usize, usize) {
        (0, 0)
    }

    fn toggle_mark(&mut self) {}

    fn clear_marks(&mut self) -> bool {
        false
    }
}
