//! Every action as data.
