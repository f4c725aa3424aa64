//! Holds every rule against every series it watches, once a tick, and keeps the incidents.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::instance::{Instance, Step};
use super::rule::Rule;
use crate::model::{
    AlertBoard, AlertState, Incident, IncidentId, Labels, Moment, SeriesId, SeriesTable,
};

/// Evaluates rules. Its one output is the [`AlertBoard`] of each tick.
#[derive(Debug)]
pub struct AlertEngine {
    rules: Vec<Rule>,
    /// The series that each rule watches, by the rule's index; made anew when series have been added.
    watched: Vec<Vec<SeriesId>>,
    series_known: usize,
    open: HashMap<(usize, SeriesId), (IncidentId, Instance)>,
    board: Arc<AlertBoard>,
    last_id: u64,
}

impl AlertEngine {
    /// An engine with these rules and no incident.
    #[must_use]
    pub fn new(rules: Vec<Rule>) -> Self {
        let summaries = rules.iter().map(|rule| rule.summary(0)).collect();
        let board = AlertBoard {
            rules: Arc::new(summaries),
            ..AlertBoard::default()
        };
        Self {
            watched: vec![Vec::new(); rules.len()],
            rules,
            series_known: 0,
            open: HashMap::new(),
            board: Arc::new(board),
            last_id: 0,
        }
    }

    /// Evaluates every rule against `values[id]` (NaN is no data) and returns what is open and what is over.
    pub fn evaluate(
        &mut self,
        now: Moment,
        tick: Duration,
        series: &SeriesTable,
        values: &[f64],
        host: &str,
    ) -> Arc<AlertBoard> {
        self.watch_new(series);
        let mut resolved = Vec::new();
        for index in 0..self.rules.len() {
            for position in 0..self.watched[index].len() {
                let id = self.watched[index][position];
                let value = values
                    .get(id.index())
                    .copied()
                    .filter(|value| !value.is_nan());
                if let Some((number, instance)) = self.step(index, id, now, tick, value) {
                    let mut incident =
                        describe(number, &instance, &self.rules[index], id, series, host);
                    incident.state = AlertState::Resolved;
                    incident.resolved = Some(now.wall);
                    resolved.push(incident);
                }
            }
        }
        self.publish(resolved, series, host)
    }

    /// One rule for one series at one tick; the instance if it fired and is over.
    fn step(
        &mut self,
        index: usize,
        id: SeriesId,
        now: Moment,
        tick: Duration,
        value: Option<f64>,
    ) -> Option<(IncidentId, Instance)> {
        let rule = &self.rules[index];
        let key = (index, id);
        if let Some((_, instance)) = self.open.get_mut(&key) {
            return match instance.step(rule, now, tick, value) {
                Step::Open => None,
                Step::Forgotten => self.open.remove(&key).and(None),
                Step::Resolved => self.open.remove(&key),
            };
        }
        let value = value.filter(|value| rule.operator.holds(*value, rule.threshold))?;
        self.last_id += 1;
        self.open.insert(
            key,
            (
                IncidentId(self.last_id),
                Instance::begin(rule, now, tick, value),
            ),
        );
        None
    }

    fn watch_new(&mut self, series: &SeriesTable) {
        if series.len() == self.series_known {
            return;
        }
        self.series_known = series.len();
        for (rule, watched) in self.rules.iter().zip(&mut self.watched) {
            let of_metric = series.of_metric(&rule.metric).iter().copied();
            *watched = of_metric
                .filter(|id| series.key(*id).is_some_and(|key| rule.watches(&key.labels)))
                .collect();
        }
        let summaries = self
            .rules
            .iter()
            .zip(&self.watched)
            .map(|(rule, watched)| rule.summary(watched.len()))
            .collect();
        Arc::make_mut(&mut self.board).rules = Arc::new(summaries);
    }

