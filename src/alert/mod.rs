//! Step 4 of the path: rules, and the life of an incident.
