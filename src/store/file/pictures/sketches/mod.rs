//! How long things took, in buckets of 10 s, a minute and a quarter of an hour, so that the percentiles of any stretch of
//! time come from everything that happened in it.
//!
//! What came with the ticks of a chunk stands beside it in buckets of 10 s; a quarter of an hour of those is folded into
//! the three tiers, in blocks of one series each. The bucket that was open at a moment of the last hour is made of the
//! ticks themselves, which their pictures hold.

pub(super) mod packed;
mod read;
pub(super) mod tens;
pub(super) mod tiers;

pub(in crate::store::file) use read::{distribution, distributions};
pub(in crate::store::file) use tiers::WIDEST_BLOCK;
