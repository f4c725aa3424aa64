//! Going through time by keys.

use std::sync::atomic::Ordering;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

use super::reel::{GAP, Reel, before};
use super::*;

impl Desk {
    /// A screen over hours of a past.
    pub(super) fn over(reel: Reel) -> Self {
        let mut desk = Self::new();
        desk.app.feed = Box::new(reel);
        desk.app.refresh();
        desk.screen();
        desk
    }

    fn at(&self) -> Option<Timestamp> {
        self.app.position().held()
    }

    fn header(&mut self) -> String {
        self.screen().lines().next().unwrap_or_default().to_owned()
    }

    /// A key as the terminal sends it.
    fn send(&mut self, character: char) {
        let key = KeyEvent::new(KeyCode::Char(character), KeyModifiers::NONE);
        self.app.handle(&Event::Key(key));
    }
}

#[test]
fn steps_go_by_ticks_minutes_and_hours() {
    let mut desk = Desk::over(Reel::new());
    for (keys, seconds) in [
        ("[", 1),
        ("[", 2),
        ("{", 62),
        ("(", 3662),
        (")", 62),
        ("}", 2),
        ("]", 1),
    ] {
        assert_eq!(desk.press(keys).at(), Some(before(seconds)), "{keys}");
        assert_eq!(desk.app.frame().at, before(seconds), "{keys}");
    }
    desk.press("]");
    assert_eq!(desk.app.position(), Position::Live);
    assert!(desk.footer().contains("that is the present"));
    desk.press("}");
    assert_eq!(desk.app.position(), Position::Live, "there is no later");
}

#[test]
fn the_beginning_is_told_and_nothing_goes_before_it() {
    let mut desk = Desk::over(Reel::new());
    desk.press("( ( ( ( ( ( ( (");
    assert_eq!(desk.at(), Some(before(8 * 3600)));
    assert!(!desk.footer().contains("begins"), "{}", desk.footer());
    desk.press("(");
    assert_eq!(desk.at(), Some(before(8 * 3600)));
    assert!(desk.footer().contains("the history begins at 06:32:07"));
}

#[test]
fn a_tick_over_a_time_in_which_nothing_was_kept_goes_to_its_end() {
    let mut desk = Desk::over(Reel::new());
    desk.app.travel(noon().minus(GAP.1));
    desk.press("[");
    let last = noon().minus(GAP.0).minus(Duration::from_secs(1));
    assert_eq!(desk.at(), Some(last));
    desk.press("]");
    assert_eq!(desk.at(), Some(noon().minus(GAP.1)));
}

#[test]
fn of_keys_that_come_at_once_only_the_last_moment_is_fetched() {
    let reel = Reel::new();
    let reads = reel.reads.clone();
    let mut desk = Desk::over(reel);
    reads.store(0, Ordering::Relaxed);
    for _ in 0..500 {
        desk.send('{');
    }
    assert_eq!(reads.load(Ordering::Relaxed), 0, "nothing is drawn yet");
    desk.screen();
    assert_eq!(reads.load(Ordering::Relaxed), 1);
    assert_eq!(desk.app.frame().at, before(8 * 3600));
    desk.send('}');
    desk.send('2');
    desk.screen();
    let frame = desk.app.frame().at;
    assert_eq!(frame, before(8 * 3600 - 60), "other keys see the moment");
    assert_eq!(desk.app.tab_title(), "API");
}

#[test]
fn alerts_are_gone_to_one_by_one() {
    let mut desk = Desk::over(Reel::new());
    for (key, seconds, told) in [
        ("N", 30, "low_cache_hit_rate warning fired at 14:31:37"),
        ("N", 34 * 60, "high_cpu_usage critical fired at 13:58:07"),
        ("N", 11400, "probe_down warning fired at 11:22:07"),
        ("n", 34 * 60, "high_cpu_usage critical fired at 13:58:07"),
    ] {
        assert_eq!(desk.press(key).at(), Some(before(seconds)), "{key}");
        assert!(desk.footer().contains(told), "{}", desk.footer());
    }
    desk.press("N N");
    assert_eq!(desk.at(), Some(before(11400)));
    let none = "no alert fired before 11:22:07; the history begins at 06:32:07";
    assert!(desk.footer().contains(none), "{}", desk.footer());
    desk.press("end n");
    assert_eq!(desk.app.position(), Position::Live);
    let present = "that is the present; N goes to the last alert";
    assert!(desk.footer().contains(present), "{}", desk.footer());
}

