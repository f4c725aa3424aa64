//! The loop: input first, then frames; one drawing after each.

use std::task::Poll;
use std::time::Duration;

use crossterm::Command as _;
use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{Event, EventStream};
use futures_util::StreamExt;
use tokio::time::{Instant, sleep_until};

use super::options::{Options, ScreenError};
use super::state::{App, Message};
use crate::feed::Feed;
use crate::ui::term::{Drawn, Terminal};
use crate::ui::theme::Role;

/// How long the first drawing waits for real figures.
const FIRST_FRAME: Duration = Duration::from_millis(100);
/// When a terminal that could not take a frame is tried again.
const BACKED_UP: Duration = Duration::from_millis(50);

/// How long a recording that stands is not drawn when nothing is said.
const IDLE: Duration = Duration::from_secs(3600);

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
    let mut terminal = Terminal::take(options.mouse)?;
    let mut app = App::new(feed, options);
    let ended = runtime.block_on(follow(&mut app, &mut terminal));
    drop(terminal);
    // The thread that reads input may be blocked in a read; nothing waits for it.
    runtime.shutdown_background();
    ended
}

async fn follow(app: &mut App, terminal: &mut Terminal) -> Result<(), ScreenError> {
    let mut input = EventStream::new();
    let mut continued = Continued::new()?;
    wait_for_first_frame(app).await;
    let mut last_frame = Instant::now();
    loop {
        let drawn = terminal.draw(|buf| app.draw(buf.area, buf))?;
        let wake = wake_up(app, last_frame, drawn);
        tokio::select! {
            biased;
            event = input.next() => match event {
                Some(Ok(event)) => {
                    app.handle(&event);
                    // Keys that are already there (a held key, a slow link) are drawn together.
                    while let Some(Ok(event)) = already_there(&mut input).await {
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
            () = sleep_until(wake) => {
                let age = last_frame.elapsed();
                if drawn != Drawn::BackedUp && app.silence().is_some_and(|silence| age >= silence) {
                    app.age = Some(age);
                }
            }
            Some(outcome) = app.outcomes.next(), if !app.outcomes.is_empty() => app.told(outcome.ok()),
            () = continued.wait() => terminal.resume()?,
        }
        let suspends = app.wish == Some(Wish::Suspend);
        if carry_out(app, terminal)? {
            return Ok(());
        }
        if suspends {
            // The shell's SIGCONT, which the terminal was taken again after already.
            continued.forget().await;
        }
    }
}

/// What came from the terminal and was not taken yet. It asks in the name of this task: crossterm wakes whoever asked
/// first, so that an asker that does not sleep (`now_or_never`) would leave the next key to the next frame.
async fn already_there(input: &mut EventStream) -> Option<std::io::Result<Event>> {
    std::future::poll_fn(|cx| match input.poll_next_unpin(cx) {
        Poll::Ready(event) => Poll::Ready(event),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

/// Does what the screen wants of the terminal; whether it is over.
fn carry_out(app: &mut App, terminal: &mut Terminal) -> std::io::Result<bool> {
    match app.wish.take() {
        Some(Wish::Quit) => return Ok(true),
        Some(Wish::Suspend) if !suspend(terminal)? => {
            app.say("no shell could bring hubtop back; it stays", Role::Warning);
        }
        Some(Wish::Suspend) => {}
        Some(Wish::Redraw) => terminal.redraw(),
        Some(Wish::Copy(text)) => {
            let mut sequence = String::new();
            // Writing into a string can't fail.
            if CopyToClipboard::to_clipboard_from(text)
                .write_ansi(&mut sequence)
                .is_ok()
            {
                terminal.control(sequence.as_bytes())?;
            }
        }
        None => {}
    }
    Ok(false)
}

#[cfg(unix)]
fn suspend(terminal: &mut Terminal) -> std::io::Result<bool> {
    terminal.suspend()
}

#[cfg(not(unix))]
fn suspend(_terminal: &mut Terminal) -> std::io::Result<bool> {
    Ok(false)
}

/// The first paint shows real figures, if they come soon.
async fn wait_for_first_frame(app: &mut App) {
    if app.feed.newest().number == 0
        && tokio::time::timeout(FIRST_FRAME, app.feed.changed())
            .await
            .is_ok()
    {
        app.refresh();
    }
}

/// When to draw although nothing has happened: a terminal that was backed up is tried again; a silence of the feed is
/// told, once a second; what was said in the footer goes.
fn wake_up(app: &App, last_frame: Instant, drawn: Drawn) -> Instant {
    if drawn == Drawn::BackedUp {
        return Instant::now() + BACKED_UP;
    }
    let silent = match (app.silence(), app.age) {
        (None, _) => Instant::now() + IDLE,
        (Some(silence), None) => last_frame + silence + Duration::from_millis(500),
        (Some(_), Some(age)) => last_frame + age + Duration::from_secs(1),
    };
    let said = app.message.as_ref().filter(|message| !message.is_over());
    said.map_or(silent, |message| {
        silent.min(Instant::from_std(message.said + Message::STANDS))
    })
}

/// SIGCONT: someone stopped the program from outside, and the shell has used the terminal since.
struct Continued {
    #[cfg(unix)]
    signal: tokio::signal::unix::Signal,
}

impl Continued {
    #[cfg(unix)]
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        // The number is the platform's own; tokio has no name for it.
        let number = rustix::process::Signal::CONT.as_raw();
        Ok(Self {
            signal: signal(SignalKind::from_raw(number))?,
        })
    }

    #[cfg(unix)]
    async fn wait(&mut self) {
        if self.signal.recv().await.is_none() {
            std::future::pending().await
        }
    }

    /// Drops a signal that came already.
    #[cfg(unix)]
    async fn forget(&mut self) {
        // The runtime hands a signal on when its driver runs, which a turn of its own gives it.
        tokio::task::yield_now().await;
        let _ = tokio::time::timeout(Duration::ZERO, self.signal.recv()).await;
    }

    #[cfg(not(unix))]
    async fn forget(&mut self) {}

    #[cfg(not(unix))]
    fn new() -> std::io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    async fn wait(&mut self) {
        std::future::pending().await
    }
}
