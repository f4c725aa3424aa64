//! The queue against files that live through everything that happens to programs.

use std::fs;
use std::path::Path;

use super::*;

const ROOM: u64 = 1 << 20;

fn open(folder: &Path) -> Queue {
    Queue::open(folder, "t", ROOM, Timestamp(0)).unwrap()
}

fn all(queue: &mut Queue) -> Vec<(i64, Vec<u8>)> {
    let mut found = Vec::new();
    while let Some(batch) = queue.peek().unwrap() {
        queue.acknowledge(&batch.id).unwrap();
        found.push((batch.id.number, batch.bytes));
    }
    found
}

#[test]
fn batches_come_out_in_order_and_go_when_they_are_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let mut queue = open(folder.path());
    assert_eq!(queue.peek().unwrap(), None);
    queue.push(b"one", 3, Timestamp(10)).unwrap();
    queue.push(b"two", 4, Timestamp(20)).unwrap();
    let first = queue.peek().unwrap().unwrap();
    assert_eq!((first.at, first.count), (Timestamp(10), 3));
    assert_eq!(first.bytes, b"one");
    assert_eq!(queue.peek().unwrap().unwrap(), first, "it stays until then");
    queue.acknowledge(&first.id).unwrap();
    queue.acknowledge(&first.id).unwrap();
    assert_eq!(queue.peek().unwrap().unwrap().bytes, b"two");
    assert_eq!((queue.batches(), queue.bytes()), (1, 3 + ROW_BYTES));
}

#[test]
fn an_id_is_given_out_once_whatever_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let mut queue = open(folder.path());
    queue.push(b"one", 1, Timestamp(0)).unwrap();
    let name = queue.peek().unwrap().unwrap().id.queue;
    assert_eq!(all(&mut queue), [(1, b"one".to_vec())]);
    drop(queue);
    let mut queue = open(folder.path());
    queue.push(b"two", 1, Timestamp(0)).unwrap();
    let second = queue.peek().unwrap().unwrap().id;
    assert_eq!(second.to_string(), format!("{name}-2"));
    let elsewhere = tempfile::tempdir().unwrap();
    let mut other = open(elsewhere.path());
    other.push(b"one", 1, Timestamp(0)).unwrap();
    let foreign = other.peek().unwrap().unwrap().id;
    assert_ne!(foreign.queue, name);
    queue
        .acknowledge(&BatchId {
            number: second.number,
            ..foreign
        })
        .unwrap();
    assert_eq!(queue.batches(), 1, "a stranger's batch is not ours");
}

/// Nothing of what a queue does when it is closed is done here: the files are taken as they lie.
#[test]
fn what_was_pushed_is_there_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let mut queue = open(folder.path());
    queue.push(b"one", 1, Timestamp(0)).unwrap();
    queue.push(b"two", 1, Timestamp(0)).unwrap();
    let first = queue.peek().unwrap().unwrap().id;
    queue.acknowledge(&first).unwrap();
    let after = tempfile::tempdir().unwrap();
    for file in fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), after.path().join(file.file_name())).unwrap();
    }
    let mut found = open(after.path());
    assert_eq!((found.batches(), found.bytes()), (1, 3 + ROW_BYTES));
    assert_eq!(all(&mut found), [(2, b"two".to_vec())]);
    drop(queue);
}

#[test]
fn beyond_the_bound_the_oldest_go_and_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let room = 10 * (100 + ROW_BYTES);
    let mut queue = Queue::open(folder.path(), "t", room, Timestamp(0)).unwrap();
    for round in 0..25_u8 {
        queue.push(&[round; 100], 7, Timestamp(0)).unwrap();
        assert!(queue.bytes() <= room);
    }
    let expected = Dropped {
        batches: 15,
        count: 15 * 7,
    };
    assert_eq!(queue.dropped(), expected);
    let too_large = vec![0; usize::try_from(room).unwrap()];
    let gone = queue.push(&too_large, 9, Timestamp(0)).unwrap();
    assert_eq!(
        gone,
        Dropped {
            batches: 1,
            count: 9
        }
    );
    let left: Vec<u8> = all(&mut queue)
        .into_iter()
        .map(|(_, bytes)| bytes[0])
        .collect();
    assert_eq!(left, (15..25).collect::<Vec<u8>>());
}

#[test]
fn what_is_being_sent_is_the_last_to_go() {
    let folder = tempfile::tempdir().unwrap();
    let room = 3 * (100 + ROW_BYTES);
    let mut queue = Queue::open(folder.path(), "t", room, Timestamp(0)).unwrap();
    queue.push(&[0; 100], 1, Timestamp(0)).unwrap();
    let out = queue.peek().unwrap().unwrap().id;
    for round in 1..6_u8 {
        queue.push(&[round; 100], 1, Timestamp(0)).unwrap();
    }
    queue.acknowledge(&out).unwrap();
    assert_eq!(queue.dropped().batches, 3);
    let left: Vec<i64> = all(&mut queue)
        .into_iter()
        .map(|(number, _)| number)
        .collect();
    assert_eq!(left, [5, 6], "sent and dropped is never the same one");
}

#[test]
fn the_file_shrinks_when_what_waited_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let mut queue = Queue::open(folder.path(), "t", 64 << 20, Timestamp(0)).unwrap();
    for _ in 0..100 {
        queue.push(&[1; 50_000], 1, Timestamp(0)).unwrap();
    }
    all(&mut queue);
    drop(queue);
    let length = fs::metadata(Queue::path_in(folder.path(), "t"))
        .unwrap()
        .len();
    assert!(length < 100_000, "{length}");
}

#[test]
fn one_program_holds_it_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let queue = open(folder.path());
    let second = Queue::open(folder.path(), "t", ROOM, Timestamp(0)).unwrap_err();
    assert!(matches!(second, StoreError::Held { .. }), "{second}");
    drop(queue);
    open(folder.path());
}

#[test]
fn a_damaged_file_is_set_aside_and_a_new_one_begun() {
    let folder = tempfile::tempdir().unwrap();
    let path = Queue::path_in(folder.path(), "t");
    fs::write(&path, b"this is no database at all, only words".repeat(200)).unwrap();
    let mut queue = open(folder.path());
    queue.push(b"one", 1, Timestamp(0)).unwrap();
    let aside = fs::read_dir(folder.path())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .find(|name| name.contains(".damaged-"));
    let aside = aside.expect("the damaged file is kept");
    let kept = fs::read(folder.path().join(aside)).unwrap();
    assert!(kept.starts_with(b"this is no database"));
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_it() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let mut queue = Queue::open(&folder.path().join("new"), "t", ROOM, Timestamp(0)).unwrap();
    queue.push(b"one", 1, Timestamp(0)).unwrap();
    for file in fs::read_dir(folder.path().join("new")).unwrap() {
        let mode = file.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{mode:o}");
    }
}
