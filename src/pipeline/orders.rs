//! What becomes of a command: some change the pipeline, some are done to the host, some are refused.

use std::time::Duration;

use tokio::sync::watch;

use super::{Actor, Options, Order};
use crate::model::command::TICKS;
use crate::model::{Command, CommandOutcome, Focus, format};

/// What a command means for the loop.
pub(super) enum Effect {
    /// Nothing.
    None,
    /// Frames come this often from now on.
    Tick(Duration),
    /// Something was opened: read it soon.
    Look,
}

/// Carries an order out and answers it.
pub(super) fn carry_out(
    order: Order,
    options: &Options,
    focus: &watch::Sender<Focus>,
    actor: &Actor,
) -> Effect {
    let (outcome, effect) = decide(&order.command, options, focus, actor);
    // Whoever asked may be gone; what was done stays done.
    let _ = order.answer.send(outcome);
    effect
}

fn decide(
    command: &Command,
    options: &Options,
    focus: &watch::Sender<Focus>,
    actor: &Actor,
) -> (CommandOutcome, Effect) {
    match command {
        Command::SetTick(tick) => {
            let tick = (*tick).clamp(*TICKS.start(), *TICKS.end());
            (
                CommandOutcome::done(format!(
                    "tick {}",
                    format::millis(tick.as_secs_f64() * 1000.0)
                )),
                Effect::Tick(tick),
            )
        }
        Command::Focus(wanted) => {
            let changed =
                focus.send_if_modified(|focus| std::mem::replace(focus, *wanted) != *wanted);
            let effect = if changed && *wanted != Focus::None {
                Effect::Look
            } else {
                Effect::None
            };
            (CommandOutcome::done(""), effect)
        }
        command if command.changes_the_host() && options.read_only => (
            CommandOutcome::refused("read-only: nothing was done"),
            Effect::None,
        ),
        command => (actor(command), Effect::Look),
    }
}
