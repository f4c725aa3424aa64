use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;
use crate::ui::tabs::story::{CALM, SIZES, WORST, scene};
use crate::ui::tabs::testing::Scene;

fn tab() -> CacheTab {
    CacheTab::new()
}

fn with_the_list(mut scene: Scene) -> Scene {
    scene.focus = tab().first_focus();
    scene
}

#[test]
fn nothing_brought_anything() {
    let scene = with_the_list(Scene::new());
    for (width, height) in SIZES {
        assert_snapshot!(
            format!("absent_{width}"),
            scene.draw(&mut tab(), width, height)
        );
    }
    let mut tab = tab();
    tab.refresh(&scene.context());
    assert!(tab.list().is_none() && tab.panels().is_empty() && tab.sub_lists().0.is_empty());
    assert!(!tab.open(&scene.context()) && tab.row_text(&scene.context()).is_none());
}

#[test]
fn the_detail_of_the_first_row() {
    let scene = with_the_list(scene(WORST));
    for (width, height) in SIZES {
        let mut tab = tab();
        tab.refresh(&scene.context());
        assert!(tab.open(&scene.context()));
        assert!(tab.panels().is_empty() && tab.list().is_none() && tab.crumbs().len() == 1);
        assert_snapshot!(
            format!("detail_{width}"),
            scene.draw(&mut tab, width, height)
        );
        assert!(tab.back() && !tab.back());
    }
}

#[test]
fn an_instance_that_does_not_answer_is_named_and_its_figures_are_not_known() {
    let mut scene = with_the_list(scene(60));
    // It answered before, and its row is remembered.
    let before = crate::ui::tabs::story::scene(WORST).frame.tables.caches;
    scene.frame.tables.caches = before;
    let mut tab = tab();
    assert!(tab.go_to(&RowId::Named("redis@6380".to_owned()), &scene.context()));
    assert_snapshot!("failing_detail", scene.draw(&mut tab, 100, 30));
    tab.back();
    assert_snapshot!("failing", scene.draw(&mut tab, 120, 30));
    assert_eq!(
        tab.badge(&scene.frame).unwrap().severity,
        crate::model::Severity::Critical
    );
}

#[test]
fn a_jump_leads_to_its_row() {
    let scene = scene(CALM);
    let jumps = tab().jumps(&scene.frame);
    assert!(jumps.len() > 2);
    for jump in jumps {
        let Route::Row(title, row) = jump.route else {
            panic!("{} leads to no row", jump.title);
        };
        let mut tab = tab();
        assert_eq!(title, tab.title());
        assert!(tab.go_to(&row, &scene.context()), "{row:?}");
        assert_eq!(tab.crumbs().len(), 1);
        assert!(!tab.go_to(&RowId::Named("nothing".to_owned()), &scene.context()));
    }
}

#[test]
fn a_panel_alone_fills_the_tab() {
    let mut scene = scene(WORST);
    scene.zoomed = true;
    let mut filled = tab();
    filled.refresh(&scene.context());
    assert!(!filled.panels().is_empty());
    for (panel, title) in filled.panels().iter().enumerate() {
        scene.focus = panel;
        let drawn = scene.draw(&mut tab(), 120, 36);
        let corners = drawn.matches('╭').count();
        assert_eq!(corners, 1, "{title} is not alone:\n{drawn}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_size_is_too_small(
        width in 1_u16..200, height in 1_u16..60, focus in 0_usize..5, zoomed: bool, sub in 0_usize..6, open: bool,
        moment in prop_oneof![Just(WORST), Just(CALM), Just(60)],
    ) {
        let mut scene = if moment == CALM { Scene::new() } else { scene(moment) };
        (scene.focus, scene.zoomed) = (focus, zoomed);
        let mut tab = tab();
        tab.show_sub_list(sub);
        tab.refresh(&scene.context());
        if open {
            tab.open(&scene.context());
        }
        scene.buffer(&mut tab, width, height);
    }
}
