//! From a picture of cells to the bytes that turn the last picture into it.
//!
//! An own encoder, for the bytes that go over a slow link: ratatui's writes every changed cell with an absolute move, a
//! full colour change and a reset at the end. This one writes one colour after the other, keeps the pen from frame to
//! frame, takes the shortest way of the cursor, prints over short gaps, erases the ends of lines at once, and leaves out
//! colours where nothing is to be seen of them. A test holds both against each other.

use std::ops::Range;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::Color;

use super::glyph::Glyph;
use super::pen::Pen;
use super::scroll;
use super::strokes::{Strokes, shows_only_background};

/// Begins and ends a synchronised update: terminals that know it show the frame at once, others ignore it.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";
/// Default colours, everything erased.
const FORGET: &[u8] = b"\x1b[m\x1b[2J";
/// From how many changed blanks at the end of a line on erasing is shorter than printing them.
const ERASE_FROM: usize = 5;
/// Printing over at most so many unchanged cells can be shorter than moving the cursor.
const LONGEST_GAP: u16 = 3;

/// Knows what the terminal shows.
pub struct Encoder {
    shown: Buffer,
    /// Whether it is not known what the terminal shows.
    forgotten: bool,
    pen: Pen,
    /// Where the cursor is, if that is certain.
    cursor: Option<(u16, u16)>,
    /// What has to be written; empty between frames.
    strokes: Strokes,
}

impl Encoder {
    /// An encoder for a terminal of this size that shows nothing it knows of.
    #[must_use]
    pub fn new(area: Rect) -> Self {
        Self {
            shown: Buffer::empty(area),
            forgotten: true,
            pen: Pen::default(),
            cursor: None,
            strokes: Strokes::default(),
        }
    }

    /// From here on nothing is known of what the terminal shows.
    pub fn forget(&mut self, area: Rect) {
        self.shown.resize(area);
        self.shown.reset();
        self.forgotten = true;
        self.pen = Pen::default();
        self.cursor = None;
    }

    /// Appends to `out` what makes the terminal show `next`, and takes it as shown: `next` holds the picture before it
    /// afterwards. Returns whether there was anything to change.
    pub fn encode(&mut self, next: &mut Buffer, out: &mut Vec<u8>) -> bool {
        if next.area != self.shown.area {
            self.forget(next.area);
        }
        let start = out.len();
        out.extend_from_slice(BEGIN);
        if self.forgotten {
            out.extend_from_slice(FORGET);
        }
        let (before, width) = (out.len(), usize::from(next.area.width).max(1));
        if !self.forgotten {
            self.move_rows(next, out);
        }
        let shown = std::mem::take(&mut self.shown);
        let rows = shown.content.chunks(width).zip(next.content.chunks(width));
        for (y, (old, new)) in (0..).zip(rows) {
            if old != new {
                self.compare_row(y, old, new);
            }
        }
        self.write_strokes(next, out);
        self.shown = std::mem::replace(next, shown);
        if out.len() == before && !self.forgotten {
            out.truncate(start);
            return false;
        }
        self.forgotten = false;
        out.extend_from_slice(END);
        true
    }

    /// Lets the terminal move the rows that only went up or down.
    fn move_rows(&mut self, next: &Buffer, out: &mut Vec<u8>) {
        for found in scroll::find(&mut self.shown, next) {
            // Lines that come in are filled with the background at hand.
            self.pen.change_to(&Pen::default(), out);
            let (top, bottom) = (found.region.start as u16 + 1, found.region.end as u16);
            escape(&[top, bottom], b'r', out);
            escape(&[top], b'H', out);
            let lines = found.by.unsigned_abs() as u16;
            relative(lines, if found.by > 0 { b'M' } else { b'L' }, out);
            // The region is the whole screen again. That sends the cursor home (DEC STD 070), but not everywhere.
            escape(&[], b'r', out);
            self.cursor = None;
        }
    }

    /// Finds what has to be written of a row.
    fn compare_row(&mut self, y: u16, old: &[Cell], new: &[Cell]) {
        let blank_from = blank_tail(new);
        let erase = changed_blanks(&old[blank_from..]) >= ERASE_FROM;
        let end = if erase { blank_from } else { new.len() };
        let mut x = 0;
        // Cells up to here lie under a wide glyph that was written over, whatever the old picture says of them.
        let mut stale_until = 0;
        while x < end {
            let (was, is) = (Glyph::at(old, x), Glyph::at(new, x));
            let width = is.width;
            if x < stale_until || !looks_same(&old[x], &was, &new[x], &is) {
                for under in x..(x + width).min(old.len()) {
                    stale_until = stale_until.max(under + Glyph::at(old, under).width);
                }
                self.strokes.add(x, y, width, &new[x], &is);
            }
            x += width;
        }
        if erase {
            // The last glyph may be a wide one that ends in the tail; one that was drawn over may have ended there.
            let changed = |x: &usize| *x < stale_until || !is_plain_blank(&old[*x]);
            if let Some(first) = (x..old.len()).find(changed) {
                self.strokes.add_erase(first, y);
            }
        }
    }

