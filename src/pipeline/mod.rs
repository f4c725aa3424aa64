//! Wires the steps into frames.
