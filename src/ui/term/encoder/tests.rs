//! The bytes are played to a terminal emulator, which must then show what the picture says.

use proptest::prelude::*;
use ratatui::style::{Modifier, Style};

use super::*;

const SYMBOLS: [&str; 12] = [
    " ", " ", " ", "a", "7", "%", "│", "█", "⣿", "日", "語", "🚀",
];
const COLORS: [Color; 6] = [
    Color::Reset,
    Color::Red,
    Color::LightBlue,
    Color::Indexed(208),
    Color::Rgb(12, 200, 7),
    Color::Rgb(255, 255, 255),
];
const MODIFIERS: [Modifier; 6] = [
    Modifier::empty(),
    Modifier::BOLD,
    Modifier::DIM,
    Modifier::UNDERLINED,
    Modifier::REVERSED,
    Modifier::BOLD.union(Modifier::ITALIC),
];

/// A short text somewhere: column, row, symbol, foreground, background, attributes, how often.
type Stroke = (u16, u16, usize, usize, usize, usize, u16);

fn stroke() -> impl Strategy<Value = Stroke> {
    (
        0u16..30,
        0u16..6,
        0..SYMBOLS.len(),
        0..COLORS.len(),
        0..COLORS.len(),
        0..MODIFIERS.len(),
        1u16..14,
    )
}

fn paint(strokes: &[Stroke], area: Rect) -> Buffer {
    let mut buf = Buffer::empty(area);
    for (x, y, symbol, fg, bg, modifier, times) in strokes {
        let style = Style::reset()
            .fg(COLORS[*fg])
            .bg(COLORS[*bg])
            .add_modifier(MODIFIERS[*modifier]);
        let text = SYMBOLS[*symbol].repeat(usize::from(*times));
        if *x < area.width && *y < area.height {
            buf.set_stringn(*x, *y, text, usize::MAX, style);
        }
    }
    buf
}

fn color(color: Color) -> vt100::Color {
    match color {
        Color::Red => vt100::Color::Idx(1),
        Color::LightBlue => vt100::Color::Idx(12),
        Color::Indexed(index) => vt100::Color::Idx(index),
        Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
        _ => vt100::Color::Default,
    }
}

/// Whether the emulator's screen looks like the picture; the first place where it does not.
fn difference(screen: &vt100::Screen, picture: &Buffer) -> Option<String> {
    for (y, row) in picture
        .content
        .chunks(usize::from(picture.area.width))
        .enumerate()
    {
        let mut x = 0;
        while x < row.len() {
            let glyph = Glyph::at(row, x);
            let shown = screen.cell(y as u16, x as u16)?;
            let cell = &row[x];
            let text = if shown.has_contents() {
                shown.contents()
            } else {
                " "
            };
            let only_background = shows_only_background(cell, glyph.symbol);
            let same_attributes = shown.bold() == cell.modifier.contains(Modifier::BOLD)
                && shown.dim() == cell.modifier.contains(Modifier::DIM)
                && shown.italic() == cell.modifier.contains(Modifier::ITALIC)
                && shown.underline() == cell.modifier.contains(Modifier::UNDERLINED)
                && shown.inverse() == cell.modifier.contains(Modifier::REVERSED);
            let same_ink = only_background && !shown.underline() && !shown.inverse()
                || (shown.fgcolor() == color(cell.fg) && same_attributes);
            if text != glyph.symbol || shown.bgcolor() != color(cell.bg) || !same_ink {
                return Some(format!("at {x},{y}: {cell:?}, shown {text:?} {shown:?}"));
            }
            x += glyph.width;
        }
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]
    #[test]
    fn the_terminal_shows_the_picture(
        frames in proptest::collection::vec(proptest::collection::vec(stroke(), 0..14), 1..6),
        width in 1u16..30,
        height in 1u16..6,
    ) {
        let area = Rect::new(0, 0, width, height);
        let mut encoder = Encoder::new(area);
        let mut terminal = vt100::Parser::new(height, width, 0);
        for strokes in &frames {
            let picture = paint(strokes, area);
            let mut out = Vec::new();
            encoder.encode(&mut picture.clone(), &mut out);
            terminal.process(&out);
            let found = difference(terminal.screen(), &picture);
            prop_assert_eq!(&found, &None, "after {:?}", String::from_utf8_lossy(&out));
        }
    }
}

#[test]
fn an_unchanged_picture_takes_no_bytes() {
    let area = Rect::new(0, 0, 40, 4);
    let strokes = [(3, 1, 9, 1, 2, 1, 5), (0, 2, 3, 4, 0, 0, 9)];
    let mut encoder = Encoder::new(area);
    let mut out = Vec::new();
    assert!(encoder.encode(&mut paint(&strokes, area), &mut out));
    out.clear();
    assert!(!encoder.encode(&mut paint(&strokes, area), &mut out));
    assert_eq!(out, b"");
    encoder.forget(area);
    assert!(encoder.encode(&mut paint(&strokes, area), &mut out));
}

