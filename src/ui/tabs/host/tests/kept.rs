//! What the list says of processes of the past that were not kept.

use super::*;

#[test]
fn processes_of_a_moment_that_is_no_longer_remembered() {
    let mut scene = full();
    scene.frame.tables.processes = None;
    scene.frame.at = noon().minus(Duration::from_secs(7200));
    scene.is_past = true;
    Arc::make_mut(&mut scene.frame.sources).clear();
    let picture = scene.draw(&mut tab(), 120, 36);
    assert!(
        picture.contains("not remembered  Processes of 12:32:07"),
        "{picture}"
    );
    assert!(picture.contains("figures are; rows are kept"), "{picture}");
}

#[test]
fn of_very_many_processes_it_is_said_how_many_were_not_kept() {
    let mut scene = full();
    scene.is_past = true;
    assert!(!scene.draw(&mut tab(), 120, 36).contains("not kept"));
    scene.frame.tables.cut = vec![Cut {
        table: "processes",
        kept: 2000,
        of: 9_985,
    }];
    for (width, height) in [(120, 36), (80, 24)] {
        let picture = scene.draw(&mut tab(), width, height);
        assert!(picture.contains("· 7985 not kept ·"), "{picture}");
    }
}
