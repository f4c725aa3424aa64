//! From frames to the body of a remote write: series with their samples in order of time, protobuf, snappy.

use std::collections::HashSet;
use std::sync::Arc;

use prost::Message;

use super::message::{Label, Sample, TimeSeries, WriteRequest};
use crate::model::{Frame, SeriesId};
use crate::store::names::{self, labels_of};

/// The NaN that says: this series ends here. The specification gives its bits; no other NaN is ever sent.
pub(super) const STALE: f64 = f64::from_bits(0x7ff0_0000_0000_0002);

/// What is sent in one request.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Body {
    /// Compressed.
    pub bytes: Vec<u8>,
    /// How many samples are in it.
    pub samples: u64,
}

/// Turns frames into bodies, and remembers which series have to be ended.
#[derive(Debug)]
pub(super) struct Encoder {
    of_host: Vec<names::Label>,
    series: Vec<Series>,
    /// The labels that are in use: two series of hubtop may have one name there, of which the first counts.
    taken: HashSet<Vec<names::Label>>,
}

#[derive(Debug)]
struct Series {
    /// Empty when another series has taken them.
    labels: Vec<Label>,
    /// Its last sample was a value.
    goes_on: bool,
    /// What is to be sent of it.
    samples: Vec<Sample>,
}

impl Encoder {
    /// `of_host` are the labels that all series bear.
    pub fn new(of_host: Vec<names::Label>) -> Self {
        Self {
            of_host,
            series: Vec::new(),
            taken: HashSet::new(),
        }
    }

    /// Adds what a frame says to what is sent next. A frame that is not later than the one before in the same body takes
    /// the place of what is not before it.
    pub fn add(&mut self, frame: &Frame) {
        self.name_new_ones(frame);
        let at = frame.at.0;
        for (index, series) in self.series.iter_mut().enumerate() {
            let id = SeriesId(u32::try_from(index).unwrap_or(u32::MAX));
            let known = frame.value_of(id);
            let value = match known {
                Some(value) => value,
                None if series.goes_on => STALE,
                None => continue,
            };
            if series.labels.is_empty() {
                continue;
            }
            series.goes_on = known.is_some();
            while series.samples.last().is_some_and(|last| last.timestamp >= at) {
                series.samples.pop();
            }
            series.samples.push(Sample {
                value,
                timestamp: at,
            });
        }
    }

    /// What was added since the last time, if there was anything.
    pub fn take(&mut self) -> Option<Body> {
        let with_samples = self.series.iter_mut();
        let timeseries: Vec<TimeSeries> = with_samples
            .filter(|series| !series.samples.is_empty())
            .map(|series| TimeSeries {
                labels: series.labels.clone(),
                samples: std::mem::take(&mut series.samples),
            })
            .collect();
        let samples = timeseries.iter().map(|series| series.samples.len() as u64);
        let samples = samples.sum();
        let plain = WriteRequest { timeseries }.encode_to_vec();
        if plain.is_empty() {
            return None;
        }
        // It fails for more than 4 GB alone.
        let bytes = snap::raw::Encoder::new().compress_vec(&plain).ok()?;
        Some(Body { bytes, samples })
    }

    fn name_new_ones(&mut self, frame: &Frame) {
        let new = frame.series.iter().skip(self.series.len());
        for (_, key) in new {
            let labels = labels_of(key, &self.of_host);
            let is_first = self.taken.insert(labels.clone());
            let label = |(name, value)| Label { name, value };
            let labels = labels.into_iter().map(label).filter(|_| is_first);
            self.series.push(Series {
                labels: labels.collect(),
                goes_on: false,
                samples: Vec::new(),
            });
        }
    }
}

