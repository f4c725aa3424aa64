//! `hubtop export`: every form is read back by a reader that is not ours, and holds what was kept.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "a test that can't go on says where and why"
)]

mod servers;

#[path = "export/command.rs"]
mod command;
#[path = "export/forms.rs"]
mod forms;
#[path = "export/kept.rs"]
mod kept;
