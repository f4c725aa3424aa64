//! Whether the terminal is taken, and giving it back exactly once, from whichever thread comes first.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread::ThreadId;

use super::output::{Output, Sink};

/// Alternate screen, no cursor, bracketed paste.
const TAKE: &[u8] = b"\x1b[?1049h\x1b[?25l\x1b[?2004h";
/// Clicks, the wheel and drags, in SGR coordinates; no motion without a button, which would flood a slow link.
const TAKE_MOUSE: &[u8] = b"\x1b[?1000h\x1b[?1002h\x1b[?1006h";
/// Everything back: synchronised update, mouse, paste, colours, cursor, screen.
const GIVE_BACK: &[u8] =
    b"\x1b[?2026l\x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[?2004l\x1b[m\x1b[?25h\x1b[?1049l";
/// CAN: ends an escape sequence of which only the beginning was sent.
const CANCEL: &[u8] = b"\x18";

struct Held {
    sink: Sink,
    owner: ThreadId,
}

static HELD: Mutex<Option<Held>> = Mutex::new(None);
/// Whether the last write was cut short.
static CUT_SHORT: AtomicBool = AtomicBool::new(false);

fn held() -> MutexGuard<'static, Option<Held>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Raw mode, and the modes of a full screen.
pub(super) fn take(output: &Output, mouse: bool) -> io::Result<()> {
    let mut held = held();
    let sink = output.sink()?;
    crossterm::terminal::enable_raw_mode()?;
    CUT_SHORT.store(false, Ordering::Relaxed);
    sink.write_patiently(TAKE);
    if mouse {
        sink.write_patiently(TAKE_MOUSE);
    }
    *held = Some(Held {
        sink,
        owner: std::thread::current().id(),
    });
    Ok(())
}

/// Gives the terminal back as it was found; does nothing when it is not taken. Errors are left alone: it may be gone.
pub fn give_back() {
    let mut held = held();
    let Some(taken) = held.take() else {
        return;
    };
    if CUT_SHORT.swap(false, Ordering::Relaxed) {
        taken.sink.write_patiently(CANCEL);
    }
    taken.sink.write_patiently(GIVE_BACK);
    // An error means that there is no terminal any more.
    let _ = crossterm::terminal::disable_raw_mode();
}

/// Whether the terminal is taken.
pub(super) fn is_held() -> bool {
    held().is_some()
}

/// Remembers whether a frame is only half written.
pub(super) fn note_cut_short(cut: bool) {
    CUT_SHORT.store(cut, Ordering::Relaxed);
}

/// From here on a panic gives the terminal back before it is reported. One in another thread than the one that draws
/// goes to the log: its task is lost, the screen is not.
pub(super) fn install_panic_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let owner = held().as_ref().map(|held| held.owner);
            if owner.is_some_and(|owner| owner != std::thread::current().id()) {
                tracing::error!("{panic}");
                return;
            }
            give_back();
            report(panic);
        }));
    });
}
