//! Engines on other machines: what is watched here, kept where it is wanted. One file a concern; an engine is one folder.
//!
//! A batch of figures is made every interval and put into a [`queue`] on the disk; from there it goes to the engine, in
//! order, and is forgotten when the engine has said that it has it. What is away, slow or refusing delays nothing and
//! loses nothing up to the bound of its queue.

pub mod queue;
