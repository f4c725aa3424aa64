//! `[[rule]]`: a person's own alert rules, in the form that hubtop's own are written in ([`RuleForm`]).

use std::ops::Range;
use std::sync::Arc;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, ValueDeserializer};

use crate::alert::{Rule, RuleError, RuleForm};
use crate::model::metric::{self, METRICS, SHORT_NAMES};

use super::mistake::{Mistake, nearest};
use super::place::{Located, Place, SourceText, as_written};

/// The keys of a rule, with whether it can't do without.
const KEYS: &[(&str, bool)] = &[
    ("name", true),
    ("metric", true),
    ("labels", false),
    ("condition_operator", true),
    ("threshold", true),
    ("clear_threshold", false),
    ("for", true),
    ("clear_for", false),
    ("severity", true),
    ("enabled", false),
];

/// Reads the rules of one file over those of earlier files; a name that was there is replaced.
pub fn read(
    source: &Arc<SourceText>,
    list: &DeArray<'_>,
    rules: &mut Vec<Located<RuleForm>>,
) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let mut own: Vec<Located<RuleForm>> = Vec::new();
    for item in list {
        let reader = Reader { source, item };
        match reader.rule() {
            Err(wrong) => mistakes.extend(wrong),
            Ok(rule) => match own.iter().find(|known| known.value.name == rule.value.name) {
                Some(known) => mistakes.push(twice(&rule, &known.place)),
                None => own.push(rule),
            },
        }
    }
    rules.retain(|known| own.iter().all(|rule| rule.value.name != known.value.name));
    rules.extend(own);
    mistakes
}

fn twice(rule: &Located<RuleForm>, first: &Place) -> Mistake {
    let what = format!(
        "there is a rule called {:?} at {first} already",
        rule.value.name
    );
    Mistake::at(&rule.place, what).of("rule.name")
}

/// One `[[rule]]`.
struct Reader<'a, 'i> {
    source: &'a Arc<SourceText>,
    item: &'a Spanned<DeValue<'i>>,
}

impl Reader<'_, '_> {
    fn rule(&self) -> Result<Located<RuleForm>, Vec<Mistake>> {
        let DeValue::Table(table) = self.item.get_ref() else {
            let what = "is written as [[rule]], one section a rule";
            return Err(vec![
                Mistake::at(&self.place(self.item.span()), what).of("rule"),
            ]);
        };
        let mut mistakes = self.wrong_keys(table);
        mistakes.extend(self.wrong_metric(table));
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let form = self.form().map_err(|mistake| vec![mistake])?;
        self.check(&form, table).map_err(|mistake| vec![mistake])?;
        let place = self.place(value_span(table, "name").unwrap_or(self.item.span()));
        Ok(Located::new(form, place))
    }

    /// Keys that a rule does not have, and those that it lacks.
    fn wrong_keys(&self, table: &DeTable<'_>) -> Vec<Mistake> {
        let unknown = as_written(table)
            .into_iter()
            .map(|(key, _)| key)
            .filter(|key| KEYS.iter().all(|(known, _)| *known != key.get_ref()))
            .map(|key| {
                let near = nearest(key.get_ref(), KEYS.iter().map(|(known, _)| *known));
                Mistake::at(&self.place(key.span()), "a rule has no such key")
                    .of(format!("rule.{}", key.get_ref()))
                    .near(near)
            });
        let missing = KEYS
            .iter()
            .filter(|(key, needed)| *needed && !table.contains_key(*key))
            .map(|(key, _)| {
                Mistake::at(
                    &self.place(self.item.span()),
                    format!("the rule has no `{key}`"),
                )
                .of("rule")
            });
        unknown.chain(missing).collect()
    }

    /// A metric that nothing brings: a rule on it would never speak.
    fn wrong_metric(&self, table: &DeTable<'_>) -> Option<Mistake> {
        let value = table.get("metric")?;
        let name = value.get_ref().as_str()?;
        if metric::find(metric::full_name(name)).is_some() {
            return None;
        }
        let full = METRICS.iter().map(|def| def.name);
        let short = SHORT_NAMES.iter().map(|(short, _)| *short);
        let mistake = Mistake::at(&self.place(value.span()), format!("{name:?} is no metric"));
        Some(
            mistake
                .of("rule.metric")
                .near(nearest(name, full.chain(short))),
        )
    }

    fn form(&self) -> Result<RuleForm, Mistake> {
        RuleForm::deserialize(ValueDeserializer::from(self.item.clone())).map_err(|error| {
            let span = error.span().unwrap_or(self.item.span());
            let what = error.message().replace('\n', ", ");
            Mistake::at(&self.place(span.clone()), what).of(self.key_at(&span))
        })
    }

    /// The key whose value lies at `span`.
    fn key_at(&self, span: &Range<usize>) -> String {
        let table = self.item.get_ref().as_table();
        table
            .into_iter()
            .flatten()
            .find(|(_, value)| value.span().contains(&span.start))
            .map_or("rule".to_owned(), |(key, _)| {
                format!("rule.{}", key.get_ref())
            })
    }

    /// What the form alone can't say.
    fn check(&self, form: &RuleForm, table: &DeTable<'_>) -> Result<(), Mistake> {
        match Rule::try_from(form.clone()) {
            Ok(_) => Ok(()),
            Err(RuleError::Form(what)) => {
                Err(Mistake::at(&self.place(self.item.span()), what).of("rule"))
            }
            Err(RuleError::Value { key, why, .. }) => {
                let span = value_span(table, key).unwrap_or(self.item.span());
                Err(Mistake::at(&self.place(span), why).of(format!("rule.{key}")))
            }
        }
    }

    fn place(&self, span: Range<usize>) -> Place {
        Place::File {
            source: self.source.clone(),
            span,
        }
    }
}

fn value_span(table: &DeTable<'_>, key: &str) -> Option<Range<usize>> {
    table.get(key).map(Spanned::span)
}
