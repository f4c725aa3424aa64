//! What can be done on a cache: walk its keys, and stop that. Nothing here changes the server.

use super::view::InstanceRow;
use crate::model::command::ServerDeed;
use crate::model::{CacheDetail, Command, ScanState, format};
use crate::ui::tabs::{Deed, DeedMenu};

/// How long a thousand keys keep the server busy, milliseconds: measured over 632,000 keys.
const MS_A_THOUSAND: f64 = 1.0;

/// The menu for an instance; `None` where its keys can't be walked. `detail` is what was fetched of it.
pub(super) fn of_cache(row: &InstanceRow, detail: Option<&CacheDetail>) -> Option<DeedMenu> {
    let cache = &row.cache;
    let walks = row.trouble.is_none() && !cache.kind.starts_with("memcached");
    let running = detail
        .and_then(|detail| detail.key_space.as_ref())
        .is_some_and(|keys| keys.state == ScanState::Running);
    let order = |deed| Command::Server {
        source: cache.instance.clone(),
        deed,
    };
    let deed = if running {
        Deed {
            title: "stop walking the keys".to_owned(),
            question: format!(
                "Stop walking the keys of {}? What was seen so far stays.",
                cache.instance
            ),
            command: order(ServerDeed::StopScan),
        }
    } else {
        Deed {
            title: "walk the keys: SCAN, bounded a second and in all".to_owned(),
            question: question(row),
            command: order(ServerDeed::ScanKeys),
        }
    };
    walks.then(|| DeedMenu {
        title: cache.instance.to_string(),
        deeds: vec![deed],
    })
}

fn question(row: &InstanceRow) -> String {
    let cache = &row.cache;
    let (keys, cost) = match cache.keys {
        Some(keys) => {
            let millis = keys as f64 / 1000.0 * MS_A_THOUSAND;
            (
                format!("{} keys", format::grouped(keys)),
                format!(
                    "about {} of its time if it sees them all",
                    format::millis(millis)
                ),
            )
        }
        None => (
            "its keys".to_owned(),
            "about 1ms of its time for each thousand".to_owned(),
        ),
    };
    format!(
        "Walk {keys} of {} with SCAN, a bounded number a second and in all? It takes {cost}; nothing is changed.",
        cache.instance
    )
}
