//! Settings: as written, then checked, then typed.
