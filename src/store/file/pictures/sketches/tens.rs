//! The distributions of a chunk's ticks in buckets of 10 s: what is written beside each chunk, and what the tiers are
//! made of later.

use std::collections::BTreeMap;
use std::time::Duration;

use super::packed;
use crate::model::{Distribution, Timestamp};
use crate::store::file::ids::FileId;
use crate::store::file::pictures::bytes::{Broken, Cursor, pack, put_number, put_signed, unpack};

pub(in crate::store::file::pictures) const TEN_SECONDS: Duration = Duration::from_secs(10);
/// More time than any chunk tells of.
const LONGEST: Duration = Duration::from_secs(3600);

/// Buckets of 10 s, by series and beginning.
pub(in crate::store::file::pictures) type Buckets = BTreeMap<(FileId, Timestamp), Distribution>;

/// The distributions of a stretch of ticks.
#[derive(Debug, Clone, Default)]
pub(in crate::store::file::pictures) struct Tens {
    /// The first and the last tick.
    pub span: Option<(Timestamp, Timestamp)>,
    /// Another timeline had reached this stretch before: the clock was set back. This one is told.
    pub is_again: bool,
    pub buckets: Buckets,
}

impl Tens {
    /// Takes in what came with a tick.
    pub fn put<'a>(
        &mut self,
        at: Timestamp,
        came: impl IntoIterator<Item = (FileId, &'a Distribution)>,
    ) {
        let first = self.span.map_or(at, |(first, _)| first);
        self.span = Some((first, at));
        let bucket = at.floor_to(TEN_SECONDS);
        for (series, distribution) in came {
            if distribution.count() > 0 {
                let all = self.buckets.entry((series, bucket)).or_default();
                all.merge(distribution);
            }
        }
    }

    /// In bytes, for the file.
    pub fn packed(&self) -> std::io::Result<Vec<u8>> {
        let (first, last) = self.span.unwrap_or_default();
        let mut raw = Vec::new();
        put_signed(first.0, &mut raw);
        put_signed(last.0, &mut raw);
        raw.push(u8::from(self.is_again));
        for ((series, bucket), distribution) in &self.buckets {
            put_signed(*series, &mut raw);
            put_signed(bucket.0.wrapping_sub(first.0), &mut raw);
            packed::put(distribution, &mut raw);
        }
        let mut out = Vec::new();
        put_number(raw.len() as u64, &mut out);
        out.extend(pack(&raw)?);
        Ok(out)
    }

    /// From the bytes of [`Tens::packed`]; of one series alone where that is asked for.
    pub fn read(bytes: &[u8], only: Option<FileId>) -> Result<Self, Broken> {
        let mut cursor = Cursor::new(bytes);
        let size = cursor.count()?;
        let raw = unpack(cursor.rest(), size)?;
        let mut raw = Cursor::new(&raw);
        let span = (Timestamp(raw.signed()?), Timestamp(raw.signed()?));
        if span.1 < span.0 || span.1.since(span.0) > LONGEST {
            return Err(Broken);
        }
        let mut tens = Self {
            span: Some(span),
            is_again: raw.byte()? != 0,
            buckets: Buckets::new(),
        };
        while !raw.is_empty() {
            let series = raw.signed()?;
            let bucket = Timestamp(span.0.0.wrapping_add(raw.signed()?));
            let distribution = packed::take(&mut raw)?;
            if bucket < span.0.floor_to(TEN_SECONDS) || bucket > span.1 {
                return Err(Broken);
            }
            if only.is_none_or(|only| only == series) {
                tens.buckets.insert((series, bucket), distribution);
            }
        }
        Ok(tens)
    }

    /// Bytes that it takes, about.
    pub fn bytes(&self) -> usize {
        let each = self.buckets.values();
        each.map(|it| size_of::<Distribution>() + 32 + it.bytes())
            .sum()
    }

    /// Adds a later stretch; where that is of a timeline that tells again what was told, what was there goes.
    pub fn take_later(&mut self, later: Self) {
        let Some((first, last)) = later.span else {
            return;
        };
        if later.is_again {
            let from = first.floor_to(TEN_SECONDS);
            // What this very timeline wrote just before stays: it ends where the later stretch goes on.
            let reached = |(_, last): (Timestamp, Timestamp)| from <= last && last <= first;
            let follows = self.is_again && self.span.is_some_and(reached);
            self.buckets.retain(|(_, bucket), _| {
                *bucket < from || *bucket > last || (follows && *bucket == from)
            });
        }
        for (key, distribution) in later.buckets {
            self.buckets.entry(key).or_default().merge(&distribution);
        }
        let first = self.span.map_or(first, |(known, _)| known.min(first));
        self.span = Some((first, last));
        self.is_again |= later.is_again;
    }
}
