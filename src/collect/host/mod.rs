//! Step 1 of the path, for the machine itself.

#[cfg(all(target_os = "linux", not(feature = "portable")))]
pub mod linux;

pub mod signal;
