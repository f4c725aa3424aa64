//! The themes: those in the binary, and a person's own from a folder.

use std::path::Path;

use super::file::{Reader, Theme, ThemeWarning};

/// The theme that is used when none was chosen.
pub const DEFAULT: &str = "hubtop-dark";

macro_rules! embedded {
    ($($name:literal),+ $(,)?) => {
        [$(($name, include_str!(concat!("../../../themes/", $name, ".toml")))),+]
    };
}

/// The files of `themes/`. One that inherits stands after the one it inherits from.
const EMBEDDED: &[(&str, &str)] = &embedded![
    "hubtop-dark",
    "hubtop-light",
    "catppuccin-latte",
    "catppuccin-mocha",
    "dracula",
    "gruvbox",
    "high-contrast",
    "mono",
    "nord",
    "solarized-dark",
    "solarized-light",
    "tokyo-night",
];

/// Every theme that can be chosen.
#[derive(Debug, Clone, Default)]
pub struct Themes {
    themes: Vec<Theme>,
}

impl Themes {
    /// Those in the binary.
    #[must_use]
    pub fn embedded() -> Self {
        let mut themes = Self::default();
        for (name, source) in EMBEDDED {
            // A test sees to it that these have no warnings.
            themes.add(name, name, source);
        }
        themes
    }

    /// Those in the binary and those in the files `*.toml` of a folder; one of the same name takes the place of the
    /// embedded one. What is wrong in a file comes back as warnings; a folder that does not exist is an empty one.
    #[must_use]
    pub fn load(dir: &Path) -> (Self, Vec<ThemeWarning>) {
        let mut themes = Self::embedded();
        let mut warnings = Vec::new();
        let mut files: Vec<_> = std::fs::read_dir(dir)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|end| end == "toml"))
            .collect();
        files.sort();
        for path in files {
            let file = path.display().to_string();
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            match std::fs::read_to_string(&path) {
                Ok(source) => warnings.extend(themes.add(&name, &file, &source)),
                Err(error) => warnings.push(ThemeWarning {
                    file,
                    line: 1,
                    message: format!("can't be read: {error}"),
                }),
            }
        }
        (themes, warnings)
    }

    /// The names, the default first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.themes.iter().map(|theme| theme.name.as_str())
    }

    /// Every theme, the default first.
    pub fn iter(&self) -> impl Iterator<Item = &Theme> {
        self.themes.iter()
    }

    /// The theme called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Theme> {
        self.themes.iter().find(|theme| theme.name == name)
    }

    /// The theme called `name`, else the default.
    #[must_use]
    pub fn get_or_default(&self, name: &str) -> Theme {
        let found = self.get(name).or_else(|| self.themes.first());
        found.cloned().unwrap_or_else(|| Theme::plain(DEFAULT))
    }

    fn add(&mut self, name: &str, file: &str, source: &str) -> Vec<ThemeWarning> {
        let parent = |wanted: Option<&str>| self.get(wanted.unwrap_or(DEFAULT)).cloned();
        let (theme, warnings) = Reader::new(file, source).read(name, parent);
        if let Some(theme) = theme {
            match self.themes.iter_mut().find(|known| known.name == name) {
                Some(known) => *known = theme,
                None => self.themes.push(theme),
            }
        }
        warnings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::theme::Role;
    use crate::ui::theme::color::Paint;

    #[test]
    fn embedded_themes_are_without_fault_and_complete() {
        let mut themes = Themes::default();
        for (name, source) in EMBEDDED {
            assert_eq!(themes.add(name, name, source), [], "{name}");
            let theme = themes.get(name).unwrap();
            assert!(!theme.about.is_empty(), "{name} says what it is");
            for (role, role_name) in Role::ALL {
                let style = theme.role(role);
                let given = style.fg.is_some() || style.bg.is_some();
                let plain = *name == "mono";
                assert!(given || plain, "{name} has no {role_name}");
            }
        }
    }

    #[test]
    fn text_can_be_read_where_a_theme_paints_behind_it() {
        for theme in Themes::embedded().iter() {
            let behind = theme.role(Role::Text).bg;
            for (role, name) in Role::ALL {
                // Lines, not text.
                if matches!(role, Role::Border | Role::Track) {
                    continue;
                }
                let style = theme.role(role);
                let front = style.fg.or(theme.role(Role::Text).fg);
                let (Some(Paint::Rgb(front)), Some(Paint::Rgb(back))) =
                    (front, style.bg.or(behind))
                else {
                    continue;
                };
                let contrast = front.contrast(back);
                assert!(contrast >= 3.0, "{} {name}: {contrast:.2}", theme.name);
            }
        }
    }

    #[test]
    fn a_mistake_is_a_warning_with_its_line_and_the_rest_counts() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("mine.toml");
        let source = "inherits = \"nord\"\nheat = [\"#00ff00\", 3]\n[palette]\nrose = \"#ff0066\"\n\
                      [roles]\ncriticl = \"rose\"\nwarning = { fg = \"roze\", blod = true }\nok = \"rose\"\n";
        std::fs::write(&file, source).unwrap();
        std::fs::write(dir.path().join("broken.toml"), "a = \n").unwrap();
        let (themes, warnings) = Themes::load(dir.path());
        let said: Vec<(usize, String)> = warnings
            .iter()
            .map(|w| (w.line, w.message.clone()))
            .collect();
        assert_eq!(said.len(), 5, "{said:#?}");
        assert!(warnings[0].file.ends_with("broken.toml") && warnings[0].line == 1);
        assert_eq!(said[1].0, 2);
        assert_eq!(
            said[2],
            (
                6,
                "\"criticl\" is not known; did you mean \"critical\"?".to_owned()
            )
        );
        assert!(said[3].1.contains("did you mean \"bold\""), "{said:?}");
        assert!(said[4].1.contains("did you mean \"rose\""), "{said:?}");
        let mine = themes.get("mine").unwrap();
        let nord = themes.get("nord").unwrap();
        assert_eq!(mine.role(Role::Text), nord.role(Role::Text));
        assert_eq!(mine.role(Role::Ok).fg, Paint::parse("#ff0066"));
        assert!(themes.get("broken").is_none());
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_empty_one() {
        let (themes, warnings) = Themes::load(Path::new("/nonexistent/themes"));
        assert_eq!(warnings, []);
        assert_eq!(themes.names().next(), Some(DEFAULT));
        assert_eq!(themes.get_or_default("no such").name, DEFAULT);
    }
}
