//! Whether all that is sealed can be read.

use rusqlite::Connection;

use super::block::Column;
use super::buckets::Block;
use super::spans::{self, Span, State};
use super::tail::Gathered;
use super::tier::Tier;

/// What can't be read, a line each; empty when all is well.
///
/// # Errors
/// SQLite can't read the file.
pub(in crate::store::file) fn check(db: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut lines = Vec::new();
    for span in spans::all(db)? {
        if span.state == State::Told {
            check_span(db, &span, &mut lines)?;
        }
    }
    let mut tail = Gathered::default();
    tail.take_rows(db, i64::MIN)?;
    let damaged = tail.damaged.iter();
    lines.extend(damaged.map(|row| format!("row {row} of the tail is damaged")));
    Ok(lines)
}

fn check_span(db: &Connection, span: &Span, lines: &mut Vec<String>) -> rusqlite::Result<()> {
    let when = span.extent.first.local().format("%F %T");
    if span.tier == Tier::Ticks && spans::times(db, span)?.is_none() {
        lines.push(format!("the times of the ticks from {when} on are damaged"));
    }
    let (first, last) = spans::blocks_of(span.id);
    let mut ids = db.prepare_cached("SELECT id FROM block WHERE id BETWEEN ? AND ?")?;
    let ids = ids.query_map([first, last], |row| row.get::<_, i64>(0))?;
    for id in ids {
        let series = spans::series_of(id?);
        let read = spans::with_block(db, span.id, series, |body| match span.tier {
            Tier::Ticks => Column::open(body)?.read_all().map(|_| ()),
            tier => Block::open(body)?
                .read(tier, span.extent.first, 0..span.count)
                .map(|_| ()),
        })?;
        if read.is_none() {
            lines.push(format!(
                "series {series} from {when} on is damaged ({:?})",
                span.tier
            ));
        }
    }
    Ok(())
}
