//! What the help shows.

use super::*;

#[test]
fn help_lists_what_works_here() {
    let mut desk = Desk::new();
    assert!(
        desk.press("?")
            .screen()
            .contains("Children under their parents")
    );
    desk.press("esc 5 ?");
    assert!(!desk.screen().contains("Children under their parents"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_size_and_no_keys_make_it_panic(
        width in 1u16..200,
        height in 1u16..70,
        keys in proptest::collection::vec(0usize..64, 0..24),
    ) {
        let all: Vec<KeyPress> = crate::ui::action::all()
            .filter(|action| !["quit", "export", "suspend"].contains(&action.name))
            .flat_map(|action| action.keys)
            .map(|key| key.parse().unwrap())
            .collect();
        let mut desk = Desk::new();
        desk.size = Rect::new(0, 0, width, height);
        desk.screen();
        for key in keys {
            desk.app.press(all[key % all.len()]);
            desk.app.refresh();
            desk.screen();
        }
    }
}
