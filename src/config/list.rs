//! Sections of which a person writes as many as they like: `[[rule]]`, `[[source]]`. One reader for all of them; what
//! they are is in `lists.rs`.

use std::ops::Range;
use std::sync::Arc;

use serde::de::{DeserializeOwned, Error as _, Visitor, value::Error as ValueError};
use serde::{Deserializer, forward_to_deserialize_any};
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, ValueDeserializer};

use super::mistake::{Mistake, nearest};
use super::place::{Located, Place, SourceText, as_written};
use super::settings::Settings;
use super::value::table_text;

/// A kind of section that is written as `[[name]]`.
pub struct List<T> {
    /// What stands between the brackets.
    pub name: &'static str,
    /// The keys that it can't do without; all others are those of the form.
    pub needed: &'static [&'static str],
    /// The keys that say which one it is, the first of them that is written.
    pub named_by: &'static [&'static str],
    /// What it is called, or what is wrong with it that the form alone can't say. There is one of each name; one in a
    /// later file takes the place of an earlier one.
    pub check: fn(&T) -> Result<String, Vec<Flaw>>,
    /// Where they are kept.
    pub kept: fn(&mut Settings) -> &mut Vec<Located<T>>,
}

/// What is wrong with one that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The key whose value is wrong, there or in a section below; none when it is about the whole.
    key: Option<&'static str>,
    why: String,
    nearest: Option<String>,
}

impl Flaw {
    /// What is wrong with the value of `key`.
    pub fn of(key: &'static str, why: impl Into<String>) -> Self {
        Self {
            key: Some(key),
            ..Self::whole(why)
        }
    }

    /// What is wrong with the whole.
    pub fn whole(why: impl Into<String>) -> Self {
        Self {
            key: None,
            why: why.into(),
            nearest: None,
        }
    }

    /// The same, with the nearest right value.
    #[must_use]
    pub fn near(mut self, nearest: Option<String>) -> Self {
        self.nearest = nearest;
        self
    }
}

/// A section as it was written, for the printout of what is in force.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// What stands between the brackets.
    pub list: &'static str,
    /// What it is called.
    pub called: String,
    /// Where it stands.
    pub place: Place,
    /// Its keys as TOML, without secrets.
    pub text: String,
}

/// A [`List`] of any form.
pub trait Sections: Sync {
    /// What stands between the brackets.
    fn name(&self) -> &'static str;
    /// Reads those of one file over those of earlier files.
    fn read(
        &self,
        source: &Arc<SourceText>,
        list: &DeArray<'_>,
        settings: &mut Settings,
    ) -> Vec<Mistake>;
}

impl<T: DeserializeOwned> Sections for List<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn read(
        &self,
        source: &Arc<SourceText>,
        list: &DeArray<'_>,
        settings: &mut Settings,
    ) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        let mut own: Vec<(T, Written)> = Vec::new();
        for item in list {
            let section = Section {
                list: self,
                source,
                item,
            };
            match section.read() {
                Err(wrong) => mistakes.extend(wrong),
                Ok((form, written)) => {
                    match own.iter().find(|(_, known)| known.called == written.called) {
                        Some((_, known)) => mistakes.push(section.twice(&written, &known.place)),
                        None => own.push((form, written)),
                    }
                }
            }
        }
        self.keep(own, settings);
        mistakes
    }
}

impl<T> List<T> {
    /// Puts those of one file in the place of earlier ones of the same name.
    fn keep(&self, own: Vec<(T, Written)>, settings: &mut Settings) {
        let is_replaced = |known: &Written| {
            let same = |(_, written): &(T, Written)| written.called == known.called;
            known.list == self.name && own.iter().any(same)
        };
        let (replaced, stays): (Vec<_>, Vec<_>) = std::mem::take(&mut settings.written)
            .into_iter()
            .partition(is_replaced);
        settings.written = stays;
        let kept = (self.kept)(settings);
        kept.retain(|known| replaced.iter().all(|gone| gone.place != known.place));
        let mut texts = Vec::new();
        for (form, written) in own {
            kept.push(Located::new(form, written.place.clone()));
            texts.push(written);
        }
        settings.written.extend(texts);
    }
}

/// One section of a file.
struct Section<'a, 'i, T> {
    list: &'a List<T>,
    source: &'a Arc<SourceText>,
    item: &'a Spanned<DeValue<'i>>,
}

impl<T: DeserializeOwned> Section<'_, '_, T> {
    fn read(&self) -> Result<(T, Written), Vec<Mistake>> {
        let DeValue::Table(table) = self.item.get_ref() else {
            let what = format!("is written as [[{}]], one section each", self.list.name);
            return Err(vec![self.mistake(self.item.span(), what, None)]);
        };
        let mistakes = self.wrong_keys(table);
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let form = self.form().map_err(|mistake| vec![mistake])?;
        let called = (self.list.check)(&form).map_err(|flaws| {
            let flaws = flaws.into_iter();
            flaws
                .map(|flaw| self.flawed(flaw, table))
                .collect::<Vec<_>>()
        })?;
        let written = Written {
            list: self.list.name,
            called,
            place: self.place(self.named_at(table).1),
            text: table_text(table),
        };
        Ok((form, written))
    }

