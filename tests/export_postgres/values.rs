//! What stands in the tables is what was seen.

use std::sync::Arc;
use std::time::Duration;

use hubtop::model::alert::RuleSummary;
use hubtop::model::{AlertBoard, AlertState, Incident, IncidentId, Labels, Severity, Unit};

use crate::host::{Host, at, form, numbers, state};
use crate::servers::postgres::Postgres;
use crate::servers::wait_for;

const VERSIONS: [u32; 2] = [15, 18];

#[test]
fn every_series_is_a_row_of_its_table_with_its_labels() {
    for version in VERSIONS {
        let server = Postgres::with(version, &[]);
        let state = state();
        let labels = "labels = { environment = \"test\", host = \"liar\" }";
        let mut host = Host::start("web1", form(&server, "postgres", labels), state.path());
        let disk = |mount| Labels::one("mount", mount);
        host.set("system.cpu.usage_percent", Labels::none(), 12.5);
        host.set("system.memory.usage_percent", Labels::none(), 64.25);
        host.set("system.disk.usage_percent", disk("/"), 40.0);
        host.set("system.disk.usage_percent", disk("/da\tta \\\"ü\n"), 91.125);
        let eth = Labels::one("interface", "eth0");
        host.set("system.network.bytes_recv_per_sec", eth.clone(), 1000.0);
        host.set("system.network.bytes_sent_per_sec", eth, 0.1);
        let user = Labels::of([
            ("user_id", "u7"),
            ("organization_id", "o1"),
            ("plan", "pro"),
        ]);
        host.set("business.orders_count", user, 3.0);
        host.set("test.unknown", Labels::none(), f64::NAN);
        host.put_all(0..=2);
        host.wait_until_all_is_sent();

        assert_eq!(numbers(&server, "web1"), [1, 2]);
        let rows = server.sql(
            "SELECT metric_name, value, unit, tags ->> 'mount', tags ->> 'environment', \"timestamp\" AT TIME ZONE 'UTC',
                    created_at > now() - interval '1 hour'
               FROM performance_metrics WHERE metric_name = 'system.disk.usage_percent' ORDER BY id LIMIT 2",
        );
        let time = "2026-09-21 14:13:21";
        let expected = [
            [
                "system.disk.usage_percent",
                "40",
                "percent",
                "/",
                "test",
                time,
                "t",
            ],
            [
                "system.disk.usage_percent",
                "91.125",
                "percent",
                "/da\tta \\\"ü\n",
                "test",
                time,
                "t",
            ],
        ];
        assert_eq!(rows, expected.map(|row| row.map(str::to_owned).to_vec()));
        let system = server.sql(
            "SELECT host_name, cpu_usage, memory_usage, disk_usage, network_io, tags FROM system_metrics ORDER BY id LIMIT 1",
        );
        let expected = [
            "web1",
            "12.5",
            "64.25",
            "91.125",
            r#"{"eth0": {"in": 1000.0, "out": 0.1}}"#,
            r#"{"host": "web1", "environment": "test"}"#,
        ];
        assert_eq!(system[0], expected);
        let business = server.sql(
            "SELECT metric_name, value, user_id, organization_id, tags ->> 'plan' FROM business_metrics",
        );
        assert_eq!(business.len(), 2);
        assert_eq!(
            business[0],
            ["business.orders_count", "3", "u7", "o1", "pro"]
        );
        let others = server.sql(
            "SELECT count(*) FROM performance_metrics WHERE metric_name IN ('business.orders_count', 'test.unknown')",
        );
        assert_eq!(others[0], ["0"]);
    }
}

fn rule(threshold: f64) -> RuleSummary {
    RuleSummary {
        name: "disk_space_low".into(),
        severity: Severity::Warning,
        condition: format!("system.disk.usage_percent > {threshold}% for 5m00s"),
        metric: "system.disk.usage_percent".into(),
        threshold,
        operator: ">".to_owned(),
        hold_seconds: 300.0,
        above: true,
        series: 1,
    }
}

fn incident(host: &Host, state: AlertState, value: f64) -> Incident {
    Incident {
        id: IncidentId(1),
        rule: "disk_space_low".into(),
        severity: Severity::Warning,
        state,
        metric: "system.disk.usage_percent".into(),
        series: host
            .catalog
            .id("system.disk.usage_percent", Labels::one("mount", "/data")),
        place: "/data".to_owned(),
        unit: Unit::Percent,
        value: Some(value),
        worst: 97.0,
        condition: "> 90%".to_owned(),
        threshold: 90.0,
        began: at(0),
        fired: (state != AlertState::Pending).then(|| at(2)),
        resolved: (state == AlertState::Resolved).then(|| at(5)),
        stale_since: None,
    }
}

