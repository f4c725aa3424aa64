//! Logs that are rotated while they are written.
