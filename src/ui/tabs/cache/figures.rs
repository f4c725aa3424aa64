//! The figures of one instance as lines: memory, commands, and what else there is to know of the server.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::view::{bytes, memory_role, memory_share, p99_role};
use crate::model::{CacheInstance, CommandLatency, Unit, format};
use crate::ui::tabs::Context;
use crate::ui::tabs::notices::wrapped;
use crate::ui::tabs::pen::{Pen, Words};
use crate::ui::tabs::plot::padded;
use crate::ui::theme::{Look, Role};
use crate::ui::widgets::text;

/// How many lines a finding may take.
const FINDING_LINES: usize = 2;
/// The parts that a list of the detail tells of itself when they are lacking.
const PARTS_OF_LISTS: [&str; 5] = ["commands", "slow log", "clients", "keys", "queues"];

/// The memory of an instance and what it does to its keys.
pub(super) fn memory_lines(cx: &Context<'_>, cache: &CacheInstance, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let format = cx.look.format;
    let share = memory_share(cache);
    let mut pen = Pen::new(padded(area), buf, cx.look);
    let used = bytes(cx.look, cache.memory_used_bytes);
    let role = share.map_or(Role::Bright, memory_role);
    match cache.memory_max_bytes.filter(|limit| *limit > 0) {
        Some(_) => {
            let percent = format.value(Unit::Percent, share.map(|share| share * 100.0));
            pen.gauge("used", 4, share, &percent);
            let limit = format!(" of {}", bytes(cx.look, cache.memory_max_bytes));
            pen.words(Words::new(cx.look).dim("     ").put(role, used).dim(limit));
        }
        None if cache.memory_used_bytes.is_none() => {
            pen.words(Words::new(cx.look).dim("used    ").value(used));
        }
        None => pen.words(
            Words::new(cx.look)
                .dim("used    ")
                .put(role, used)
                .dim(" without a limit"),
        ),
    }
    pen.words(pair(
        cx.look,
        ("frag   ", format.value(Unit::Ratio, cache.fragmentation)),
        ("peak", bytes(cx.look, cache.memory_peak_bytes)),
    ));
    pen.words(pair(
        cx.look,
        (
            "evict  ",
            format.value(Unit::PerSec, cache.evictions_per_sec),
        ),
        (
            "expire",
            format.value(Unit::PerSec, cache.expirations_per_sec),
        ),
    ));
    let evicted = cache
        .evicted_total
        .map_or(format::UNKNOWN.to_owned(), format::grouped);
    pen.words(
        Words::new(cx.look)
            .dim("evicted ")
            .value(evicted)
            .dim(" since it started"),
    );
    findings(cx, cache, &mut pen);
}

fn pair<'a>(
    look: &'a Look,
    left: (&'static str, String),
    right: (&'static str, String),
) -> Words<'a> {
    Words::new(look)
        .dim(left.0)
        .value(format!(" {:<7}", left.1))
        .dim(right.0)
        .value(format!(" {}", right.1))
}

/// What is wrong with the server as a whole, and what of it can't be had.
pub(super) fn findings(cx: &Context<'_>, cache: &CacheInstance, pen: &mut Pen<'_>) {
    let lacking = cx
        .frame
        .source(&cache.instance)
        .map(|source| source.partial.clone());
    let lacking = lacking.iter().flat_map(|partial| partial.iter());
    let partials = lacking
        .filter(|partial| {
            let mut own = PARTS_OF_LISTS.iter();
            !own.any(|part| partial.part.eq_ignore_ascii_case(part))
        })
        .map(|partial| format!("{} partial: {}", partial.part, partial.line));
    let found = cache.findings.iter().map(ToString::to_string);
    for line in found.chain(partials) {
        let room = usize::from(pen.rest().width).saturating_sub(2);
        for (n, line) in wrapped(&line, room)
            .into_iter()
            .take(FINDING_LINES)
            .enumerate()
        {
            let mark = if n == 0 { "! " } else { "  " };
            pen.words(
                Words::new(cx.look)
                    .put(Role::Warning, mark)
                    .put(Role::Warning, line),
            );
        }
    }
}

