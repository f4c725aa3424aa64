//! Who comes to the demo's application: people with their browsers, and probes on a schedule.

use std::sync::Arc;

use crate::model::{Page, Probe, Reading, Rows, SessionGroup, SourceKind};

use super::story::Scene;
use super::{CollectError, Teller};

/// The names of the sources.
const BROWSERS: &str = "browsers";
const PROBES: &str = "probes";

const GROUPS: [(&str, f64, f64, f64); 4] = [
    ("web", 1_840.0, 410.0, 5.2),
    ("ios", 920.0, 260.0, 4.1),
    ("android", 1_130.0, 240.0, 4.4),
    ("partner api", 31.0, 5_400.0, 41.0),
];
/// A page: views a minute, first byte, largest paint, interaction in milliseconds, in calm; how much of the incident it sees.
const PAGES: [(&str, f64, f64, f64, f64, f64); 5] = [
    ("/", 610.0, 62.0, 940.0, 88.0, 0.1),
    ("/products", 480.0, 71.0, 1_120.0, 104.0, 0.15),
    ("/account/orders", 190.0, 140.0, 1_480.0, 131.0, 1.0),
    ("/checkout", 96.0, 160.0, 1_390.0, 142.0, 0.8),
    ("/search", 120.0, 118.0, 1_210.0, 120.0, 0.3),
];

/// Sessions and pages.
pub(super) struct Users {
    groups: Vec<Arc<str>>,
    pages: Vec<Arc<str>>,
}

impl Users {
    pub(super) fn new() -> Self {
        Self {
            groups: GROUPS.iter().map(|(group, ..)| (*group).into()).collect(),
            pages: PAGES.iter().map(|(path, ..)| (*path).into()).collect(),
        }
    }
}

impl Teller for Users {
    fn name(&self) -> &'static str {
        BROWSERS
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Api
    }

    fn tell(&mut self, scene: &Scene, reading: &mut Reading) -> Result<(), CollectError> {
        let groups = GROUPS
            .iter()
            .enumerate()
            .map(|(n, (_, users, length, pace))| SessionGroup {
                source: BROWSERS.into(),
                group: self.groups[n].clone(),
                active_users: scene.around(users * scene.traffic, 0.05, "users", n) as u64,
                mean_length_seconds: Some(scene.around(*length, 0.05, "users.length", n)),
                requests_per_minute: Some(scene.around(*pace, 0.1, "users.pace", n)),
            });
        reading.rows.push(Rows::Sessions(groups.collect()));
        let pages =
            PAGES
                .iter()
                .enumerate()
                .map(|(n, (_, views, first, paint, interaction, part))| {
                    let wait = 2_100.0 * part * scene.latency;
                    Page {
                        source: BROWSERS.into(),
                        path: self.pages[n].clone(),
                        views_per_minute: scene.around(views * scene.traffic, 0.1, "page.views", n),
                        first_byte_ms: Some(scene.around(first + wait, 0.12, "page.first", n)),
                        largest_paint_ms: Some(scene.around(
                            paint + 1.2 * wait,
                            0.1,
                            "page.paint",
                            n,
                        )),
                        interaction_ms: Some(scene.around(
                            interaction + 0.1 * wait,
                            0.1,
                            "page.interaction",
                            n,
                        )),
                        error_percent: Some(scene.around(
                            0.2 + 19.0 * part * scene.errors,
                            0.2,
                            "page.errors",
                            n,
                        )),
                    }
                });
        reading.rows.push(Rows::Pages(pages.collect()));
        Ok(())
    }
}

/// A probe: where, DNS, connect, TLS and first byte in milliseconds, days of its certificate, share of the incident.
type Target = (&'static str, &'static str, [f64; 4], f64, f64);

const TARGETS: [Target; 3] = [
    (
        "shop front page",
        "https://shop.example/",
        [2.1, 4.2, 9.8, 64.0],
        61.0,
        0.1,
    ),
    (
        "orders api",
        "https://shop.example/v1/orders?limit=1",
        [2.0, 4.1, 9.9, 95.0],
        61.0,
        1.0,
    ),
    (
        "payments provider",
        "https://pay.example/ping",
        [3.4, 18.0, 22.0, 71.0],
        12.0,
        0.0,
    ),
];

/// Requests that are made on a schedule.
pub(super) struct Probes(Vec<(Arc<str>, Arc<str>)>);

impl Probes {
    pub(super) fn new() -> Self {
        Self(
            TARGETS
                .iter()
                .map(|(name, target, ..)| ((*name).into(), (*target).into()))
                .collect(),
        )
    }
}

impl Teller for Probes {
    fn name(&self) -> &'static str {
        PROBES
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Api
    }

    fn tell(&mut self, scene: &Scene, reading: &mut Reading) -> Result<(), CollectError> {
        let rows = TARGETS
            .iter()
            .enumerate()
            .map(|(n, (_, _, phases, days, part))| {
                let phase = |k: usize, base: f64| scene.around(base, 0.15, "probe", n * 4 + k);
                let [dns, connect, tls] = [0, 1, 2].map(|k| phase(k, phases[k]));
                let first = phase(3, phases[3] + 2_600.0 * part * scene.latency);
                let fails = part * scene.errors > 0.5 && scene.sway("probe.result", n) > 0.12;
                Probe {
                    source: PROBES.into(),
                    name: self.0[n].0.clone(),
                    target: self.0[n].1.clone(),
                    dns_ms: Some(dns),
                    connect_ms: Some(connect),
                    tls_ms: Some(tls),
                    first_byte_ms: Some(first),
                    total_ms: Some(dns + connect + tls + first + 1.4),
                    result: Ok(if fails { 503 } else { 200 }),
                    certificate_days: Some(*days),
                }
            });
        reading.rows.push(Rows::Probes(rows.collect()));
        Ok(())
    }
}
