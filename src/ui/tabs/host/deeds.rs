//! What can be done to processes: signals and nice values, each with a question that repeats to whom.

use std::sync::Arc;

use crate::model::command::Signal;
use crate::model::{Command, Process, ProcessKey};
use crate::ui::tabs::{Deed, DeedMenu};

/// The nice values that the menu offers.
const NICE: [i32; 5] = [-5, 0, 5, 10, 19];

/// How many processes are named in a question.
const NAMED: usize = 3;

/// The menu for these processes, of which the filter hides some; `None` when there are none.
#[must_use]
pub fn menu(
    signals: &'static [Signal],
    processes: &[&Arc<Process>],
    not_shown: usize,
) -> Option<DeedMenu> {
    if processes.is_empty() {
        return None;
    }
    let mut whom = whom(processes);
    if not_shown > 0 {
        whom += &format!(" ({not_shown} not shown)");
    }
    let targets: Vec<ProcessKey> = processes.iter().map(|process| process.key()).collect();
    let signals = signals.iter().map(|signal| Deed {
        title: format!("{:<9} {}", signal.name, signal.effect),
        question: format!("Send {} to {whom}?", signal.name),
        command: Command::Signal {
            targets: targets.clone(),
            signal: *signal,
        },
    });
    let renices = NICE.iter().map(|nice| Deed {
        title: format!("nice {nice:<4} {}", nice_effect(*nice)),
        question: format!("Set the nice value of {whom} to {nice}?"),
        command: Command::Renice {
            targets: targets.clone(),
            nice: *nice,
        },
    });
    Some(DeedMenu {
        deeds: signals.chain(renices).collect(),
        title: whom,
    })
}

fn nice_effect(nice: i32) -> &'static str {
    match nice {
        ..0 => "runs before others (needs privileges)",
        0 => "runs like others",
        1..=9 => "lets others go first",
        10..=18 => "lets others go well before",
        _ => "runs when nobody else wants to",
    }
}

/// `postgres (8121)`; `3 processes: a (1), b (2), c (3)`; `5 processes: a (1), b (2), c (3) and 2 more`.
fn whom(processes: &[&Arc<Process>]) -> String {
    let names: Vec<String> = processes
        .iter()
        .take(NAMED)
        .map(|process| name(process))
        .collect();
    let names = names.join(", ");
    match processes.len() {
        1 => names,
        count if count > NAMED => format!("{count} processes: {names} and {} more", count - NAMED),
        count => format!("{count} processes: {names}"),
    }
}

/// How a process is called in a title and in a question: `postgres (8121)`.
#[must_use]
pub fn name(process: &Process) -> String {
    format!("{} ({})", process.identity.name, process.key().pid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::tabs::testing::process;

    const SIGNALS: &[Signal] = &[Signal {
        number: 15,
        name: "SIGTERM",
        effect: "ask it to end",
    }];

    fn processes(count: u32) -> Vec<Arc<Process>> {
        (1..=count)
            .map(|pid| Arc::new(process(pid, 0, "app", None, "/usr/bin/worker")))
            .collect()
    }

    #[test]
    fn the_question_repeats_what_is_done_to_whom() {
        let question = |count, not_shown| {
            let processes = processes(count);
            let chosen: Vec<_> = processes.iter().collect();
            menu(SIGNALS, &chosen, not_shown).map(|menu| menu.deeds[0].question.clone())
        };
        assert_eq!(question(0, 0), None);
        assert_eq!(question(1, 0).unwrap(), "Send SIGTERM to worker (1)?");
        assert_eq!(
            question(5, 0).unwrap(),
            "Send SIGTERM to 5 processes: worker (1), worker (2), worker (3) and 2 more?"
        );
        assert_eq!(
            question(2, 1).unwrap(),
            "Send SIGTERM to 2 processes: worker (1), worker (2) (1 not shown)?"
        );
    }

    #[test]
    fn every_deed_is_for_all_of_them() {
        let processes = processes(2);
        let chosen: Vec<_> = processes.iter().collect();
        let menu = menu(SIGNALS, &chosen, 0).unwrap();
        assert_eq!(menu.deeds.len(), 1 + NICE.len());
        for deed in menu.deeds {
            let (Command::Signal { targets, .. } | Command::Renice { targets, .. }) = deed.command
            else {
                panic!("not a deed to processes: {deed:?}");
            };
            assert_eq!(targets.len(), 2);
        }
    }
}
