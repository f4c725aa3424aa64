//! Lines of a page that can't be read: counted, and the first few shown.

use super::page::Flaw;
use crate::model::format::grouped;

/// So many are shown.
const SHOWN: usize = 2;

/// Lines that can't be read.
#[derive(Debug, Default)]
pub(super) struct Flaws {
    first: Vec<(u32, Flaw)>,
    count: usize,
}

impl Flaws {
    /// Adds a line by its number.
    pub fn add(&mut self, line: u32, flaw: Flaw) {
        if self.first.len() < SHOWN {
            self.first.push((line, flaw));
        }
        self.count += 1;
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// One line about all of them, of so many lines that say something.
    pub fn line(&self, all: usize) -> Option<String> {
        let shown = self.first.iter();
        let shown: Vec<String> = shown
            .map(|(line, flaw)| format!("line {line} {flaw}"))
            .collect();
        let more = if self.count > shown.len() {
            ", …"
        } else {
            ""
        };
        let number = |count: usize| grouped(count as u64);
        (self.count > 0).then(|| {
            format!(
                "{} of {} lines can't be read: {}{more}",
                number(self.count),
                number(all),
                shown.join(", ")
            )
        })
    }
}
