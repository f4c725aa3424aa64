//! The bar of time, by what it shows and by the mouse.

use crossterm::event::{Event, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::reel::{Reel, before};
use super::*;

impl Desk {
    /// The line of the bar: the one above the footer.
    fn bar(&mut self) -> String {
        let screen = self.screen();
        let lines: Vec<&str> = screen.lines().collect();
        lines[lines.len() - 2].to_owned()
    }

    /// The mouse in the line of the bar.
    fn on_bar(&mut self, kind: MouseEventKind, column: usize) {
        self.app.handle(&Event::Mouse(MouseEvent {
            kind,
            column: column as u16,
            row: self.size.height - 2,
            modifiers: KeyModifiers::NONE,
        }));
        self.screen();
    }

    fn click_bar(&mut self, column: usize) {
        self.on_bar(MouseEventKind::Down(MouseButton::Left), column);
        self.on_bar(MouseEventKind::Up(MouseButton::Left), column);
    }

    fn held(&self) -> Timestamp {
        self.app.position().held().unwrap()
    }
}

fn column_of(bar: &str, sign: char) -> usize {
    bar.chars()
        .position(|c| c == sign)
        .unwrap_or_else(|| panic!("no {sign} in {bar}"))
}

#[test]
fn it_is_there_only_while_the_present_is_not_shown() {
    let mut desk = Desk::over(Reel::new());
    assert!(!desk.bar().contains("now"), "{}", desk.bar());
    assert!(desk.press("p").bar().ends_with(" now"));
    assert!(desk.press("[").bar().ends_with(" now"));
    assert!(!desk.press("end").bar().contains("now"));
    let mut desk = Desk::over(Reel::new().played(Duration::from_secs(600)));
    assert!(desk.bar().starts_with(" 06:32 "), "{}", desk.bar());
    assert!(desk.bar().ends_with(" 14:32"), "{}", desk.bar());
}

#[test]
fn it_covers_the_range_of_the_charts_or_what_the_moment_needs() {
    let mut desk = Desk::over(Reel::new());
    for (keys, begin) in [
        ("[", "14:27"),
        (">", "13:32"),
        ("(", "08:32"),
        ("( ( ( ( (", "06:32"),
    ] {
        let bar = desk.press(keys).bar();
        assert!(bar.trim_start().starts_with(begin), "{keys}: {bar}");
    }
}

#[test]
fn a_click_goes_there_and_on_a_sign_to_its_alert() {
    let mut desk = Desk::over(Reel::new());
    let bar = desk.press("> {").bar();
    let critical = column_of(&bar, '●');
    desk.click_bar(critical);
    assert_eq!(desk.held(), before(34 * 60));
    let told = "high_cpu_usage critical fired at 13:58:07";
    assert!(desk.footer().contains(told), "{}", desk.footer());
    let bar = desk.bar();
    desk.click_bar(critical + 20);
    let moved = desk.held().since(before(34 * 60)).as_secs();
    let track = bar.chars().count() - " 13:32 ".len() - " now".len();
    let column = 3600 / track as u64;
    assert!(moved.abs_diff(20 * column) <= 21 * 2, "{moved} {column}");
    assert_eq!(column_of(&desk.bar(), '┃'), critical + 20);
    desk.click_bar(bar.chars().count() - 1);
    assert_eq!(desk.app.position(), Position::Live, "now is the present");
}

#[test]
fn the_cursor_can_be_dragged_and_the_stretch_stands_still() {
    let mut desk = Desk::over(Reel::new());
    let first = desk.press("> {").bar();
    let at = column_of(&first, '┃');
    desk.on_bar(MouseEventKind::Down(MouseButton::Left), at);
    for column in (8..at).rev() {
        desk.on_bar(MouseEventKind::Drag(MouseButton::Left), column);
        let bar = desk.bar();
        assert_eq!(bar[..6], first[..6], "{bar}");
    }
    // Beyond its beginning, and off the line, it stays at the beginning.
    desk.app.handle(&Event::Mouse(MouseEvent {
        kind: MouseEventKind::Drag(MouseButton::Left),
        column: 0,
        row: 3,
        modifiers: KeyModifiers::NONE,
    }));
    desk.screen();
    assert_eq!(desk.held(), before(3600));
    desk.on_bar(MouseEventKind::Up(MouseButton::Left), 8);
    desk.on_bar(MouseEventKind::Drag(MouseButton::Left), 60);
    assert_eq!(desk.held(), before(3600), "it was let go");
}

#[test]
fn the_wheel_steps() {
    let mut desk = Desk::over(Reel::new());
    let bar = desk.press("{ {").bar();
    let place = column_of(&bar, '┃');
    desk.on_bar(MouseEventKind::ScrollUp, 40);
    let back = before(120).since(desk.held()).as_secs_f64();
    assert!((1.0..6.0).contains(&back), "{back}");
    assert_eq!(column_of(&desk.bar(), '┃'), place - 1);
    desk.on_bar(MouseEventKind::ScrollDown, 40);
    assert_eq!(desk.held(), before(120));
}
