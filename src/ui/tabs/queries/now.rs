//! The panel "Now": how one server is, what is wrong with it first.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::view::{connections_role, database};
use crate::model::{DatabaseInstance, Labels, Replica, Unit};
use crate::ui::tabs::Context;
use crate::ui::tabs::notices::wrapped;
use crate::ui::tabs::pen::{Pen, Words};
use crate::ui::tabs::plot::padded;
use crate::ui::theme::Role;
use crate::ui::widgets::text;

/// The parts that a list of the tab tells of itself when they are lacking.
const PARTS_OF_LISTS: [&str; 5] = ["statements", "activity", "locks", "tables", "indexes"];
/// The width from which on idle connections are told too: those used and active say as much.
const ROOM_FOR_IDLE: u16 = 44;
/// PostgreSQL's transaction numbers: when the oldest row is so many behind, nothing more can be written.
const TRANSACTION_NUMBERS: f64 = 2_147_483_648.0;
/// Lines that are left from which on findings are wrapped.
const ROOM_FOR_WRAPPING: usize = 6;
/// How many lines a finding may take.
const FINDING_LINES: usize = 2;

/// The figures of one server.
pub(super) struct Now<'a> {
    pub cx: &'a Context<'a>,
    pub server: &'a str,
}

impl Now<'_> {
    fn value(&self, metric: &str) -> Option<f64> {
        let labels = Labels::one("instance", self.server);
        self.cx.frame.value_with(metric, &labels)
    }

    fn text(&self, metric: &str, unit: Unit) -> String {
        self.cx.look.format.value(unit, self.value(metric))
    }

    fn words(&self) -> Words<'_> {
        Words::new(self.cx.look)
    }

    /// Draws them; what is wrong stands above what is not.
    pub fn draw(&self, area: Rect, buf: &mut Buffer) {
        let database = database(self.cx.frame, self.server);
        let mut pen = Pen::new(padded(area), buf, self.cx.look);
        self.connections(&mut pen, area.width);
        self.waits(&mut pen);
        self.findings(&mut pen, database);
        self.work(&mut pen);
        self.trouble_makers(&mut pen);
        self.replication(&mut pen, database);
        self.own_load(&mut pen, database);
    }

    fn connections(&self, pen: &mut Pen<'_>, width: u16) {
        let count = |metric| self.text(metric, Unit::Count);
        let percent = self.value("db.connections.used_percent");
        let role = percent.map_or(Role::Bright, connections_role);
        let share = self.cx.look.format.value(Unit::Percent, percent);
        pen.gauge("used", 4, percent.map(|percent| percent / 100.0), &share);
        let mut words = self
            .words()
            .dim("connections ")
            .put(role, count("db.connections.used_count"))
            .dim(format!("/{}", count("db.connections.max_count")))
            .dim("  active ")
            .value(count("db.connections.active_count"));
        if width >= ROOM_FOR_IDLE {
            words = words
                .dim("  idle ")
                .value(count("db.connections.idle_count"));
        }
        let in_transaction = self.value("db.connections.idle_in_transaction_count");
        if in_transaction.is_some_and(|count| count > 0.0) {
            words = words.dim("  in tx ").put(
                Role::Warning,
                count("db.connections.idle_in_transaction_count"),
            );
        }
        pen.words(words);
    }

    fn findings(&self, pen: &mut Pen<'_>, database: Option<&DatabaseInstance>) {
        let findings = database
            .iter()
            .flat_map(|database| database.findings.iter());
        for finding in findings {
            let room = usize::from(pen.rest().width).saturating_sub(2);
            // Where there is little room, more findings are worth more than the end of one.
            let most = if pen.lines_left() > ROOM_FOR_WRAPPING {
                FINDING_LINES
            } else {
                1
            };
            let whole = match most {
                1 => vec![text::fit(finding, room).into_owned()],
                _ => wrapped(finding, room),
            };
            let lines = whole.into_iter().take(most);
            for (n, line) in lines.enumerate() {
                let mark = if n == 0 { "! " } else { "  " };
                pen.words(
                    self.words()
                        .put(Role::Warning, mark)
                        .put(Role::Warning, line),
                );
            }
        }
        let lacking = self
            .cx
            .frame
            .source(self.server)
            .map(|source| source.partial.clone());
        for partial in lacking.iter().flat_map(|partial| partial.iter()) {
            let own = PARTS_OF_LISTS
                .iter()
                .any(|part| partial.part.eq_ignore_ascii_case(part));
            if !own {
                let line = format!("! {} partial: {}", partial.part, partial.line);
                pen.words(self.words().put(Role::Warning, line));
            }
        }
    }

    fn waits(&self, pen: &mut Pen<'_>) {
        let waiting = self.value("db.connections.waiting_count");
        let role = match waiting {
            Some(count) if count > 0.0 => Role::Warning,
            _ => Role::Bright,
        };
        pen.words(
            self.words()
                .dim("waiting on locks ")
                .put(role, self.text("db.connections.waiting_count", Unit::Count))
                .dim("  longest tx ")
                .value(self.text("db.transaction.longest_seconds", Unit::Seconds)),
        );
    }

    fn work(&self, pen: &mut Pen<'_>) {
        let statements = self.cx.frame.tables.statements.as_deref();
        let slow = statements.filter(|_| !self.lacks_statements()).map(|rows| {
            let of_server = rows.iter().filter(|row| &*row.instance == self.server);
            of_server.filter(|row| row.is_slow).count() as f64
        });
        pen.words(
            self.words()
                .dim("cache hit ")
                .value(self.text("db.cache_hit_percent", Unit::Percent))
                .dim("  tps ")
                .value(self.text("db.transactions_per_sec", Unit::Count))
                .dim("  slow ")
                .value(self.cx.look.format.value(Unit::Count, slow)),
        );
    }

    /// Whether the server answers and still can't tell of its statements.
    fn lacks_statements(&self) -> bool {
        let source = self.cx.frame.source(self.server);
        source.is_some_and(|source| {
            let mut lacking = source.partial.iter();
            lacking.any(|it| it.part.eq_ignore_ascii_case("statements"))
        })
    }

    /// What is nothing on a good day: spills, deadlocks, transaction numbers.
    fn trouble_makers(&self, pen: &mut Pen<'_>) {
        let used = self
            .value("db.transaction_ids.age_count")
            .map(|age| age / TRANSACTION_NUMBERS * 100.0);
        pen.words(
            self.words()
                .dim("temp files ")
                .value(self.text("db.temp_bytes_per_sec", Unit::BytesPerSec))
                .dim("  deadlocks ")
                .value(self.text("db.deadlocks_per_sec", Unit::PerSec))
                .dim("  tx numbers ")
                .value(self.cx.look.format.value(Unit::Percent, used)),
        );
    }

    fn replication(&self, pen: &mut Pen<'_>, database: Option<&DatabaseInstance>) {
        let role = database.and_then(|database| database.role.as_deref());
        let mut words = self.words().dim("replication lag ");
        words = words.value(self.text("db.replication.lag_seconds", Unit::Seconds));
        if let Some(role) = role {
            words = words.dim("  ").value(role);
        }
        pen.words(words);
        for replica in database.iter().flat_map(|database| &database.replicas) {
            pen.words(self.replica(replica));
        }
    }

    fn replica<'b>(&'b self, replica: &'b Replica) -> Words<'b> {
        let format = self.cx.look.format;
        let bytes = replica.lag_bytes.map(|bytes| bytes as f64);
        self.words()
            .dim("  ")
            .value(&*replica.name)
            .dim(format!(" {}", replica.state))
            .dim("  behind ")
            .value(format.value(Unit::Bytes, bytes))
            .dim("  ")
            .value(format.value(Unit::Seconds, replica.lag_seconds))
    }

    /// What hubtop itself costs the server, quietly.
    fn own_load(&self, pen: &mut Pen<'_>, database: Option<&DatabaseInstance>) {
        let Some(database) = database.filter(|it| it.own_statements_per_sec.is_some()) else {
            return;
        };
        let format = self.cx.look.format;
        let statements = format.value(Unit::Count, database.own_statements_per_sec);
        let mut text = format!("hubtop itself {statements} statements/s");
        if database.own_ms_per_sec.is_some() {
            text += &format!(
                ", {}/s",
                format.value(Unit::Millis, database.own_ms_per_sec)
            );
        }
        pen.words(self.words().dim(text));
    }
}
