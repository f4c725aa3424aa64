//! The Alerts tab, drawn and used with keys.

use std::sync::Arc;
use std::time::Duration;

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;
use crate::model::alert::RuleSummary;
use crate::model::{
    AlertBoard, AlertState, Incident, IncidentId, Labels, Severity, Timestamp, Unit,
};
use crate::ui::tabs::testing::{Scene, noon};

fn ago(seconds: u64) -> Timestamp {
    noon().minus(Duration::from_secs(seconds))
}

fn rule(
    name: &str,
    severity: Severity,
    metric: &str,
    threshold: f64,
    series: usize,
) -> RuleSummary {
    RuleSummary {
        name: name.into(),
        severity,
        condition: format!("{metric} > {threshold}% for 5m00s"),
        series,
        metric: metric.into(),
        threshold,
        operator: ">".to_owned(),
        hold_seconds: 300.0,
        above: true,
    }
}

fn calm() -> Scene {
    let mut scene = Scene::new();
    scene.put("system.cpu.usage_percent", Labels::none(), 37.0);
    scene.put("system.disk.usage_percent", Labels::one("mount", "/"), 91.0);
    scene.frame.alerts = Arc::new(AlertBoard {
        rules: Arc::new(vec![
            rule(
                "high_cpu_usage",
                Severity::Warning,
                "system.cpu.usage_percent",
                80.0,
                1,
            ),
            rule(
                "disk_space_low",
                Severity::Warning,
                "system.disk.usage_percent",
                90.0,
                2,
            ),
            rule(
                "critical_error_rate",
                Severity::Critical,
                "app.errors.rate_percent",
                10.0,
                0,
            ),
        ]),
        ..AlertBoard::default()
    });
    scene
}

fn incident(scene: &Scene, id: u64, state: AlertState, severity: Severity) -> Incident {
    let metric = "system.disk.usage_percent";
    let over = state == AlertState::Resolved;
    Incident {
        id: IncidentId(id),
        rule: "disk_space_low".into(),
        severity,
        state,
        metric: metric.into(),
        series: scene.catalog.id(metric, Labels::one("mount", "/")),
        place: "/ 日本".to_owned(),
        unit: Unit::Percent,
        value: Some(91.0),
        worst: 97.0,
        condition: "> 90% for 5m00s".to_owned(),
        threshold: 90.0,
        began: ago(if over { 9000 } else { 1300 }),
        fired: (state != AlertState::Pending).then(|| ago(if over { 8700 } else { 1000 })),
        resolved: over.then(|| ago(4000)),
        stale_since: None,
    }
}

fn with(open: &[(AlertState, Severity)], resolved: usize) -> Scene {
    let mut scene = calm();
    let open = open.iter().zip(1..);
    let open = open
        .map(|((state, severity), id)| incident(&scene, id, *state, *severity))
        .collect();
    let resolved = (0..resolved as u64)
        .map(|id| incident(&scene, 100 + id, AlertState::Resolved, Severity::Critical))
        .collect();
    let board = AlertBoard {
        open,
        resolved: Arc::new(resolved),
        rules: scene.frame.alerts.rules.clone(),
    };
    scene.frame.alerts = Arc::new(board);
    scene
}

fn busy() -> Scene {
    let open = [
        (AlertState::Firing, Severity::Critical),
        (AlertState::Acknowledged, Severity::Warning),
        (AlertState::Pending, Severity::Warning),
    ];
    with(&open, 2)
}

#[test]
fn all_is_well() {
    assert_snapshot!(
        "alerts_calm_120x36",
        calm().draw(&mut AlertsTab::new(), 120, 36)
    );
    assert_snapshot!(
        "alerts_calm_80x20",
        calm().draw(&mut AlertsTab::new(), 80, 20)
    );
    assert_eq!(AlertsTab::new().badge(&calm().frame), None);
}

#[test]
fn pending_firing_resolved() {
    let pending = with(&[(AlertState::Pending, Severity::Warning)], 0);
    assert_snapshot!(
        "alerts_pending",
        pending.draw(&mut AlertsTab::new(), 120, 36)
    );
    assert_eq!(
        AlertsTab::new().badge(&pending.frame),
        None,
        "pending is not wrong yet"
    );
    assert_snapshot!(
        "alerts_firing_120x36",
        busy().draw(&mut AlertsTab::new(), 120, 36)
    );
    assert_snapshot!(
        "alerts_firing_80x20",
        busy().draw(&mut AlertsTab::new(), 80, 20)
    );
    assert_snapshot!(
        "alerts_resolved",
        with(&[], 3).draw(&mut AlertsTab::new(), 120, 36)
    );
}

#[test]
fn the_badge_counts_what_fires_with_the_worst_of_it() {
    let badge = AlertsTab::new().badge(&busy().frame).unwrap();
    assert_eq!((badge.count, badge.severity), (2, Severity::Critical));
}

#[test]
fn an_incident_opens_and_closes() {
    let mut scene = busy();
    let mut tab = AlertsTab::new();
    tab.refresh(&scene.context());
    assert!(tab.open(&scene.context()));
    assert_eq!(tab.crumbs(), ["disk_space_low #1"]);
    assert_snapshot!("alerts_detail", scene.draw(&mut tab, 120, 36));
    let mut board = (*scene.frame.alerts).clone();
    board.open[0].stale_since = Some(ago(30));
    scene.frame.alerts = Arc::new(board);
    let picture = scene.draw(&mut tab, 80, 20);
    assert!(picture.contains("no data since 14:31:37"), "{picture}");
    scene.frame.alerts = Arc::default();
    let picture = scene.draw(&mut tab, 80, 20);
    assert!(picture.contains("not among the incidents"), "{picture}");
    assert!(tab.back() && !tab.back());
}

#[test]
fn rules_are_a_list_of_their_own() {
    let scene = busy();
    let mut tab = AlertsTab::new();
    tab.show_sub_list(RULES);
    assert_snapshot!("alerts_rules", scene.draw(&mut tab, 120, 36));
    assert!(!tab.open(&scene.context()), "a rule has no detail");
}

#[test]
fn every_jump_leads_somewhere() {
    let scene = busy();
    let mut tab = AlertsTab::new();
    tab.refresh(&scene.context());
    let jumps = tab.jumps(&scene.frame);
    assert_eq!(jumps.len(), 8);
    for jump in jumps {
        let Route::Row(_, row) = jump.route else {
            panic!("{} leads to no row", jump.title);
        };
        assert!(tab.go_to(&row, &scene.context()), "{}", jump.title);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_size_panics(width in 1u16..180, height in 1u16..60, focus in 0usize..4, state in 0u8..4) {
        let mut scene = if state == 0 { calm() } else { busy() };
        scene.focus = focus;
        scene.zoomed = state == 1;
        let mut tab = AlertsTab::new();
        tab.refresh(&scene.context());
        if state == 2 {
            tab.open(&scene.context());
        }
        let _ = scene.draw(&mut tab, width, height);
    }
}
