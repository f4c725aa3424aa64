//! The loop: input first, then frames; one drawing after each.

use std::time::Duration;

use crossterm::event::EventStream;
use futures_util::{FutureExt, StreamExt};
use tokio::time::{Instant, sleep_until};

use super::options::{Options, ScreenError};
use super::state::App;
use crate::feed::Feed;
use crate::ui::term::{Terminal, TerminalOptions};

/// What the screen wants of the terminal itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wish {
    /// End.
    Quit,
    /// Give the terminal to the shell until it comes back.
    Suspend,
    /// Draw everything anew.
    Redraw,
    /// Send a text to the clipboard.
    Copy(String),
}

/// Shows a feed until the person leaves.
///
/// # Errors
/// When the terminal can't be taken or is lost; it has been given back then.
pub fn run(feed: Box<dyn Feed>, options: Options) -> Result<(), ScreenError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut terminal = Terminal::take(TerminalOptions {
        mouse: options.mouse,
    })?;
    let mut app = App::new(feed, options);
    let ended = runtime.block_on(follow(&mut app, &mut terminal));
    terminal.give_back();
    // The thread that reads input may be blocked in a read; nothing waits for it.
    runtime.shutdown_background();
    ended
}

async fn follow(app: &mut App, terminal: &mut Terminal) -> Result<(), ScreenError> {
    let mut input = EventStream::new();
    wait_for_first_frame(app).await;
    let mut last_frame = Instant::now();
    loop {
        terminal.draw(|area, buf| app.draw(area, buf))?;
        let silence_ends = silence_ends(app, last_frame);
        tokio::select! {
            biased;
            event = input.next() => match event {
                Some(Ok(event)) => {
                    app.handle(&event);
                    // Keys that are already there (a held key, a slow link) are drawn together.
                    while let Some(Some(Ok(event))) = input.next().now_or_never() {
                        app.handle(&event);
                    }
                }
                Some(Err(error)) => return Err(error.into()),
                None => return Ok(()),
            },
            alive = app.feed.changed() => {
                if !alive {
                    return Ok(());
                }
                (last_frame, app.age) = (Instant::now(), None);
                app.refresh();
            }
            // No frame for long: the header says so, once a second.
            () = sleep_until(silence_ends) => app.age = Some(last_frame.elapsed()),
            Some(outcome) = app.outcomes.next(), if !app.outcomes.is_empty() => app.told(outcome.ok()),
        }
        match app.wish.take() {
            Some(Wish::Quit) => return Ok(()),
            Some(Wish::Suspend) => terminal.suspend()?,
            Some(Wish::Redraw) => terminal.forget(),
            Some(Wish::Copy(text)) => terminal.copy(&text)?,
            None => {}
        }
    }
}

/// When the silence since the last frame is worth telling (again).
fn silence_ends(app: &App, last_frame: Instant) -> Instant {
    match app.age {
        None => {
            last_frame
                + (app.feed.newest().tick * 3).max(Duration::from_secs(3))
                + Duration::from_millis(500)
        }
        Some(age) => last_frame + age + Duration::from_secs(1),
    }
}

/// The first paint shows real figures, if they come soon.
async fn wait_for_first_frame(app: &mut App) {
    let patience = Duration::from_millis(100);
    if app.feed.newest().number == 0
        && tokio::time::timeout(patience, app.feed.changed())
            .await
            .is_ok()
    {
        app.refresh();
    }
}
