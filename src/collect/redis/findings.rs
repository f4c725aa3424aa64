//! What is wrong with a server as a whole, one line each with the mend.

use std::sync::Arc;

use super::info::{Info, parse_info};
use super::row;
use crate::model::CacheInstance;
use crate::model::format::{self, Formatter};

/// From this share of the limit on memory counts as full.
const FULL: f64 = 0.99;
/// From this share of the allowed connections on they are about to run out.
const NEARLY_ALL: f64 = 0.9;
/// Fragmentation is worth a word from this ratio and so many bytes on; ratios of a small heap mean nothing.
const FRAGMENTED: f64 = 1.5;
const WORTH_BYTES: u64 = 100 << 20;

/// The findings of a server. `cluster` is the answer to CLUSTER INFO.
pub(super) fn findings(info: &Info, row: &CacheInstance, cluster: Option<&[u8]>) -> Vec<Arc<str>> {
    let found = [
        loading(info),
        memory(info, row),
        no_limit(info, row),
        link(info),
        saving(info),
        appending(info),
        connections(row),
        fragmentation(info, row),
        cluster.and_then(cluster_state),
    ];
    found.into_iter().flatten().map(Into::into).collect()
}

fn bytes(count: u64) -> String {
    Formatter::default().bytes(count as f64)
}

fn loading(info: &Info) -> Option<String> {
    if !info.is_set("loading") && !info.is_set("async_loading") {
        return None;
    }
    let done = info.float("loading_loaded_perc").unwrap_or(0.0);
    let left = info.number("loading_eta_seconds").unwrap_or(0);
    Some(format!(
        "loads its data from disk: {done:.0}%, about {left}s left"
    ))
}

fn memory(info: &Info, row: &CacheInstance) -> Option<String> {
    let (used, limit) = (row.memory_used_bytes?, row.memory_max_bytes?);
    let uncounted = info.number("mem_not_counted_for_evict").unwrap_or(0);
    let is_full = used.saturating_sub(uncounted) as f64 >= FULL * limit as f64;
    let policy = info.text("maxmemory_policy")?;
    (is_full && policy == "noeviction").then(|| {
        format!(
            "memory is full ({}) and nothing may be thrown out (noeviction): writes fail until maxmemory or maxmemory-policy changes",
            bytes(limit)
        )
    })
}

/// Without a limit it grows until the machine has none left.
fn no_limit(info: &Info, row: &CacheInstance) -> Option<String> {
    let machine = info
        .number("total_system_memory")
        .filter(|bytes| *bytes > 0)?;
    let used = row.memory_used_bytes?;
    let is_large = row.memory_max_bytes.is_none() && used as f64 >= 0.8 * machine as f64;
    is_large.then(|| {
        format!(
            "it has no maxmemory and uses {} of the machine's {}",
            bytes(used),
            bytes(machine)
        )
    })
}

fn link(info: &Info) -> Option<String> {
    let down = row::link_down(info)?;
    let (primary, down) = (row::primary(info), format::duration(down));
    Some(format!(
        "link to its primary {primary} down for {down}: see masterauth, the network and the primary's log"
    ))
}

fn saving(info: &Info) -> Option<String> {
    (info.text("rdb_last_bgsave_status") == Some("err")).then(|| {
        "the last save failed (disk full or memory to fork?): see its log; writes are refused meanwhile if stop-writes-on-bgsave-error is on"
            .to_owned()
    })
}

fn appending(info: &Info) -> Option<String> {
    let failed = |field| info.text(field) == Some("err");
    if info.is_set("aof_enabled") && failed("aof_last_write_status") {
        return Some(
            "writing its AOF failed (disk full?): writes are refused until it succeeds".to_owned(),
        );
    }
    failed("aof_last_bgrewrite_status")
        .then(|| "the last rewrite of its AOF failed: see its log".to_owned())
}

