//! Engines on other machines.

pub mod prometheus;
