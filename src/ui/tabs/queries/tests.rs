//! The Queries tab, drawn and used with keys.

use std::sync::Arc;
use std::time::Duration;

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;
use crate::model::{
    Command, Cut, Focus, Health, ServerDeed, SourceKind, Statement, StatementDetail,
};
use crate::ui::tabs::Tab;
use crate::ui::tabs::story::{CALM, SIZES, WORST, scene, scene_of};
use crate::ui::tabs::testing::{Scene, noon};

mod kept;

fn tab() -> QueriesTab {
    QueriesTab::new()
}

fn with_the_list(mut scene: Scene) -> Scene {
    scene.focus = tab().first_focus();
    scene
}

/// The statement that takes most of the time, and the scene in which it is open.
fn heaviest() -> (Statement, Scene) {
    let frame = scene(WORST).frame;
    let row = view::heaviest(&frame, "pg@5432/shop", 1)[0].clone();
    let focus = Focus::Statement(row.instance.clone(), row.id.clone());
    (row, with_the_list(scene_of(WORST, focus)))
}

/// The tab with its first row open, after a sub-list was chosen.
fn opened(scene: &Scene, sub: usize) -> QueriesTab {
    let mut tab = tab();
    tab.show_sub_list(sub);
    tab.refresh(&scene.context());
    assert!(tab.open(&scene.context()));
    tab
}

