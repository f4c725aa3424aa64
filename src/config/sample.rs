//! The sample file: what `hubtop config init` writes.

/// Every setting with its default and what it means; all of it commented out, so that it changes nothing.
pub const SAMPLE: &str = include_str!("../../assets/config.toml");

#[cfg(test)]
mod tests {
    use std::fs;

    use super::SAMPLE;
    use crate::config::table::SETTINGS;
    use crate::config::{Files, Place, Settings, Sources, load};

    fn load_text(text: &str) -> Settings {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, text).unwrap();
        load(&Sources {
            files: Files::Only(path),
            environment: Vec::new(),
            flags: Vec::new(),
        })
        .unwrap_or_else(|mistakes| panic!("{mistakes}"))
    }

    /// The sample as it is when every example in it is switched on: `#key = value`, while prose is `# Words`.
    fn switched_on() -> String {
        let line = |line: &str| match line.strip_prefix('#') {
            Some(example) if !example.starts_with([' ', '#']) => example.to_owned(),
            _ => line.to_owned(),
        };
        SAMPLE.lines().map(|l| line(l) + "\n").collect()
    }

    #[test]
    fn it_changes_nothing_as_it_is() {
        let settings = load_text(SAMPLE);
        for setting in SETTINGS {
            assert_eq!(
                settings.place_of(setting.key),
                Place::Default,
                "{}",
                setting.key
            );
        }
        assert!(settings.rules.is_empty() && settings.keys.is_empty());
        assert!(settings.sources.is_empty() && settings.exports.is_empty());
    }

    #[test]
    fn it_shows_every_setting_with_its_default() {
        let shown = load_text(&switched_on());
        let defaults = load_text("");
        for (index, setting) in SETTINGS.iter().enumerate() {
            assert_ne!(
                shown.place_of(setting.key),
                Place::Default,
                "{} is missing",
                setting.key
            );
            if let Some(default) = setting.default.given() {
                let given = shown.given[index].as_ref().unwrap();
                assert_eq!(given.value, default, "{}", setting.key);
            }
        }
        assert_eq!(shown.hot_memory, defaults.hot_memory);
        assert!(!shown.keys.is_empty() && !shown.rules.is_empty());
        assert_eq!((shown.sources.len(), shown.exports.len()), (4, 2));
        assert!(!shown.apis.is_empty() && !shown.levels.is_empty() && !shown.prices.is_empty());
        assert_eq!(
            (shown.limits, shown.discover),
            (defaults.limits, defaults.discover)
        );
    }
}