#[test]
fn a_changed_figure_takes_few_bytes() {
    let area = Rect::new(0, 0, 80, 24);
    let mut encoder = Encoder::new(area);
    let mut out = Vec::new();
    let mut frame = |text: &str, out: &mut Vec<u8>| {
        let mut picture = Buffer::empty(area);
        picture.set_string(10, 5, text, Style::new());
        out.clear();
        encoder.encode(&mut picture, out);
        let (start, end) = (BEGIN.len(), out.len() - END.len());
        String::from_utf8_lossy(&out[start..end]).into_owned()
    };
    frame("cpu 37%  mem 61%", &mut out);
    assert_eq!(frame("cpu 38%  mem 61%", &mut out), "\x1b[16G8");
    assert_eq!(
        frame("cpu 38%  mem 62%", &mut out),
        "\x1b[8C2",
        "from where it stopped"
    );
    assert_eq!(frame("cpu 41%  mem 62%", &mut out), "\x1b[15G41");
    assert_eq!(frame("cpu 41%", &mut out), "%  \x1b[K");
}

#[test]
fn a_wide_glyph_that_is_drawn_over_leaves_nothing() {
    let area = Rect::new(0, 0, 6, 1);
    let mut encoder = Encoder::new(area);
    let mut terminal = vt100::Parser::new(1, 6, 0);
    for text in ["日本語", "a日本", "日本語", " b語", "│││"] {
        let mut picture = Buffer::empty(area);
        picture.set_string(0, 0, text, Style::new());
        let mut out = Vec::new();
        encoder.encode(&mut picture.clone(), &mut out);
        terminal.process(&out);
        assert_eq!(difference(terminal.screen(), &picture), None, "{text}");
    }
}

/// A screen of figures, some of which change from frame to frame.
fn figures(tick: usize) -> Buffer {
    let mut buf = Buffer::empty(Rect::new(0, 0, 120, 40));
    let style = |color| Style::new().fg(color);
    for row in 0..36u16 {
        let (y, load) = (row + 2, (usize::from(row) * 37 + tick * 11) % 97);
        let load = if row % 3 == 0 { load } else { usize::from(row) };
        let grey = Color::Rgb(127, 136, 148);
        buf.set_string(1, y, format!("{:>6}", 8121 - row * 7), style(grey));
        buf.set_string(8, y, "postgres", Style::new());
        let color = if load > 80 {
            Color::Rgb(255, 93, 93)
        } else {
            Color::Rgb(238, 242, 246)
        };
        buf.set_string(20, y, format!("{load:>5}.{}", load % 10), style(color));
        buf.set_string(30, y, format!("{:>5}M", 655 + load / 3), Style::new());
        buf.set_string(40, y, "postgres: app orders SELECT", Style::new());
    }
    buf
}

#[test]
fn figures_take_fewer_bytes_than_with_the_encoder_of_ratatui() {
    use ratatui::backend::{Backend, CrosstermBackend};
    let (mut ours, mut theirs) = (0, 0);
    let mut encoder = Encoder::new(Rect::new(0, 0, 120, 40));
    encoder.encode(&mut figures(0), &mut Vec::new());
    for tick in 1..20 {
        let (before, after) = (figures(tick - 1), figures(tick));
        let mut out = Vec::new();
        let changes = before.diff(&after);
        CrosstermBackend::new(&mut out)
            .draw(changes.into_iter())
            .unwrap();
        theirs += out.len();
        out.clear();
        encoder.encode(&mut after.clone(), &mut out);
        ours += out.len();
    }
    assert!(
        ours * 3 < theirs * 2,
        "{ours} bytes, {theirs} with ratatui's"
    );
    println!("{ours} bytes, {theirs} with ratatui's");
}

/// Lists of rows in which some come, go and change places, between a head and a foot.
fn list(rows: &[u8], area: Rect) -> Buffer {
    let mut buf = Buffer::empty(area);
    buf.set_string(0, 0, "╭ head ─────────╮", Style::new().fg(Color::Red));
    for (y, row) in (1..area.height - 1).zip(rows) {
        let style = Style::new().fg(COLORS[usize::from(*row) % COLORS.len()]);
        let text = format!("│{row} 日 {} {row}│", "row ".repeat(12));
        buf.set_stringn(0, y, text, usize::from(area.width), style);
    }
    buf.set_string(0, area.height - 1, "╰ foot ─────────╯", Style::new());
    buf
}

proptest! {
    #[test]
    fn lists_whose_rows_move_arrive_whole(
        frames in proptest::collection::vec(proptest::collection::vec(0u8..12, 0..14), 2..6),
    ) {
        let area = Rect::new(0, 0, 60, 14);
        let mut encoder = Encoder::new(area);
        let mut terminal = vt100::Parser::new(area.height, area.width, 0);
        for rows in frames {
            let mut picture = list(&rows, area);
            let wanted = picture.clone();
            let mut bytes = Vec::new();
            encoder.encode(&mut picture, &mut bytes);
            terminal.process(&bytes);
            prop_assert_eq!(difference(terminal.screen(), &wanted), None);
        }
    }
}

#[test]
fn a_row_that_comes_in_takes_few_bytes() {
    let area = Rect::new(0, 0, 60, 14);
    let mut encoder = Encoder::new(area);
    let mut bytes = Vec::new();
    encoder.encode(
        &mut list(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], area),
        &mut bytes,
    );
    bytes.clear();
    encoder.encode(
        &mut list(&[1, 11, 2, 3, 4, 5, 6, 7, 8, 9], area),
        &mut bytes,
    );
    assert!(bytes.len() < 150, "{} bytes", bytes.len());
}
