//! What has to be written of a frame, gathered so that it can be written pen by pen.

use ratatui::buffer::Cell;
use ratatui::style::Color;

use super::glyph::Glyph;
use super::pen::Pen;

/// Neighbouring cells of one pen, or the end of a line that is erased.
pub(super) struct Stroke {
    /// The first column.
    pub(super) x: usize,
    /// The row.
    pub(super) y: u16,
    /// The column after the last; `None` erases the rest of the line.
    pub(super) end: Option<usize>,
    /// What it is written with.
    pub(super) pen: Pen,
    /// Whether nothing but its background is seen, so that a pen with another foreground does as well.
    blank: bool,
}

/// Everything that has to be written of a frame, in the order of the screen.
#[derive(Default)]
pub(super) struct Strokes(Vec<Stroke>);

impl Strokes {
    /// Adds a cell; cells come in the order of the screen.
    pub(super) fn add(&mut self, x: usize, y: u16, width: usize, cell: &Cell, glyph: &Glyph<'_>) {
        let blank = shows_only_background(cell, glyph.symbol);
        let pen = if blank {
            Pen::default().on_blank(cell.bg)
        } else {
            Pen::of(cell)
        };
        if let Some(last) = self.0.last_mut()
            && last.y == y
            && last.end == Some(x)
        {
            if last.pen == pen || (blank && last.pen.draws_blank_on(cell.bg)) {
                last.end = Some(x + width);
                last.blank &= blank;
                return;
            }
            if last.blank && pen.draws_blank_on(last.pen.bg()) {
                (last.end, last.pen, last.blank) = (Some(x + width), pen, blank);
                return;
            }
        }
        self.0.push(Stroke {
            x,
            y,
            end: Some(x + width),
            pen,
            blank,
        });
    }

    /// Adds the rest of a line that is empty.
    pub(super) fn add_erase(&mut self, x: usize, y: u16) {
        self.0.push(Stroke {
            x,
            y,
            end: None,
            pen: Pen::default(),
            blank: true,
        });
    }

    /// The pens that are needed, the one at hand first. Blanks are given one that is needed anyway.
    pub(super) fn pens(&mut self, at_hand: Pen) -> Vec<Pen> {
        let mut pens: Vec<Pen> = Vec::new();
        for stroke in self.0.iter().filter(|stroke| !stroke.blank) {
            if !pens.contains(&stroke.pen) {
                pens.push(stroke.pen);
            }
        }
        if let Some(place) = pens.iter().position(|pen| *pen == at_hand) {
            pens.swap(0, place);
        }
        for stroke in self.0.iter_mut().filter(|stroke| stroke.blank) {
            let fitting = pens.iter().find(|pen| pen.draws_blank_on(stroke.pen.bg()));
            match fitting {
                Some(pen) => stroke.pen = *pen,
                None if at_hand.draws_blank_on(stroke.pen.bg()) => {
                    stroke.pen = at_hand;
                    pens.insert(0, at_hand);
                }
                None => pens.push(stroke.pen),
            }
        }
        pens
    }

    /// The strokes of a pen.
    pub(super) fn of(&self, pen: Pen) -> impl Iterator<Item = &Stroke> {
        self.0.iter().filter(move |stroke| stroke.pen == pen)
    }

    /// Forgets them.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

impl Pen {
    /// Whether a blank written with this pen shows `bg` and nothing else.
    fn draws_blank_on(self, bg: Color) -> bool {
        self.on_blank(bg) == self
    }
}

/// Whether nothing but the background is to be seen of a cell.
pub(super) fn shows_only_background(cell: &Cell, symbol: &str) -> bool {
    symbol == " " && !cell.modifier.intersects(Pen::SEEN_ON_BLANK)
}