#[test]
fn the_moment_of_an_alert_is_gone_to_from_its_row() {
    let mut desk = Desk::over(Reel::new());
    desk.press("5 j enter");
    assert!(
        desk.screen().contains("w when it fired"),
        "{}",
        desk.footer()
    );
    desk.press("w");
    let incident = desk.app.crumbs().pop().unwrap();
    assert!(incident.starts_with("high_cpu_usage"), "{incident}");
    assert_eq!(desk.at(), Some(before(34 * 60)));
    // Then it had just begun to fire.
    assert!(desk.screen().contains("FIRING"), "{}", desk.screen());
}

#[test]
fn a_time_is_asked_for_and_told_while_it_is_typed() {
    let mut desk = Desk::over(Reel::new());
    desk.press("@");
    let screen = desk.screen();
    assert!(screen.contains("06:32:07 – 14:32:07"), "{screen}");
    desk.press("1 3 : 5 8");
    let screen = desk.screen();
    assert!(screen.contains("13:58:00, 34m07s ago"), "{screen}");
    desk.press("enter");
    assert_eq!(desk.at(), Some(before(34 * 60 + 7)));
    assert!(desk.header().contains("REWIND 13:58:00 (−34m)"));
    desk.press("@ - 2 h enter");
    assert_eq!(desk.at(), Some(before(7200)));
    // What can't be gone to keeps the prompt open, and says why.
    desk.press("@ n o o n enter");
    let screen = desk.screen();
    assert!(screen.contains("\"noon\" is no time"), "{screen}");
    desk.press("ctrl-u - 9 h enter");
    let screen = desk.screen();
    assert!(
        screen.contains("the history begins at 06:32:07"),
        "{screen}"
    );
    assert_eq!(desk.press("esc").at(), Some(before(7200)));
}

#[test]
fn the_header_has_the_date_of_another_day() {
    let mut desk = Desk::over(Reel::new());
    let newest = Frame {
        at: noon().plus(Duration::from_secs(86_400)),
        ..Frame::clone(desk.app.frame())
    };
    let word = Position::Rewound(noon()).word(&newest, Link::Local);
    assert_eq!(word, "REWIND 2026-03-14 14:32:07 (−1d00h)");
    desk.press("(");
    assert!(desk.header().contains("REWIND 13:32:07 (−1h00m)"));
}

#[test]
fn the_selected_row_stays_the_same_through_a_moment_without_it() {
    let mut desk = Desk::over(Reel::new());
    desk.press("j j j");
    let row = |desk: &mut Desk| desk.app.with_tab(|tab, cx| tab.row_text(cx));
    let chosen = row(&mut desk).unwrap();
    // Six hours back no rows are remembered.
    desk.press("( ( ( ( ( (");
    assert_eq!(row(&mut desk), None);
    assert!(
        desk.screen()
            .contains("not remembered  Processes of 08:32:07")
    );
    desk.press(") )");
    assert_eq!(row(&mut desk).unwrap(), chosen);
    desk.press("end");
    assert_eq!(row(&mut desk).unwrap(), chosen);
}

#[test]
fn what_is_not_remembered_is_told_with_the_reason() {
    let mut desk = Desk::over(Reel::new());
    desk.press("( (");
    assert!(
        desk.screen().contains("rows of 12:32:00"),
        "{}",
        desk.screen()
    );
    desk.app
        .travel(noon().minus(GAP.1).minus(Duration::from_secs(1)));
    for tab in ["1", "2", "3", "4"] {
        desk.press(tab);
        let screen = desk.screen();
        assert!(screen.contains("nothing was kept then"), "{tab}\n{screen}");
    }
    // A detail, which is read only live.
    desk.press("1 end enter (");
    let screen = desk.screen();
    assert!(
        screen.contains("while it is open, and not kept"),
        "{screen}"
    );
}

