//! What was found, as people read it: the form of the source that would watch it, and its row with the lines of the
//! settings.

use std::path::PathBuf;

use super::Prospect;
use super::candidate::Candidate;
use super::handshake::{Answer, Entry};
use super::place::Place;
use super::recognise::Kind;
use crate::collect::form::SourceForm;
use crate::model::text::printable;
use crate::model::{Found, SourceName, redact};

/// Who would log in, where somebody has to be named.
const USER: &str = "hubtop";

/// The source that would watch a candidate; none when it is none of ours.
pub fn prospect(candidate: &Candidate, answer: &Answer) -> Option<Prospect> {
    let first = candidate.places.first()?;
    let (form, why_not) = match answer {
        Answer::Open(entry) => (open_form(candidate.kind, entry), None),
        Answer::Closed(why) => (
            closed_form(candidate.kind, first),
            Some(mended(candidate.kind, why)),
        ),
        Answer::Silent(why) => (
            open_form(candidate.kind, &unknown(first)),
            Some(why.clone()),
        ),
        Answer::Other => return None,
    };
    Some(Prospect {
        kind: candidate.kind,
        keys: candidate.keys(),
        form,
        why_not,
    })
}

/// The way in to who has not answered.
fn unknown(place: &Place) -> Entry {
    Entry {
        place: place.clone(),
        user: None,
        database: None,
    }
}

fn open_form(kind: Kind, entry: &Entry) -> SourceForm {
    SourceForm {
        kind: kind.word().to_owned(),
        address: address_of(kind, &entry.place, entry.database.as_deref()),
        user: entry.user.clone(),
        ..SourceForm::default()
    }
}

/// The form with what is still to be filled in by a person: a file with the password, and who logs in.
fn closed_form(kind: Kind, place: &Place) -> SourceForm {
    let has_users = matches!(kind, Kind::Postgres | Kind::Mysql);
    let database = (kind == Kind::Postgres).then_some("postgres");
    SourceForm {
        kind: kind.word().to_owned(),
        address: address_of(kind, place, database),
        user: has_users.then(|| USER.to_owned()),
        password_file: Some(password_file(kind.word())),
        ..SourceForm::default()
    }
}

/// Where a person is told to put the password.
pub fn password_file(kind: &str) -> PathBuf {
    PathBuf::from(format!("/etc/hubtop/{kind}.pw"))
}

/// As the source of this kind reads it.
fn address_of(kind: Kind, place: &Place, database: Option<&str>) -> String {
    match (kind, place) {
        (Kind::Metrics, place) => format!("http://{place}/metrics"),
        (Kind::Postgres, Place::Unix(path)) => {
            let folder = path.parent().unwrap_or(path).display();
            let port = place.port().unwrap_or(5432);
            let database = database.unwrap_or("postgres");
            format!("host={folder} port={port} dbname={database}")
        }
        (Kind::Postgres, place) => format!("{place}/{}", database.unwrap_or("postgres")),
        (_, place) => place.to_string(),
    }
}

/// Why, with what a person does about it.
fn mended(kind: Kind, why: &str) -> String {
    match kind {
        Kind::Postgres if why.starts_with("role ") => {
            format!("{why}: CREATE ROLE {USER} LOGIN PASSWORD '…' IN ROLE pg_monitor")
        }
        _ => why.to_owned(),
    }
}

/// The row of something that was found.
pub fn listed(prospect: &Prospect, why_not: Option<&str>, attached: Option<&SourceName>) -> Found {
    let form = &prospect.form;
    Found {
        kind: form.kind.as_str().into(),
        address: printable(&redact::argument(&form.address)).into(),
        attached: attached.cloned(),
        why_not: why_not.map(|why| printable(why).into()),
        settings: settings(form).into(),
    }
}

/// The lines that a person puts into the settings.
fn settings(form: &SourceForm) -> String {
    let mut lines = "[[source]]\n".to_owned();
    let path = |path: &PathBuf| path.display().to_string();
    let pairs = [
        ("kind", Some(form.kind.clone())),
        ("name", form.name.clone()),
        (
            "address",
            Some(redact::argument(&form.address).into_owned()),
        ),
        ("user", form.user.clone()),
        ("password_file", form.password_file.as_ref().map(path)),
        ("password_env", form.password_env.clone()),
    ];
    for (key, value) in pairs {
        if let Some(value) = value {
            lines.push_str(&line(key, &value));
        }
    }
    lines
}

/// A key and its value as a line of the settings.
pub fn line(key: &str, value: &str) -> String {
    // JSON and TOML quote alike, but for what is no printable text.
    let quoted = serde_json::Value::from(&*printable(value));
    format!("{key} = {quoted}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_would_attach_it_and_hold_no_secret() {
        let candidate = Candidate {
            kind: Kind::Postgres,
            is_named: true,
            places: vec![Place::Unix("/run/postgresql/.s.PGSQL.5433".into())],
            sockets: vec![1],
            process: None,
        };
        let answer = Answer::Closed("role \"root\" does not exist".to_owned());
        let prospect = prospect(&candidate, &answer).unwrap();
        let why = prospect.why_not.clone();
        let row = listed(&prospect, why.as_deref(), None);
        assert_eq!(
            &*row.settings,
            "[[source]]\nkind = \"postgres\"\naddress = \"host=/run/postgresql port=5433 dbname=postgres\"\n\
             user = \"hubtop\"\npassword_file = \"/etc/hubtop/postgres.pw\"\n"
        );
        assert!(row.why_not.unwrap().contains("IN ROLE pg_monitor"));
        let form: SourceForm = toml::from_str(row.settings.split_once('\n').unwrap().1).unwrap();
        assert_eq!(form, prospect.form);
        let form = SourceForm {
            kind: "redis".to_owned(),
            address: "redis://:hunter2@cache/0".to_owned(),
            ..SourceForm::default()
        };
        assert!(!settings(&form).contains("hunter2"));
        let form = SourceForm {
            name: Some("web access.log 2".to_owned()),
            ..form
        };
        assert!(settings(&form).contains("\nname = \"web access.log 2\"\n"));
    }
}
