//! From when to when is exported.

use std::time::Duration;

use super::{Error, ExportArguments};
use crate::model::{Timestamp, moment_text, span};

/// A stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    /// Its first moment.
    pub from: Timestamp,
    /// The moment after its last.
    pub to: Timestamp,
}

impl Stretch {
    /// What is asked for, within what is remembered (from its first to its last moment).
    pub fn asked(
        asked: &ExportArguments,
        remembered: (Timestamp, Timestamp),
        now: Timestamp,
    ) -> Result<Self, Error> {
        let (first, last) = remembered;
        let wrong = |option| move |why| Error::Wrong { option, why };
        let until = match &asked.until {
            None => last.max(now),
            Some(text) => moment_text::parse(text, now, now).map_err(wrong("--until"))?,
        };
        let from = match &asked.since {
            None => first,
            Some(text) => match span::parse(text) {
                Some(back) => until.minus(back),
                None => moment_text::parse(text, now, now).map_err(wrong("--since"))?,
            },
        };
        if from > until {
            let why = "it lies after --until".to_owned();
            return Err(Error::Wrong {
                option: "--since",
                why,
            });
        }
        Ok(Self {
            from: from.max(first),
            to: until.min(last).plus(Duration::from_millis(1)),
        })
    }

    /// Pieces of it, each ending at a multiple of `width` since the epoch, in order.
    pub fn pieces(self, width: Duration) -> impl Iterator<Item = Self> {
        let piece = move |from: Timestamp| {
            let to = from.floor_to(width).plus(width).min(self.to);
            (from < self.to).then_some(Self { from, to })
        };
        std::iter::successors(piece(self.from), move |before| piece(before.to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::export::arguments::{Format, What};

    const HOUR: i64 = 3_600_000;
    /// Ten in the morning of a day.
    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    fn asked(since: Option<&str>, until: Option<&str>) -> Result<Stretch, Error> {
        let asked = ExportArguments {
            since: since.map(str::to_owned),
            until: until.map(str::to_owned),
            format: Format::Csv,
            what: What::Samples,
            metric: Vec::new(),
            output: None,
            file: None,
        };
        let kept = (Timestamp(NOW.0 - 10 * HOUR), Timestamp(NOW.0 - 500));
        Stretch::asked(&asked, kept, NOW)
    }

    #[test]
    fn a_span_counts_back_from_the_end_and_never_beyond_what_is_kept() {
        let hours = |stretch: Stretch| {
            let back = |at: Timestamp| (at.0 - NOW.0) as f64 / HOUR as f64;
            (
                back(stretch.from),
                (back(stretch.to) * 100.0).round() / 100.0,
            )
        };
        assert_eq!(hours(asked(None, None).unwrap()), (-10.0, 0.0));
        assert_eq!(hours(asked(Some("1h"), None).unwrap()), (-1.0, 0.0));
        assert_eq!(hours(asked(Some("1h"), Some("-2h")).unwrap()), (-3.0, -2.0));
        assert_eq!(
            hours(asked(Some("-3h"), Some("-2h")).unwrap()),
            (-3.0, -2.0)
        );
        assert_eq!(hours(asked(Some("99d"), None).unwrap()), (-10.0, 0.0));
    }

    #[test]
    fn what_is_no_time_is_refused_with_its_option() {
        for (since, until, option) in [
            (Some("soon"), None, "--since"),
            (None, Some("later"), "--until"),
            (Some("-1h"), Some("-2h"), "--since"),
        ] {
            let error = asked(since, until).unwrap_err();
            assert!(error.to_string().contains(option), "{error}");
        }
    }

    #[test]
    fn pieces_cover_all_of_it_once() {
        let stretch = Stretch {
            from: Timestamp(5),
            to: Timestamp(31),
        };
        let pieces: Vec<(i64, i64)> = stretch
            .pieces(Duration::from_millis(10))
            .map(|piece| (piece.from.0, piece.to.0))
            .collect();
        assert_eq!(pieces, [(5, 10), (10, 20), (20, 30), (30, 31)]);
        let empty = Stretch {
            from: Timestamp(5),
            to: Timestamp(5),
        };
        assert_eq!(empty.pieces(Duration::from_millis(10)).count(), 0);
    }
}
