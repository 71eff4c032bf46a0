//! The crate against a real broker and a real database, started per test.

mod database;
mod outages;
mod publishing;
mod reading;
mod streams;
mod support;
