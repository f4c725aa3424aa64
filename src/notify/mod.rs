//! Step 4a of the path: what tells people who do not look at the screen. No channel exists yet; incidents are shown only.
