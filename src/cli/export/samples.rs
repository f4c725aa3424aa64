//! The samples of all series, one series after the other, a piece of time at once.

use std::io::Write;
use std::time::Duration;

use super::{ExportArguments, Stretch};
use crate::cli::Error;
use crate::model::SeriesKey;
use crate::model::text::matches_glob;
use crate::store::export::{Form, sample_writer};
use crate::store::file::Archive;

/// So much of one series is in memory at once; the length of the longest blocks of the file.
const PIECE: Duration = Duration::from_secs(4 * 3600);

/// Writes what is asked for.
pub(super) fn write(
    archive: &Archive,
    stretch: Stretch,
    asked: &ExportArguments,
    form: Form,
    out: &mut (dyn Write + Send),
) -> Result<(), Error> {
    let table = archive.series();
    let mut wanted: Vec<_> = table
        .iter()
        .filter(|(_, key)| is_wanted(asked, key))
        .collect();
    wanted.sort_by(|(_, one), (_, other)| {
        let name = |key: &SeriesKey| (key.metric.clone(), key.labels.clone());
        name(one).cmp(&name(other))
    });
    let of_host = [("host".to_owned(), archive.host().to_owned())];
    let mut writer = sample_writer(form, out, &of_host).map_err(Error::Output)?;
    for (id, key) in wanted {
        for piece in stretch.pieces(PIECE) {
            let samples = archive.samples(id, piece.from, piece.to)?;
            writer.put(key, &samples).map_err(Error::Output)?;
        }
    }
    writer.finish().map_err(Error::Output)
}

fn is_wanted(asked: &ExportArguments, key: &SeriesKey) -> bool {
    let mut globs = asked.metric.iter();
    asked.metric.is_empty() || globs.any(|glob| matches_glob(glob, &key.metric))
}
