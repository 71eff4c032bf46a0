//! Everything that needs both binaries, in one test binary: linking is what costs time here.
//!
//! Run through `cargo dev test`, which builds the binaries with the feature `failpoints` and says
//! where everything is.

mod access;
mod audit_facts;
mod audit_tampering;
mod call_next;
mod checker;
mod configuration;
mod crashes;
mod credentials;
mod durability;
mod export;
mod hostile_bodies;
mod idempotency;
mod journeys;
mod live;
mod mail;
mod outages;
mod overload;
mod poison;
mod privacy;
mod privacy_at_rest;
mod rebalance;
mod retention;
mod tokens;
