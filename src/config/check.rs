//! From what was written to [`Settings`]: files, then the environment, then flags; each mistake is told and the rest is
//! read on, so that all are told at once.

use std::ffi::OsString;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::files::Files;
use super::keys;
use super::lists::LISTS;
use super::mistake::{Mistake, Mistakes, nearest};
use super::place::{Located, Place, SourceText, as_written};
use super::settings::Settings;
use super::table::{PREFIX, SETTINGS};
use super::value::Given;

/// The variable that names the one file to read; it is no setting.
const CONFIG_VARIABLE: &str = "HUBTOP_CONFIG";

/// A setting that was given on the command line.
#[derive(Debug, Clone, PartialEq)]
pub struct FlagGiven {
    /// The option as it is typed: `--no-mouse`.
    pub flag: &'static str,
    /// The setting: `mouse`.
    pub key: &'static str,
    /// What it is set to.
    pub value: Given,
}

/// Everything that settings are read from, in rising order.
#[derive(Debug, Clone, PartialEq)]
pub struct Sources {
    /// The files.
    pub files: Files,
    /// The environment; what is not meant for hubtop is left alone.
    pub environment: Vec<(OsString, OsString)>,
    /// The command line.
    pub flags: Vec<FlagGiven>,
}

/// Reads and checks all settings.
///
/// # Errors
/// Everything that is wrong in any of the sources.
pub fn load(sources: &Sources) -> Result<Settings, Mistakes> {
    load_with(sources, |_| Vec::new())
}

/// Reads and checks all settings; `further` says what else is wrong with them, and is told together with the rest.
///
/// # Errors
/// Everything that is wrong in any of the sources.
pub fn load_with(
    sources: &Sources,
    further: impl FnOnce(&Settings) -> Vec<Mistake>,
) -> Result<Settings, Mistakes> {
    let mut checker = Checker::new();
    for file in sources.files.read() {
        match file {
            Ok(source) => checker.file(&source),
            Err(mistake) => checker.mistakes.push(mistake),
        }
    }
    for (name, value) in &sources.environment {
        checker.variable(name, value);
    }
    for flag in &sources.flags {
        checker.set(flag.key, flag.value.clone(), Place::Flag(flag.flag));
    }
    let further = further(&checker.settings);
    checker.mistakes.extend(further);
    checker.finish()
}

/// The settings so far and what was wrong so far.
struct Checker {
    settings: Settings,
    mistakes: Vec<Mistake>,
}

impl Checker {
    fn new() -> Self {
        let mut checker = Self {
            settings: Settings::unset(),
            mistakes: Vec::new(),
        };
        for setting in SETTINGS {
            if let Some(given) = setting.default.given() {
                checker.set(setting.key, given, Place::Default);
            }
        }
        checker
    }

    fn finish(self) -> Result<Settings, Mistakes> {
        if self.mistakes.is_empty() {
            Ok(self.settings)
        } else {
            Err(Mistakes(self.mistakes))
        }
    }

    /// Sets what the table knows as `key`.
    fn set(&mut self, key: &str, given: Given, place: Place) {
        let Some(index) = SETTINGS.iter().position(|setting| setting.key == key) else {
            return self.unknown(key, &place);
        };
        match (SETTINGS[index].set)(&mut self.settings, &given) {
            Ok(()) => self.settings.given[index] = Some(Located::new(given, place)),
            Err(wrong) => self
                .mistakes
                .push(Mistake::at(&place, wrong.what).of(key).near(wrong.nearest)),
        }
    }

    /// Tells that `key` is no setting.
    fn unknown(&mut self, key: &str, place: &Place) {
        self.mistakes.push(
            Mistake::at(place, "there is no such setting")
                .of(key)
                .near(nearest_setting(key)),
        );
    }

    /// Reads a variable of the environment.
    fn variable(&mut self, name: &OsString, value: &OsString) {
        let name = name.to_string_lossy();
        if !name.starts_with(PREFIX) || name == CONFIG_VARIABLE {
            return;
        }
        let place = Place::Environment(name.to_string());
        let Some(setting) = SETTINGS.iter().find(|setting| setting.variable() == name) else {
            let known: Vec<String> = SETTINGS.iter().map(|setting| setting.variable()).collect();
            let known = known.iter().map(String::as_str).chain([CONFIG_VARIABLE]);
            let near = nearest(&name, known);
            let what = "there is no such setting";
            return self.mistakes.push(Mistake::at(&place, what).near(near));
        };
        match value.to_str() {
            Some(text) => self.set(setting.key, Given::Bare(text.to_owned()), place),
            None => self
                .mistakes
                .push(Mistake::at(&place, "is not UTF-8").of(setting.key)),
        }
    }

