//! Step 6 of the path: the screen, from a feed to the terminal. Nothing outside this folder knows that there is one.

pub mod action;
pub mod app;
pub mod facts;
pub mod tabs;
pub mod term;
pub mod theme;
pub mod widgets;
