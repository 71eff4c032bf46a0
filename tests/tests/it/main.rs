//! Everything that needs both binaries, in one test binary: linking is what costs time here.
//!
//! Run through `cargo dev test`, which builds the binaries with the feature `failpoints` and says
//! where everything is.

mod access;
mod accounts;
mod adviser;
mod audit_facts;
mod audit_tampering;
mod audit_verification;
mod call_next;
mod checker;
mod compat;
mod configuration;
mod crashes;
mod credentials;
mod demo;
mod durability;
mod export;
mod headers;
mod health;
mod hostile_bodies;
mod idempotency;
mod journeys;
mod links;
mod listeners;
mod live;
mod mail;
mod matrix;
mod memory;
mod oidc;
mod operators;
mod outages;
mod overload;
mod permissions;
mod poison;
mod privacy;
mod privacy_at_rest;
mod protected;
mod rate_limits;
mod rebalance;
mod recovery;
mod redrive;
mod reference;
mod retention;
mod second_factor;
mod sessions;
mod telemetry;
mod throttle;
mod tokens;
mod triage;
