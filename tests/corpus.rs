//! The parsers of bytes from outside, fed with the corpus of the fuzz targets (`fuzz/corpus`) and with what becomes of it
//! when bytes are lost, doubled, turned or put in: none of them may panic or lose itself.
#![expect(
    clippy::unwrap_used,
    reason = "a test that can't go on says where and why"
)]

use std::fs;
use std::path::Path;

use hubtop::fuzzing::{ENTRIES, Entry};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;

/// The files of a parser's corpus, in the order of their names.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(name);
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{} is empty", folder.display());
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

/// One thing that happens to a text.
#[derive(Debug, Clone)]
enum Change {
    Cut(Index, Index),
    Turn(Index, u8),
    Put(Index, Vec<u8>),
    Double(Index, Index),
}

/// What parsers stumble over.
const TOKENS: [&[u8]; 16] = [
    b"\"",
    b"\\",
    b"{",
    b"}",
    b",",
    b"=",
    b"\n",
    b"\r\n",
    b"\0",
    b" ",
    b"\xff",
    b"\xc3\xbc",
    b"-1",
    b"1e309",
    b"NaN",
    b"18446744073709551616",
];

fn change() -> impl Strategy<Value = Change> {
    let place = any::<Index>;
    prop_oneof![
        (place(), place()).prop_map(|(from, to)| Change::Cut(from, to)),
        (place(), any::<u8>()).prop_map(|(at, byte)| Change::Turn(at, byte)),
        (place(), proptest::sample::select(&TOKENS[..]))
            .prop_map(|(at, token)| Change::Put(at, token.to_vec())),
        (place(), place()).prop_map(|(from, to)| Change::Double(from, to)),
    ]
}

fn changed(mut text: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    /// Pieces are short, so that a text stays recognisable.
    const LONGEST: usize = 40;
    for change in changes {
        let end = text.len() + 1;
        let piece = |from: &Index, to: &Index| {
            let from = from.index(end);
            from..(from + to.index(LONGEST)).min(end - 1).max(from)
        };
        match change {
            Change::Cut(from, to) => drop(text.drain(piece(from, to))),
            Change::Turn(at, byte) if !text.is_empty() => {
                let at = at.index(text.len());
                text[at] = *byte;
            }
            Change::Turn(..) => {}
            Change::Put(at, token) => {
                let at = at.index(end);
                text.splice(at..at, token.iter().copied());
            }
            Change::Double(from, to) => {
                let piece = text[piece(from, to)].to_vec();
                let at = from.index(end);
                text.splice(at..at, piece);
            }
        }
    }
    text
}

fn every_parser(feed: impl Fn(&Entry, Vec<Vec<u8>>)) {
    for entry in ENTRIES {
        feed(entry, corpus(entry.0));
    }
}

#[test]
fn the_corpus_is_taken() {
    every_parser(|(_, parse), corpus| corpus.iter().for_each(|text| parse(text)));
}

#[test]
fn what_becomes_of_the_corpus_is_taken() {
    every_parser(|(_, parse), corpus| {
        let changes = proptest::collection::vec(change(), 1..12);
        let inputs = (proptest::sample::select(corpus), changes);
        let mut runner = TestRunner::default();
        let ran = runner.run(&inputs, |(text, changes)| {
            parse(&changed(text, &changes));
            Ok(())
        });
        ran.unwrap_or_else(|error| panic!("{error}"));
    });
}
