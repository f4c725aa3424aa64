//! The API tab, drawn and used with keys.

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;
use crate::model::{ObjectiveState, Partial};
use crate::ui::tabs::Tab;
use crate::ui::tabs::story::{CALM, SIZES, WORST, scene};
use crate::ui::tabs::testing::Scene;

fn tab() -> ApiTab {
    ApiTab::new()
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
fn the_latency_as_percentiles_and_as_a_heat_map() {
    let scene = with_the_list(scene(WORST));
    for (width, height) in SIZES {
        let mut tab = tab();
        let percentiles = scene.draw(&mut tab, width, height);
        assert_snapshot!(format!("percentiles_{width}"), percentiles);
        assert_eq!(tab.actions(), ["heat-map"]);
        tab.act("heat-map", &scene.context());
        let heat_map = scene.draw(&mut tab, width, height);
        assert_snapshot!(format!("heat_map_{width}"), heat_map);
        tab.act("heat-map", &scene.context());
        assert_eq!(scene.draw(&mut tab, width, height), percentiles);
    }
}

#[test]
fn what_a_source_lacks_stands_in_one_line() {
    let mut scene = with_the_list(scene(CALM));
    let part = |part: &str, line: &str| Partial {
        part: part.into(),
        line: line.into(),
    };
    let sources = std::sync::Arc::make_mut(&mut scene.frame.sources);
    let log = sources
        .iter_mut()
        .find(|it| &*it.name == "nginx access.log");
    log.unwrap().partial = std::sync::Arc::new(vec![
        part("latency", "the log has no times: add $request_time"),
        part("status", "no status"),
    ]);
    let drawn = scene.draw(&mut tab(), 120, 36);
    let line =
        "partial: nginx access.log latency: the log has no times: add $request_time · and 1 more";
    assert_eq!(drawn.matches(line).count(), 1, "{drawn}");
}

#[test]
fn buckets_show_their_bounds_and_a_handful_its_number() {
    let mut scene = with_the_list(scene(CALM));
    let rows = scene.frame.tables.endpoints.as_mut().unwrap();
    let rows = std::sync::Arc::make_mut(rows);
    rows[0].p50_bounds_ms = Some((5.0, 25.0));
    rows[0].p95_bounds_ms = Some((500.0, 1000.0));
    rows[0].p99_bounds_ms = Some((10_000.0, f64::INFINITY));
    rows[1].requests = 3;
    let drawn = scene.draw(&mut tab(), 120, 36);
    // In the row, and beside the curves of the row that is selected.
    for (told, times) in [("5–25ms", 2), ("0.5–1s", 2), ("> 10s", 2), (" 3 req", 1)] {
        assert_eq!(drawn.matches(told).count(), times, "{told} in\n{drawn}");
    }
}

#[test]
fn bounds_are_told_in_one_unit() {
    let cases = [
        ((500.0, 1000.0), "0.5–1s"),
        ((100.0, 250.0), "100–250ms"),
        ((0.0, 5.0), "0–5ms"),
        ((0.1, 0.5), "100–500µs"),
        ((10_000.0, f64::INFINITY), "> 10s"),
    ];
    for (bounds, told) in cases {
        assert_eq!(view::bounds_text(bounds), told);
    }
}

#[test]
fn every_sub_list() {
    let scene = with_the_list(scene(WORST));
    let mut tab = tab();
    tab.refresh(&scene.context());
    for sub in 1..tab.sub_lists().0.len() {
        tab.show_sub_list(sub);
        let title = tab.sub_lists().0[sub].to_lowercase();
        assert_snapshot!(title, scene.draw(&mut tab, 120, 30));
    }
}

#[test]
fn the_badge_counts_what_is_wrong_and_is_gone_after_the_cure() {
    let worst = tab().badge(&scene(WORST).frame).unwrap();
    assert!(worst.count >= 5 && worst.severity == crate::model::Severity::Critical);
    let calm = scene(CALM).frame;
    let left = tab().badge(&calm).map_or(0, |badge| badge.count);
    // What was spent of a budget does not come back with the cure.
    let objectives = calm.tables.objectives.iter().flat_map(|rows| rows.iter());
    let spent = objectives
        .filter(|row| row.state > ObjectiveState::Ok)
        .count();
    assert_eq!(left, spent);
    assert_eq!(tab().badge(&Scene::new().frame), None);
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