/// One command on a line: `GET  p50 8µs  p99 32–64µs  12k/s`.
pub(super) fn command_line<'a>(cx: &'a Context<'a>, command: &CommandLatency) -> Words<'a> {
    let format = cx.look.format;
    let (name, p99) = match command.p50_ms.or(command.p99_ms) {
        Some(_) => ("p50", p99_text(command, cx.look)),
        None => ("mean", String::new()),
    };
    let first = match name {
        "p50" => command.p50_ms,
        _ => command.mean_ms,
    };
    let words = Words::new(cx.look)
        .put(Role::Text, format!("{:<9}", text::fit(&command.command, 8)))
        .dim(name)
        .value(format!(" {:>5} ", format.value(Unit::Millis, first)));
    let words = if p99.is_empty() {
        words
    } else {
        words
            .dim("p99")
            .put(p99_role(command), format!(" {p99:>5} "))
    };
    words.dim(format.value(Unit::PerSec, Some(command.calls_per_sec)))
}

/// The 99th percentile, or the bounds of the bucket that it lies in, which is all that is known then.
pub(super) fn p99_text(command: &CommandLatency, look: &Look) -> String {
    match command.p99_bounds_ms {
        Some((low, high)) if high.is_finite() => {
            let (low, high) = (format::millis(low), format::millis(high));
            // The unit stands once where both have it.
            let unit = |text: &str| {
                text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.')
                    .to_owned()
            };
            let short = match unit(&low) == unit(&high) {
                true => low
                    .trim_end_matches(|c: char| !c.is_ascii_digit())
                    .to_owned(),
                false => low,
            };
            format!("{short}-{high}")
        }
        Some((low, _)) => format!(">{}", format::millis(low)),
        None => look.format.value(Unit::Millis, command.p99_ms),
    }
}

/// What else there is to know of a server: clients, replication, persistence, hubtop's own load on it.
pub(super) fn server_lines(cx: &Context<'_>, cache: &CacheInstance, area: Rect, buf: &mut Buffer) {
    let format = cx.look.format;
    let count = |value: Option<u64>| format.value(Unit::Count, value.map(|value| value as f64));
    let words = || Words::new(cx.look);
    let mut pen = Pen::new(padded(area), buf, cx.look);
    findings(cx, cache, &mut pen);
    pen.words(
        words()
            .dim("hit rate ")
            .value(format.value(Unit::Percent, cache.hit_percent))
            .dim("  since it started ")
            .value(format.value(Unit::Percent, cache.hit_percent_total)),
    );
    let mut clients = words().dim("clients ").value(count(cache.clients));
    if cache.clients_max.is_some() {
        clients = clients.dim("/").dim(count(cache.clients_max));
    }
    let rejected = cache.rejected_per_sec.filter(|rate| *rate > 0.0);
    clients = clients
        .dim("  blocked ")
        .value(count(cache.clients_blocked));
    if rejected.is_some() {
        clients = clients.put(
            Role::Critical,
            format!("  refused {}", format.value(Unit::PerSec, rejected)),
        );
    }
    pen.words(clients);
    for (label, line) in [
        ("replication ", &cache.replication),
        ("persistence ", &cache.persistence),
    ] {
        if let Some(line) = line {
            pen.words(words().dim(label).value(line.to_string()));
        }
    }
    let up = cache
        .started
        .map(|started| format::duration(cx.at().since(started)));
    pen.words(
        words()
            .dim("ping round trip ")
            .value(format.value(Unit::Millis, cache.ping_ms))
            .dim("  up ")
            .value(up.unwrap_or_else(|| format::UNKNOWN.to_owned())),
    );
    if cache.own_commands_per_sec.is_some() {
        let commands = format.value(Unit::Count, cache.own_commands_per_sec);
        let mut text = format!("hubtop itself {commands} commands/s");
        if cache.own_ms_per_sec.is_some() {
            text += &format!(", {}/s", format.value(Unit::Millis, cache.own_ms_per_sec));
        }
        pen.words(words().dim(text));
    }
}
