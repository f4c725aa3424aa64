//! Logs that are rotated while they are written, come late, are garbled, or may not be read.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use hubtop::collect::CollectError;

use crate::seen::{Seen, form};
use crate::servers::asked::Asked;
use crate::servers::{folder, give_away, wait_for};
use crate::{TIMED, site, visitor, web};

/// A line as nginx 1.22 wrote it, at a time and for a path of the test.
fn line(at: chrono::DateTime<chrono::Local>, path: &str) -> String {
    let at = at.format("%d/%b/%Y:%H:%M:%S %z");
    format!(
        "127.0.0.1 - - [{at}] \"GET {path} HTTP/1.1\" 200 6 \"-\" \"curl/7.88.1\" rt=0.025 uct=\"0.000\" uht=\"0.024\" urt=\"0.025\"\n"
    )
}

pub fn lines(count: usize) -> String {
    let now = chrono::Local::now();
    (0..count).map(|n| line(now, &format!("/a/{n}"))).collect()
}

pub fn append(log: &Path, text: impl AsRef<[u8]>) {
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .open(log)
        .unwrap();
    file.write_all(text.as_ref()).unwrap();
}

fn beside(log: &Path, end: &str) -> PathBuf {
    PathBuf::from(format!("{}{end}", log.display()))
}

fn paths(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("/status/200?n={n}")).collect()
}

#[test]
fn a_renamed_log_is_read_to_its_end_and_the_new_one_from_its_beginning() {
    let web = web::nginx(site::start(), TIMED);
    for reads_between in [false, true] {
        let mut seen = Seen::follow(&web.log, "");
        let mut visit = |count| {
            visitor::visit_all(web.server.port, &paths(count));
            if reads_between {
                seen.read();
            }
        };
        visit(20);
        let old = beside(&web.log, if reads_between { ".2" } else { ".1" });
        fs::rename(&web.log, &old).unwrap();
        visit(15);
        web.server.signal(10);
        wait_for("nginx to open its log again", || {
            web.log.exists().then_some(())
        });
        visit(7);
        seen.read_until(42);
        seen.read();
        assert_eq!(seen.requests(), 42);
    }
}

#[test]
fn an_emptied_log_is_read_on_from_its_copy() {
    let web = web::nginx(site::start(), TIMED);
    // The answer of a request is there before its line: what is copied too early is lost to everybody.
    let wait_for_lines = |count: usize| {
        wait_for("nginx to write its lines", || {
            let text = fs::read_to_string(&web.log).unwrap_or_default();
            (text.lines().count() >= count).then_some(())
        });
    };
    for (round, reads_between) in [false, true].into_iter().enumerate() {
        let before = if round == 0 { 0 } else { 9 };
        // By its first line the copy is known.
        visitor::visit_all(web.server.port, &paths(1));
        wait_for_lines(before + 1);
        let mut seen = Seen::follow(&web.log, "");
        let mut visit = |count| {
            visitor::visit_all(web.server.port, &paths(count));
            if reads_between {
                seen.read();
            }
        };
        visit(20);
        visit(10);
        wait_for_lines(before + 31);
        // What logrotate's copytruncate does.
        fs::copy(&web.log, beside(&web.log, &format!(".{round}"))).unwrap();
        File::options()
            .write(true)
            .open(&web.log)
            .unwrap()
            .set_len(0)
            .unwrap();
        visit(9);
        seen.read_until(39);
        seen.read();
        assert_eq!(seen.requests(), 39);
    }
}

#[test]
fn an_emptied_log_that_grew_beyond_its_old_size_is_seen() {
    let folder = folder();
    let log = folder.path().join("access.log");
    append(&log, lines(10));
    let mut seen = Seen::follow(&log, "");
    append(&log, lines(5));
    fs::copy(&log, beside(&log, ".1")).unwrap();
    File::create(&log).unwrap();
    // Another first line tells it from the old one.
    append(&log, line(chrono::Local::now(), "/first"));
    append(&log, lines(40));
    seen.read_until(46);
    assert_eq!(seen.requests(), 46);
}

#[test]
fn a_log_that_comes_late_is_read_from_its_beginning() {
    let folder = folder();
    let log = folder.path().join("access.log");
    let mut asked = Asked::open(&form(&log, ""));
    let error = asked.ask().unwrap_err();
    assert!(error.to_string().contains("access.log"), "{error}");
    append(&log, lines(3));
    let requests = asked.ask_until("the log to be read", |reading, _| {
        let rows = crate::seen::rows(reading);
        rows.first().map(|row| row.requests)
    });
    assert_eq!(requests, 3);
}

