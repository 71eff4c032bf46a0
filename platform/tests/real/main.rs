//! The crate against a real broker and a real database, started per test.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed step is a failed test"
)]

mod database;
mod outages;
mod publishing;
mod reading;
mod streams;
mod support;
