//! From the command line and the environment to [`Settings`].

use std::cell::OnceCell;
use std::path::Path;

use super::arguments::SettingArguments;
use super::keys::keymap;
use super::{Error, log};
use crate::config::{
    self, ColorWish, Files, FlagGiven, Mistake, Mistakes, Settings, Sources, SymbolsWish,
};
use crate::model::Formatter;
use crate::ui::theme::{ColorDepth, Look, Symbols, Theme, ThemeWarning, Themes};

/// The theme that the settings name.
///
/// # Errors
/// There is none of that name: where it was written, and the nearest that there is.
pub fn theme<'a>(settings: &Settings, themes: &'a Themes) -> Result<&'a Theme, Mistakes> {
    themes.get(&settings.theme).ok_or_else(|| {
        let near = config::nearest(&settings.theme, themes.names());
        let what = format!(
            "{:?} is no theme; `hubtop themes` lists them",
            settings.theme
        );
        let mistake = Mistake::at(&settings.place_of("theme"), what);
        mistake.of("theme").near(near).into()
    })
}

/// How numbers, colours and glyphs are written: what is wished, else what the terminal can show.
pub fn look(settings: &Settings, theme: &Theme) -> Look {
    Look::new(
        theme,
        depth(settings),
        symbols(settings),
        Formatter { si: settings.si },
    )
}

/// How many colours: what is wished, else what the terminal says.
pub fn depth(settings: &Settings) -> ColorDepth {
    match settings.color {
        ColorWish::Auto => ColorDepth::detect(|name| std::env::var(name).ok()),
        ColorWish::True => ColorDepth::True,
        ColorWish::Ansi256 => ColorDepth::Ansi256,
        ColorWish::Ansi16 => ColorDepth::Ansi16,
        ColorWish::None => ColorDepth::None,
    }
}

/// Which glyphs: what is wished, else what the terminal says.
pub fn symbols(settings: &Settings) -> Symbols {
    match settings.symbols {
        SymbolsWish::Auto => Symbols::detect(|name| std::env::var(name).ok()),
        SymbolsWish::Braille => Symbols::Braille,
        SymbolsWish::Blocks => Symbols::Blocks,
        SymbolsWish::Ascii => Symbols::Ascii,
    }
}

/// What was given on the command line, before anything is read.
#[derive(Debug)]
pub struct Given {
    /// Which files of settings are in question.
    pub files: Files,
    flags: Vec<FlagGiven>,
    themes: OnceCell<(Themes, Vec<ThemeWarning>)>,
}

impl Given {
    /// From the arguments and the environment.
    pub fn new(arguments: &SettingArguments) -> Self {
        Self {
            files: Files::find(arguments.config.as_deref(), |name| std::env::var_os(name)),
            flags: flags(arguments),
            themes: OnceCell::new(),
        }
    }

    /// Reads and checks the settings, the theme and the keys among them: a command that needs neither refuses a wrong one
    /// all the same, so that what one command takes every command takes.
    pub fn load(&self) -> Result<Settings, Error> {
        let of_the_screen = |settings: &Settings| {
            let theme = theme(settings, &self.themes().0).err();
            let keys = keymap(settings).err();
            let told = [theme, keys].into_iter().flatten();
            told.flat_map(|mistakes| mistakes.0).collect()
        };
        Ok(config::load_with(&self.sources(), of_the_screen)?)
    }

    /// The same without the theme and the keys, for the command that helps to mend a wrong theme.
    pub fn load_without_theme(&self) -> Result<Settings, Error> {
        Ok(config::load(&self.sources())?)
    }

    fn sources(&self) -> Sources {
        Sources {
            files: self.files.clone(),
            environment: std::env::vars_os().collect(),
            flags: self.flags.clone(),
        }
    }

    /// Reads and checks the settings, and opens the log if they ask for one.
    pub fn load_and_log(&self) -> Result<Settings, Error> {
        let settings = self.load()?;
        if let Some(path) = &settings.log_file {
            log::open(path, settings.log_level)?;
        }
        Ok(settings)
    }

    /// The themes: those in the binary and those in the folder `themes` beside the person's own settings.
    pub fn themes(&self) -> &(Themes, Vec<ThemeWarning>) {
        self.themes
            .get_or_init(|| match self.files.own().and_then(Path::parent) {
                Some(folder) => Themes::load(&folder.join("themes")),
                None => (Themes::embedded(), Vec::new()),
            })
    }
}

fn flags(arguments: &SettingArguments) -> Vec<FlagGiven> {
    let texts = [
        ("--tick", "tick", &arguments.tick),
        ("--theme", "theme", &arguments.theme),
        ("--color", "color", &arguments.color),
        ("--symbols", "symbols", &arguments.symbols),
        ("--range", "range", &arguments.range),
        ("--log", "log.file", &arguments.log),
    ];
    let switches = [
        ("--no-mouse", "mouse", arguments.no_mouse, false),
        ("--si", "si", arguments.si, true),
        ("--read-only", "read_only", arguments.read_only, true),
        (
            "--no-discover",
            "discover.enabled",
            arguments.no_discover,
            false,
        ),
        (
            "--no-history",
            "history.enabled",
            arguments.no_history,
            false,
        ),
    ];
    let texts = texts.into_iter().filter_map(|(flag, key, text)| {
        let value = config::Given::Bare(text.clone()?);
        Some(FlagGiven { flag, key, value })
    });
    let switches =
        switches
            .into_iter()
            .filter(|(_, _, typed, _)| *typed)
            .map(|(flag, key, _, on)| {
                let value = config::Given::Switch(on);
                FlagGiven { flag, key, value }
            });
    texts.chain(switches).collect()
}
