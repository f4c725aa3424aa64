//! A stretch of time in one line: `14:02 ───▲━━━──●━━┃14:28:07 ····── now`.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::text;
use crate::model::{Severity, Timestamp};
use crate::ui::theme::{Look, Role, Symbols};

/// Narrower lines have no labels at their ends.
const ROOM_FOR_LABELS: u16 = 40;

/// A time in which an alert fired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Firing {
    /// How bad it was.
    pub severity: Severity,
    /// When it began to fire.
    pub from: Timestamp,
    /// When it was over, or the end of the stretch.
    pub to: Timestamp,
}

/// A stretch of time in one line: what of it is remembered, where alerts fired, and the moment that is shown.
#[derive(Debug, Clone, Copy)]
pub struct TimeBar<'a> {
    /// The stretch.
    pub start: Timestamp,
    /// Its end.
    pub end: Timestamp,
    /// Whether anything is remembered in each of its equal parts; without parts it all is.
    pub known: &'a [bool],
    /// When alerts fired.
    pub firings: &'a [Firing],
    /// The moment that is shown.
    pub cursor: Timestamp,
    /// What stands beside it.
    pub cursor_text: &'a str,
    /// What stands at the beginning and at the end.
    pub labels: (&'a str, &'a str),
}

impl TimeBar<'_> {
    /// Draws it into the first line of the area; where the line itself lies, without its labels.
    pub fn render(&self, area: Rect, buf: &mut Buffer, look: &Look) -> Rect {
        let area = Rect {
            height: area.height.min(1),
            ..area
        }
        .intersection(buf.area);
        let track = self.draw_labels(area, buf, look);
        if track.is_empty() {
            return track;
        }
        self.draw_line(track, buf, look);
        for firing in self.by_severity() {
            self.draw_firing(firing, track, buf, look);
        }
        for firing in self.by_severity() {
            if let Some(column) = self.column_of(firing.from, track) {
                buf[(column, track.y)]
                    .set_char(sign(firing.severity, look.symbols))
                    .set_style(look.style(Role::of(firing.severity)));
            }
        }
        self.draw_cursor(track, buf, look);
        track
    }

    /// The moment at which a column begins; that of the last one is the end.
    #[must_use]
    pub fn moment_of(&self, column: u16, track: Rect) -> Timestamp {
        let width = i64::from(track.width.max(1));
        let place = i64::from(column.clamp(track.left(), track.right()) - track.left());
        if place >= width - 1 {
            return self.end;
        }
        let span = self.end.0.saturating_sub(self.start.0);
        let before = span.saturating_mul(place);
        // Rounded up, so that the moment lies in the column.
        Timestamp(self.start.0 + before / width + i64::from(before % width > 0))
    }

    /// The column that holds a moment of the stretch.
    #[must_use]
    pub fn column_of(&self, at: Timestamp, track: Rect) -> Option<u16> {
        if at < self.start || at > self.end || track.is_empty() {
            return None;
        }
        let span = self.end.0.saturating_sub(self.start.0).max(1);
        let place =
            at.0.saturating_sub(self.start.0)
                .saturating_mul(i64::from(track.width))
                / span;
        let last = track.width - 1;
        Some(track.x + u16::try_from(place).unwrap_or(last).min(last))
    }

    /// The worst last, so that they lie on top.
    fn by_severity(&self) -> Vec<Firing> {
        let mut firings = self.firings.to_vec();
        firings.sort_by_key(|firing| firing.severity);
        firings
    }

    fn draw_labels(&self, area: Rect, buf: &mut Buffer, look: &Look) -> Rect {
        if area.width < ROOM_FOR_LABELS || area.is_empty() {
            return area;
        }
        let (left, right) = self.labels;
        let style = look.style(Role::Dim);
        let from = text::put(buf, area.x + 1, area.y, left, area.width, style) + 1;
        let right_width = text::width(right) as u16;
        let to = area.right().saturating_sub(right_width + 1);
        text::put(buf, to, area.y, right, right_width, style);
        Rect {
            x: from,
            width: to.saturating_sub(from + 1),
            ..area
        }
    }

    fn draw_line(&self, track: Rect, buf: &mut Buffer, look: &Look) {
        let (line, gap) = match look.symbols {
            Symbols::Ascii => ('-', '.'),
            _ => ('─', '·'),
        };
        let width = usize::from(track.width);
        for (place, x) in (track.left()..track.right()).enumerate() {
            let part = (place * 2 + 1) * self.known.len() / (width * 2);
            let is_known = self.known.get(part).copied().unwrap_or(true);
            let (glyph, role) = match is_known {
                true => (line, Role::Dim),
                false => (gap, Role::Track),
            };
            buf[(x, track.y)]
                .set_char(glyph)
                .set_style(look.style(role));
        }
    }

    /// The time that it fired, as far as it lies in the stretch.
    fn draw_firing(&self, firing: Firing, track: Rect, buf: &mut Buffer, look: &Look) {
        let first = self.column_of(firing.from.max(self.start), track);
        let last = self.column_of(firing.to.min(self.end), track);
        let (Some(first), Some(last)) = (first, last) else {
            return;
        };
        let line = match look.symbols {
            Symbols::Ascii => '=',
            _ => '━',
        };
        for x in first..=last {
            buf[(x, track.y)]
                .set_char(line)
                .set_style(look.style(Role::of(firing.severity)));
        }
    }

    /// The cursor, with its text at the side where that hides fewer alerts. Where an alert fired its sign stays.
    fn draw_cursor(&self, track: Rect, buf: &mut Buffer, look: &Look) {
        let cursor = self.cursor.clamp(self.start, self.end);
        let Some(column) = self.column_of(cursor, track) else {
            return;
        };
        let style = look.style(Role::Mode).add_modifier(Modifier::REVERSED);
        let fires_here = |firing: &Firing| self.column_of(firing.from, track) == Some(column);
        let cell = &mut buf[(column, track.y)];
        if !self.firings.iter().any(fires_here) {
            cell.set_char(match look.symbols {
                Symbols::Ascii => '|',
                _ => '┃',
            });
        }
        cell.set_style(style);
        let said = format!(" {} ", self.cursor_text);
        let width = text::width(&said) as u16;
        let right = Some(column + 1).filter(|x| x + width <= track.right());
        let left = column.checked_sub(width).filter(|x| *x >= track.left());
        let hidden = |from: u16| {
            let columns = from..from + width;
            let begins = |firing: &&Firing| {
                let begun = self.column_of(firing.from, track);
                begun.is_some_and(|column| columns.contains(&column))
            };
            self.firings.iter().filter(begins).count()
        };
        let place = match (right, left) {
            (Some(right), Some(left)) if hidden(right) > hidden(left) => left,
            (Some(right), _) => right,
            (None, Some(left)) => left,
            (None, None) => return,
        };
        text::put(buf, place, track.y, &said, width, style);
    }
}