    fn publish(
        &mut self,
        resolved: Vec<Incident>,
        series: &SeriesTable,
        host: &str,
    ) -> Arc<AlertBoard> {
        if self.open.is_empty() && resolved.is_empty() && self.board.open.is_empty() {
            return self.board.clone();
        }
        let rules = &self.rules;
        let open = self.open.iter().map(|((index, id), (number, instance))| {
            describe(*number, instance, &rules[*index], *id, series, host)
        });
        let mut open: Vec<Incident> = open.collect();
        // Firing before pending, the worst first, then the oldest.
        open.sort_by_key(|i| {
            (
                std::cmp::Reverse((i.is_firing(), i.severity)),
                i.began,
                i.id,
            )
        });
        let board = Arc::make_mut(&mut self.board);
        board.open = open;
        if !resolved.is_empty() {
            let over = Arc::make_mut(&mut board.resolved);
            over.splice(0..0, resolved.into_iter().rev());
            over.truncate(AlertBoard::KEPT);
        }
        self.board.clone()
    }
}

fn describe(
    id: IncidentId,
    instance: &Instance,
    rule: &Rule,
    series: SeriesId,
    table: &SeriesTable,
    host: &str,
) -> Incident {
    let none = Labels::none();
    let labels = table.key(series).map_or(&none, |key| &key.labels);
    Incident {
        id,
        rule: rule.name.clone(),
        severity: rule.severity,
        state: instance.state,
        metric: rule.metric.clone(),
        series,
        place: if labels.is_empty() {
            host.to_owned()
        } else {
            labels.values_text()
        },
        unit: rule.unit(),
        value: instance.value,
        worst: instance.worst,
        condition: rule.condition(),
        threshold: rule.threshold,
        began: instance.began,
        fired: instance.fired,
        resolved: None,
        stale_since: instance.stale_since,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::rule::parse_rules;
    use crate::model::{Catalog, Severity, Timestamp};

    const TICK: Duration = Duration::from_secs(1);

    /// An engine with one rule over one series, and a clock that a test moves.
    struct Bench {
        engine: AlertEngine,
        catalog: Catalog,
        now: Moment,
    }

    impl Bench {
        fn new(extra: &str) -> Self {
            let rule = format!(
                "[[rule]]\nname='hot'\nmetric='cpu_usage'\ncondition_operator='>'\nthreshold=80\nfor='10s'\nseverity='warning'\n{extra}"
            );
            let catalog = Catalog::new();
            catalog.plain("system.cpu.usage_percent");
            let now = Moment {
                wall: Timestamp(1_000_000),
                mono: Duration::from_secs(50),
            };
            Self {
                engine: AlertEngine::new(parse_rules(&rule).unwrap()),
                catalog,
                now,
            }
        }

        /// `seconds` ticks with the same value; the board after the last.
        fn run(&mut self, seconds: u64, value: f64) -> Arc<AlertBoard> {
            let mut board = Arc::default();
            for _ in 0..seconds {
                board = self.tick(TICK, value);
                self.skip(1);
            }
            board
        }

        fn tick(&mut self, tick: Duration, value: f64) -> Arc<AlertBoard> {
            let table = self.catalog.table();
            self.engine
                .evaluate(self.now, tick, &table, &[value], "web-01")
        }

        fn skip(&mut self, seconds: u64) {
            self.now.mono += Duration::from_secs(seconds);
            self.now.wall = self.now.wall.plus(Duration::from_secs(seconds));
        }
    }

    fn states(board: &AlertBoard) -> Vec<AlertState> {
        board.open.iter().map(|incident| incident.state).collect()
    }

    #[test]
    fn it_waits_fires_and_resolves() {
        let mut bench = Bench::new("");
        assert!(bench.run(5, 80.0).open.is_empty(), "80 is not above 80");
        assert_eq!(states(&bench.run(10, 81.0)), [AlertState::Pending]);
        let firing = bench.run(3, 97.0);
        assert_eq!(states(&firing), [AlertState::Firing]);
        assert_eq!(
            (firing.firing(Severity::Warning), firing.open[0].worst),
            (1, 97.0)
        );
        assert_eq!(firing.open[0].place, "web-01");
        assert_eq!(
            firing.open[0].fired.unwrap().since(firing.open[0].began),
            Duration::from_secs(10)
        );
        let over = bench.run(1, 10.0);
        assert!(over.open.is_empty());
        assert_eq!(over.resolved[0].state, AlertState::Resolved);
        assert_eq!(over.resolved.len(), 1);
    }

    #[test]
    fn a_blip_is_forgotten() {
        let mut bench = Bench::new("");
        bench.run(9, 99.0);
        let board = bench.run(1, 1.0);
        assert!(board.open.is_empty() && board.resolved.is_empty());
    }

    #[test]
    fn absence_is_no_recovery() {
        let mut bench = Bench::new("");
        bench.run(12, 99.0);
        let stale = bench.run(30, f64::NAN);
        assert_eq!(states(&stale), [AlertState::Firing]);
        assert_eq!(stale.open[0].value, None);
        assert!(stale.open[0].stale_since.is_some());
        assert_eq!(bench.run(1, 99.0).open[0].stale_since, None);
    }

    #[test]
    fn a_faster_tick_is_no_gap() {
        let mut bench = Bench::new("");
        let began = bench.tick(Duration::from_secs(8), 99.0).open[0].began;
        bench.skip(8);
        // The tick is faster from now on; the last value is as old as the tick was before.
        let quarter = Duration::from_millis(250);
        assert_eq!(bench.tick(quarter, 99.0).open[0].began, began);
        bench.skip(2);
        // Two seconds are a gap for this tick.
        assert!(bench.tick(quarter, 99.0).open[0].began > began);
    }

    #[test]
    fn a_suspended_machine_begins_to_wait_anew() {
        let mut bench = Bench::new("");
        bench.run(9, 99.0);
        bench.skip(3600);
        assert_eq!(states(&bench.run(9, 99.0)), [AlertState::Pending]);
        assert_eq!(states(&bench.run(2, 99.0)), [AlertState::Firing]);
    }

    #[test]
    fn it_needs_to_be_clear_by_enough_for_long_enough() {
        let mut bench = Bench::new("clear_threshold=70\nclear_for='5s'");
        bench.run(11, 99.0);
        assert_eq!(
            states(&bench.run(60, 75.0)),
            [AlertState::Firing],
            "75 is not yet clear"
        );
        assert_eq!(states(&bench.run(4, 60.0)), [AlertState::Firing]);
        bench.run(1, 75.0);
        assert_eq!(
            states(&bench.run(5, 60.0)),
            [AlertState::Firing],
            "the time begins anew"
        );
        assert!(bench.run(1, 60.0).open.is_empty());
    }

    #[test]
    fn the_wall_clock_may_jump() {
        let mut bench = Bench::new("");
        bench.run(5, 99.0);
        bench.now.wall = bench.now.wall.plus(Duration::from_secs(86_400));
        assert_eq!(states(&bench.run(5, 99.0)), [AlertState::Pending]);
        assert_eq!(states(&bench.run(1, 99.0)), [AlertState::Firing]);
    }

    #[test]
    fn each_series_has_its_own_incident_and_a_rule_without_series_says_so() {
        let rules = crate::alert::default_rules().unwrap();
        let mut engine = AlertEngine::new(rules);
        let catalog = Catalog::new();
        for mount in ["/", "/var"] {
            catalog.id("system.disk.usage_percent", Labels::one("mount", mount));
        }
        let now = Moment {
            wall: Timestamp(0),
            mono: Duration::ZERO,
        };
        let board = engine.evaluate(now, TICK, &catalog.table(), &[96.0, 91.0], "web-01");
        let shown: Vec<_> = board
            .open
            .iter()
            .map(|i| (&*i.rule, i.place.as_str()))
            .collect();
        assert_eq!(
            shown,
            [
                ("disk_space_critical", "/"),
                ("disk_space_low", "/"),
                ("disk_space_low", "/var")
            ]
        );
        let rule = |name: &str| {
            board
                .rules
                .iter()
                .find(|rule| &*rule.name == name)
                .unwrap()
                .series
        };
        assert_eq!((rule("disk_space_low"), rule("high_cpu_usage")), (2, 0));
    }
}
