//! Makes of the lists of a picture what they were made from.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::bytes::Broken;
use super::part::{Part, Parts, TABLES};
use super::rows::{Figures, Head, read};
use crate::model::{
    AlertBoard, Cut, Incident, Keeping, Process, ProcessIdentity, ProcessKey, SeriesId, Tables,
    Timestamp,
};
use crate::store::file::ids::FileId;
use crate::store::hot::Picture;

/// The lists of a picture, as slices of a chunk.
pub(super) type Slices<'a> = Parts<&'a [u8]>;

/// Which numbers the series of the file have here.
pub(super) type Known = HashMap<FileId, SeriesId>;

/// Everything that a picture tells of its moment.
#[derive(Debug)]
pub(super) struct Shown {
    pub number: u64,
    pub demo: bool,
    pub picture: Picture,
    pub keeping: Vec<Keeping>,
}

/// Reads all of a picture.
pub(super) fn shown(at: Timestamp, parts: &Slices<'_>, known: &Known) -> Result<Shown, Broken> {
    let head = head(parts)?;
    Ok(Shown {
        number: head.number,
        demo: head.demo,
        keeping: rows(parts, Part::Keeping)?.unwrap_or_default(),
        picture: picture(at, parts, known)?,
    })
}

/// Reads what a picture in memory holds too.
pub(super) fn picture(at: Timestamp, parts: &Slices<'_>, known: &Known) -> Result<Picture, Broken> {
    let host = rows(parts, Part::Host)?.unwrap_or_default();
    Ok(Picture {
        at,
        tick: head(parts)?.tick,
        host: host.into_iter().next().map(Arc::new).unwrap_or_default(),
        tables: tables(parts)?,
        sources: table(parts, Part::Sources)?.unwrap_or_default(),
        alerts: Arc::new(AlertBoard {
            open: incidents(parts, Part::Open, known)?,
            resolved: incidents(parts, Part::Resolved, known)?.into(),
            rules: table(parts, Part::Rules)?.unwrap_or_default(),
        }),
    })
}

/// Finds one process in picture after picture, where it mostly stands in the same place with the same identity.
#[derive(Debug)]
pub(super) struct Finder {
    process: ProcessKey,
    place: usize,
    row: Vec<u8>,
    identity: Option<Arc<ProcessIdentity>>,
}

impl Finder {
    pub fn new(process: ProcessKey) -> Self {
        Self {
            process,
            place: 0,
            row: Vec::new(),
            identity: None,
        }
    }

    /// The row of the process in a picture.
    pub fn find(&mut self, parts: &Slices<'_>) -> Result<Option<Process>, Broken> {
        let Some(identity) = self.identity_in(parts)? else {
            return Ok(None);
        };
        let figures = parts.get(Part::Processes).ok_or(Broken)?;
        let figures: Figures = read(figures.rows.get(self.place).ok_or(Broken)?)?;
        Ok(Some(figures.with(identity)))
    }

    fn identity_in(&mut self, parts: &Slices<'_>) -> Result<Option<Arc<ProcessIdentity>>, Broken> {
        let list = parts.get(Part::Identities);
        let rows = list.map_or(&[][..], |list| &list.rows);
        let is_there = rows.get(self.place).is_some_and(|row| **row == *self.row);
        if !is_there {
            self.identity = None;
            if let Some((place, identity)) = search(rows, self.process)? {
                self.place = place;
                self.row = rows.get(place).map_or(Vec::new(), |row| row.to_vec());
                self.identity = Some(Arc::new(identity));
            }
        }
        Ok(self.identity.clone())
    }
}

/// Processes stand in the order of their PIDs.
fn search(rows: &[&[u8]], process: ProcessKey) -> Result<Option<(usize, ProcessIdentity)>, Broken> {
    let (mut low, mut high) = (0, rows.len());
    while low < high {
        let middle = low.midpoint(high);
        let identity: ProcessIdentity = read(rows[middle])?;
        match identity.key.pid.cmp(&process.pid) {
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle,
            Ordering::Equal => {
                let found = (identity.key == process).then_some((middle, identity));
                return Ok(found);
            }
        }
    }
    Ok(None)
}

fn head(parts: &Slices<'_>) -> Result<Head, Broken> {
    let list = parts.get(Part::Head).ok_or(Broken)?;
    read(list.rows.first().ok_or(Broken)?)
}

fn tables(parts: &Slices<'_>) -> Result<Tables, Broken> {
    Ok(Tables {
        as_of: None,
        processes: processes(parts)?,
        process_detail: None,
        endpoints: table(parts, Part::Endpoints)?,
        models: table(parts, Part::Models)?,
        sessions: table(parts, Part::Sessions)?,
        pages: table(parts, Part::Pages)?,
        probes: table(parts, Part::Probes)?,
        objectives: table(parts, Part::Objectives)?,
        caches: table(parts, Part::Caches)?,
        cache_levels: table(parts, Part::CacheLevels)?,
        statements: table(parts, Part::Statements)?,
        backends: table(parts, Part::Backends)?,
        locks: table(parts, Part::Locks)?,
        table_uses: table(parts, Part::TableUses)?,
        index_uses: table(parts, Part::IndexUses)?,
        databases: table(parts, Part::Databases)?,
        statement_detail: None,
        cache_detail: None,
        found: None,
        cut: cut(parts),
    })
}

fn cut(parts: &Slices<'_>) -> Vec<Cut> {
    let cut = |(part, table): &(Part, &'static str)| {
        let list = parts.get(*part)?;
        let kept = list.rows.len();
        (kept < list.of).then_some(Cut {
            table,
            kept,
            of: list.of,
        })
    };
    TABLES.iter().filter_map(cut).collect()
}

fn processes(parts: &Slices<'_>) -> Result<Option<Arc<Vec<Arc<Process>>>>, Broken> {
    let (Some(identities), Some(figures)) =
        (parts.get(Part::Identities), parts.get(Part::Processes))
    else {
        return Ok(None);
    };
    if identities.rows.len() != figures.rows.len() {
        return Err(Broken);
    }
    let pairs = identities.rows.iter().zip(&figures.rows);
    let process = |(identity, figures): (&&[u8], &&[u8])| {
        Ok(Arc::new(
            read::<Figures>(figures)?.with(Arc::new(read(identity)?)),
        ))
    };
    Ok(Some(Arc::new(
        pairs.map(process).collect::<Result<_, Broken>>()?,
    )))
}

fn incidents(parts: &Slices<'_>, part: Part, known: &Known) -> Result<Vec<Incident>, Broken> {
    let rows: Vec<(Option<FileId>, Incident)> = rows(parts, part)?.unwrap_or_default();
    let here = |(series, incident): (Option<FileId>, Incident)| {
        let series = series.and_then(|series| known.get(&series).copied());
        Incident {
            series: series.unwrap_or(SeriesId::nowhere()),
            ..incident
        }
    };
    Ok(rows.into_iter().map(here).collect())
}

fn table<T: DeserializeOwned>(
    parts: &Slices<'_>,
    part: Part,
) -> Result<Option<Arc<Vec<T>>>, Broken> {
    Ok(rows(parts, part)?.map(Arc::new))
}

fn rows<T: DeserializeOwned>(parts: &Slices<'_>, part: Part) -> Result<Option<Vec<T>>, Broken> {
    let Some(list) = parts.get(part) else {
        return Ok(None);
    };
    let rows = list.rows.iter().map(|row| read(row));
    rows.collect::<Result<_, _>>().map(Some)
}
