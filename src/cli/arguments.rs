//! What can be typed.

use std::path::PathBuf;
use std::time::Duration;

use super::export::ExportArguments;
use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::feed::replay::{FASTEST, SLOWEST};
use crate::model::span;

/// Watches a host, the latency of its APIs, its caches, its slow queries and its alerts, full screen.
///
/// Without a subcommand it opens the screen. Settings come from /etc/hubtop/config.toml, ~/.config/hubtop/config.toml,
/// variables of the environment (HUBTOP_TICK…) and the options below; later ones win.
#[derive(Debug, Parser)]
#[command(
    name = "hubtop",
    version,
    max_term_width = 100,
    arg_required_else_help = false
)]
pub struct Arguments {
    /// What to set for this run.
    #[command(flatten)]
    pub settings: SettingArguments,
    /// What to do; the screen if nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Settings for this run. They are checked where all settings are, so here they are texts.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Settings for this run")]
pub struct SettingArguments {
    /// Read this file of settings and no other
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Take figures this often: 250ms to 60s
    #[arg(long, global = true, value_name = "TIME")]
    pub tick: Option<String>,
    /// Use this theme; `hubtop themes` lists them
    #[arg(long, global = true, value_name = "NAME")]
    pub theme: Option<String>,
    /// How many colours: auto, true, 256, 16, none
    #[arg(long, global = true, value_name = "DEPTH")]
    pub color: Option<String>,
    /// Which glyphs: auto, braille, blocks, ascii
    #[arg(long, global = true, value_name = "SET")]
    pub symbols: Option<String>,
    /// Leave the mouse to the terminal
    #[arg(long, global = true)]
    pub no_mouse: bool,
    /// Sizes in powers of 1000 instead of 1024
    #[arg(long, global = true)]
    pub si: bool,
    /// No signal, no nice value, no cancel, no end of a session, no measured plan
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Watch only what the settings name, look for nothing on this machine
    #[arg(long, global = true)]
    pub no_discover: bool,
    /// Keep nothing on disk
    #[arg(long, global = true)]
    pub no_history: bool,
    /// How far back charts look: 5m, 1h, 6h, 24h
    #[arg(long, global = true, value_name = "SPAN")]
    pub range: Option<String>,
    /// Write what hubtop does to this file
    #[arg(long, global = true, value_name = "FILE", value_parser = NonEmptyStringValueParser::new())]
    pub log: Option<String>,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print one picture of everything, for scripts and tickets
    Snapshot(SnapshotArguments),
    /// Say what was found, what was not, why, and what to do
    Doctor,
    /// Open the screen over the scripted story of an incident; no source is touched
    Demo(DemoArguments),
    /// Open the screen over what was recorded; nothing is collected
    Replay(ReplayArguments),
    /// Write a recording into a file of its own, for a colleague or a ticket
    Record(RecordArguments),
    /// Look after what is kept on disk: what there is, whether it is whole
    Store(StoreArguments),
    /// Write, check and show the settings
    Config(ConfigArguments),
    /// Write what is kept as CSV, JSON lines, OpenMetrics or Parquet
    Export(ExportArguments),
    /// List the themes
    Themes,
    /// Print the completions of a shell
    Completions(CompletionsArguments),
    /// Print the manual page
    Man,
}

/// In which form a snapshot is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A page for people.
    Text,
    /// For programs; the shape is versioned.
    Json,
}

/// Of `hubtop snapshot`.
#[derive(Debug, Clone, Args)]
pub struct SnapshotArguments {
    /// In which form
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Look for so long before the picture is taken; rates need two readings
    #[arg(long, value_name = "SECONDS", default_value_t = 1.0, value_parser = seconds, allow_negative_numbers = true)]
    pub wait: f64,
    /// Of the scripted story instead of this host
    #[arg(long)]
    pub demo: bool,
    /// Which story, with --demo
    #[arg(long, value_name = "N", default_value_t = 1, requires = "demo")]
    pub seed: u64,
}

/// Of `hubtop demo`.
#[derive(Debug, Clone, Args)]
pub struct DemoArguments {
    /// Which story; the same number tells the same one
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}

