//! Step 2 of the path: what remembers. Hot memory now; an embedded history and remote engines stand behind the same words.

pub mod hot;
