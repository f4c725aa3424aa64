//! The messages of Prometheus' remote write 1.0, as `prometheus/prompb` has them.

use prost::Message;

/// The body of a request.
#[derive(Clone, PartialEq, Message)]
pub(super) struct WriteRequest {
    /// Series, each once.
    #[prost(message, repeated, tag = "1")]
    pub timeseries: Vec<TimeSeries>,
}

/// Samples of a series.
#[derive(Clone, PartialEq, Message)]
pub(super) struct TimeSeries {
    /// Its name among them; in the order of their names, none twice, none empty.
    #[prost(message, repeated, tag = "1")]
    pub labels: Vec<Label>,
    /// In the order of their times.
    #[prost(message, repeated, tag = "2")]
    pub samples: Vec<Sample>,
}

/// A label.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Label {
    /// Its name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Its value.
    #[prost(string, tag = "2")]
    pub value: String,
}

/// A value at a moment.
#[derive(Clone, Copy, PartialEq, Message)]
pub(super) struct Sample {
    /// The value, or [`super::encode::STALE`].
    #[prost(double, tag = "1")]
    pub value: f64,
    /// Milliseconds since 1970.
    #[prost(int64, tag = "2")]
    pub timestamp: i64,
}