#[test]
fn a_log_that_is_gone_is_said_until_another_one_comes() {
    let folder = folder();
    let log = folder.path().join("access.log");
    append(&log, lines(1));
    let mut seen = Seen::follow(&log, "");
    fs::remove_file(&log).unwrap();
    seen.read();
    assert!(seen.partial("new requests").unwrap().contains("is gone"));
    append(&log, lines(2));
    seen.read();
    seen.read();
    assert_eq!((seen.requests(), seen.partial("new requests")), (2, None));
}

#[test]
fn half_a_line_waits_for_its_end() {
    let folder = folder();
    let log = folder.path().join("access.log");
    append(&log, lines(1));
    let mut seen = Seen::follow(&log, "");
    let next = lines(2);
    append(&log, &next[..next.len() - 20]);
    seen.read();
    assert_eq!(seen.requests(), 1);
    append(&log, &next[next.len() - 20..]);
    seen.read();
    assert_eq!(seen.requests(), 2);
    assert_eq!(seen.partial("lines"), None);
}

#[test]
fn garbage_is_counted_and_said() {
    let folder = folder();
    let log = folder.path().join("access.log");
    append(&log, lines(1));
    let mut seen = Seen::follow(&log, "");
    append(&log, lines(5));
    append(&log, b"\x00\xff\xfe garbage\n{\"a\":1}\nGET / HTTP/1.1\n");
    append(&log, vec![b'x'; 1_000_000]);
    append(&log, format!("\n{}", lines(2)));
    seen.read();
    assert_eq!(seen.requests(), 7);
    let told = seen.partial("lines").unwrap();
    assert!(told.starts_with("4 of 11 lines"), "{told}");
}

#[test]
fn a_flood_is_read_in_bounded_parts_and_nothing_is_left_out() {
    let folder = folder();
    let log = folder.path().join("access.log");
    append(&log, lines(1));
    let mut seen = Seen::follow(&log, "");
    let mut flood = String::new();
    let agent = "x".repeat(4000);
    let long = line(chrono::Local::now(), "/a").replace("curl/7.88.1", &agent);
    for _ in 0..20_000 {
        flood.write_str(&long).unwrap();
    }
    append(&log, flood);
    seen.read();
    let behind = seen.partial("the newest requests").unwrap();
    assert!(behind.contains("behind"), "{behind}");
    seen.read_until(20_000);
    assert_eq!(seen.partial("the newest requests"), None);
}

#[test]
fn the_past_is_read_as_far_as_it_is_wanted() {
    let folder = folder();
    let log = folder.path().join("access.log");
    let ago = |seconds| chrono::Local::now() - chrono::TimeDelta::seconds(seconds);
    for seconds in [7200, 600, 300, 5, 1] {
        append(&log, line(ago(seconds), "/a"));
    }
    for (since, told) in [("1d", 5), ("1h", 4), ("4m", 2)] {
        let seen = Seen::follow(&log, &format!("since = {since:?}"));
        assert_eq!(seen.times["GET /a"].count(), told, "since {since}");
        assert_eq!(seen.row("GET /a").requests, 2, "in the last minute");
    }
}

/// Root may read everything: then this test runs itself as somebody else.
#[test]
fn a_log_that_may_not_be_read_says_what_to_grant() {
    if rustix::process::geteuid().is_root() {
        let name = "rotation::a_log_that_may_not_be_read_says_what_to_grant";
        let me = std::env::current_exe().unwrap();
        let readable = folder();
        let copy = readable.path().join("test");
        fs::copy(me, &copy).unwrap();
        give_away(&copy);
        let ran = crate::servers::command(&copy)
            .args(["--exact", name])
            .current_dir(readable.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ran.stdout);
        assert!(ran.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    let folder = folder();
    let log = folder.path().join("access.log");
    append(&log, lines(1));
    let ask = |asked: &mut Asked| match asked.ask() {
        Err(CollectError::Denied { grant }) => grant,
        other => panic!("{other:?}"),
    };
    fs::set_permissions(&log, fs::Permissions::from_mode(0o000)).unwrap();
    let mut asked = Asked::open(&form(&log, ""));
    let grant = ask(&mut asked);
    assert!(grant.starts_with("setfacl -m u:"), "{grant}");
    assert!(grant.ends_with("access.log"), "{grant}");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o000)).unwrap();
    let grant = ask(&mut asked);
    assert!(
        grant.contains(":x ") && !grant.contains("access.log"),
        "{grant}"
    );
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&log, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(asked.ask().is_ok());
}
