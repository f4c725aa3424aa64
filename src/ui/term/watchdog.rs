//! Ends the program, with the terminal given back, when a signal says so or the terminal is gone.
//!
//! It is a thread of its own because the one that reads keys can't be trusted with it: with the terminal gone and SIGHUP
//! ignored (as `nohup` and some shells leave it), crossterm's `event::poll` never returns and eats a whole core.

use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustix::event::{PollFd, PollFlags, poll};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

use super::held;
use super::output::{Output, Sink};

/// What a shell reports of a program that a signal ended.
const SIGNALLED: i32 = 128;

/// Starts the thread, once a program.
pub(super) fn start(output: &Output) -> io::Result<()> {
    static STARTED: OnceLock<()> = OnceLock::new();
    if STARTED.set(()).is_err() {
        return Ok(());
    }
    let terminal = output.sink()?;
    let (bell, bell_rope) = UnixStream::pair()?;
    let which = Arc::new(AtomicUsize::new(0));
    for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM] {
        signal_hook::flag::register_usize(signal, which.clone(), signal as usize)?;
        signal_hook::low_level::pipe::register(signal, bell_rope.try_clone()?)?;
    }
    std::thread::Builder::new()
        .name("watchdog".to_owned())
        // It only polls and writes a few bytes.
        .stack_size(64 * 1024)
        .spawn(move || {
            let signal = wait(&terminal, &bell, &which);
            held::give_back();
            std::process::exit(SIGNALLED + signal);
        })?;
    Ok(())
}

/// Sleeps until there is a reason to end: the signal that came, or SIGHUP for a terminal that is gone.
fn wait(terminal: &Sink, bell: &UnixStream, which: &AtomicUsize) -> i32 {
    let mut watch_terminal = true;
    loop {
        // No events asked for: only a hang-up or an error wakes it.
        let mut fds = vec![PollFd::from_borrowed_fd(bell.as_fd(), PollFlags::IN)];
        if watch_terminal {
            fds.push(PollFd::from_borrowed_fd(
                terminal.as_fd(),
                PollFlags::empty(),
            ));
        }
        let woken = poll(&mut fds, None);
        let signal = which.load(Ordering::SeqCst);
        if signal != 0 {
            return i32::try_from(signal).unwrap_or(SIGHUP);
        }
        let events = fds.get(1).map_or(PollFlags::empty(), PollFd::revents);
        if events.contains(PollFlags::NVAL)
            || matches!(woken, Err(error) if error != rustix::io::Errno::INTR)
        {
            // macOS can't poll a terminal; signals still come.
            watch_terminal = false;
        } else if events.intersects(PollFlags::HUP | PollFlags::ERR) {
            return SIGHUP;
        }
    }
}
