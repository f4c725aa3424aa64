//! Redis and Valkey: standalone, behind sentinels, or a node of a cluster.
//!
//! One connection, a handful of reading commands an interval. INFO is the one that must be answered; every other part
//! rests on a right of its own, and where that is missing the rest goes on. Never KEYS, never MONITOR, nothing written.

mod clients;
mod door;
mod fault;
mod findings;
mod histogram;
mod info;
mod key_space;
mod link;
mod load;
mod parts;
mod published;
mod queues;
mod round_trips;
mod row;
mod slow_log;
mod source;
mod tally;
mod target;
mod walk;

pub use histogram::{Calls, Histograms, parse_histogram};
pub use info::{Info, parse_info, part, part_number};

use super::form::SourceForm;
use super::{Source, Surroundings};
use crate::net::FormError;

/// Makes a source of a form, without connecting yet.
///
/// # Errors
/// What is wrong with the form.
pub fn open(form: &SourceForm, around: &Surroundings) -> Result<Source, FormError> {
    let redis = source::Redis::new(form, around)?;
    Ok(Source::Asked(Box::new(redis)))
}
