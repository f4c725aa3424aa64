//! What lies over the screen, by keys and by the mouse.

use crossterm::event::{Event, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::Desk;

impl Desk {
    /// The mouse at the first place where the screen says `text`.
    fn mouse(&mut self, kind: MouseEventKind, text: &str) -> &mut Self {
        let screen = self.screen();
        let (row, line) = screen
            .lines()
            .enumerate()
            .find(|(_, line)| line.contains(text))
            .unwrap_or_else(|| panic!("no {text:?} on\n{screen}"));
        let before = line.split(text).next().unwrap_or_default();
        self.app.handle(&Event::Mouse(MouseEvent {
            kind,
            column: before.chars().count() as u16,
            row: row as u16,
            modifiers: KeyModifiers::NONE,
        }));
        self.screen();
        self
    }

    fn click(&mut self, text: &str) -> &mut Self {
        self.mouse(MouseEventKind::Down(MouseButton::Left), text)
    }
}

#[test]
fn the_themes_open_at_the_one_that_is_worn() {
    let mut desk = Desk::new();
    desk.press(": n o r d enter T enter");
    assert_eq!(desk.app.theme, "nord");
}

#[test]
fn the_wheel_shows_the_theme_that_it_comes_to() {
    let mut desk = Desk::new();
    desk.press("T").mouse(MouseEventKind::ScrollDown, "Themes");
    let shown = desk.app.theme.clone();
    assert_ne!(shown, "hubtop-dark");
    desk.press("enter");
    assert_eq!(desk.app.theme, shown);
}

#[test]
fn the_mouse_works_on_while_a_filter_is_typed() {
    let mut desk = Desk::new();
    desk.press("/ p y t h o n");
    assert!(desk.screen().contains("2 of 3"));
    let selected = |desk: &mut Desk| desk.app.tabs[0].list().unwrap().selected_index();
    assert_eq!(selected(&mut desk), Some(0));
    desk.mouse(MouseEventKind::ScrollDown, "worker.py");
    assert_eq!(selected(&mut desk), Some(1), "the wheel moves the list");
    assert!(
        desk.footer().contains("filter: python"),
        "it is still typed"
    );
    desk.click("app.py");
    assert_eq!(selected(&mut desk), Some(0), "a click selects");
    assert!(!desk.footer().contains("filter: "), "{}", desk.footer());
    assert!(desk.screen().contains("2 of 3"), "the filter is kept");
}
