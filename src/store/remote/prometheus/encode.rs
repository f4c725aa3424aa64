//! From a frame to the body of a remote write: a sample a series, protobuf, snappy.

use std::collections::HashSet;

use prost::Message;

use super::message::{Label, Sample, TimeSeries, WriteRequest};
use crate::model::{Frame, SeriesId};
use crate::store::names::{self, labels_of};
use crate::store::remote::engine::{Encode, Encoded, Occasion};

/// The NaN that says: this series ends here. The specification gives its bits; no other NaN is ever sent.
pub(super) const STALE: f64 = f64::from_bits(0x7ff0_0000_0000_0002);

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
    state: State,
}

/// What was sent of a series last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Nothing,
    Value,
    End,
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

    fn name_new_ones(&mut self, frame: &Frame) {
        let new = frame.series.iter().skip(self.series.len());
        for (_, key) in new {
            let labels = labels_of(key, &self.of_host);
            let is_first = self.taken.insert(labels.clone());
            let label = |(name, value)| Label { name, value };
            let labels = labels.into_iter().map(label).filter(|_| is_first);
            self.series.push(Series {
                labels: labels.collect(),
                state: State::Nothing,
            });
        }
    }
}

impl Encode for Encoder {
    fn encode(&mut self, occasion: &Occasion<'_>) -> Option<Encoded> {
        if !occasion.is_whole {
            return None;
        }
        let frame = occasion.frame;
        self.name_new_ones(frame);
        let timestamp = frame.at.0;
        let named = (0..).map(SeriesId).zip(&mut self.series);
        let timeseries: Vec<TimeSeries> = named
            .filter(|(_, series)| !series.labels.is_empty())
            .filter_map(|(id, series)| {
                let value = series.next(frame.value_of(id))?;
                Some(TimeSeries {
                    labels: series.labels.clone(),
                    samples: vec![Sample { value, timestamp }],
                })
            })
            .collect();
        let count = timeseries.len() as u64;
        if count == 0 {
            return None;
        }
        let plain = WriteRequest { timeseries }.encode_to_vec();
        // It fails for more than 4 GB alone.
        let bytes = snap::raw::Encoder::new().compress_vec(&plain).ok()?;
        Some(Encoded { bytes, count })
    }

    fn forget(&mut self) {
        // The end of a series may have been in what is lost: it is told once more.
        for series in &mut self.series {
            if series.state == State::End {
                series.state = State::Value;
            }
        }
    }
}

impl Series {
    /// What is sent of it now.
    fn next(&mut self, known: Option<f64>) -> Option<f64> {
        match (known, self.state) {
            (Some(value), _) => {
                self.state = State::Value;
                Some(value)
            }
            (None, State::Value) => {
                self.state = State::End;
                Some(STALE)
            }
            (None, State::Nothing | State::End) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{Catalog, Labels, Timestamp};

    fn encoder() -> Encoder {
        Encoder::new(vec![("host".to_owned(), "web-1".to_owned())])
    }

    /// What is sent of a frame in which series have these values, NaN where it is not known.
    fn sent(
        encoder: &mut Encoder,
        catalog: &Catalog,
        at: i64,
        values: &[f64],
    ) -> Option<WriteRequest> {
        let frame = Frame {
            series: catalog.table(),
            values: Arc::new(values.to_vec()),
            ..Frame::empty(Timestamp(at))
        };
        let encoded = encoder.encode(&Occasion {
            frame: &frame,
            is_whole: true,
            is_first: false,
        })?;
        let plain = snap::raw::Decoder::new().decompress_vec(&encoded.bytes);
        let request = WriteRequest::decode(&plain.unwrap()[..]).unwrap();
        assert_eq!(request.timeseries.len() as u64, encoded.count);
        Some(request)
    }

    fn bits(request: &WriteRequest) -> Vec<(i64, u64)> {
        let samples = request.timeseries.iter().flat_map(|series| &series.samples);
        samples
            .map(|sample| (sample.timestamp, sample.value.to_bits()))
            .collect()
    }

    #[test]
    fn values_are_sent_to_the_bit_with_their_labels_in_order() {
        let catalog = Catalog::new();
        catalog.id("system.disk.usage_percent", Labels::one("mount", "/"));
        catalog.plain("unknown");
        catalog.plain("system.load.1m");
        let values = [0.1 + 0.2, f64::NAN, -1e300];
        let request = sent(&mut encoder(), &catalog, 1000, &values).unwrap();
        let expected = [
            (1000, (0.1_f64 + 0.2).to_bits()),
            (1000, (-1e300_f64).to_bits()),
        ];
        assert_eq!(bits(&request), expected);
        let labels = request.timeseries[0].labels.iter();
        let labels: Vec<_> = labels.map(|label| (&*label.name, &*label.value)).collect();
        let expected = [
            ("__name__", "system_disk_usage_percent"),
            ("host", "web-1"),
            ("mount", "/"),
        ];
        assert_eq!(labels, expected);
    }

    #[test]
    fn a_series_that_vanishes_is_ended_once() {
        let catalog = Catalog::new();
        catalog.plain("a");
        let mut encoder = encoder();
        let mut told = |at, value| {
            let request = sent(&mut encoder, &catalog, at, &[value])?;
            Some(bits(&request)[0].1)
        };
        assert_eq!(told(1, f64::NAN), None);
        assert_eq!(told(2, 5.0), Some(5.0_f64.to_bits()));
        assert_eq!(told(3, f64::NAN), Some(0x7ff0_0000_0000_0002));
        assert_eq!(told(4, f64::NAN), None);
        assert_eq!(told(5, 6.0), Some(6.0_f64.to_bits()));
    }

    #[test]
    fn an_end_that_was_lost_is_told_again() {
        let catalog = Catalog::new();
        catalog.plain("a");
        let mut encoder = encoder();
        for (at, value) in [(1, 5.0), (2, f64::NAN)] {
            assert!(sent(&mut encoder, &catalog, at, &[value]).is_some());
        }
        encoder.forget();
        let again = sent(&mut encoder, &catalog, 3, &[f64::NAN]).unwrap();
        assert_eq!(bits(&again), [(3, 0x7ff0_0000_0000_0002)]);
        assert_eq!(sent(&mut encoder, &catalog, 4, &[f64::NAN]), None);
    }

    #[test]
    fn no_name_comes_twice() {
        let catalog = Catalog::new();
        catalog.plain("a.b");
        catalog.plain("a_b");
        let request = sent(&mut encoder(), &catalog, 10, &[1.0, 9.0]).unwrap();
        assert_eq!(bits(&request), [(10, 1.0_f64.to_bits())]);
    }
}
