//! Reads and live streams against a real broker and a real database, started per test. No worker
//! runs: the tests write rows and publish events themselves, so that they decide what happens when.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed step is a failed test"
)]

mod live;
mod outages;
mod reads;
mod servers;
mod stream;
mod world;
