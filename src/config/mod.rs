//! Settings: as written, then checked, then typed.
//!
//! Beside the path of a datum: nothing on the path knows of it, only `cli/` reads settings and hands on what each part
//! needs. Files, environment and flags are given in rising order; every mistake is told with its place and its mend.

mod check;
mod files;
mod keys;
mod list;
mod lists;
mod mistake;
mod place;
mod sample;
mod settings;
mod show;
mod table;
mod value;

pub use check::{FlagGiven, Sources, load, load_with};
pub use files::Files;
pub use keys::KeyBinding;
pub use mistake::{Mistake, Mistakes, nearest};
pub use place::{Located, Place, SourceText};
pub use sample::SAMPLE;
pub use settings::{ColorWish, HistorySettings, LogLevel, Settings, SymbolsWish};
pub use value::Given;
