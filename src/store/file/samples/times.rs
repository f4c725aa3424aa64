//! When the ticks of a span were and how long each stands: written once for all series.

use std::ops::Range;
use std::time::Duration;

use super::block::{self, Column};
use super::bytes::{self, Damaged, bounded, put_varint, take, varint};
use crate::model::Timestamp;

/// The ticks of a span; moments ascend.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Times {
    at: Vec<Timestamp>,
    lasts: Vec<Duration>,
}

impl Times {
    pub fn push(&mut self, at: Timestamp, lasts: Duration) {
        self.at.push(at);
        self.lasts.push(lasts);
    }

    pub fn append(&mut self, later: &Self) {
        self.at.extend(&later.at);
        self.lasts.extend(&later.lasts);
    }

    pub fn len(&self) -> usize {
        self.at.len()
    }

    pub fn at(&self, index: usize) -> Option<Timestamp> {
        self.at.get(index).copied()
    }

    pub fn first(&self) -> Option<Timestamp> {
        self.at.first().copied()
    }

    pub fn last(&self) -> Option<Timestamp> {
        self.at.last().copied()
    }

    /// How long a tick was said to stand when it was written.
    pub fn tick(&self, index: usize) -> Duration {
        self.lasts.get(index).copied().unwrap_or_default()
    }

    pub fn all(&self) -> &[Timestamp] {
        &self.at
    }

    /// The ticks from a moment on until another, that one included.
    pub fn within(&self, from: Timestamp, to: Timestamp) -> Range<usize> {
        let first = self.at.partition_point(|at| *at < from);
        first..self.at.partition_point(|at| *at <= to).max(first)
    }

    /// Milliseconds since the tick before, and those that each stands.
    pub fn encode(&self) -> Vec<u8> {
        let pairs = self.at.iter().zip(self.at.iter().skip(1));
        let steps = pairs.map(|(one, next)| (next.0 - one.0) as f64);
        let steps: Vec<f64> = std::iter::once(0.0).chain(steps).collect();
        let lasts: Vec<f64> = self.lasts.iter().map(|d| d.as_millis() as f64).collect();
        let mut body = Vec::new();
        for column in [steps, lasts] {
            let mut one = Vec::new();
            block::encode(&column, &mut one);
            put_varint(one.len() as u64, &mut body);
            body.extend(one);
        }
        bytes::sealed(&body)
    }

    /// # Errors
    /// The bytes can't be times that ascend.
    pub fn decode(first: Timestamp, bytes: &[u8]) -> Result<Self, Damaged> {
        let mut rest = bytes::unsealed(bytes)?;
        let mut column = || {
            let length = bounded(varint(&mut rest)?, rest.len())?;
            Column::open(take(&mut rest, length)?)?.read_all()
        };
        let (steps, lasts) = (column()?, column()?);
        if steps.len() != lasts.len() {
            return Err(Damaged);
        }
        let mut times = Self::default();
        let mut at = first;
        for (index, (step, lasts)) in steps.into_iter().zip(lasts).enumerate() {
            let is_whole = |number: f64| (0.0..9e15).contains(&number);
            if !is_whole(step) || !is_whole(lasts) || (index > 0 && step < 1.0) {
                return Err(Damaged);
            }
            at = at.plus(Duration::from_millis(step as u64));
            times.push(at, Duration::from_millis(lasts as u64));
        }
        Ok(times)
    }
}
