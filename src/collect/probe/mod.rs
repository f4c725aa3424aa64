//! Requests that hubtop itself makes on a schedule.
