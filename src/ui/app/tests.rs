//! Keys in, route and selection out.
