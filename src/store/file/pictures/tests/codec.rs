//! Chunks against plain pictures.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::START;
use crate::model::Timestamp;
use crate::store::file::pictures::delta::{Mark, Walk, Writer};
use crate::store::file::pictures::part::{PARTS, Parts, Rows};

/// What happens to a picture from one tick to the next.
#[derive(Debug, Clone)]
enum Event {
    /// A table is brought anew.
    Table(usize, Vec<Vec<u8>>, usize),
    /// There is none any more.
    Gone(usize),
    /// A row changes where it stands.
    Row(usize, usize, Vec<u8>),
    /// A row appears.
    Insert(usize, usize, Vec<u8>),
    /// A row goes.
    Remove(usize, usize),
    /// The rows are told in another order.
    Turn(usize, usize),
}

fn row() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 1..40),
        // The same rows come again and again.
        (0..6u8).prop_map(|byte| vec![byte; 3]),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    let (part, place) = (0..6usize, 0..12usize);
    let rows = proptest::collection::vec(row(), 0..12);
    prop_oneof![
        (part.clone(), rows, 0..20usize).prop_map(|(p, rows, more)| Event::Table(p, rows, more)),
        part.clone().prop_map(Event::Gone),
        (part.clone(), place.clone(), row()).prop_map(|(p, at, row)| Event::Row(p, at, row)),
        (part.clone(), place.clone(), row()).prop_map(|(p, at, row)| Event::Insert(p, at, row)),
        (part.clone(), place.clone()).prop_map(|(p, at)| Event::Remove(p, at)),
        (part, place).prop_map(|(p, by)| Event::Turn(p, by)),
    ]
}

fn happen(parts: &mut Parts<Vec<u8>>, event: Event) {
    let list = |parts: &'_ mut Parts<Vec<u8>>, part: usize| parts.0[part].take();
    match event {
        Event::Table(part, rows, more) => {
            let of = rows.len() + more;
            parts.0[part] = Some(Rows { of, rows });
        }
        Event::Gone(part) => parts.0[part] = None,
        Event::Row(part, at, row) => {
            parts.0[part] = list(parts, part).map(|mut list| {
                if let Some(old) = list.rows.get_mut(at) {
                    *old = row;
                }
                list
            });
        }
        Event::Insert(part, at, row) => {
            parts.0[part] = list(parts, part).map(|mut list| {
                list.rows.insert(at.min(list.rows.len()), row);
                list
            });
        }
        Event::Remove(part, at) => {
            parts.0[part] = list(parts, part).map(|mut list| {
                if at < list.rows.len() {
                    list.rows.remove(at);
                }
                list
            });
        }
        Event::Turn(part, by) => {
            parts.0[part] = list(parts, part).map(|mut list| {
                let by = by.min(list.rows.len());
                list.rows.rotate_left(by);
                list
            });
        }
    }
}

/// Pictures as they were before they were written.
type Plain = Vec<(Mark, Parts<Vec<u8>>)>;

fn written(ticks: Vec<(i64, bool, Vec<Event>)>) -> (Writer, Plain) {
    let (mut writer, mut plain) = (Writer::default(), Vec::new());
    let (mut at, mut parts) = (START.0, Parts::default());
    for (step, is_alert, events) in ticks {
        let before = parts.clone();
        at += step;
        events
            .into_iter()
            .for_each(|event| happen(&mut parts, event));
        let mark = Mark {
            at: Timestamp(at),
            is_alert,
        };
        writer.push_after(mark, &before, &parts);
        plain.push((mark, parts.clone()));
    }
    (writer, plain)
}

fn ticks() -> impl Strategy<Value = Vec<(i64, bool, Vec<Event>)>> {
    let events = proptest::collection::vec(event(), 0..6);
    proptest::collection::vec((0..70_000i64, any::<bool>(), events), 1..40)
}

fn owned(parts: &Parts<&[u8]>) -> Parts<Vec<u8>> {
    Parts(std::array::from_fn(|part| {
        parts.0[part].as_ref().map(|list| Rows {
            of: list.of,
            rows: list.rows.iter().map(|row| row.to_vec()).collect(),
        })
    }))
}

