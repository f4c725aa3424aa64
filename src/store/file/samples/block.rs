//! One column of figures as bytes: `pco` where there are many that differ, less where there are few or they are alike.
//!
//! ```text
//! kind and gaps (1 byte) · how many · the lengths of runs (known, unknown, known …) if there are gaps · the body
//! ```
//!
//! Figures are rounded before they are kept, so most columns are decimals: they are packed as whole numbers of their last
//! digit, where all of a column come back from those with the very same bits.
//!
//! A body of `pco` has one description of the chunk and pages of [`PAGE`] figures, so that one moment is read without the
//! rest. All numbers of the frame around it are varints.

use std::ops::Range;

use pco::data_types::Number;
use pco::wrapped::{FileCompressor, FileDecompressor};
use pco::{ChunkConfig, DeltaSpec, PagingSpec};

use super::bytes::{Damaged, bounded, put_varint, take, varint};

/// How many figures are read at least.
const PAGE: usize = 1024;
/// No column holds more: 4 h of ticks of 100 ms are a seventh of it.
pub const MOST: usize = 1 << 20;
/// Below this what `pco` says of itself takes more than it saves.
const FEW: usize = 6;
/// The effort of `pco`, its default: of 0 to 12.
const LEVEL: usize = 8;

const NOTHING: u8 = 0;
const CONSTANT: u8 = 1;
const PLAIN: u8 = 2;
const FLOATS: u8 = 3;
const DECIMALS: u8 = 4;
const KINDS: u8 = 7;
const WITH_GAPS: u8 = 8;

/// How many decimals are tried at most.
pub const MOST_DECIMALS: u8 = 7;
/// Whole numbers up to here are exact.
const MOST_EXACT: f64 = 9_007_199_254_740_992.0;

/// Writes a column; NaN is a gap. All other figures come back with the very same bits.
pub fn encode(values: &[f64], bytes: &mut Vec<u8>) {
    let present: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    let gaps = if present.len() < values.len() && !present.is_empty() {
        WITH_GAPS
    } else {
        0
    };
    let (kind, body) = body_of(&present);
    bytes.push(kind | gaps);
    put_varint(values.len() as u64, bytes);
    if gaps != 0 {
        let runs = runs_of(values);
        put_varint(runs.len() as u64, bytes);
        runs.iter().for_each(|run| put_varint(*run as u64, bytes));
    }
    bytes.extend(body);
}

fn body_of(present: &[f64]) -> (u8, Vec<u8>) {
    let Some(first) = present.first() else {
        return (NOTHING, Vec::new());
    };
    if present.iter().all(|v| v.to_bits() == first.to_bits()) {
        // Round figures end in zeros.
        let all = first.to_be_bytes();
        let held = 8 - all.iter().rev().take_while(|byte| **byte == 0).count();
        let mut body = vec![held as u8];
        body.extend(&all[..held]);
        return (CONSTANT, body);
    }
    let plain = || {
        let bytes = present.iter().flat_map(|v| v.to_le_bytes());
        (PLAIN, bytes.collect())
    };
    if present.len() < FEW {
        return plain();
    }
    let packed = match decimals_of(present) {
        Some(decimals) => {
            let whole = present.iter().map(|v| whole_of(*v, decimals) as i64);
            let mut body = vec![decimals];
            pack(&whole.collect::<Vec<_>>(), &mut body).map(|()| (DECIMALS, body))
        }
        None => {
            let mut body = Vec::new();
            pack(present, &mut body).map(|()| (FLOATS, body))
        }
    };
    match packed {
        Some((kind, body)) if body.len() < present.len() * 8 => (kind, body),
        _ => plain(),
    }
}

/// How many decimals the figures have, where whole numbers of the last one tell them exactly.
pub fn decimals_of(values: &[f64]) -> Option<u8> {
    (0..=MOST_DECIMALS).find(|decimals| {
        let is_exact = |value: &f64| {
            let whole = whole_of(*value, *decimals);
            whole.abs() < MOST_EXACT && of_whole(whole, *decimals).to_bits() == value.to_bits()
        };
        values.iter().all(is_exact)
    })
}

/// A figure as a whole number of its last decimal.
pub fn whole_of(value: f64, decimals: u8) -> f64 {
    (value * 10f64.powi(decimals.into())).round()
}

/// The figure again.
pub fn of_whole(whole: f64, decimals: u8) -> f64 {
    whole / 10f64.powi(decimals.into())
}

