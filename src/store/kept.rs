//! What the pipeline hands on to be kept, tick by tick, and who takes it.

use std::sync::Arc;

use crate::model::{Distribution, Frame, Keeping, SeriesId};

/// Everything of one tick that is worth keeping.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The frame as it was shown.
    pub frame: Arc<Frame>,
    /// How long the things took that came since the tick before.
    pub came: Arc<[(SeriesId, Distribution)]>,
}

/// A place in which ticks are kept: a file, or an engine elsewhere. It has a thread or a task of its own.
pub trait Sink: Send {
    /// Takes a tick. Never waits: where there is no room it is counted as lost.
    fn put(&mut self, kept: &Kept);

    /// How it is doing.
    fn keeping(&self) -> Keeping;
}