fn connections(row: &CacheInstance) -> Option<String> {
    let limit = row.clients_max;
    if let Some(rate) = row.rejected_per_sec.filter(|rate| *rate > 0.0) {
        let limit = limit
            .map(|limit| format!(" of {limit}"))
            .unwrap_or_default();
        let rate = format::count(rate);
        return Some(format!(
            "refuses {rate} connections/s: maxclients{limit} is reached"
        ));
    }
    let (clients, limit) = (row.clients?, limit?);
    (clients as f64 >= NEARLY_ALL * limit as f64).then(|| {
        format!("{clients} of {limit} connections are in use: raise maxclients or set timeout")
    })
}

fn fragmentation(info: &Info, row: &CacheInstance) -> Option<String> {
    let (ratio, lost) = (row.fragmentation?, row.fragmentation_bytes?);
    let is_mended = info
        .number("active_defrag_running")
        .is_some_and(|effort| effort > 0);
    (ratio >= FRAGMENTED && lost >= WORTH_BYTES && !is_mended).then(|| {
        format!(
            "fragmentation {ratio:.2} wastes {}: CONFIG SET activedefrag yes",
            bytes(lost)
        )
    })
}

fn cluster_state(answer: &[u8]) -> Option<String> {
    let state = parse_info(answer);
    let number = |field| state.number(field).unwrap_or(0);
    let assigned = number("cluster_slots_assigned");
    let lost = number("cluster_slots_fail");
    if assigned < 16384 {
        return Some(format!(
            "{} slots of the cluster have no node",
            16384 - assigned
        ));
    }
    if lost > 0 {
        return Some(format!(
            "{lost} slots of the cluster are lost with their nodes"
        ));
    }
    (state.text("cluster_state") == Some("fail"))
        .then(|| "its cluster is down: CLUSTER NODES tells which nodes are lost".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(info: &str, row: &CacheInstance) -> Vec<Arc<str>> {
        findings(&parse_info(info.as_bytes()), row, None)
    }

    #[test]
    fn small_heaps_may_be_fragmented() {
        let row = |bytes| CacheInstance {
            fragmentation: Some(3.0),
            fragmentation_bytes: Some(bytes),
            ..CacheInstance::default()
        };
        assert!(found("", &row(99 << 20)).is_empty());
        let line = found("", &row(812 << 20));
        assert_eq!(
            &*line[0],
            "fragmentation 3.00 wastes 812M: CONFIG SET activedefrag yes"
        );
        assert!(found("active_defrag_running:25", &row(812 << 20)).is_empty());
    }

    #[test]
    fn a_failed_save_and_a_full_memory_are_told() {
        let row = CacheInstance {
            memory_used_bytes: Some(100),
            memory_max_bytes: Some(100),
            ..CacheInstance::default()
        };
        let full = found("maxmemory_policy:noeviction", &row);
        assert!(full[0].contains("writes fail"), "{full:?}");
        assert!(found("maxmemory_policy:allkeys-lru", &row).is_empty());
        assert!(
            found(
                "maxmemory_policy:noeviction\nmem_not_counted_for_evict:50",
                &row
            )
            .is_empty()
        );
        let save = found("rdb_last_bgsave_status:err", &CacheInstance::default());
        assert!(save[0].contains("last save failed"), "{save:?}");
    }

    #[test]
    fn a_cluster_without_all_slots_is_told() {
        let told = |text: &str| cluster_state(text.as_bytes());
        assert_eq!(
            told("cluster_state:ok\r\ncluster_slots_assigned:16384\r\n"),
            None
        );
        let missing = told("cluster_state:fail\r\ncluster_slots_assigned:16000\r\n");
        assert_eq!(
            missing.as_deref(),
            Some("384 slots of the cluster have no node")
        );
        let lost = told(
            "cluster_state:fail\r\ncluster_slots_assigned:16384\r\ncluster_slots_fail:5461\r\n",
        );
        assert!(lost.unwrap().starts_with("5461 slots"));
    }
}
