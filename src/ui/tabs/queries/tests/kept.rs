//! What the lists say of rows that are not there: not kept, or not brought by one of the servers.

use super::*;

#[test]
fn it_is_said_of_how_many_rows_only_a_part_was_kept() {
    let mut scene = with_the_list(scene(CALM));
    scene.is_past = true;
    scene.frame.tables.cut = vec![
        Cut {
            table: "statements",
            kept: 500,
            of: 1200,
        },
        Cut {
            table: "activity",
            kept: 300,
            of: 301,
        },
    ];
    let mut tab = tab();
    assert!(scene.draw(&mut tab, 120, 36).contains("· 700 not kept"));
    let (titles, _) = tab.sub_lists();
    let activity = titles.iter().position(|title| *title == "Activity");
    tab.show_sub_list(activity.unwrap());
    assert!(scene.draw(&mut tab, 120, 36).contains("· 1 not kept"));
}

#[test]
fn a_server_without_rows_is_told_beside_those_that_answer() {
    let mut scene = with_the_list(scene(WORST));
    let refused = Health::Denied {
        grant: "the password is wrong".to_owned(),
    };
    scene.source("pg@5499/lost", refused, Duration::from_secs(43));
    scene.set_kind("pg@5499/lost", SourceKind::Database);
    let mut tab = tab();
    tab.refresh(&scene.context());
    for sub in 0..tab.sub_lists().0.len() {
        tab.show_sub_list(sub);
        let drawn = scene.draw(&mut tab, 120, 36);
        assert!(
            drawn.contains("! pg@5499/lost denied: the password is wrong"),
            "{drawn}"
        );
        assert!(tab.list().unwrap().counts().0 > 0);
    }
}