    /// Keys that such a section does not have, and those that it lacks.
    fn wrong_keys(&self, table: &DeTable<'_>) -> Vec<Mistake> {
        let name = self.list.name;
        let keys = keys_of::<T>();
        let known = keys.iter().copied();
        let unknown = as_written(table)
            .into_iter()
            .map(|(key, _)| key)
            .filter(|key| !keys.is_empty() && !keys.contains(&&**key.get_ref()))
            .map(|key| {
                let what = format!("[[{name}]] has no such key");
                self.mistake(key.span(), what, Some(key.get_ref()))
                    .near(nearest(key.get_ref(), known.clone()))
            });
        let needed = self.list.needed.iter();
        let missing = needed.filter(|key| !table.contains_key(**key)).map(|key| {
            let what = format!("the {name} has no `{key}`");
            self.mistake(self.item.span(), what, None)
        });
        unknown.chain(missing).collect()
    }

    fn form(&self) -> Result<T, Mistake> {
        T::deserialize(ValueDeserializer::from(self.item.clone())).map_err(|error| {
            let span = error.span().unwrap_or(self.item.span());
            let what = error.message().replace('\n', ", ");
            let key = self.key_at(&span);
            self.mistake(span, what, key.as_deref())
        })
    }

    /// The key whose value lies at `span`.
    fn key_at(&self, span: &Range<usize>) -> Option<String> {
        let table = self.item.get_ref().as_table();
        let (key, _) = table
            .into_iter()
            .flatten()
            .find(|(_, value)| value.span().contains(&span.start))?;
        Some(key.get_ref().to_string())
    }

    /// The key that says which one it is, and where its value stands.
    fn named_at(&self, table: &DeTable<'_>) -> (Option<&'static str>, Range<usize>) {
        let mut keys = self.list.named_by.iter();
        keys.find_map(|key| Some((Some(*key), value_span(table, key)?)))
            .unwrap_or((None, self.item.span()))
    }

    fn twice(&self, written: &Written, first: &Place) -> Mistake {
        let table = self.item.get_ref().as_table();
        let key = table.and_then(|table| self.named_at(table).0);
        // Who wrote the name knows what to change.
        let is_named_elsewise = key != Some("name") && self.list.named_by.contains(&"name");
        let mend = if is_named_elsewise {
            ": give one of them a `name`"
        } else {
            ""
        };
        let what = format!(
            "there is a {} called {:?} at {first} already{mend}",
            self.list.name, written.called
        );
        Mistake::at(&written.place, what).of(self.full(key))
    }

    fn flawed(&self, flaw: Flaw, table: &DeTable<'_>) -> Mistake {
        let span = flaw.key.and_then(|key| value_span(table, key));
        self.mistake(span.unwrap_or(self.item.span()), flaw.why, flaw.key)
            .near(flaw.nearest)
    }

    fn mistake(&self, span: Range<usize>, what: impl Into<String>, key: Option<&str>) -> Mistake {
        Mistake::at(&self.place(span), what).of(self.full(key))
    }

    /// The key as messages name it: `source.kind`.
    fn full(&self, key: Option<&str>) -> String {
        let name = self.list.name;
        key.map_or(name.to_owned(), |key| format!("{name}.{key}"))
    }

    fn place(&self, span: Range<usize>) -> Place {
        Place::File {
            source: self.source.clone(),
            span,
        }
    }
}

/// Where the value of a key stands, there or in a section below: `ca_file` lies in that of `tls`.
fn value_span(table: &DeTable<'_>, key: &str) -> Option<Range<usize>> {
    let here = table.get(key).map(Spanned::span);
    here.or_else(|| {
        let mut values = table.values();
        values.find_map(|value| value_span(value.get_ref().as_table()?, key))
    })
}

/// The keys that a form has, as serde knows them; none when it is not a plain struct.
fn keys_of<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut keys: &'static [&'static str] = &[];
    // It always ends in an error, after it was told the keys.
    let _ = T::deserialize(KeysAsked(&mut keys));
    keys
}

/// Has nothing to read, and notes which keys are asked for.
struct KeysAsked<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for KeysAsked<'_> {
    type Error = ValueError;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        _visitor: V,
    ) -> Result<V::Value, ValueError> {
        *self.0 = fields;
        Err(ValueError::custom("only the keys are asked for"))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, ValueError> {
        Err(ValueError::custom("only the keys are asked for"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
