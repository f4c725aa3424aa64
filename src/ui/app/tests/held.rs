//! A held picture.

use super::*;

#[test]
fn a_held_picture_stays_when_the_moment_is_forgotten() {
    let mut desk = Desk::new();
    let held = desk.press("p").app.frame.clone();
    // An hour later the moment is remembered without its tables.
    let mut bare = (*held).clone();
    bare.tables = crate::model::Tables::default();
    let mut newest = bare.clone();
    newest.at = noon().plus(Duration::from_secs(3600));
    desk.app.feed = Box::new(Album {
        frames: HashMap::from([(noon(), Arc::new(bare))]),
        newest: Arc::new(Mutex::new(Arc::new(newest))),
        orders: desk.orders.clone(),
    });
    desk.app.refresh();
    assert!(Arc::ptr_eq(&desk.app.frame, &held));
    assert!(desk.screen().contains("PAUSED 60:00"));
    assert!(desk.screen().contains("python worker.py"));
}
