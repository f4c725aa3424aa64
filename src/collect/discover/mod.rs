//! Looks around on this machine for what could be watched, and attaches what needs no secret: first what the environment
//! names, then what listens, then logs in their usual places.
//!
//! Whoever listens is asked once what it is, with the smallest polite greeting; it is asked again only when another
//! socket takes its place.

mod candidate;
mod environment;
mod handshake;
mod listeners;
mod logs;
mod place;
mod recognise;
mod row;

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use tokio::sync::mpsc::error::TrySendError;

use super::access_log::glob::Glob;
use super::form::{DiscoverForm, SourceForm};
use super::servers::open_source;
use super::{Cadence, CollectError, Reader, Source, Spec, Surroundings};
use crate::model::{Found, Moment, Reading, Rows, SourceKind, SourceName};

use candidate::Candidate;
use handshake::Answer;
use place::{Key, keys_of};
use recognise::Kind;

/// How often it looks.
const INTERVAL: Duration = Duration::from_secs(60);
/// After so long a look is given up. Each greeting has a bound of its own that is far shorter.
const TIMEOUT: Duration = Duration::from_secs(30);
/// So many are greeted at the same time.
const AT_ONCE: usize = 4;
/// So many are greeted in one look; the rest waits for the next.
const MOST_GREETINGS: usize = 64;
/// So many sources are attached without being configured.
const MOST_ATTACHED: usize = 32;

/// What looks around, as a source of its own. What `known` names already is not attached again.
#[must_use]
pub fn sources(form: &DiscoverForm, known: &[SourceForm], around: &Surroundings) -> Vec<Source> {
    if !form.enabled {
        return Vec::new();
    }
    let globs = known.iter().filter_map(|form| {
        let is_log = form.kind == Kind::AccessLog.word();
        let glob = is_log.then(|| Glob::of(Path::new(&form.address)).ok())?;
        glob.flatten()
    });
    let globs = globs.collect();
    let configured = known.iter().map(|form| Attached {
        keys: keys_of(&form.kind, &form.address),
        name: name_of(form),
        row: None,
    });
    vec![Source::Blocking(Box::new(Discover {
        except: form.except.clone(),
        around: around.clone(),
        attached: configured.collect(),
        globs,
        answers: HashMap::new(),
        listeners: Default::default(),
    }))]
}

/// What a source would be called.
fn name_of(form: &SourceForm) -> SourceName {
    match open_source(form, &Surroundings::apart()) {
        Ok(source) => source.spec().name,
        Err(_) => form.name.as_deref().unwrap_or(&form.address).into(),
    }
}

/// What is watched already.
struct Attached {
    keys: Vec<Key>,
    name: SourceName,
    /// Its row, when it was found here.
    row: Option<Found>,
}

/// Looks around.
struct Discover {
    except: Vec<String>,
    around: Surroundings,
    attached: Vec<Attached>,
    /// Patterns whose logs are followed already.
    globs: Vec<Glob>,
    /// What became of asking, by the sockets that were asked.
    answers: HashMap<Vec<u64>, Answer>,
    listeners: listeners::Listeners,
}

/// Something that can be watched, with what is known of it.
struct Prospect {
    kind: Kind,
    /// All the ways to it.
    keys: Vec<Key>,
    /// The source that would watch it, or the form of one that lacks something.
    form: SourceForm,
    /// What it lacks.
    why_not: Option<String>,
}

impl Reader for Discover {
    fn spec(&self) -> Spec {
        Spec {
            name: "discover".into(),
            kind: SourceKind::Own,
            cadence: Cadence::Every(INTERVAL),
            timeout: TIMEOUT,
        }
    }

    fn read(&mut self, now: Moment) -> Result<Reading, CollectError> {
        let environment = environment::Environment::of_this_process();
        let mut rows = Vec::new();
        for prospect in environment.prospects() {
            self.take(prospect, &mut rows);
        }
        let sockets = self.listeners.look()?;
        let logs = logs::prospects(&sockets);
        let candidates = candidate::group(sockets, &self.except);
        self.ask(&candidates, &environment);
        for candidate in &candidates {
            if let Some(prospect) = self.prospect(candidate) {
                self.take(prospect, &mut rows);
            }
        }
        for prospect in logs {
            self.take(prospect, &mut rows);
        }
        let attached = self.attached.iter().filter_map(|known| known.row.clone());
        let mut found: Vec<Found> = attached.chain(rows).collect();
        found.sort_by(|a, b| (&a.kind, &a.address).cmp(&(&b.kind, &b.address)));
        let mut reading = Reading::at(now.wall);
        reading.rows.push(Rows::Found(found));
        Ok(reading)
    }
}

