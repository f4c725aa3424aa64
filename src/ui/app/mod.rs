//! The screen as a whole: what is open, where in time it stands, and the loop that joins keys, frames and drawing.
//!
//! `state` holds what a person chose and what actions do to it; `input` turns keys and the mouse into actions; `chrome`
//! draws what surrounds the tabs; `travel` and `time_bar` move through time; `dialog` is what lies over them; `run` is the loop.

mod chrome;
mod dialog;
mod input;
mod moves;
mod options;
mod position;
mod run;
#[cfg(test)]
mod screens;
mod state;
#[cfg(test)]
mod tests;
mod time_bar;
mod travel;

pub use options::{Options, ScreenError};
pub use position::Position;
pub use run::run;
pub use state::App;