/// The severity as a sign of one cell, so that it is told without its colour.
fn sign(severity: Severity, symbols: Symbols) -> char {
    match (severity, symbols) {
        (Severity::Critical, Symbols::Ascii) => '*',
        (Severity::Warning, Symbols::Ascii) => '^',
        (Severity::Critical, _) => '●',
        (Severity::Warning, _) => '▲',
        (Severity::Info, _) => 'i',
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::ui::widgets::tests::samples::look;

    fn at(second: u64) -> Timestamp {
        Timestamp(1_800_000_000_000).plus(Duration::from_secs(second))
    }

    fn firing(severity: Severity, from: u64, to: u64) -> Firing {
        Firing {
            severity,
            from: at(from),
            to: at(to),
        }
    }

    /// A minute in sixty columns.
    fn bar<'a>(known: &'a [bool], firings: &'a [Firing], cursor: u64) -> TimeBar<'a> {
        TimeBar {
            start: at(0),
            end: at(60),
            known,
            firings,
            cursor: at(cursor),
            cursor_text: "14:28:07",
            labels: ("14:27", "now"),
        }
    }

    fn drawn(bar: &TimeBar<'_>, width: u16, symbols: Symbols) -> (String, Rect) {
        let mut buf = Buffer::empty(Rect::new(0, 0, width, 1));
        let track = bar.render(buf.area, &mut buf, &look(symbols));
        (
            buf.content.iter().map(|cell| cell.symbol()).collect(),
            track,
        )
    }

    #[test]
    fn it_tells_what_is_remembered_and_what_fired() {
        let known = [false, true, true, true];
        let firings = [
            firing(Severity::Critical, 20, 25),
            firing(Severity::Warning, 18, 30),
            firing(Severity::Info, 50, 50),
        ];
        let (line, track) = drawn(&bar(&known, &firings, 40), 71, Symbols::Braille);
        assert_eq!(track.width, 59);
        assert_eq!(
            line,
            " 14:27 ···············──▲━●━━━━━━━━━ 14:28:07 ┃─────────i───────── now "
        );
        let (line, _) = drawn(&bar(&known, &firings, 20), 71, Symbols::Ascii);
        assert_eq!(
            line,
            " 14:27 ...............--^=* 14:28:07 -------------------i--------- now "
        );
    }

    #[test]
    fn the_cursor_stays_in_sight_at_both_ends() {
        for (cursor, place) in [(0, 7), (60, 65)] {
            let (line, _) = drawn(&bar(&[], &[], cursor), 71, Symbols::Braille);
            assert_eq!(line.chars().position(|c| c == '┃'), Some(place), "{line}");
            assert!(line.contains("14:28:07"), "{line}");
        }
        let (line, track) = drawn(&bar(&[], &[], 30), 12, Symbols::Braille);
        assert_eq!(track.width, 12, "no labels where there is no room: {line}");
    }

    #[test]
    fn each_column_is_a_moment_that_lies_in_it() {
        for width in [1, 7, 59, 60, 61, 200] {
            let bar = bar(&[], &[], 0);
            let track = Rect::new(3, 0, width, 1);
            for column in track.left()..track.right() {
                let moment = bar.moment_of(column, track);
                assert_eq!(bar.column_of(moment, track), Some(column), "{width}");
            }
            assert_eq!(bar.moment_of(track.right() - 1, track), bar.end);
        }
        let track = Rect::new(3, 0, 10, 1);
        assert_eq!(bar(&[], &[], 0).column_of(at(61), track), None);
    }
}
