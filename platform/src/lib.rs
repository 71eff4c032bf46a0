//! How a process runs: configuration, lifecycle, telemetry, the broker and the database.
//!
//! Nothing in here knows a rule of the hospital. `async-nats` is named in [`bus`] only, `backoff`
//! in [`retry`] only, and the clock is read in [`clock`] only.

pub mod ai;
pub mod audit;
pub mod bus;
pub mod clock;
pub mod config;
pub mod continuity;
pub mod failpoint;
pub mod health;
pub mod lifecycle;
pub mod link;
pub mod mail;
pub mod parked;
pub mod password;
pub mod postgres;
pub mod privacy;
pub mod retry;
pub mod schema;
pub mod sight;
pub mod single_use;
pub mod telemetry;
pub mod tls;
pub mod trace_context;
pub mod vault;
