//! From the command line and the environment to [`Settings`].

use std::path::Path;

use super::arguments::SettingArguments;
use super::{Error, log};
use crate::config::{self, Files, FlagGiven, Settings, Sources};

/// What was given on the command line, before anything is read.
#[derive(Debug)]
pub struct Given {
    /// Which files of settings are in question.
    pub files: Files,
    flags: Vec<FlagGiven>,
}

impl Given {
    /// From the arguments and the environment.
    pub fn new(arguments: &SettingArguments) -> Self {
        Self {
            files: Files::find(arguments.config.as_deref(), |name| std::env::var_os(name)),
            flags: flags(arguments),
        }
    }

    /// Reads and checks the settings.
    pub fn load(&self) -> Result<Settings, Error> {
        Ok(config::load(&Sources {
            files: self.files.clone(),
            environment: std::env::vars_os().collect(),
            flags: self.flags.clone(),
        })?)
    }

    /// Reads and checks the settings, and opens the log if they ask for one.
    pub fn load_and_log(&self) -> Result<Settings, Error> {
        let settings = self.load()?;
        if let Some(path) = &settings.log_file {
            log::open(path, settings.log_level)?;
        }
        Ok(settings)
    }

    /// The person's own folder of settings.
    pub fn folder(&self) -> Option<&Path> {
        self.files.own()?.parent()
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
