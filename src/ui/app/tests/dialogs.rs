//! What lies over the screen, by keys and by the mouse.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{Event, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Rect;

use super::Desk;
use crate::ui::action::Keymap;
use crate::ui::tabs::testing::process;

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

    /// The text of the question, from its lines.
    fn question(&mut self) -> String {
        let screen = self.screen();
        let lines: Vec<&str> = screen.lines().collect();
        let top = lines.iter().position(|line| line.contains("Sure?"));
        let top = top.unwrap_or_else(|| panic!("no question on\n{screen}"));
        let before = lines[top].split("Sure?").next().unwrap_or_default();
        let column = before.chars().count();
        let inside = |line: &&str| {
            let text: String = line.chars().skip(column - 1).collect();
            text.split('│').next().unwrap_or_default().trim().to_owned()
        };
        let text = lines[top + 1..].iter().map(inside);
        text.take_while(|line| !line.contains("No, do nothing"))
            .collect::<Vec<_>>()
            .join(" ")
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

#[test]
fn the_question_names_everybody_whom_it_means() {
    let mut desk = Desk::new();
    desk.size = Rect::new(0, 0, 80, 24);
    desk.bring(|frame| {
        let named = |pid| {
            let command = format!("a-very-long-name-of-a-process-number-{pid}");
            Arc::new(process(pid, 1, "app", Some(1.0), &command))
        };
        frame.tables.processes = Some(Arc::new([100, 200, 300].map(named).into()));
    });
    desk.press("space space space x enter");
    assert_eq!(
        desk.question(),
        "Send SIGTERM to 3 processes: a-very-long-name-of-a-process-number-100 (100), \
         a-very-long-name-of-a-process-number-200 (200), a-very-long-name-of-a-process-number-300 (300)?"
    );
    desk.click("Yes, do it").press("enter");
    assert_eq!(desk.ordered().len(), 1);
}

#[test]
fn a_question_that_can_not_be_read_is_not_asked() {
    let mut desk = Desk::new();
    desk.size = Rect::new(0, 0, 20, 5);
    desk.press("x enter");
    assert!(
        desk.footer().contains("enlarge the window"),
        "{}",
        desk.footer()
    );
    desk.press("y");
    assert_eq!(desk.ordered(), []);
    desk.size = Rect::new(0, 0, 20, 9);
    desk.press("x enter");
    assert_eq!(desk.question(), "Send SIGTERM to python (20)?");
    desk.size = Rect::new(0, 0, 20, 5);
    desk.screen();
    desk.press("y");
    assert_eq!(desk.ordered(), [], "the window became smaller meanwhile");
}

#[test]
fn only_a_plain_key_answers() {
    let mut desk = Desk::new();
    desk.press("x alt-enter");
    assert!(!desk.screen().contains("Sure?"));
    desk.press("enter ctrl-y alt-y alt-Y");
    assert_eq!(desk.ordered(), []);
    assert!(desk.screen().contains("Sure?"), "it still stands");
    desk.press("Y");
    assert_eq!(desk.ordered().len(), 1);
}

#[test]
fn in_a_text_only_ctrl_c_ends_the_program() {
    let bound = || {
        let mut keymap = Keymap::default();
        keymap.bind("quit", &["Q".to_owned()]).unwrap();
        Desk::with(|options| options.keymap = keymap)
    };
    for way in ["/", ":"] {
        let mut desk = bound();
        assert!(!desk.press(way).press("Q").app.is_over(), "after {way}");
        assert!(desk.press("ctrl-c").app.is_over(), "after {way}");
    }
    assert!(bound().press("s Q").app.is_over());
}

#[test]
fn the_demo_asks_nothing() {
    let mut desk = Desk::new();
    desk.bring(|frame| frame.demo = true);
    desk.press("x");
    assert!(desk.footer().contains("demo: there is nothing to kill"));
    desk.press("enter y");
    assert_eq!(desk.ordered(), []);
}

#[test]
fn the_help_scrolls_at_each_key_until_its_end() {
    let mut desk = Desk::new();
    desk.size = Rect::new(0, 0, 80, 24);
    let first = desk.press("?").screen();
    assert_ne!(desk.press("down").screen(), first);
    assert!(!desk.screen().contains('▌'), "nothing is selected");
    let last = desk
        .press("pgdn pgdn pgdn pgdn pgdn pgdn pgdn pgdn")
        .screen();
    assert_eq!(desk.press("down").screen(), last);
    assert_ne!(desk.press("up").screen(), last);
}

#[test]
fn what_was_said_goes_after_a_while_whatever_the_tick() {
    let mut desk = Desk::new();
    desk.bring(|frame| frame.tick = Duration::from_secs(60));
    desk.press("ctrl-k");
    assert!(desk.footer().contains("does nothing"));
    let message = desk.app.message.as_mut().unwrap();
    message.said = message.said.checked_sub(Duration::from_secs(5)).unwrap();
    assert!(!desk.footer().contains("does nothing"));
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_an_export() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let mut desk = Desk::with(|options| options.export_folder = path);
    desk.app.export_screen();
    let written = std::fs::read_dir(folder.path()).unwrap().next().unwrap();
    let mode = written.unwrap().metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn pasted_text_presses_nothing() {
    let mut desk = Desk::new();
    desk.app.handle(&Event::Paste("q\nx".to_owned()));
    assert!(!desk.app.is_over());
    desk.press("/");
    desk.app.handle(&Event::Paste("ssh\nq".to_owned()));
    assert!(desk.footer().contains("filter: ssh "), "{}", desk.footer());
}

#[test]
fn no_key_reaches_a_list_that_is_not_on_the_screen() {
    for key in ["x", "/", "s", "t", "space", "c", "j", "r", "P"] {
        let mut desk = Desk::new();
        desk.press("l z").press(key);
        let footer = desk.footer();
        assert!(footer.contains("does not work here"), "{key}: {footer}");
        assert!(desk.app.dialog.is_none() && desk.ordered().is_empty());
        desk.press("z");
        let screen = desk.screen();
        assert!(!screen.contains("marked") && screen.contains("sort CPU▼"));
    }
    let mut desk = Desk::new();
    let before = desk.press("l").screen();
    assert_ne!(desk.press("z").screen(), before);
    assert_eq!(
        desk.press("enter").screen(),
        before,
        "Enter leaves the zoom"
    );
}

#[test]
fn there_is_nothing_to_open_in_an_empty_list() {
    let mut desk = Desk::new();
    desk.press("/ n o n e enter enter");
    assert!(
        desk.footer().contains("nothing to open"),
        "{}",
        desk.footer()
    );
    assert!(!desk.app.zoomed);
}

#[test]
fn the_footer_tells_what_leads_on_from_here() {
    let mut desk = Desk::new();
    let told = |desk: &mut Desk, words: &[&str]| {
        let footer = desk.footer();
        words
            .iter()
            .map(|word| footer.contains(word))
            .collect::<Vec<_>>()
    };
    let words = [
        "x act",
        "p pause",
        "[ rewind",
        "] forward",
        "End live",
        "Esc back",
    ];
    assert_eq!(
        told(&mut desk, &words),
        [true, true, true, false, false, false]
    );
    desk.press("[");
    assert_eq!(
        told(&mut desk, &words),
        [true, false, false, true, true, false]
    );
    desk.press("end l z");
    assert_eq!(
        told(&mut desk, &words),
        [false, true, true, false, false, true]
    );
    desk.press("z h enter");
    assert!(desk.footer().contains("Esc back") && desk.footer().contains("tab next list"));
    assert!(!desk.footer().contains("Enter open"));
    let mut desk = Desk::with(|options| options.read_only = true);
    assert_eq!(told(&mut desk, &["x act", "Enter open"]), [false, true]);
}

#[test]
fn a_filter_without_hits_says_so_on_every_list() {
    for tab in ["1", "5"] {
        let mut desk = Desk::new();
        desk.press(tab).press("/ n o n e enter");
        let screen = desk.screen();
        let told = screen.matches("nothing matches; Esc clears the filter");
        assert_eq!(told.count(), 1, "{screen}");
        assert!(!desk.press("esc").screen().contains("nothing matches"));
    }
}

#[test]
fn who_is_marked_but_not_shown_is_counted() {
    let mut desk = Desk::new();
    desk.press("space space / s s h enter x");
    assert!(desk.screen().contains("(2 not shown)"), "{}", desk.screen());
    desk.press("enter");
    assert!(desk.question().ends_with("(2 not shown)?"));
}

#[test]
fn the_column_of_containers_is_there_when_one_is() {
    let mut desk = Desk::new();
    desk.size = Rect::new(0, 0, 200, 40);
    assert!(!desk.screen().contains("CONTAINER"));
    desk.bring(|frame| {
        let mut inside = process(40, 1, "app", Some(1.0), "nginx");
        Arc::make_mut(&mut inside.identity).container = Some("web".into());
        frame.tables.processes = Some(Arc::new(vec![Arc::new(inside)]));
    });
    assert!(desk.screen().contains("CONTAINER"));
}
