//! What a person confirmed on the screen, done to the host. The pipeline has refused it before if nothing may be changed.

use crate::collect::Doors;
use crate::collect::host::signal::{ActError, renice, send_signal};
use crate::model::{Command, CommandOutcome, ProcessKey};
use crate::pipeline::{Acting, Actor};

/// What does the commands that are for the host or for a watched server.
pub fn actor(doors: Doors) -> Actor {
    Box::new(move |command| -> Acting {
        match command {
            Command::Server { source, deed } => {
                let door = doors.to(&source);
                Box::pin(async move {
                    match door {
                        Some(door) => door.carry_out(deed).await,
                        None => CommandOutcome::refused(format!("{source} is not connected")),
                    }
                })
            }
            // What is done to processes takes a few system calls.
            command => Box::pin(std::future::ready(act(&command))),
        }
    })
}

/// Does what a command asks of the host.
fn act(command: &Command) -> CommandOutcome {
    match command {
        Command::Signal { targets, signal } => {
            each(targets, &format!("{} sent to", signal.name), |key| {
                send_signal(key, signal.number)
            })
        }
        Command::Renice { targets, nice } => {
            each(targets, &format!("nice {nice} given to"), |key| {
                renice(key, *nice)
            })
        }
        Command::SetTick(_) | Command::Focus(_) | Command::Server { .. } => {
            CommandOutcome::refused("that changes nothing on the host")
        }
    }
}

/// Does the same to each; one that fails does not keep the others from it.
fn each(
    targets: &[ProcessKey],
    done: &str,
    deed: impl Fn(ProcessKey) -> Result<(), ActError>,
) -> CommandOutcome {
    let failed: Vec<ActError> = targets.iter().filter_map(|key| deed(*key).err()).collect();
    let reached = targets.len() - failed.len();
    let done = match (targets, reached) {
        ([only], 1) => format!("{done} process {}", only.pid),
        (_, count) => format!("{done} {count} processes"),
    };
    match failed.as_slice() {
        [] => CommandOutcome::done(done),
        [why] if reached == 0 => CommandOutcome::refused(why.to_string()),
        [first, rest @ ..] => {
            let more = match rest.len() {
                0 => String::new(),
                count => format!(" (and {count} more)"),
            };
            CommandOutcome::refused(format!("{done}; {first}{more}"))
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::process::Command as Child;

    use super::*;
    use crate::collect::host::signal::SIGNALS;

    #[test]
    fn a_process_that_is_gone_is_told_and_nothing_else_is_hit() {
        let mut child = Child::new("sleep").arg("600").spawn().unwrap();
        // The number is right, the start is not: this process is not the one that was meant.
        let other = ProcessKey {
            pid: child.id(),
            started: 1,
        };
        let outcome = act(&Command::Signal {
            targets: vec![other, other],
            signal: SIGNALS[0],
        });
        assert!(!outcome.done);
        let gone = format!("process {} is gone; nothing was done", child.id());
        assert_eq!(
            outcome.message,
            format!("SIGTERM sent to 0 processes; {gone} (and 1 more)")
        );
        assert!(child.try_wait().unwrap().is_none(), "it still runs");
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
