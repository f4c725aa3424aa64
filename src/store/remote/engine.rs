//! What an engine is to the worker: something that makes bytes of a moment, and something that takes bytes.

use std::time::Duration;

use thiserror::Error;

use super::queue::Batch;
use crate::model::Frame;

/// A moment that is to be sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Occasion<'a> {
    /// Everything as it was.
    pub frame: &'a Frame,
    /// An interval is over: figures are due. Else alerts have changed, which is told at once.
    pub is_whole: bool,
    /// It is the first since the start of this process.
    pub is_first: bool,
}

/// What an engine made of a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Encoded {
    /// The bytes as they wait on the disk.
    pub bytes: Vec<u8>,
    /// How many figures are in them.
    pub count: u64,
}

/// Makes bytes of moments, while something else may be under way.
pub(crate) trait Encode: Send + 'static {
    /// What is to be sent of a moment; nothing when there is nothing in it for this engine.
    fn encode(&mut self, moment: &Occasion<'_>) -> Option<Encoded>;

    /// Something that was encoded will never arrive: what is told only when it changes has to be told again.
    fn forget(&mut self) {}
}

/// Takes batches, one at a time and in their order.
pub(crate) trait Engine: Send + 'static {
    /// Sends a batch. It may have come before, when its answer was lost. The future may be dropped at any moment; what
    /// was begun must not be gone on with then.
    async fn send(&mut self, batch: &Batch) -> Result<(), SendError>;
}

/// Why a batch is not with the engine, in one line with the mend.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum SendError {
    /// It may be taken later.
    #[error("{line}")]
    Later {
        /// Why.
        line: String,
        /// How long the engine wants to be left alone.
        after: Option<Duration>,
    },
    /// It will never be taken.
    #[error("{line}")]
    Never {
        /// Why.
        line: String,
    },
}

impl SendError {
    /// It may be taken later, whenever that is.
    pub fn later(line: impl Into<String>) -> Self {
        Self::Later {
            line: line.into(),
            after: None,
        }
    }
}
