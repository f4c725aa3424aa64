//! Takes the terminal and always gives it back.