/// A second server with the rows of the first.
fn add_server(scene: &mut Scene, name: &str) {
    let tables = &mut scene.frame.tables;
    let statements = Arc::make_mut(tables.statements.as_mut().unwrap());
    let others: Vec<Statement> = statements.iter().take(2).cloned().collect();
    statements.extend(others.into_iter().map(|row| Statement {
        instance: name.into(),
        ..row
    }));
    scene.source(name, Health::Up, Duration::ZERO);
    scene.source_lacks(name, SourceKind::Database, &[]);
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
fn the_statements() {
    for (width, height) in SIZES {
        let scene = with_the_list(scene(WORST));
        let drawn = scene.draw(&mut tab(), width, height);
        assert_snapshot!(format!("statements_{width}"), drawn);
    }
    let scene = with_the_list(scene(WORST));
    let mut tab = tab();
    tab.refresh(&scene.context());
    assert_eq!(tab.actions(), [SINCE_RESET]);
    let said = tab.act(SINCE_RESET, &scene.context()).unwrap();
    assert!(said.contains("reset"), "{said}");
    assert_snapshot!("since_reset", scene.draw(&mut tab, 120, 36));
    tab.act(SINCE_RESET, &scene.context());
    assert!(scene.draw(&mut tab, 120, 36).contains("of this interval"));
}

#[test]
fn the_detail_of_the_first_row() {
    let (row, scene) = heaviest();
    for (width, height) in SIZES {
        let mut tab = opened(&scene, STATEMENTS);
        assert!(tab.panels().is_empty() && tab.list().is_some() && tab.crumbs().len() == 1);
        assert_eq!(
            tab.focus(),
            Focus::Statement(row.instance.clone(), row.id.clone())
        );
        assert_snapshot!(
            format!("detail_{width}"),
            scene.draw(&mut tab, width, height)
        );
        tab.show_sub_list(1);
        assert_snapshot!(
            format!("detail_advice_{width}"),
            scene.draw(&mut tab, width, height)
        );
        let copied = tab.row_text(&scene.context()).unwrap();
        assert!(
            copied
                .contains("CREATE INDEX CONCURRENTLY orders_lower_email ON orders (lower(email));")
        );
        assert!(tab.back() && !tab.back() && tab.focus() == Focus::None);
    }
}

#[test]
fn a_plan_that_has_not_come_or_can_not_be_had_is_told() {
    let (row, mut scene) = heaviest();
    let mut tab = opened(&scene, STATEMENTS);
    let other = StatementDetail {
        id: "another".into(),
        ..StatementDetail::clone(scene.frame.tables.statement_detail.as_ref().unwrap())
    };
    scene.frame.tables.statement_detail = Some(Arc::new(other));
    assert!(
        scene
            .draw(&mut tab, 120, 36)
            .contains("Asking pg@5432/shop for its plan")
    );
    let refused = StatementDetail {
        instance: row.instance.clone(),
        id: row.id.clone(),
        no_plan: Some("GRANT SELECT ON orders TO mon".into()),
        ..StatementDetail::default()
    };
    scene.frame.tables.statement_detail = Some(Arc::new(refused));
    assert!(
        scene
            .draw(&mut tab, 120, 36)
            .contains("GRANT SELECT ON orders TO mon")
    );
}

#[test]
fn measuring_a_plan_says_what_runs() {
    let (row, scene) = heaviest();
    let mut tab = opened(&scene, STATEMENTS);
    tab.refresh(&scene.context());
    assert!(tab.can_act());
    let menu = tab.deeds(&scene.context()).unwrap();
    let deed = &menu.deeds[0];
    assert!(
        deed.question.contains("lower(email) = 'ada@example.org'")
            && deed
                .question
                .contains("rolled back; sequences and effects outside"),
        "{}",
        deed.question
    );
    let order = Command::Server {
        source: row.instance.clone(),
        deed: ServerDeed::MeasurePlan(row.id.clone()),
    };
    assert_eq!(deed.command, order);
}

#[test]
fn a_plan_that_can_not_be_measured_is_not_offered_to_be() {
    let (_, mut scene) = heaviest();
    let mut tab = opened(&scene, STATEMENTS);
    assert!(scene.draw(&mut tab, 120, 36).contains("x measures it"));
    let detail = scene.frame.tables.statement_detail.as_mut().unwrap();
    Arc::make_mut(detail).not_measured = Some("its values are not known".into());
    tab.refresh(&scene.context());
    assert!(!tab.can_act());
    assert_eq!(tab.deeds(&scene.context()), None);
    let drawn = scene.draw(&mut tab, 120, 36);
    assert!(
        drawn.contains("can't be measured: its values are not known"),
        "{drawn}"
    );
    let detail = scene.frame.tables.statement_detail.as_mut().unwrap();
    let detail = Arc::make_mut(detail);
    (detail.not_measured, detail.sample) = (None, None);
    assert_eq!(tab.deeds(&scene.context()), None);
    let drawn = scene.draw(&mut tab, 120, 36);
    assert!(
        drawn.contains("no call with its values was seen"),
        "{drawn}"
    );
}

#[test]
fn a_session_with_what_it_holds_up() {
    let scene = with_the_list(scene(WORST));
    for (width, height) in SIZES {
        let mut tab = opened(&scene, LOCKS);
        let drawn = scene.draw(&mut tab, width, height);
        assert!(drawn.contains("holds up 9"), "{drawn}");
        assert_snapshot!(format!("session_{width}"), drawn);
    }
    let mut tab = opened(&scene, ACTIVITY);
    let mut later = crate::ui::tabs::story::scene(CALM);
    later.frame.tables.backends = Some(Arc::default());
    assert!(later.draw(&mut tab, 120, 36).contains("gone"));
    assert!(!tab.can_act());
}

#[test]
fn ending_a_session_names_it_and_says_what_it_frees() {
    let scene = with_the_list(scene(WORST));
    let mut tab = tab();
    tab.show_sub_list(LOCKS);
    tab.refresh(&scene.context());
    assert!(tab.can_act());
    let menu = tab.deeds(&scene.context()).unwrap();
    assert_snapshot!(
        "deeds_of_the_root",
        menu.deeds
            .iter()
            .map(|deed| format!("{}\n  {}\n", deed.title, deed.question))
            .collect::<String>()
    );
    let Command::Server {
        source,
        deed: ServerDeed::EndSessions(keys),
    } = &menu.deeds[1].command
    else {
        panic!("{:?}", menu.deeds[1]);
    };
    assert_eq!((&**source, keys.len()), ("pg@5432/shop", 1));
    assert!(keys[0].started.is_some_and(|started| started < noon()));
    for _ in 0..5 {
        tab.list().unwrap().toggle_mark();
    }
    let menu = tab.deeds(&scene.context()).unwrap();
    assert!(
        menu.deeds[0].question.contains("5 sessions")
            && menu.deeds[0].question.contains("and 2 more")
    );
    let locked = Scene {
        locked: Some("read-only"),
        ..scene
    };
    assert_eq!(tab.deeds(&locked.context()), None);
}

#[test]
fn every_sub_list() {
    let scene = with_the_list(scene(WORST));
    let mut tab = tab();
    tab.refresh(&scene.context());
    for sub in 1..tab.sub_lists().0.len() {
        tab.show_sub_list(sub);
        let title = tab.sub_lists().0[sub].to_lowercase();
        for (width, height) in [(120, 30), (80, 20)] {
            assert_snapshot!(
                format!("{title}_{width}"),
                scene.draw(&mut tab, width, height)
            );
        }
    }
}

#[test]
fn one_of_several_servers_alone_or_all_of_them() {
    let mut scene = with_the_list(scene(WORST));
    add_server(&mut scene, "pg@5433/reports");
    let mut tab = tab();
    tab.refresh(&scene.context());
    assert_eq!(tab.actions(), [SINCE_RESET, NEXT_SERVER]);
    assert_snapshot!("several_servers", scene.draw(&mut tab, 120, 36));
    let all = tab.list().unwrap().counts().1;
    let said = |tab: &mut QueriesTab| tab.act(NEXT_SERVER, &scene.context()).unwrap();
    assert_eq!(said(&mut tab), "showing pg@5432/shop");
    assert_eq!(said(&mut tab), "showing pg@5433/reports");
    assert_eq!(tab.list().unwrap().counts(), (2, 2));
    let drawn = scene.draw(&mut tab, 120, 36);
    assert!(
        drawn.contains("Now · pg@5433/reports") && drawn.contains("pg@5433/reports alone"),
        "{drawn}"
    );
    assert_eq!(said(&mut tab), "showing all servers");
    assert_eq!(tab.list().unwrap().counts().1, all);
    let jumps = tab.jumps(&scene.frame);
    assert!(
        jumps
            .iter()
            .any(|jump| jump.title == "server pg@5433/reports")
    );
    assert!(tab.go_to(
        &RowId::Named("pg@5433/reports".to_owned()),
        &scene.context()
    ));
    assert_eq!(tab.list().unwrap().counts(), (2, 2));
}

#[test]
fn a_server_that_never_answered_is_told_and_counted() {
    let mut scene = with_the_list(Scene::new());
    let failing = Health::Failing {
        since: noon().minus(Duration::from_secs(42)),
        because: "connection refused".to_owned(),
        next_try: noon().plus(Duration::from_secs(8)),
    };
    scene.source("pg@5432/app", failing, Duration::from_secs(43));
    scene.source_lacks("pg@5432/app", SourceKind::Database, &[]);
    let drawn = scene.draw(&mut tab(), 120, 36);
    assert!(
        drawn.contains("pg@5432/app does not answer") && drawn.contains("connection refused"),
        "{drawn}"
    );
    let badge = tab().badge(&scene.frame).unwrap();
    assert_eq!(
        (badge.count, badge.severity),
        (1, crate::model::Severity::Critical)
    );
}

#[test]
fn what_can_not_be_had_is_told_where_it_is_missed() {
    let mut scene = with_the_list(scene(WORST));
    let lacks = [
        ("activity", "GRANT pg_monitor TO mon"),
        ("replication", "GRANT pg_monitor TO mon"),
    ];
    scene.source_lacks("pg@5432/shop", SourceKind::Database, &lacks);
    let mut tab = tab();
    let drawn = scene.draw(&mut tab, 120, 36);
    assert!(drawn.contains("replication partial: GRANT"), "{drawn}");
    assert!(!drawn.contains("activity partial"), "{drawn}");
    assert!(!drawn.contains("slow –"), "{drawn}");
    tab.show_sub_list(ACTIVITY);
    let line = "! pg@5432/shop activity partial: GRANT pg_monitor TO mon";
    assert!(scene.draw(&mut tab, 120, 36).contains(line));
    scene.frame.tables.backends = Some(Arc::default());
    let drawn = scene.draw(&mut tab, 120, 36);
    assert!(
        drawn.contains(line) && !drawn.contains("Nobody is connected"),
        "{drawn}"
    );
}

#[test]
fn slow_statements_are_unknown_where_statements_are() {
    let mut scene = with_the_list(scene(WORST));
    let lacks = [("statements", "CREATE EXTENSION pg_stat_statements")];
    scene.source_lacks("pg@5432/shop", SourceKind::Database, &lacks);
    let drawn = scene.draw(&mut tab(), 120, 36);
    assert!(drawn.contains("slow –"), "{drawn}");
}

#[test]
fn a_statement_says_how_many_times_its_usual_it_takes() {
    let statement = |mean, usual| Statement {
        mean_ms: mean,
        usual_mean_ms: usual,
        ..Statement::default()
    };
    assert_eq!(
        view::times_usual(&statement(Some(84.0), Some(12.0))),
        Some(7.0)
    );
    assert_eq!(view::times_usual(&statement(Some(84.0), None)), None);
    assert_eq!(view::times_usual(&statement(None, Some(12.0))), None);
    assert_eq!(view::times_usual(&statement(Some(1.0), Some(0.0))), None);
    assert_eq!(view::times_text(7.04, false), "7.0×");
    assert_eq!(view::times_text(151.7, true), "152x");
}

#[test]
fn the_badge_counts_slow_statements_and_waits_and_is_gone_after_the_cure() {
    assert!(tab().badge(&scene(WORST).frame).unwrap().count > 5);
    assert_eq!(tab().badge(&scene(CALM).frame), None);
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
        inner in 0_usize..4,
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
