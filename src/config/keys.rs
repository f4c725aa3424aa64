//! `[keys]`: which keys do which action. Names of actions and keys belong to the screen, which checks them; here they
//! keep their places, so that it can say where a wrong one stands.

use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::mistake::Mistake;
use super::place::{Located, Place, SourceText, as_written};

/// The keys of one action; they replace its default ones.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyBinding {
    /// The action's name.
    pub action: Located<String>,
    /// Its keys; none takes the action's keys away.
    pub keys: Vec<Located<String>>,
}

/// Reads `[keys]` over what earlier files said.
pub fn read(
    source: &Arc<SourceText>,
    table: &DeTable<'_>,
    bindings: &mut Vec<KeyBinding>,
) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for (name, value) in as_written(table) {
        let action = name.get_ref().to_string();
        match keys_of(source, &action, value) {
            Ok(keys) => {
                bindings.retain(|known| known.action.value != action);
                let place = place(source, name.span());
                let action = Located::new(action, place);
                bindings.push(KeyBinding { action, keys });
            }
            Err(mistake) => mistakes.push(mistake),
        }
    }
    mistakes
}

fn keys_of(
    source: &Arc<SourceText>,
    action: &str,
    value: &Spanned<DeValue<'_>>,
) -> Result<Vec<Located<String>>, Mistake> {
    match value.get_ref() {
        DeValue::Array(list) => list
            .iter()
            .map(|item| key_of(source, action, item))
            .collect(),
        _ => Ok(vec![key_of(source, action, value)?]),
    }
}

fn key_of(
    source: &Arc<SourceText>,
    action: &str,
    value: &Spanned<DeValue<'_>>,
) -> Result<Located<String>, Mistake> {
    let place = place(source, value.span());
    match value.get_ref().as_str() {
        Some(key) if !key.is_empty() => Ok(Located::new(key.to_owned(), place)),
        _ => Err(
            Mistake::at(&place, "takes keys in quotes: [\"x\", \"ctrl-x\"]")
                .of(format!("keys.{action}")),
        ),
    }
}

fn place(source: &Arc<SourceText>, span: std::ops::Range<usize>) -> Place {
    Place::File {
        source: source.clone(),
        span,
    }
}
