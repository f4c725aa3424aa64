//! The tables of the file, and how a file of an older hubtop becomes one of this.

use super::pictures;

/// One step each from one version of the file to the next, as scripts; the version is the number of steps taken
/// (`PRAGMA user_version`). A step that has been in a release is never changed.
pub(super) const STEPS: &[&[&str]] = &[&[BASE, pictures::TABLES]];

/// What every part of the file shares.
const BASE: &str = "
-- The series that samples and distributions are of.
CREATE TABLE series (
    id     INTEGER PRIMARY KEY,
    metric TEXT NOT NULL,
    labels TEXT NOT NULL,
    UNIQUE (metric, labels)
) STRICT;

-- What is not yet sealed, a row a writing; `shelf` says whose it is.
CREATE TABLE tail (
    id    INTEGER PRIMARY KEY,
    shelf INTEGER NOT NULL,
    first INTEGER NOT NULL,
    data  BLOB NOT NULL
) STRICT;
";
