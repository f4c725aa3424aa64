//! How many requests ended in which class of status.

/// Counts by the class of the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Statuses {
    /// 2xx, 3xx, 4xx and 5xx.
    pub classes: [u64; 4],
    /// Those that ended without one of these: given up before an answer, 1xx, or the source does not tell.
    pub unknown: u64,
}

impl Statuses {
    /// Counts one request.
    pub fn count(&mut self, status: Option<u16>) {
        self.count_many(status, 1);
    }

    /// Counts so many requests of one status.
    pub fn count_many(&mut self, status: Option<u16>, requests: u64) {
        let class = status.and_then(|status| usize::from(status / 100).checked_sub(2));
        match class.and_then(|class| self.classes.get_mut(class)) {
            Some(count) => *count += requests,
            None => self.unknown += requests,
        }
    }

    /// Adds all of another.
    pub fn add(&mut self, other: &Self) {
        for (count, more) in self.classes.iter_mut().zip(&other.classes) {
            *count += more;
        }
        self.unknown += other.unknown;
    }

    /// All requests.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.classes.iter().sum::<u64>() + self.unknown
    }

    /// Share of 5xx, 0 to 100; unknown when no status is.
    #[must_use]
    pub fn error_percent(&self) -> Option<f64> {
        self.percent().map(|[.., errors]| errors)
    }

    /// Shares of the four classes, 0 to 100; unknown when no status is.
    #[must_use]
    pub fn percent(&self) -> Option<[f64; 4]> {
        let is_told = self.classes.iter().any(|count| *count > 0);
        let total = self.total() as f64;
        is_told.then(|| self.classes.map(|count| count as f64 * 100.0 / total))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_all_requests_and_unknown_without_a_status() {
        let mut statuses = Statuses::default();
        assert_eq!(statuses.error_percent(), None);
        statuses.count(None);
        assert_eq!(statuses.error_percent(), None);
        for status in [200, 204, 301, 404, 503, 500, 101] {
            statuses.count(Some(status));
        }
        assert_eq!(statuses.total(), 8);
        assert_eq!(statuses.error_percent(), Some(25.0));
        assert_eq!(statuses.percent(), Some([25.0, 12.5, 12.5, 25.0]));
    }
}