#[test]
fn an_incident_is_one_row_from_when_it_fires_to_when_it_is_over() {
    let server = Postgres::with(15, &[]);
    let state = state();
    // Alerts are told at once, not when the next figures are due.
    let mut form = form(&server, "postgres", "");
    form.interval = Some(Duration::from_secs(3600));
    let mut host = Host::start("web1", form, state.path());
    let data = Labels::one("mount", "/data");
    host.set("system.disk.usage_percent", data, 92.0);
    let board = |open: Vec<Incident>, resolved: Vec<Incident>| {
        Arc::new(AlertBoard {
            open,
            resolved: resolved.into(),
            rules: Arc::new(vec![rule(90.0)]),
        })
    };
    let look = || {
        server.sql(
            "SELECT rule_name, status, trigger_value, triggered_at AT TIME ZONE 'UTC', resolved_at AT TIME ZONE 'UTC',
                    notes, i.tags ->> 'host', i.tags ->> 'mount'
               FROM alert_incidents i JOIN alert_rules r ON r.id = rule_id ORDER BY i.id",
        )
    };
    host.put(0);
    host.alerts = board(vec![incident(&host, AlertState::Pending, 92.0)], vec![]);
    host.put(1);
    host.alerts = board(vec![incident(&host, AlertState::Firing, 92.0)], vec![]);
    host.put(2);
    host.wait_until_all_is_sent();
    let fired = "2026-09-21 14:13:22";
    let notes = "system.disk.usage_percent > 90% at /data";
    let firing = [
        "disk_space_low",
        "firing",
        "92",
        fired,
        "",
        notes,
        "web1",
        "/data",
    ];
    assert_eq!(look(), [firing.map(str::to_owned).to_vec()]);

    server.sql("UPDATE alert_incidents SET notes = 'it was the logs'");
    host.alerts = board(vec![incident(&host, AlertState::Firing, 97.0)], vec![]);
    host.put(4);
    host.alerts = board(vec![], vec![incident(&host, AlertState::Resolved, 40.0)]);
    host.put(5);
    wait_for("the incident to be over", || {
        (look()[0][1] == "resolved").then_some(())
    });
    let over = "2026-09-21 14:13:25";
    let resolved = [
        "disk_space_low",
        "resolved",
        "92",
        fired,
        over,
        "it was the logs",
        "web1",
        "/data",
    ];
    assert_eq!(look(), [resolved.map(str::to_owned).to_vec()]);
    let rules = "SELECT metric_name, condition_operator, threshold_value, unit, duration_minutes, severity, enabled,
                        notification_channels, tags ->> 'host' FROM alert_rules";
    let expected = [
        "system.disk.usage_percent",
        ">",
        "90",
        "percent",
        "5",
        "warning",
        "t",
        "[]",
        "web1",
    ];
    assert_eq!(server.sql(rules)[0], expected);

    // Without it in the settings it is not in force; what it did is still known.
    host.alerts = Arc::default();
    host.put(6);
    wait_for("the rule to be out of force", || {
        let enabled = server.sql("SELECT enabled FROM alert_rules");
        (enabled == [["f"]]).then_some(())
    });
    assert_eq!(look().len(), 1);
}

#[test]
fn what_was_open_when_hubtop_ended_is_told_as_interrupted() {
    let server = Postgres::with(15, &[]);
    let state = state();
    let mut host = Host::start("web1", form(&server, "postgres", ""), state.path());
    host.alerts = Arc::new(AlertBoard {
        open: vec![incident(&host, AlertState::Firing, 92.0)],
        rules: Arc::new(vec![rule(90.0)]),
        ..AlertBoard::default()
    });
    host.put_all(1..=3);
    host.wait_until_all_is_sent();
    let status = || server.sql("SELECT status, resolved_at FROM alert_incidents");
    assert_eq!(status(), [["firing", ""]]);
    host.close();
    host.alerts = Arc::default();
    host.open(state.path());
    host.put_all(10..=11);
    wait_for("the incident to be told as interrupted", || {
        (status() == [["interrupted", ""]]).then_some(())
    });
}
