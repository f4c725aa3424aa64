//! The door of a cache: a walk over its keys is wished for and stopped here; the source itself walks, a slice at each
//! reading, over the one connection that it has.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use super::walk::{KEYS_PER_SEC, MOST_KEYS};
use crate::collect::door::{Deeding, Door};
use crate::model::format::grouped;
use crate::model::{CommandOutcome, ServerDeed, SourceName};

/// What a person wished since the last reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// Nothing.
    Nothing = 0,
    /// A walk from the beginning.
    Walk = 1,
    /// No walk any more.
    Stop = 2,
}

/// The door of one source.
pub(super) struct CacheDoor {
    name: SourceName,
    wish: AtomicU8,
}

impl CacheDoor {
    pub fn new(name: &SourceName) -> Self {
        Self {
            name: name.clone(),
            wish: AtomicU8::new(Wish::Nothing as u8),
        }
    }

    /// Takes the wish: it is done once.
    pub fn take(&self) -> Wish {
        match self.wish.swap(Wish::Nothing as u8, Ordering::AcqRel) {
            wish if wish == Wish::Walk as u8 => Wish::Walk,
            wish if wish == Wish::Stop as u8 => Wish::Stop,
            _ => Wish::Nothing,
        }
    }

    fn wish(&self, wish: Wish) {
        self.wish.store(wish as u8, Ordering::Release);
    }
}

impl Door for CacheDoor {
    fn carry_out(self: Arc<Self>, deed: ServerDeed) -> Deeding<'static> {
        let name = &self.name;
        let outcome = match deed {
            ServerDeed::ScanKeys => {
                self.wish(Wish::Walk);
                let (rate, most) = (grouped(KEYS_PER_SEC), grouped(MOST_KEYS));
                CommandOutcome::done(format!(
                    "walking the keys of {name}: at most {rate} a second and {most} in all"
                ))
            }
            ServerDeed::StopScan => {
                self.wish(Wish::Stop);
                CommandOutcome::done(format!("no longer walking the keys of {name}"))
            }
            _ => CommandOutcome::refused(format!("{name} is a cache: it has no such thing")),
        };
        Box::pin(std::future::ready(outcome))
    }
}