/// The request that was made of frames one after the other; for tests.
#[cfg(test)]
fn decoded(body: &Body) -> WriteRequest {
    let plain = snap::raw::Decoder::new().decompress_vec(&body.bytes);
    WriteRequest::decode(&plain.unwrap()[..]).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Catalog, Labels, Timestamp};

    /// A frame in which series have values, NaN where it is not known.
    fn frame(catalog: &Catalog, at: i64, values: &[f64]) -> Frame {
        Frame {
            series: catalog.table(),
            values: Arc::new(values.to_vec()),
            ..Frame::empty(Timestamp(at))
        }
    }

    fn encoder() -> Encoder {
        Encoder::new(vec![("host".to_owned(), "web-1".to_owned())])
    }

    fn told(body: &Body) -> Vec<(String, Vec<(i64, u64)>)> {
        let series = decoded(body).timeseries.into_iter();
        series
            .map(|series| {
                let name = series.labels.iter().find(|label| label.name == "__name__");
                let samples = series.samples.iter();
                let samples = samples.map(|sample| (sample.timestamp, sample.value.to_bits()));
                (name.unwrap().value.clone(), samples.collect())
            })
            .collect()
    }

    #[test]
    fn values_arrive_to_the_bit_in_the_order_of_their_times() {
        let catalog = Catalog::new();
        catalog.id("system.disk.usage_percent", Labels::one("mount", "/"));
        catalog.plain("system.load.1m");
        let mut encoder = encoder();
        encoder.add(&frame(&catalog, 1000, &[0.1 + 0.2, f64::NAN]));
        encoder.add(&frame(&catalog, 2000, &[-1e300, 3.0]));
        let body = encoder.take().unwrap();
        assert_eq!(body.samples, 3);
        let expected = vec![
            (
                "system_disk_usage_percent".to_owned(),
                vec![
                    (1000, (0.1_f64 + 0.2).to_bits()),
                    (2000, (-1e300_f64).to_bits()),
                ],
            ),
            (
                "system_load_1m".to_owned(),
                vec![(2000, 3.0_f64.to_bits())],
            ),
        ];
        assert_eq!(told(&body), expected);
        let labels = &decoded(&body).timeseries[0].labels;
        let labels: Vec<_> = labels.iter().map(|label| (&*label.name, &*label.value)).collect();
        let expected = [
            ("__name__", "system_disk_usage_percent"),
            ("host", "web-1"),
            ("mount", "/"),
        ];
        assert_eq!(labels, expected);
        assert_eq!(encoder.take(), None);
    }

    #[test]
    fn a_series_that_vanishes_is_ended_once() {
        let catalog = Catalog::new();
        catalog.plain("a");
        let mut encoder = encoder();
        for (at, value) in [(1, 5.0), (2, f64::NAN), (3, f64::NAN), (4, 6.0)] {
            encoder.add(&frame(&catalog, at, &[value]));
        }
        let samples = vec![
            (1, 5.0_f64.to_bits()),
            (2, 0x7ff0_0000_0000_0002),
            (4, 6.0_f64.to_bits()),
        ];
        assert_eq!(told(&encoder.take().unwrap()), [("a".to_owned(), samples)]);
        // The end is told in a later request too.
        encoder.add(&frame(&catalog, 5, &[f64::NAN]));
        let samples = vec![(5, 0x7ff0_0000_0000_0002)];
        assert_eq!(told(&encoder.take().unwrap()), [("a".to_owned(), samples)]);
    }

    #[test]
    fn within_a_request_time_only_rises_and_no_name_comes_twice() {
        let catalog = Catalog::new();
        catalog.plain("a.b");
        catalog.plain("a_b");
        let mut encoder = encoder();
        for (at, value) in [(10, 1.0), (20, 2.0), (15, 3.0)] {
            encoder.add(&frame(&catalog, at, &[value, 9.0]));
        }
        let samples = vec![(10, 1.0_f64.to_bits()), (15, 3.0_f64.to_bits())];
        assert_eq!(told(&encoder.take().unwrap()), [("a_b".to_owned(), samples)]);
    }
}
