//! Frames of this machine.
