//! The Cache tab, drawn and used with keys.

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;
use crate::model::{CommandLatency, Focus, ServerDeed, Severity};
use crate::ui::tabs::Tab;
use crate::ui::tabs::story::{CALM, SIZES, WORST, scene, scene_of};
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

/// The scene in which the primary is open.
fn with_the_primary(seconds: u64) -> Scene {
    with_the_list(scene_of(seconds, Focus::Cache("redis@6379".into())))
}

#[test]
fn the_instances() {
    for (width, height) in SIZES {
        let scene = with_the_list(scene(WORST));
        let drawn = scene.draw(&mut tab(), width, height);
        assert_snapshot!(format!("instances_{width}"), drawn);
    }
}

#[test]
fn a_cache_without_figures_is_told_beside_those_that_answer() {
    let mut scene = with_the_list(scene(WORST));
    let refused = crate::model::Health::Denied {
        grant: "it wants a password".to_owned(),
    };
    scene.source("redis@6399", refused, std::time::Duration::from_secs(43));
    scene.set_kind("redis@6399", crate::model::SourceKind::Cache);
    let drawn = scene.draw(&mut tab(), 120, 36);
    assert!(
        drawn.contains("! redis@6399 denied: it wants a password") && drawn.contains("redis@6379"),
        "{drawn}"
    );
}

#[test]
fn what_else_was_found_is_told() {
    let mut scene = with_the_list(scene(WORST));
    let found = |kind: &str, attached: Option<&str>| crate::model::Found {
        kind: kind.into(),
        address: "127.0.0.1:16392".into(),
        attached: attached.map(Into::into),
        why_not: Some("wants a password".into()),
        ..crate::model::Found::default()
    };
    let all = vec![
        found("redis", Some("redis@6379")),
        found("postgres", None),
        found("redis", None),
    ];
    scene.frame.tables.found = Some(std::sync::Arc::new(all));
    let drawn = scene.draw(&mut tab(), 120, 36);
    let line = "1 more found, not watched: redis 127.0.0.1:16392 wants a password (: watch)";
    assert!(drawn.contains(line), "{drawn}");
}

#[test]
fn the_detail_of_the_first_row() {
    let scene = with_the_primary(WORST);
    for (width, height) in SIZES {
        let mut tab = tab();
        tab.refresh(&scene.context());
        assert!(tab.open(&scene.context()));
        assert!(tab.panels().is_empty() && tab.list().is_some() && tab.crumbs().len() == 1);
        assert_eq!(tab.focus(), Focus::Cache("redis@6379".into()));
        assert_snapshot!(
            format!("detail_{width}"),
            scene.draw(&mut tab, width, height)
        );
        for sub in 1..tab.sub_lists().0.len() {
            tab.show_sub_list(sub);
            let title = tab.sub_lists().0[sub].to_lowercase().replace(' ', "_");
            let drawn = scene.draw(&mut tab, width, height);
            assert_snapshot!(format!("detail_{title}_{width}"), drawn);
        }
        assert!(tab.back() && !tab.back() && tab.focus() == Focus::None);
    }
}

#[test]
fn walking_the_keys_states_its_cost_and_can_be_stopped() {
    let titles = |scene: &Scene| {
        let mut tab = tab();
        assert!(tab.go_to(&RowId::Named("redis@6379".to_owned()), &scene.context()));
        tab.refresh(&scene.context());
        let deed = tab.deeds(&scene.context()).unwrap().deeds.remove(0);
        (deed.question, deed.command)
    };
    let (question, command) = titles(&with_the_primary(WORST));
    assert!(question.starts_with("Stop walking"), "{question}");
    assert!(matches!(
        command,
        crate::model::Command::Server {
            deed: ServerDeed::StopScan,
            ..
        }
    ));
    let (question, command) = titles(&with_the_primary(CALM));
    assert!(
        question.contains("keys of redis@6379") && question.contains("of its time"),
        "{question}"
    );
    assert!(matches!(
        command,
        crate::model::Command::Server {
            deed: ServerDeed::ScanKeys,
            ..
        }
    ));
    let scene = with_the_list(scene(CALM));
    let mut tab = tab();
    assert!(tab.go_to(
        &RowId::Named("memcached@11211".to_owned()),
        &scene.context()
    ));
    assert!(!tab.can_act());
}

#[test]
fn a_percentile_known_by_its_bucket_is_told_with_its_bounds() {
    let text = |bounds| {
        let command = CommandLatency {
            p99_bounds_ms: bounds,
            p99_ms: Some(0.048),
            ..CommandLatency::default()
        };
        figures::p99_text(&command, &crate::ui::tabs::testing::look())
    };
    assert_eq!(text(Some((0.032, 0.064))), "32-64µs");
    assert_eq!(text(Some((0.512, 1.024))), "512µs-1.0ms");
    assert_eq!(text(Some((1000.0, f64::INFINITY))), ">1.0s");
    assert_eq!(text(None), "48µs");
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
        Severity::Critical
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
        inner in 0_usize..7,
        moment in prop_oneof![Just(WORST), Just(CALM), Just(60)],
    ) {
        let mut scene = if moment == CALM { Scene::new() } else { scene(moment) };
        (scene.focus, scene.zoomed) = (focus, zoomed);
        let mut tab = tab();
        tab.show_sub_list(sub);
        tab.refresh(&scene.context());
        if open {
            tab.open(&scene.context());
            tab.show_sub_list(inner);
        }
        scene.buffer(&mut tab, width, height);
    }
}