#[test]
fn nothing_is_done_in_the_past_and_the_palette_says_why() {
    let mut desk = Desk::over(Reel::new());
    desk.press("{ x");
    let why = "this is 14:31:07; End is live";
    assert!(desk.footer().contains(why), "{}", desk.footer());
    desk.press(": a c t");
    assert!(desk.screen().contains(why), "{}", desk.screen());
    desk.press("enter");
    assert!(desk.footer().contains(why), "{}", desk.footer());
    let mut desk = Desk::over(Reel::new().played(Duration::from_secs(600)));
    desk.press("x");
    let why = "this is a recording: nothing can be done to it";
    assert!(desk.footer().contains(why), "{}", desk.footer());
}

#[test]
fn in_a_recording_steps_end_where_it_ends() {
    let mut desk = Desk::over(Reel::new().played(Duration::from_secs(600)));
    assert!(
        desk.header().contains("REPLAY 14:22:07 ×10"),
        "{}",
        desk.header()
    );
    desk.press("}");
    assert_eq!(desk.at(), Some(before(540)));
    assert!(desk.header().contains("REPLAY 14:23:07 HELD"));
    desk.press(")");
    assert_eq!(desk.at(), Some(noon()));
    assert!(desk.footer().contains("the recording ends at 14:32:07"));
}

#[test]
fn a_recording_is_held_and_played_on_from_what_is_shown() {
    let mut desk = Desk::over(Reel::new().played(Duration::from_secs(600)));
    let shows = |desk: &mut Desk, keys, mode: &str| {
        let header = desk.press(keys).header();
        assert!(header.contains(mode), "{keys}: {header}");
    };
    assert!(desk.footer().contains("p pause"), "{}", desk.footer());
    shows(&mut desk, "p", "REPLAY 14:22:07 HELD");
    assert!(desk.footer().contains("p play"), "{}", desk.footer());
    shows(&mut desk, "p", "REPLAY 14:22:07 ×10");
    shows(&mut desk, "{", "REPLAY 14:21:07 HELD");
    shows(&mut desk, "p", "REPLAY 14:21:07 ×10");
    shows(&mut desk, "N", "REPLAY 13:58:07 HELD");
    shows(&mut desk, "p", "REPLAY 13:58:07 ×10");
    shows(&mut desk, "@ 1 4 : 2 5 enter", "REPLAY 14:25:00 HELD");
    shows(&mut desk, "p", "REPLAY 14:25:00 ×10");
    shows(&mut desk, "end", "REPLAY 14:32:07  ");
    assert_eq!(desk.app.frame().at, noon());
    // There is nothing to play after the end, and from before it there is.
    shows(&mut desk, "p", "REPLAY 14:32:07  ");
    let end = "the recording ends at 14:32:07";
    assert!(desk.footer().contains(end), "{}", desk.footer());
    shows(&mut desk, "{ p", "REPLAY 14:31:07 ×10");
}

#[test]
fn a_recording_that_stands_is_not_stale() {
    let mut desk = Desk::over(Reel::new().played(Duration::ZERO));
    desk.press("end");
    desk.app.age = Some(Duration::from_secs(60));
    assert!(desk.header().contains("REPLAY 14:32:07"));
    assert!(!desk.header().contains("STALE"), "{}", desk.header());
}

#[test]
fn a_recording_is_left_at_once_wherever_one_is_in_it() {
    let mut desk = Desk::over(Reel::new().played(Duration::from_secs(600)));
    assert!(desk.press("{ q").app.is_over());
    let mut desk = Desk::over(Reel::new().played(Duration::from_secs(600)));
    assert!(!desk.press("{ enter q").app.is_over(), "the detail first");
    assert!(desk.press("q").app.is_over());
}

#[test]
fn who_is_asked_for_a_moment_stands_in_the_footer_until_its_figures_are_there() {
    let mut desk = Desk::new();
    let earlier = noon().minus(Duration::from_secs(1));
    let newest = desk.app.frame.clone();
    let bare = Frame {
        at: earlier,
        values: Arc::default(),
        ..(*newest).clone()
    };
    desk.app.feed = Box::new(Album {
        frames: HashMap::from([(noon(), newest.clone()), (earlier, Arc::new(bare))]),
        newest: Arc::new(Mutex::new(newest)),
        orders: desk.orders.clone(),
    });
    let asking = "asking http://prometheus:9090";
    assert!(!desk.screen().contains(asking));
    assert_eq!(desk.press("[").app.position(), Position::Rewound(earlier));
    assert!(desk.screen().contains(asking));
    assert!(!desk.press("end").screen().contains(asking));
}