/// Of `hubtop replay`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "A TIME is 14:28, 14:28:07, -34m (before the end), \"yesterday 9:00\", \"2026-11-21 14:28\" or \
                        seconds since 1970, in the time zone of this machine."
)]
pub struct ReplayArguments {
    /// Stand at this moment; the end if nothing is said
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, conflicts_with_all = ["from", "to", "speed"])]
    pub at: Option<String>,
    /// Play from this moment on: the beginning, or the last hour of this host's own history
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub from: Option<String>,
    /// Play up to this moment: the end
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub to: Option<String>,
    /// Play so many seconds a second, 0.1 to 3600; 1 with --from or --to
    #[arg(long, value_name = "N", value_parser = speed, allow_negative_numbers = true)]
    pub speed: Option<f64>,
    /// A recording, or the history of another host; this host's own history if none is named
    pub file: Option<PathBuf>,
}

/// Of `hubtop record`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "What is recorded is what the screen shows: names and arguments of processes, texts of \
                        statements, addresses of clients. Passwords and tokens that hubtop recognises were taken out \
                        when they were read; look through a recording all the same before you give it away."
)]
pub struct RecordArguments {
    /// The file to write; one that is there is left as it is
    pub file: PathBuf,
    /// Copy the last part of this host's history instead of recording now: 1h
    #[arg(long, value_name = "SPAN", value_parser = span, conflicts_with = "length")]
    pub last: Option<Duration>,
    /// Record for so long; until Ctrl-C if nothing is said
    #[arg(long = "for", value_name = "SPAN", value_parser = span, id = "length")]
    pub length: Option<Duration>,
}

/// Of `hubtop store`.
#[derive(Debug, Args)]
pub struct StoreArguments {
    /// What to do with it.
    #[command(subcommand)]
    pub what: StoreCommand,
}

/// What can be done with the history on disk.
#[derive(Debug, Clone, Subcommand)]
pub enum StoreCommand {
    /// Say where it is, how large, and from when to when what is kept
    Info(StoreFile),
    /// Read all of it and say what is damaged and what can still be read
    Check(StoreFile),
    /// Fold it together and give free space back; no hubtop may be keeping
    Compact(StoreFile),
    /// Write it, or a stretch of it, into one file that needs no other
    Export(StoreExport),
}

/// Which file.
#[derive(Debug, Clone, Args)]
pub struct StoreFile {
    /// The file; the history of this host when left out
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// Of `hubtop store export`.
#[derive(Debug, Clone, Args)]
pub struct StoreExport {
    /// Where to; nothing is overwritten
    #[arg(value_name = "FILE")]
    pub to: PathBuf,
    /// Of this file; the history of this host when left out
    #[arg(long, value_name = "FILE")]
    pub of: Option<PathBuf>,
    /// Only the last so long: 1h, 7d
    #[arg(long, value_name = "SPAN", conflicts_with_all = ["from", "until"])]
    pub since: Option<String>,
    /// From this time on: 14:28, 2026-11-21T14:28, -34m
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub from: Option<String>,
    /// Up to this time
    #[arg(long = "to", value_name = "TIME", allow_hyphen_values = true)]
    pub until: Option<String>,
}

/// Of `hubtop config`.
#[derive(Debug, Args)]
pub struct ConfigArguments {
    /// What to do with them.
    #[command(subcommand)]
    pub what: ConfigCommand,
}

/// What can be done with settings.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum ConfigCommand {
    /// Write a file with every setting, its default and what it means
    Init,
    /// Say what is wrong with the settings
    Check,
    /// Print the settings in force, and where each comes from
    Show,
    /// Print where files of settings are looked for
    Path,
}

/// Of `hubtop completions`.
#[derive(Debug, Args)]
pub struct CompletionsArguments {
    /// Which shell
    pub shell: Shell,
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(speed) if (SLOWEST..=FASTEST).contains(&speed) => Ok(speed),
        _ => Err(format!("takes a number from {SLOWEST} to {FASTEST}")),
    }
}

fn span(text: &str) -> Result<Duration, String> {
    span::parse(text)
        .filter(|span| !span.is_zero())
        .ok_or_else(|| "is no time; write 30s, 10m or 1h".to_owned())
}

/// The longest that a snapshot may be waited for.
const LONGEST_WAIT: f64 = 3600.0;

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if (0.0..=LONGEST_WAIT).contains(&seconds) => Ok(seconds),
        _ => Err(format!("takes seconds from 0 to {LONGEST_WAIT}")),
    }
}
