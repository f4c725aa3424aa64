//! What a picture consists of: lists of rows, each row a few bytes that nobody looks into before it is asked for.

/// The lists of a picture. Their numbers are in the file and stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(super) enum Part {
    /// The number of the frame, its tick, whether it is of a story.
    Head,
    /// Facts of the host.
    Host,
    /// How the sources do.
    Sources,
    /// How the places do in which frames are kept.
    Keeping,
    /// Incidents that are open.
    Open,
    /// Incidents that are over.
    Resolved,
    /// The rules in force.
    Rules,
    /// What stays the same of each process.
    Identities,
    /// What changes of each process, in the same order.
    Processes,
    Endpoints,
    Models,
    Sessions,
    Pages,
    Probes,
    Objectives,
    Caches,
    CacheLevels,
    Statements,
    Backends,
    Locks,
    TableUses,
    IndexUses,
    Databases,
    /// How long the things took that came with the tick.
    Came,
}

/// The tables that may have to be cut, as the screen calls them.
pub(super) const TABLES: [(Part, &str); 19] = [
    (Part::Sources, "sources"),
    (Part::Open, "incidents"),
    (Part::Resolved, "incidents"),
    (Part::Rules, "rules"),
    (Part::Processes, "processes"),
    (Part::Endpoints, "endpoints"),
    (Part::Models, "models"),
    (Part::Sessions, "sessions"),
    (Part::Pages, "pages"),
    (Part::Probes, "probes"),
    (Part::Objectives, "objectives"),
    (Part::Caches, "instances"),
    (Part::CacheLevels, "levels of caches"),
    (Part::Statements, "statements"),
    (Part::Backends, "activity"),
    (Part::Locks, "locks"),
    (Part::TableUses, "tables"),
    (Part::IndexUses, "indexes"),
    (Part::Databases, "databases"),
];

/// How many lists a picture may have; those that a newer hubtop added are read over.
pub(super) const PARTS: usize = 32;

/// The most processes that are kept of a tick.
pub(super) const MOST_PROCESSES: usize = 2000;
/// The most rows of any other table.
pub(super) const MOST_ROWS: usize = 500;
/// The most distributions of a tick.
pub(super) const MOST_CAME: usize = 4000;
/// More rows than any list ever has.
pub(super) const NEVER_ROWS: usize = 4096;
/// More bytes than any list ever has.
pub(super) const NEVER_BYTES: usize = 4 << 20;
/// The most bytes of one row.
pub(super) const ROW_BYTES: usize = 64 << 10;
/// The most bytes of one list.
pub(super) const PART_BYTES: usize = 1 << 20;
/// The most bytes of a whole picture.
pub(super) const PICTURE_BYTES: usize = 4 << 20;

/// One list of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rows<R> {
    /// How many rows there were, kept or not.
    pub of: usize,
    /// Those that were kept.
    pub rows: Vec<R>,
}

impl<R: AsRef<[u8]>> Rows<R> {
    pub fn bytes(&self) -> usize {
        self.rows.iter().map(|row| row.as_ref().len()).sum()
    }
}

/// All lists of a picture; `None` is a table that there was not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parts<R>(pub [Option<Rows<R>>; PARTS]);

impl<R> Default for Parts<R> {
    fn default() -> Self {
        Self(std::array::from_fn(|_| None))
    }
}

impl<R> Parts<R> {
    pub fn get(&self, part: Part) -> Option<&Rows<R>> {
        self.0[part as usize].as_ref()
    }
}
