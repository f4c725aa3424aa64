//! Lists: marks, order and the selected row stay right whatever comes.

use proptest::prelude::*;

use super::*;

fn list(rows: &[u32]) -> ListState<u32> {
    let mut list = ListState::new(&["PID", "NAME", "CPU%"], 2, true).with_text_columns(&[1]);
    list.arrange(rows.to_vec(), rows.len());
    list
}

#[test]
fn a_row_keeps_its_selection_when_the_order_changes() {
    let mut list = list(&[1, 2, 3, 4]);
    list.move_by(2);
    assert_eq!(list.selected(), Some(&3));
    list.arrange(vec![3, 4, 1, 2], 4);
    assert_eq!(
        (list.selected(), list.selected_index()),
        (Some(&3), Some(0))
    );
}

#[test]
fn the_neighbour_takes_the_selection_of_a_row_that_vanished() {
    let mut list = list(&[1, 2, 3, 4]);
    list.select_index(1);
    list.arrange(vec![1, 3, 4], 3);
    assert_eq!(list.selected(), Some(&3));
    list.arrange(vec![1], 3);
    assert_eq!(list.selected(), Some(&1));
    list.arrange(vec![], 3);
    assert_eq!((list.selected(), list.selected_index()), (None, None));
    list.arrange(vec![9, 8], 3);
    assert_eq!(list.selected_index(), Some(0));
}

#[test]
fn a_list_nobody_touched_stays_at_its_top() {
    let mut list = list(&[1, 2, 3]);
    list.arrange(vec![3, 1, 2], 3);
    assert_eq!(list.selected(), Some(&3));
    list.move_by(1);
    list.move_by(-1);
    list.arrange(vec![2, 3, 1], 3);
    assert_eq!(list.selected(), Some(&2), "moving to the top lets go");
}

#[test]
fn scrolls_only_as_far_as_needed() {
    let mut list = list(&(0..20).collect::<Vec<_>>());
    assert_eq!(list.visible(5), 0..5);
    list.move_by(5);
    assert_eq!(list.visible(5), 1..6);
    list.move_by(-3);
    assert_eq!(list.visible(5), 1..6, "it was in sight");
    list.select_last();
    assert_eq!(list.visible(5), 15..20);
    assert_eq!(list.visible(8), 12..20, "a taller area is filled");
    list.select_index(0);
    assert_eq!(list.visible(8), 0..8);
}

#[test]
fn the_same_column_again_turns_the_order_round() {
    let mut list = list(&[]);
    assert_eq!(list.order(), (2, true));
    list.sort_by(2);
    assert_eq!(list.order(), (2, false));
    list.sort_by(1);
    assert_eq!(list.order(), (1, false), "text begins at A");
    list.sort_by(0);
    assert_eq!(list.order(), (0, true));
    list.sort_by(99);
    assert_eq!(list.order(), (0, true), "there is no such column");
    list.reverse();
    assert_eq!(list.order(), (0, false));
}

#[test]
fn marks_stay_with_their_rows() {
    let mut list = list(&[1, 2, 3]);
    list.toggle_mark();
    assert_eq!(list.selected(), Some(&2), "goes on to the next");
    list.toggle_mark();
    list.arrange(vec![3, 1], 3);
    assert!(list.is_marked(&1) && list.is_marked(&2) && !list.is_marked(&3));
    list.keep_marks(|row| *row != 2);
    assert_eq!(list.mark_count(), 1);
    assert!(list.clear_marks());
    assert!(!list.clear_marks());
}

#[test]
fn a_row_can_be_selected_before_it_comes() {
    let mut list = list(&[1]);
    assert!(!list.select(&7));
    list.arrange(vec![1, 5, 7], 3);
    assert_eq!(list.selected(), Some(&7));
}

#[derive(Debug, Clone)]
enum Step {
    Move(isize),
    Select(usize),
    Last,
    Arrange(Vec<u32>),
    Mark,
    Draw(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        any::<isize>().prop_map(Step::Move),
        (-4isize..4).prop_map(Step::Move),
        (0usize..30).prop_map(Step::Select),
        Just(Step::Last),
        prop::collection::hash_set(0u32..40, 0..30)
            .prop_map(|rows| Step::Arrange(rows.into_iter().collect())),
        Just(Step::Mark),
        (0usize..12).prop_map(Step::Draw),
    ];
    prop::collection::vec(step, 0..60)
}

proptest! {
    #[test]
    fn the_selected_row_is_a_row_and_in_sight(steps in steps()) {
        let mut list = list(&[1, 2, 3]);
        for step in steps {
            match step {
                Step::Move(rows) => list.move_by(rows),
                Step::Select(index) => list.select_index(index),
                Step::Last => list.select_last(),
                Step::Arrange(rows) => {
                    // What was chosen first comes before what has its place meanwhile.
                    let mut before = list.lost.into_iter().chain(list.chosen);
                    let before = before.find(|row| rows.contains(row));
                    let total = rows.len();
                    list.arrange(rows, total);
                    if let Some(before) = before {
                        prop_assert_eq!(list.selected(), Some(&before));
                    }
                }
                Step::Mark => list.toggle_mark(),
                Step::Draw(height) => {
                    let shown = list.visible(height);
                    let count = list.counts().0;
                    prop_assert!(shown.end <= count.max(shown.start));
                    prop_assert_eq!(list.visible(height), shown.clone(), "drawing changes nothing");
                    if let Some(selected) = list.selected_index().filter(|_| height > 0) {
                        prop_assert!(shown.contains(&selected));
                        prop_assert_eq!(shown.len(), height.min(count), "no row is left out for nothing");
                    }
                }
            }
            prop_assert_eq!(list.selected().is_some(), list.counts().0 > 0);
        }
    }
}

#[test]
fn a_row_that_comes_back_is_selected_again_until_another_is_chosen() {
    let mut list = list(&[1, 2, 3, 4]);
    list.select_index(1);
    list.arrange(vec![1, 3, 4], 3);
    assert_eq!(list.selected(), Some(&3), "its neighbour meanwhile");
    list.arrange(vec![], 0);
    list.arrange(vec![4, 3, 2, 1], 4);
    assert_eq!(list.selected(), Some(&2));
    list.arrange(vec![1, 3, 4], 3);
    list.move_by(1);
    let chosen = list.selected().copied();
    list.arrange(vec![1, 2, 3, 4], 4);
    assert_eq!(list.selected().copied(), chosen, "a person chose it");
}
