//! What arrives is what was put.

use std::collections::BTreeMap;

use hubtop::store::file::host_name;

use crate::host::{Host, SERIES, THERE, begin, form, value};
use crate::servers::prometheus::{Engine, KINDS, Kind, Samples};
use crate::servers::wait_for;

/// What an engine should hold when all of these moments were put.
pub fn expected(host: &Host, moments: &[i64]) -> BTreeMap<String, Samples> {
    (0..SERIES)
        .map(|series| {
            let labels = serde_json::json!({
                "__name__": THERE,
                "env": "test",
                "host": host_name(),
                "mount": format!("/{series}"),
            });
            let sample = |moment: &i64| (host.at(*moment).0, value(series, *moment).to_bits());
            (labels.to_string(), moments.iter().map(sample).collect())
        })
        .collect()
}

#[test]
fn values_arrive_to_the_bit_with_their_labels() {
    for kind in KINDS {
        let engine = Engine::start(kind);
        let state = tempfile::tempdir().unwrap();
        let form = form(&engine.address(), "labels = { env = \"test\" }");
        let mut host = Host::start(&form, state.path(), begin());
        host.put_all(0..=60);
        host.wait_until_all_is_sent();
        let moments: Vec<i64> = (1..=60).collect();
        let expected = expected(&host, &moments);
        wait_for("all samples to be told", || {
            (engine.samples(THERE) == expected).then_some(())
        });
        assert_eq!(host.keeping().lost, 0);
    }
}

#[test]
fn a_series_that_vanishes_is_gone_there_at_once() {
    for kind in KINDS {
        let engine = Engine::start(kind);
        let state = tempfile::tempdir().unwrap();
        let mut host = Host::start(&form(&engine.address(), ""), state.path(), begin());
        host.put_all(0..=10);
        host.put_with(11, |series| (series > 0).then(|| value(series, 11)));
        host.wait_until_all_is_sent();
        let count_at = |moment: i64| {
            let at = host.at(moment).0 as f64 / 1000.0;
            let query = format!("count({THERE}) or vector(0)");
            let answer = engine.query_at(&query, at);
            let value = answer["data"]["result"][0]["value"][1].as_str();
            value.unwrap().parse::<u32>().unwrap()
        };
        wait_for("the last moment to be told", || {
            (count_at(11) == SERIES - 1).then_some(())
        });
        assert_eq!(count_at(10), SERIES);
    }
}

#[test]
fn what_the_doctor_asks_tells_whether_an_engine_takes_samples() {
    use hubtop::store::remote::look_at_export;
    let engine = Engine::start(Kind::Prometheus);
    let told = look_at_export(&form(&engine.address(), "")).unwrap();
    assert!(told.contains("takes samples"), "{told}");
    let elsewhere = format!("{}/nowhere", engine.address());
    let told = look_at_export(&form(&elsewhere, "")).unwrap_err();
    assert!(told.contains("404"), "{told}");
    assert!(engine.samples("up").is_empty());
}