impl Discover {
    /// Asks those that were not asked yet what they are; what is gone is forgotten.
    fn ask(&mut self, candidates: &[Candidate], environment: &environment::Environment) {
        self.answers.retain(|sockets, answer| {
            let is_there = candidates.iter().any(|one| one.sockets == *sockets);
            is_there && !matches!(answer, Answer::Silent(_))
        });
        let unasked: Vec<&Candidate> = candidates
            .iter()
            .filter(|one| !self.answers.contains_key(&one.sockets))
            .filter(|one| self.watched(&one.keys()).is_none())
            .take(MOST_GREETINGS)
            .collect();
        let login = environment.login();
        for few in unasked.chunks(AT_ONCE) {
            let answers: Vec<Answer> = std::thread::scope(|scope| {
                let asking: Vec<_> = few
                    .iter()
                    .map(|one| scope.spawn(|| handshake::ask(one, &login)))
                    .collect();
                let answers = asking.into_iter();
                answers
                    .map(|asking| asking.join().unwrap_or(Answer::Other))
                    .collect()
            });
            for (one, answer) in few.iter().zip(answers) {
                self.answers.insert(one.sockets.clone(), answer);
            }
        }
    }

    fn prospect(&self, candidate: &Candidate) -> Option<Prospect> {
        // Who is watched already was not asked.
        row::prospect(candidate, self.answers.get(&candidate.sockets)?)
    }

    /// The source that watches one of these.
    fn watched(&self, keys: &[Key]) -> Option<&Attached> {
        let has_one = |known: &&Attached| known.keys.iter().any(|key| keys.contains(key));
        self.attached.iter().find(has_one)
    }

    fn fits_a_glob(&self, keys: &[Key]) -> bool {
        let fits = |key: &Key| match key {
            Key::Path(path) => self.globs.iter().any(|glob| glob.fits(path)),
            Key::Port(..) => false,
        };
        keys.iter().any(fits)
    }

    /// Attaches it if nothing is lacking, else lists it with what is.
    fn take(&mut self, mut prospect: Prospect, rows: &mut Vec<Found>) {
        if self.except.iter().any(|kind| kind == prospect.kind.word()) {
            return;
        }
        if self.watched(&prospect.keys).is_some() || self.fits_a_glob(&prospect.keys) {
            return;
        }
        let why_not = match &prospect.why_not {
            Some(why) => why.clone(),
            None => match self.attach(&prospect) {
                Ok(()) => return,
                Err(why) => why,
            },
        };
        let is_listed = |row: &Found| {
            let keys = keys_of(&row.kind, &row.address);
            keys.iter().any(|key| prospect.keys.contains(key))
        };
        if !rows.iter().any(is_listed) {
            if prospect.kind == Kind::AccessLog {
                prospect.form.name = self.other_name(&prospect.form, rows);
            }
            rows.push(row::listed(&prospect, Some(&why_not), None));
        }
    }

    /// A name that nothing has yet, when another source is called as this one would be.
    fn other_name(&self, form: &SourceForm, rows: &[Found]) -> Option<String> {
        let name = name_of(form);
        if !self.is_taken(&name) {
            return None;
        }
        let is_offered = |name: &str| {
            let line = row::line("name", name);
            rows.iter().any(|row| row.settings.contains(&line))
        };
        (2..)
            .map(|number| format!("{name} {number}"))
            .find(|name| !self.is_taken(name) && !is_offered(name))
    }

    fn is_taken(&self, name: &str) -> bool {
        self.attached.iter().any(|known| &*known.name == name)
    }

    fn attach(&mut self, prospect: &Prospect) -> Result<(), String> {
        let found_here = self.attached.iter().filter(|known| known.row.is_some());
        if found_here.count() >= MOST_ATTACHED {
            return Err(format!(
                "{MOST_ATTACHED} others are watched without being configured, and no more"
            ));
        }
        // A source that is opened under a name takes the door of whoever has it.
        let name = name_of(&prospect.form);
        if self.is_taken(&name) {
            return Err(format!("another source is called {name}: give it a name"));
        }
        let source =
            open_source(&prospect.form, &self.around).map_err(|error| error.to_string())?;
        self.around
            .found
            .try_send(source)
            .map_err(|error| match error {
                TrySendError::Full(_) => {
                    "so many were found at once that it has to wait".to_owned()
                }
                TrySendError::Closed(_) => "hubtop is ending".to_owned(),
            })?;
        self.attached.push(Attached {
            keys: prospect.keys.clone(),
            row: Some(row::listed(prospect, None, Some(&name))),
            name,
        });
        Ok(())
    }
}
