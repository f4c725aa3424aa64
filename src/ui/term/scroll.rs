//! Rows that only moved up or down: the terminal moves them itself (a scrolling region with lines inserted or deleted,
//! as every terminal since the VT102 can), which takes twenty bytes where writing them anew takes a thousand. A list
//! in which one row appears, vanishes or changes places is most of what changes on a quiet machine.

use std::ops::Range;

use ratatui::buffer::{Buffer, Cell};

/// How far rows are looked for from where they were.
const REACH: [isize; 8] = [1, -1, 2, -2, 3, -3, 4, -4];
/// From how many cells on that need not be written a move is worth its bytes.
const WORTH: i32 = 60;
/// A frame rarely has more moves than this; each is looked for anew.
const MOVES: usize = 4;

/// Rows of which all but the first or last few are found `by` rows further down in the old picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Move {
    /// The rows that the terminal moves, the ones that are left blank among them.
    pub region: Range<usize>,
    /// By how many rows they go up (positive) or down (negative).
    pub by: isize,
}

/// Finds moves that bring `shown` closer to `next`, and does them in `shown`; the rows that come in are blank there.
pub(super) fn find(shown: &mut Buffer, next: &Buffer) -> Vec<Move> {
    let width = usize::from(next.area.width).max(1);
    let mut moves = Vec::new();
    while moves.len() < MOVES {
        let Some(found) = best(shown, next, width) else {
            break;
        };
        carry_out(shown, width, &found);
        moves.push(found);
    }
    moves
}

fn best(shown: &Buffer, next: &Buffer, width: usize) -> Option<Move> {
    let old: Vec<&[Cell]> = shown.content.chunks(width).collect();
    let new: Vec<&[Cell]> = next.content.chunks(width).collect();
    let costs: Vec<i32> = old
        .iter()
        .zip(&new)
        .map(|(old, new)| cost(old, new))
        .collect();
    if costs.iter().sum::<i32>() < WORTH {
        return None;
    }
    let candidates = REACH
        .into_iter()
        .filter_map(|by| stretch(&old, &new, &costs, by));
    let (gain, found) = candidates.max_by_key(|(gain, _)| *gain)?;
    (gain >= WORTH).then_some(found)
}

/// The stretch of rows for which a move by `by` saves most, and how many cells it saves.
fn stretch(old: &[&[Cell]], new: &[&[Cell]], costs: &[i32], by: isize) -> Option<(i32, Move)> {
    let mut best: Option<(i32, Range<usize>)> = None;
    let (mut sum, mut start) = (0, 0);
    for y in 0..new.len() {
        let gain = match y.checked_add_signed(by).and_then(|from| old.get(from)) {
            Some(from) if costs[y] > 0 && *from == new[y] => costs[y],
            // What was right would have to be written anew, and what is wrong either way would lose what is right in it.
            Some(_) => -(written(new[y]) - costs[y]).max(1),
            None => -written(new[y]).max(1),
        };
        if sum <= 0 {
            (sum, start) = (0, y);
        }
        sum += gain;
        if sum > best.as_ref().map_or(0, |(gain, _)| *gain) {
            best = Some((sum, start..y + 1));
        }
    }
    let (gain, rows) = best?;
    // The rows that come in are blank and have to be written whole.
    let (region, blank) = if by > 0 {
        (
            rows.start..rows.end + by.unsigned_abs(),
            rows.end..rows.end + by.unsigned_abs(),
        )
    } else {
        (
            rows.start - by.unsigned_abs()..rows.end,
            rows.start - by.unsigned_abs()..rows.start,
        )
    };
    let lost: i32 = blank.map(|y| written(new[y]) - costs[y]).sum();
    Some((gain - lost, Move { region, by }))
}

/// How many cells of a row have to be written.
fn cost(old: &[Cell], new: &[Cell]) -> i32 {
    if old == new {
        return 0;
    }
    count(old.iter().zip(new).filter(|(old, new)| old != new).count())
}

/// How many cells of a row are not blank.
fn written(row: &[Cell]) -> i32 {
    count(row.iter().filter(|cell| cell.symbol() != " ").count())
}

fn count(cells: usize) -> i32 {
    i32::try_from(cells).unwrap_or(i32::MAX)
}

fn carry_out(shown: &mut Buffer, width: usize, found: &Move) {
    let cells = &mut shown.content[found.region.start * width..found.region.end * width];
    let moved = found.by.unsigned_abs() * width;
    let blank = if found.by > 0 {
        cells.rotate_left(moved);
        cells.len() - moved..cells.len()
    } else {
        cells.rotate_right(moved);
        0..moved
    };
    cells[blank].fill(Cell::default());
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;

    fn lines(lines: &[&str]) -> Buffer {
        let area = Rect::new(0, 0, 40, u16::try_from(lines.len()).unwrap());
        let mut buf = Buffer::empty(area);
        for (y, line) in (0..).zip(lines) {
            buf.set_string(0, y, line.repeat(8), ratatui::style::Style::new());
        }
        buf
    }

    #[test]
    fn a_row_that_comes_in_pushes_the_others_down() {
        let mut shown = lines(&["head", "aaaa", "bbbb", "cccc", "dddd", "foot"]);
        let next = lines(&["head", "nnnn", "aaaa", "bbbb", "cccc", "foot"]);
        let found = find(&mut shown, &next);
        assert_eq!(
            found,
            [Move {
                region: 1..5,
                by: -1
            }]
        );
        assert_eq!(shown.content[40], Cell::default());
        assert_eq!(shown.content[80..200], next.content[80..200]);
    }

    #[test]
    fn a_row_that_changes_places_moves_those_between() {
        let mut shown = lines(&["head", "aaaa", "bbbb", "cccc", "dddd", "foot"]);
        let next = lines(&["head", "bbbb", "cccc", "dddd", "aaaa", "foot"]);
        assert_eq!(
            find(&mut shown, &next),
            [Move {
                region: 1..5,
                by: 1
            }]
        );
    }

    #[test]
    fn rows_that_change_in_place_are_left_where_they_are() {
        let mut shown = lines(&["head", "aaaa", "bbbb", "cccc"]);
        let next = lines(&["hexd", "aaab", "bxbb", "cdcc"]);
        assert_eq!(find(&mut shown, &next), []);
    }
}
