//! The settings in force as TOML, each with where it comes from.

use std::fmt::Write as _;

use super::keys::KeyBinding;
use super::place::Place;
use super::settings::Settings;
use super::table::SETTINGS;
use super::value::quoted;

impl Settings {
    /// The settings in force as TOML, each with where it comes from; secrets are hidden.
    #[must_use]
    pub fn show(&self) -> String {
        let mut out = Lines::default();
        let mut section = "";
        for (setting, given) in SETTINGS.iter().zip(&self.given) {
            let (in_section, name) = setting.key.rsplit_once('.').unwrap_or(("", setting.key));
            if in_section != section {
                section = in_section;
                out.heading(&format!("[{section}]"), None);
            }
            match given {
                Some(given) => {
                    let value = given.value.to_toml(setting.key);
                    out.line(&format!("{name} = {value}"), &given.place);
                }
                None => out.line(&format!("#{name} ="), &Place::Default),
            }
        }
        show_keys(&mut out, &self.keys);
        for section in &self.written {
            out.heading(&format!("[[{}]]", section.list), Some(&section.place));
            out.0.push_str(&section.text);
        }
        out.0
    }
}

/// Lines with their places behind them.
#[derive(Default)]
struct Lines(String);

impl Lines {
    fn line(&mut self, text: &str, place: &Place) {
        // Writing to a String can't fail.
        let _ = writeln!(self.0, "{text:<32} # {place}");
    }

    fn bare(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    fn heading(&mut self, text: &str, place: Option<&Place>) {
        self.0.push('\n');
        match place {
            Some(place) => self.line(text, place),
            None => self.bare(text),
        }
    }
}

fn show_keys(out: &mut Lines, bindings: &[KeyBinding]) {
    if bindings.is_empty() {
        return;
    }
    out.heading("[keys]", None);
    for binding in bindings {
        let keys: Vec<String> = binding.keys.iter().map(|k| quoted("", &k.value)).collect();
        let line = format!(
            "{} = [{}]",
            quoted("", &binding.action.value),
            keys.join(", ")
        );
        out.line(&line, &binding.action.place);
    }
}
