//! How long requests took over the chosen range: every point, and the range as a whole, merged from what happened in it.

use std::time::Duration;

use crate::feed::Window;
use crate::model::metric::RESPONSE_TIME;
use crate::model::{Distribution, Frame, Labels, SeriesId, SourceKind, Timestamp};
use crate::ui::tabs::Context;

/// Whose requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose<'a> {
    /// Those of all routes of the sources that count.
    All,
    /// Those of one endpoint as one source tells of it.
    Of {
        /// `GET /v1/orders`.
        endpoint: &'a str,
        /// The source.
        source: &'a str,
    },
}

impl<'a> Whose<'a> {
    /// The endpoint of a row by its identity.
    pub(super) fn of_row(id: Option<&'a str>) -> Self {
        match id.and_then(|id| id.rsplit_once(BETWEEN)) {
            Some((endpoint, source)) => Self::Of { endpoint, source },
            None => Self::All,
        }
    }

    /// As it stands in titles.
    pub(super) fn words(self) -> &'a str {
        match self {
            Self::All => "all requests",
            Self::Of { endpoint, .. } => endpoint,
        }
    }

    /// The series of a metric of these requests.
    pub(super) fn series(self, frame: &Frame, metric: &str) -> Option<SeriesId> {
        let labels = match self {
            Self::All => Labels::none(),
            Self::Of { endpoint, source } => {
                Labels::of([("endpoint", endpoint), ("source", source)])
            }
        };
        frame.series.find(metric, &labels)
    }

    /// How often the sources of these requests are asked.
    fn interval(self, frame: &Frame) -> Duration {
        let sources = frame.sources.iter();
        let is_one = |name: &str, kind: SourceKind| match self {
            Self::All => kind.is_of_api(),
            Self::Of { source, .. } => source == name,
        };
        let intervals = sources.filter(|it| is_one(&it.name, it.kind) && it.health.is_giving());
        intervals.map(|it| it.interval).max().unwrap_or(frame.tick)
    }
}

/// What stands between endpoint and source in the identity of a row; also how an incident names its place.
pub(super) const BETWEEN: &str = " · ";

/// Distributions over the chosen range.
pub(super) struct Latency {
    /// The moments of the points.
    pub window: Window,
    /// What happened in each.
    pub points: Vec<Option<Distribution>>,
    /// Since when it is complete, where older parts had to go for want of memory.
    pub since: Option<Timestamp>,
}

impl Latency {
    /// At most so many points of a range that ends with the frame.
    pub(super) fn read(cx: &Context<'_>, whose: Whose<'_>, points: usize) -> Self {
        let interval = whose.interval(cx.frame).max(cx.frame.tick);
        let window = Window::of_distributions(cx.at(), cx.range.span(), points, interval);
        let Some(id) = whose.series(cx.frame, RESPONSE_TIME) else {
            let points = vec![None; window.count];
            return Self {
                window,
                points,
                since: None,
            };
        };
        Self {
            window,
            points: cx.feed.distributions(id, window),
            since: cx.feed.distributions_since(id, window.start),
        }
    }

    /// A percentile of each point; NaN where nothing happened.
    pub(super) fn percentile(&self, q: f64) -> Vec<f64> {
        let of = |point: &Option<Distribution>| Some(point.as_ref()?.quantile(q)?.ms);
        self.points
            .iter()
            .map(|point| of(point).unwrap_or(f64::NAN))
            .collect()
    }

    /// All of the range together.
    pub(super) fn whole(&self) -> Distribution {
        let mut all = Distribution::default();
        self.points
            .iter()
            .flatten()
            .for_each(|point| all.merge(point));
        all
    }
}