    /// Reads a file.
    fn file(&mut self, source: &Arc<SourceText>) {
        self.settings.files.push(source.path.clone());
        let (table, mut errors) = DeTable::parse_recoverable(&source.text);
        errors.sort_by_key(|error| error.span().map_or(0, |span| span.start));
        for error in &errors {
            self.syntax(source, error);
        }
        // After a syntax error the parser guesses; what it guessed is no ground for more complaints.
        if errors.is_empty() {
            self.table(source, table.get_ref(), "");
        }
    }

    fn syntax(&mut self, source: &Arc<SourceText>, error: &toml::de::Error) {
        let place = Place::File {
            source: source.clone(),
            span: error.span().unwrap_or(0..0),
        };
        let what = error.message().replace('\n', ", ");
        self.mistakes.push(Mistake::at(&place, what));
    }

    /// Reads a section of a file; `prefix` is its name with a dot, or empty.
    fn table(&mut self, source: &Arc<SourceText>, table: &DeTable<'_>, prefix: &str) {
        for (name, value) in as_written(table) {
            let place = Place::File {
                source: source.clone(),
                span: name.span(),
            };
            let key = format!("{prefix}{}", name.get_ref());
            self.entry(source, &key, place, value);
        }
    }

    fn entry(
        &mut self,
        source: &Arc<SourceText>,
        key: &str,
        place: Place,
        value: &Spanned<DeValue<'_>>,
    ) {
        match (key, value.get_ref()) {
            ("keys", DeValue::Table(table)) => {
                let mistakes = keys::read(source, table, &mut self.settings.keys);
                self.mistakes.extend(mistakes);
            }
            (_, value) if is_list(key) => self.list(source, key, &place, value),
            (_, DeValue::Table(table)) if is_section(key) => {
                self.table(source, table, &format!("{key}."));
            }
            ("keys", other) => self.not_a_section(key, &place, other),
            (_, other) if is_section(key) => self.not_a_section(key, &place, other),
            (_, DeValue::Table(_)) if !is_setting(key) => self.unknown_section(key, &place),
            (_, other) if is_setting(key) => {
                // The key is where it was set; the value is where a wrong one stands.
                let given = Given::from_toml(other);
                let span = value.span();
                let source = source.clone();
                self.set(key, given, Place::File { source, span });
            }
            _ => self.unknown(key, &place),
        }
    }

    /// Reads the sections `[[key]]`.
    fn list(&mut self, source: &Arc<SourceText>, key: &str, place: &Place, value: &DeValue<'_>) {
        let sections = LISTS.iter().find(|list| list.name() == key);
        if let (Some(sections), DeValue::Array(list)) = (sections, value) {
            let mistakes = sections.read(source, list, &mut self.settings);
            return self.mistakes.extend(mistakes);
        }
        let what = format!("is written as [[{key}]], one section each");
        self.mistakes.push(Mistake::at(place, what).of(key));
    }

    fn not_a_section(&mut self, key: &str, place: &Place, value: &DeValue<'_>) {
        let kind = Given::from_toml(value).kind();
        let what = format!("is a section, written as [{key}], not {kind}");
        self.mistakes.push(Mistake::at(place, what).of(key));
    }

    fn unknown_section(&mut self, key: &str, place: &Place) {
        let near = nearest(key, sections().chain(others()));
        let mistake = Mistake::at(place, "there is no such section").of(key);
        self.mistakes.push(mistake.near(near));
    }
}

fn is_setting(key: &str) -> bool {
    SETTINGS.iter().any(|setting| setting.key == key)
}

fn is_section(key: &str) -> bool {
    sections().any(|section| section == key)
}

fn is_list(key: &str) -> bool {
    LISTS.iter().any(|list| list.name() == key)
}

/// The sections that are no settings of the table.
fn others() -> impl Iterator<Item = &'static str> {
    std::iter::once("keys").chain(LISTS.iter().map(|list| list.name()))
}

fn sections() -> impl Iterator<Item = &'static str> {
    SETTINGS
        .iter()
        .filter_map(|setting| Some(setting.key.rsplit_once('.')?.0))
}

/// The setting that was most likely meant, also when it was written in the wrong section.
fn nearest_setting(key: &str) -> Option<String> {
    let last = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
    let names = SETTINGS.iter().map(|setting| setting.key);
    SETTINGS
        .iter()
        .find(|setting| last(setting.key) == last(key))
        .map(|setting| setting.key.to_owned())
        .or_else(|| nearest(key, names.chain(others())))
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