/// `None` when `pco` refuses, which it has no reason to.
fn pack<T: Number>(present: &[T], bytes: &mut Vec<u8>) -> Option<()> {
    let sizes = (0..present.len().div_ceil(PAGE)).map(|page| page_len(page, present.len()));
    let config = ChunkConfig::default()
        .with_compression_level(LEVEL)
        .with_paging_spec(PagingSpec::Exact(sizes.collect()));
    let config = match present.len() {
        // Too few to find anything further back than the one before.
        0..64 => config.with_delta_spec(DeltaSpec::TryConsecutive(1)),
        _ => config,
    };
    let mut chunk = FileCompressor::default()
        .chunk_compressor(present, &config)
        .ok()?;
    let head = chunk.write_meta(Vec::new()).ok()?;
    let mut pages = Vec::new();
    let mut lengths = Vec::new();
    for page in 0..present.len().div_ceil(PAGE) {
        let before = pages.len();
        pages = chunk.write_page(page, pages).ok()?;
        lengths.push(pages.len() - before);
    }
    put_varint(head.len() as u64, bytes);
    for length in lengths {
        put_varint(length as u64, bytes);
    }
    bytes.extend(head);
    bytes.extend(pages);
    Some(())
}

fn page_len(page: usize, all: usize) -> usize {
    (all - page * PAGE).min(PAGE)
}

/// How many are known, then unknown, then known and so on.
fn runs_of(values: &[f64]) -> Vec<usize> {
    let mut runs = vec![0];
    let mut known = true;
    for value in values {
        if value.is_nan() == known {
            known = !known;
            runs.push(0);
        }
        if let Some(run) = runs.last_mut() {
            *run += 1;
        }
    }
    runs
}

/// A column in bytes, of which nothing is unpacked yet.
#[derive(Debug)]
pub struct Column<'a> {
    len: usize,
    /// Empty where there are no gaps.
    runs: Vec<usize>,
    present: usize,
    body: Body<'a>,
}

