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

/// Carries an order out and answers it; what takes its time is answered when it is done.
pub(super) fn carry_out(
    order: Order,
    options: &Options,
    focus: &watch::Sender<Focus>,
    actor: &Actor,
) -> Effect {
    let (outcome, effect) = match order.command {
        Command::SetTick(tick) => set_tick(tick),
        Command::Focus(wanted) => (CommandOutcome::done(""), set_focus(wanted, focus)),
        command if command.reaches_outside() && options.read_only => (
            CommandOutcome::refused("read-only: nothing was done"),
            Effect::None,
        ),
        command => {
            let acting = actor(command);
            let answer = order.answer;
            // Whoever asked may be gone; what was done stays done.
            tokio::spawn(async move { drop(answer.send(acting.await)) });
            return Effect::Look;
        }
    };
    let _ = order.answer.send(outcome);
    effect
}

fn set_tick(tick: Duration) -> (CommandOutcome, Effect) {
    let tick = tick.clamp(*TICKS.start(), *TICKS.end());
    let told = format::millis(tick.as_secs_f64() * 1000.0);
    let outcome = CommandOutcome::done(format!("tick {told}"));
    (outcome, Effect::Tick(tick))
}

fn set_focus(wanted: Focus, focus: &watch::Sender<Focus>) -> Effect {
    let is_something = wanted != Focus::None;
    let changed = focus.send_if_modified(|focus| {
        let differs = *focus != wanted;
        *focus = wanted;
        differs
    });
    if changed && is_something {
        Effect::Look
    } else {
        Effect::None
    }
}
