//! Every action as data: its name, what it does, its keys and where it works. Help, footer, palette, the `[keys]` of the
//! config and the README's table are all made from [`all`].
//!
//! Adding an action is one entry in one of the files here.

mod key;
mod lists;
mod program;
mod rows;
mod time;
mod view;

pub use key::{KeyError, KeyPress, Keymap};
pub(in crate::ui) use time::is_step;

use super::app::App;

/// Where an action works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// On every screen.
    Everywhere,
    /// Where there is a list.
    List,
    /// On tabs that name the action in [`Tab::actions`](super::tabs::Tab::actions).
    Tab,
}

impl Scope {
    /// The heading in the help.
    #[must_use]
    pub fn heading(self) -> &'static str {
        match self {
            Self::Everywhere => "Everywhere",
            Self::List => "In a list",
            Self::Tab => "On this tab",
        }
    }

    /// Whether a key with a meaning in each would lose one of them.
    #[must_use]
    pub fn meets(self, other: Self) -> bool {
        self == other || self == Self::Everywhere || other == Self::Everywhere
    }
}

/// Something that a key, the palette, or a click can do.
#[derive(Debug)]
pub struct Action {
    /// Its name in the config and the palette: `step-back`.
    pub name: &'static str,
    /// What it does, in one line.
    pub doc: &'static str,
    /// Its keys unless the config names others.
    pub keys: &'static [&'static str],
    /// Where it works.
    pub scope: Scope,
    /// The word in the footer, and its rank there: the smallest first, those without a rank not at all.
    pub footer: Option<(u8, &'static str)>,
    /// Does it.
    pub run: fn(&mut App),
}

/// Every action, in the order of the help.
pub fn all() -> impl Iterator<Item = &'static Action> {
    [
        program::ACTIONS,
        lists::ACTIONS,
        rows::ACTIONS,
        time::ACTIONS,
        view::ACTIONS,
    ]
    .into_iter()
    .flatten()
}

/// The action called `name`.
#[must_use]
pub fn find(name: &str) -> Option<&'static Action> {
    all().find(|action| action.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_keys_can_be_read() {
        let mut seen = std::collections::HashSet::new();
        for action in all() {
            assert!(seen.insert(action.name), "{} stands twice", action.name);
            for key in action.keys {
                key.parse::<KeyPress>().unwrap();
            }
        }
    }

    #[test]
    fn no_key_means_two_things_in_one_scope() {
        let mut seen = std::collections::HashMap::new();
        for action in all() {
            for key in action.keys {
                if let Some(other) = seen.insert((action.scope.heading(), *key), action.name) {
                    panic!("{key} is both {other} and {}", action.name);
                }
            }
        }
    }

    #[test]
    fn ctrl_k_is_bound_to_nothing() {
        // "Up" to the fingers of some and "kill" to those of others.
        let key: KeyPress = "ctrl-k".parse().unwrap();
        assert!(Keymap::default().actions(key).is_empty());
    }
}