proptest! {
    #[test]
    fn every_picture_of_a_chunk_comes_back(ticks in ticks()) {
        let (writer, plain) = written(ticks);
        let mut walk = Walk::new(&writer.raw);
        for (mark, parts) in plain {
            prop_assert_eq!(walk.peek(), Ok(Some(mark.at)));
            prop_assert_eq!(walk.step(), Ok(Some(mark)));
            prop_assert_eq!(owned(walk.parts()), parts);
        }
        prop_assert_eq!(walk.step(), Ok(None));
    }

    #[test]
    fn a_chunk_that_was_cut_is_read_up_to_there(ticks in ticks(), share in 0.0..1.0f64) {
        let (writer, plain) = written(ticks);
        let length = (writer.raw.len() as f64 * share) as usize;
        let (readable, count) = super::super::delta::readable(&writer.raw[..length]);
        prop_assert!(readable <= length && count <= plain.len());
        let mut walk = Walk::new(&writer.raw[..readable]);
        for (mark, parts) in plain.into_iter().take(count) {
            prop_assert_eq!(walk.step(), Ok(Some(mark)));
            prop_assert_eq!(owned(walk.parts()), parts);
        }
        prop_assert_eq!(walk.step(), Ok(None));
    }

    #[test]
    fn bytes_that_were_changed_are_read_or_refused(
        ticks in ticks(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let (mut writer, _) = written(ticks);
        for (place, byte) in changes {
            let place = place.index(writer.raw.len());
            writer.raw[place] = byte;
        }
        let mut walk = Walk::new(&writer.raw);
        while let Ok(Some(_)) = walk.step() {}
    }
}

#[test]
fn a_row_that_stays_costs_nothing() {
    let rows = |changed: u8| Rows {
        of: 100,
        rows: (0..100u8)
            .map(|row| vec![row, if row == 50 { changed } else { 0 }])
            .collect::<Vec<_>>(),
    };
    let picture = |changed: u8| {
        let mut parts = Parts::default();
        parts.0[3] = Some(rows(changed));
        parts
    };
    let mark = Mark {
        at: START,
        is_alert: false,
    };
    let mut writer = Writer::default();
    writer.push_after(mark, &Parts::<Vec<u8>>::default(), &picture(0));
    let whole = writer.raw.len();
    writer.push_after(mark, &picture(0), &picture(0));
    assert!(writer.raw.len() - whole < 8, "nothing changed");
    let before = writer.raw.len();
    writer.push_after(mark, &picture(0), &picture(9));
    assert!(
        writer.raw.len() - before < 24,
        "one row of two bytes changed"
    );
}

#[test]
fn few_bytes_never_stand_for_very_many_rows() {
    // A list of one row, then a list that is that row again and again, each time twice as often.
    let mut raw = Vec::new();
    let mut frame = |body: &[u8]| {
        raw.push(body.len() as u8 + 2);
        raw.extend([0, 0]);
        raw.extend(body);
    };
    frame(&[1, 2, 3, 7, 0]);
    for turn in 0..20u32 {
        let mut body = vec![1, 2];
        let mut number = 2u64 << turn;
        let mut length = Vec::new();
        while number >= 128 {
            length.push((number & 127 | 128) as u8);
            number >>= 7;
        }
        length.push(number as u8);
        body.extend(&length);
        body.push(0);
        body.extend(&length);
        let mut back = (2u64 << turn) - 1;
        while back >= 128 {
            body.push((back & 127 | 128) as u8);
            back >>= 7;
        }
        body.push(back as u8);
        body.push(0);
        frame(&body);
    }
    let mut walk = Walk::new(&raw);
    let mut most = BTreeMap::new();
    let refused = loop {
        match walk.step() {
            Ok(Some(_)) => {
                let rows = walk.parts().0[1].as_ref().map_or(0, |list| list.rows.len());
                most.insert(rows, ());
            }
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    assert!(refused, "{most:?}");
    assert!(most.keys().all(|rows| *rows <= 4096));
    const { assert!(PARTS <= 64) };
}
