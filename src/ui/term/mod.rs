//! The last step: takes the terminal, draws into it, and always gives it back.

mod encoder;
mod glyph;
mod held;
mod output;
mod pen;
mod scroll;
mod strokes;
#[cfg(unix)]
mod watchdog;

use std::io;

use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};

use output::Output;

pub use encoder::Encoder;
pub use held::give_back;

/// What became of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawn {
    /// It is on its way to the terminal.
    Painted,
    /// It looks like the one before; nothing was written.
    Unchanged,
    /// The terminal has not yet taken the one before; this one was left out. Draw again later.
    BackedUp,
}

/// The terminal, taken: raw mode, alternate screen, no cursor, bracketed paste, and the mouse if wanted. It is given
/// back when this is dropped, when the thread that took it panics, and when the program ends by SIGINT, SIGTERM, SIGHUP,
/// SIGQUIT or because the terminal is gone.
pub struct Terminal {
    output: Output,
    encoder: Encoder,
    picture: Buffer,
    mouse: bool,
}

impl Terminal {
    /// Takes the terminal. `mouse` is whether clicks and the wheel are wanted; the terminal's own selection of text then
    /// needs Shift.
    ///
    /// # Errors
    /// There is no terminal, or it does not let itself be set.
    pub fn take(mouse: bool) -> io::Result<Self> {
        let output = Output::open()?;
        held::install_panic_hook();
        #[cfg(unix)]
        watchdog::start(&output)?;
        held::take(&output, mouse)?;
        let area = area_of(output.size());
        Ok(Self {
            output,
            encoder: Encoder::new(area),
            picture: Buffer::empty(area),
            mouse,
        })
    }

    /// How large it is now.
    #[must_use]
    pub fn size(&self) -> Size {
        self.output.size()
    }

    /// Draws one frame: `paint` fills an empty buffer as large as the terminal. Only what differs from the last frame is
    /// written, at once, and never waited for.
    ///
    /// # Errors
    /// The terminal is gone, or was given back after a panic.
    pub fn draw(&mut self, paint: impl FnOnce(&mut Buffer)) -> io::Result<Drawn> {
        if !held::is_held() {
            return Err(io::Error::other("the terminal was given back"));
        }
        if !self.output.send()? {
            return Ok(Drawn::BackedUp);
        }
        let area = area_of(self.output.size());
        self.picture.resize(area);
        self.picture.reset();
        paint(&mut self.picture);
        if !self.encoder.encode(&mut self.picture, self.output.buffer()) {
            return Ok(Drawn::Unchanged);
        }
        self.output.send_frame()?;
        Ok(Drawn::Painted)
    }

    /// Sends a control sequence as it stands (for the clipboard, OSC 52); it must not move the cursor or change colours.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn control(&mut self, sequence: &[u8]) -> io::Result<()> {
        self.output.buffer().extend_from_slice(sequence);
        self.output.send().map(drop)
    }

    /// The next frame is drawn as a whole: something else may have written to the screen.
    pub fn redraw(&mut self) {
        self.encoder.forget(self.picture.area);
    }

    /// Ctrl-Z: gives the terminal back, stops the program's process group, and takes the terminal again when it goes on.
    /// Whether it was done: without a shell that could let it go on it is not.
    ///
    /// # Errors
    /// The terminal can't be taken again.
    #[cfg(unix)]
    pub fn suspend(&mut self) -> io::Result<bool> {
        use rustix::process::{Signal, getppid, getsid, kill_current_process_group};
        let shell = getppid().and_then(|parent| getsid(Some(parent)).ok());
        if shell.is_none() || shell != getsid(None).ok() {
            return Ok(false);
        }
        give_back();
        kill_current_process_group(Signal::STOP)?;
        self.resume()?;
        Ok(true)
    }

    /// After SIGCONT: someone stopped the program from outside, and the shell has used the terminal since.
    ///
    /// # Errors
    /// The terminal can't be taken again.
    pub fn resume(&mut self) -> io::Result<()> {
        give_back();
        self.output.discard();
        held::take(&self.output, self.mouse)?;
        self.redraw();
        Ok(())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        give_back();
    }
}

fn area_of(size: Size) -> Rect {
    Rect::new(0, 0, size.width, size.height)
}
