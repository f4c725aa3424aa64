use super::*;
use crate::store::file::schema;

/// A file with so many blocks of one span.
fn file(path: &Path, blocks: i64) -> Connection {
    let mut db = Connection::open(path).unwrap();
    db.busy_timeout(Duration::ZERO).unwrap();
    schema::step_forward(&mut db).unwrap();
    if blocks > 0 {
        let span =
            "INSERT INTO span (id, tier, state, first, last, count) VALUES (1, 0, 1, 0, 9, 10)";
        db.execute(span, []).unwrap();
    }
    let many = "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n)
                INSERT INTO block SELECT ?1 + i, x'00' FROM n LIMIT ?2";
    db.execute(many, [1 << shelves::SERIES_BITS, blocks])
        .unwrap();
    db
}

fn count(db: &Connection, sql: &str) -> i64 {
    db.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn what_the_new_file_refuses_for_a_moment_is_copied_later() {
    let folder = tempfile::tempdir().unwrap();
    let (aside, path) = (folder.path().join("old.db"), folder.path().join("new.db"));
    drop(file(&aside, 500));
    let mut db = file(&path, 0);
    let mut salvage = Salvage::begin(&aside, &path, &mut db).unwrap();
    let another = Connection::open(&path).unwrap();
    another.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(salvage.copy_some(&mut db).is_err());
    assert!(note_of(&path).exists());
    drop(another);
    while salvage.copy_some(&mut db).unwrap() {}
    assert_eq!(count(&db, "SELECT count(*) FROM block"), 500);
    assert!(!note_of(&path).exists());
}

#[test]
fn numbers_are_left_out_at_each_damage() {
    let folder = tempfile::tempdir().unwrap();
    let db = file(&folder.path().join("new.db"), 0);
    let new = || {
        let sql = "INSERT INTO series (metric, labels) VALUES (?1, '{}') RETURNING id";
        let name = count(&db, "SELECT count(*) FROM series").to_string();
        db.query_row(sql, [name], |row| row.get::<_, i64>(0))
            .unwrap()
    };
    let mut last = new();
    for _ in 0..3 {
        leave_numbers_out(&db).unwrap();
        let next = new();
        assert!(next > last + NUMBERS_LEFT_OUT);
        last = next;
    }
}

#[test]
fn a_number_that_is_damaged_is_no_series() {
    let folder = tempfile::tempdir().unwrap();
    let (aside, path) = (folder.path().join("old.db"), folder.path().join("new.db"));
    let old = file(&aside, 0);
    old.execute_batch("INSERT INTO series VALUES (7, 'good', '{}'), (1 << 40, 'flipped', '{}')")
        .unwrap();
    drop(old);
    let mut db = file(&path, 0);
    Salvage::begin(&aside, &path, &mut db).unwrap();
    assert_eq!(count(&db, "SELECT max(id) FROM series"), 7);
}