    /// Writes what was found, one pen after the other, beginning with the one at hand: a move is shorter than a colour.
    fn write_strokes(&mut self, next: &Buffer, out: &mut Vec<u8>) {
        let mut strokes = std::mem::take(&mut self.strokes);
        for pen in strokes.pens(self.pen) {
            for stroke in strokes.of(pen) {
                let row = row_of(next, stroke.y);
                self.move_to(stroke.x as u16, stroke.y, row, out);
                match stroke.end {
                    Some(end) => {
                        self.pen.change_to(&stroke.pen, out);
                        self.print(stroke.x..end, stroke.y, row, out);
                    }
                    None => {
                        self.pen.change_to(&self.pen.on_blank(Color::Reset), out);
                        out.extend_from_slice(b"\x1b[K");
                    }
                }
            }
        }
        strokes.clear();
        self.strokes = strokes;
    }

    fn print(&mut self, columns: Range<usize>, y: u16, row: &[Cell], out: &mut Vec<u8>) {
        let mut x = columns.start;
        while x < columns.end {
            let glyph = Glyph::at(row, x);
            self.move_to(x as u16, y, row, out);
            out.extend_from_slice(glyph.symbol.as_bytes());
            x += glyph.width;
            // In the last column terminals differ in where the cursor is; after unusual glyphs in how wide they are.
            self.cursor = (glyph.certain && x < row.len()).then_some((x as u16, y));
        }
    }

    /// Takes the cursor to a cell by the shortest way.
    fn move_to(&mut self, x: u16, y: u16, row: &[Cell], out: &mut Vec<u8>) {
        if self.cursor == Some((x, y)) {
            return;
        }
        if !self.print_over_gap(x, y, row, out) {
            way(self.cursor, (x, y), out);
        }
        self.cursor = Some((x, y));
    }

    /// Prints the unchanged cells up to `x` again where that is shorter than a move: they are plain and of the pen's style.
    fn print_over_gap(&self, x: u16, y: u16, row: &[Cell], out: &mut Vec<u8>) -> bool {
        let Some((at, _)) = self.cursor.filter(|(at, line)| *line == y && *at < x) else {
            return false;
        };
        let gap = &row[usize::from(at)..usize::from(x)];
        let fits = x - at <= LONGEST_GAP
            && gap
                .iter()
                .all(|cell| cell.symbol().len() == 1 && Pen::of(cell) == self.pen);
        if fits {
            for cell in gap {
                out.extend_from_slice(cell.symbol().as_bytes());
            }
        }
        fits
    }
}

/// Appends the shortest move of the cursor.
fn way(from: Option<(u16, u16)>, (x, y): (u16, u16), out: &mut Vec<u8>) {
    match from {
        Some((at, line)) if line == y && x > at => relative(x - at, b'C', out),
        Some((at, line)) if line == y && x == 0 && at > 0 => out.push(b'\r'),
        Some((at, line)) if line == y && at - x <= 2 => {
            out.extend(std::iter::repeat_n(b'\x08', usize::from(at - x)));
        }
        Some((_, line)) if line == y => escape(&[x + 1], b'G', out),
        // In raw mode a line feed keeps the column.
        Some((at, line)) if line + 1 == y && at == x => out.push(b'\n'),
        Some((_, line)) if line + 1 == y && x == 0 => out.extend_from_slice(b"\r\n"),
        Some((_, line)) if line + 1 == y && x < 10 => {
            out.extend_from_slice(b"\r\n");
            relative(x, b'C', out);
        }
        _ if x == 0 => escape(&[y + 1], b'H', out),
        _ => escape(&[y + 1, x + 1], b'H', out),
    }
}

fn relative(cells: u16, to: u8, out: &mut Vec<u8>) {
    match cells {
        1 => escape(&[], to, out),
        more => escape(&[more], to, out),
    }
}

/// `CSI numbers letter`.
fn escape(numbers: &[u16], letter: u8, out: &mut Vec<u8>) {
    out.extend_from_slice(b"\x1b[");
    for (index, number) in numbers.iter().enumerate() {
        if index > 0 {
            out.push(b';');
        }
        super::pen::push_number(*number, out);
    }
    out.push(letter);
}

/// From which column on a row is empty on the terminal's own background.
fn blank_tail(row: &[Cell]) -> usize {
    let last = row.iter().rposition(|cell| !is_plain_blank(cell));
    last.map_or(0, |last| last + 1)
}

fn changed_blanks(old: &[Cell]) -> usize {
    old.iter().filter(|cell| !is_plain_blank(cell)).count()
}

fn is_plain_blank(cell: &Cell) -> bool {
    cell.bg == Color::Reset && shows_only_background(cell, cell.symbol())
}

fn row_of(buf: &Buffer, y: u16) -> &[Cell] {
    let width = usize::from(buf.area.width);
    &buf.content[usize::from(y) * width..][..width]
}

fn looks_same(old: &Cell, was: &Glyph<'_>, new: &Cell, is: &Glyph<'_>) -> bool {
    if was.symbol != is.symbol || old.bg != new.bg {
        return false;
    }
    if shows_only_background(old, was.symbol) && shows_only_background(new, is.symbol) {
        return true;
    }
    Pen::of(old) == Pen::of(new)
}

#[cfg(test)]
mod tests;
