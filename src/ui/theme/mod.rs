//! Colours by meaning. A theme is a TOML file in `themes/` that gives each [`Role`] a style; widgets ask the [`Look`] for
//! roles and never name a colour.

pub mod color;
mod depth;
mod file;
mod look;
mod role;
mod swatch;
mod themes;

pub use depth::{ColorDepth, Symbols, UnknownWord};
pub use file::{RoleStyle, Theme, ThemeWarning};
pub use look::Look;
pub use role::Role;
pub use swatch::swatch;
pub use themes::{DEFAULT, Themes};