#[derive(Debug)]
enum Body<'a> {
    Nothing,
    Constant(f64),
    Plain(&'a [u8]),
    Floats(Packed<'a>),
    Decimals(u8, Packed<'a>),
}

/// What `pco` made of figures.
#[derive(Debug)]
struct Packed<'a> {
    /// The description of the chunk.
    head: &'a [u8],
    pages: Vec<&'a [u8]>,
}

impl<'a> Column<'a> {
    /// Reads what is said around the figures. The column takes all of the bytes.
    ///
    /// # Errors
    /// They can't be a column.
    pub fn open(bytes: &'a [u8]) -> Result<Self, Damaged> {
        let mut rest = bytes;
        let [first] = *take(&mut rest, 1)? else {
            return Err(Damaged);
        };
        let len = bounded(varint(&mut rest)?, MOST)?;
        let runs = match first & WITH_GAPS {
            0 => Vec::new(),
            _ => open_runs(&mut rest, len)?,
        };
        let present = match (first & KINDS, runs.is_empty()) {
            (NOTHING, _) => 0,
            (_, true) => len,
            (_, false) => runs.iter().step_by(2).sum(),
        };
        let body = match first {
            _ if first > (WITH_GAPS | KINDS) => return Err(Damaged),
            _ if present == 0 => Body::Nothing,
            _ => Self::open_body(first & KINDS, present, rest)?,
        };
        Ok(Self {
            len,
            runs,
            present,
            body,
        })
    }

    fn open_body(kind: u8, present: usize, mut rest: &'a [u8]) -> Result<Body<'a>, Damaged> {
        Ok(match kind {
            CONSTANT => {
                let held = take(&mut rest, 1)?[0];
                let held = take(&mut rest, bounded(u64::from(held), 8)?)?;
                let mut all = [0; 8];
                all[..held.len()].copy_from_slice(held);
                Body::Constant(f64::from_be_bytes(all))
            }
            PLAIN => Body::Plain(take(&mut rest, present * 8)?),
            FLOATS => Body::Floats(Packed::open(present, rest)?),
            DECIMALS => {
                let decimals = bounded(u64::from(take(&mut rest, 1)?[0]), MOST_DECIMALS.into())?;
                Body::Decimals(decimals as u8, Packed::open(present, rest)?)
            }
            _ => return Err(Damaged),
        })
    }

    /// How many figures it holds, gaps counted.
    pub fn len(&self) -> usize {
        self.len
    }

    /// The figures of a range, NaN for gaps; what is beyond the end is left out.
    ///
    /// # Errors
    /// The body can't be unpacked.
    pub fn read(&self, range: Range<usize>) -> Result<Vec<f64>, Damaged> {
        let range = range.start.min(self.len)..range.end.min(self.len);
        if self.present == 0 || range.is_empty() {
            return Ok(vec![f64::NAN; range.len()]);
        }
        if self.runs.is_empty() {
            return self.read_present(range);
        }
        let stretches = self.known_within(&range);
        let (Some(first), Some(last)) = (stretches.first(), stretches.last()) else {
            return Ok(vec![f64::NAN; range.len()]);
        };
        let base = first.1;
        let present = self.read_present(base..last.1 + last.0.len())?;
        let mut values = vec![f64::NAN; range.len()];
        for (at, from) in stretches {
            let known = present.get(from - base..).ok_or(Damaged)?;
            for (to, known) in values[at.start - range.start..at.end - range.start]
                .iter_mut()
                .zip(known)
            {
                *to = *known;
            }
        }
        Ok(values)
    }

    /// All figures.
    ///
    /// # Errors
    /// As [`Column::read`].
    pub fn read_all(&self) -> Result<Vec<f64>, Damaged> {
        self.read(0..self.len)
    }

    /// The stretches of a range in which figures are known, and which of the known ones they begin with.
    fn known_within(&self, range: &Range<usize>) -> Vec<(Range<usize>, usize)> {
        let mut stretches = Vec::new();
        let (mut at, mut known) = (0, 0);
        for (index, run) in self.runs.iter().enumerate() {
            if index % 2 == 0 {
                let (from, to) = (at.max(range.start), (at + run).min(range.end));
                if from < to {
                    stretches.push((from..to, known + from - at));
                }
                known += run;
            }
            at += run;
        }
        stretches
    }

    fn read_present(&self, range: Range<usize>) -> Result<Vec<f64>, Damaged> {
        if range.end > self.present {
            return Err(Damaged);
        }
        match &self.body {
            Body::Nothing => Ok(vec![f64::NAN; range.len()]),
            Body::Constant(value) => Ok(vec![*value; range.len()]),
            Body::Plain(bytes) => {
                let (all, _) = bytes.as_chunks::<8>();
                let held = all.get(range).ok_or(Damaged)?;
                Ok(held
                    .iter()
                    .map(|bytes| f64::from_le_bytes(*bytes))
                    .collect())
            }
            Body::Floats(packed) => packed.unpack(self.present, range),
            Body::Decimals(decimals, packed) => {
                let whole: Vec<i64> = packed.unpack(self.present, range)?;
                let figures = whole
                    .into_iter()
                    .map(|whole| of_whole(whole as f64, *decimals));
                Ok(figures.collect())
            }
        }
    }
}

impl<'a> Packed<'a> {
    fn open(present: usize, mut rest: &'a [u8]) -> Result<Self, Damaged> {
        let head = bounded(varint(&mut rest)?, rest.len())?;
        let mut lengths = Vec::new();
        for _ in 0..present.div_ceil(PAGE) {
            lengths.push(bounded(varint(&mut rest)?, rest.len())?);
        }
        let head = take(&mut rest, head)?;
        let pages: Result<Vec<&[u8]>, Damaged> = lengths
            .into_iter()
            .map(|length| take(&mut rest, length))
            .collect();
        Ok(Self {
            head,
            pages: pages?,
        })
    }

    fn unpack<T: Number + Default>(
        &self,
        present: usize,
        range: Range<usize>,
    ) -> Result<Vec<T>, Damaged> {
        let file = file_of_this_version()?;
        let (mut chunk, _) = file
            .chunk_decompressor::<T, _>(self.head)
            .map_err(|_| Damaged)?;
        let first = range.start / PAGE;
        let mut values = Vec::with_capacity(range.len() + PAGE);
        for page in first..range.end.div_ceil(PAGE) {
            let bytes: &[u8] = self.pages.get(page).copied().ok_or(Damaged)?;
            let before = values.len();
            values.resize(before + page_len(page, present), T::default());
            chunk
                .page_decompressor(bytes, page_len(page, present))
                .and_then(|mut page| page.read(&mut values[before..]))
                .map_err(|_| Damaged)?;
        }
        values.drain(..range.start - first * PAGE);
        values.truncate(range.len());
        Ok(values)
    }
}

/// The format is the same in all of our blocks; its two bytes are not written each time.
fn file_of_this_version() -> Result<FileDecompressor, Damaged> {
    let head = FileCompressor::default()
        .write_header(Vec::new())
        .map_err(|_| Damaged)?;
    let (file, _) = FileDecompressor::new(head.as_slice()).map_err(|_| Damaged)?;
    Ok(file)
}

fn open_runs(rest: &mut &[u8], len: usize) -> Result<Vec<usize>, Damaged> {
    let count = bounded(varint(rest)?, rest.len())?;
    let runs: Result<Vec<usize>, Damaged> =
        (0..count).map(|_| bounded(varint(rest)?, len)).collect();
    runs.and_then(|runs| {
        if runs.iter().sum::<usize>() == len && !runs.is_empty() {
            Ok(runs)
        } else {
            Err(Damaged)
        }
    })
}
