//! From `[keys]` of the settings to the screen's keymap.

use crate::config::{KeyBinding, Mistake, Mistakes, Place, Settings, nearest};
use crate::ui::action::{self, KeyPress, Keymap};

/// Which keys mean which actions.
///
/// # Errors
/// Every name that is no action, every text that is no key and every key that has two meanings, with the place where it
/// was written.
pub fn keymap(settings: &Settings) -> Result<Keymap, Mistakes> {
    let mistakes: Vec<Mistake> = settings.keys.iter().flat_map(mistakes_in).collect();
    if !mistakes.is_empty() {
        return Err(Mistakes(mistakes));
    }
    let mut keymap = Keymap::default();
    for KeyBinding { action, keys } in &settings.keys {
        let keys: Vec<String> = keys.iter().map(|key| key.value.clone()).collect();
        keymap
            .bind(&action.value, &keys)
            .map_err(|error| Mistake::at(&action.place, error.to_string()))?;
    }
    let clashes = clashes(&settings.keys, &keymap);
    if clashes.is_empty() {
        Ok(keymap)
    } else {
        Err(Mistakes(clashes))
    }
}

/// Keys that mean two actions where both work; each pair is told once, at the one that was written later.
fn clashes(bindings: &[KeyBinding], keymap: &Keymap) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for (index, binding) in bindings.iter().enumerate() {
        let later: Vec<&str> = bindings[index + 1..].iter().map(name).collect();
        let Some(action) = action::find(name(binding)) else {
            continue;
        };
        for key in &binding.keys {
            let Ok(press) = key.value.parse::<KeyPress>() else {
                continue;
            };
            let others = keymap.actions(press).iter().filter(|other| {
                other.name != action.name
                    && action.scope.meets(other.scope)
                    && !later.contains(&other.name)
            });
            mistakes.extend(others.map(|other| {
                let place = match place_of(other.name, press, bindings) {
                    Some(place) => format!("at {place}"),
                    None => "as it comes with hubtop".to_owned(),
                };
                let what = format!("{press} is a key of `{}` already, {place}", other.name);
                Mistake::at(&key.place, what).of(format!("keys.{}", action.name))
            }));
        }
    }
    mistakes
}

fn name(binding: &KeyBinding) -> &str {
    &binding.action.value
}

/// Where a key of an action was written, if a person did.
fn place_of<'a>(action: &str, press: KeyPress, bindings: &'a [KeyBinding]) -> Option<&'a Place> {
    let binding = bindings.iter().find(|binding| name(binding) == action)?;
    let key = binding
        .keys
        .iter()
        .find(|key| key.value.parse() == Ok(press))?;
    Some(&key.place)
}

fn mistakes_in(binding: &KeyBinding) -> Vec<Mistake> {
    let KeyBinding { action, keys } = binding;
    let name = format!("keys.{}", action.value);
    if action::find(&action.value).is_none() {
        let near = nearest(&action.value, action::all().map(|action| action.name));
        let mistake = Mistake::at(&action.place, "there is no such action");
        return vec![mistake.of(name).near(near)];
    }
    keys.iter()
        .filter_map(|key| {
            let error = key.value.parse::<KeyPress>().err()?;
            Some(Mistake::at(&key.place, error.to_string()).of(&name))
        })
        .collect()
}
