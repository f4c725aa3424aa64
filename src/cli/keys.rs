//! From `[keys]` of the settings to the screen's keymap.

use crate::config::{KeyBinding, Mistake, Mistakes, Settings, nearest};
use crate::ui::action::{self, KeyPress, Keymap};

/// Which keys mean which actions.
///
/// # Errors
/// Every name that is no action and every text that is no key, with the place where it was written.
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
    Ok(keymap)
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
