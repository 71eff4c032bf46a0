//! The harness of the tests that need both binaries: real nats-server, real Postgres, real
//! processes. Every test owns all of them, so tests run side by side.
//!
//! - [`settings`]: where the servers' programs and the built binaries are (`cargo dev test` says).
//! - [`nats`], [`postgres`], [`private_postgres`]: the servers of one test.
//! - [`process`], [`processes`]: child processes that can be killed, stopped and read.
//! - [`backups`]: a place for backups, and the scripts that fill it and restore from it.
//! - [`hospital`]: all of it together, with departments, rooms, staff and links.
//! - [`client`], [`sse`]: what a browser would do.
//! - [`accounts`]: what the owner of an account has: a mailbox, an authenticator.
//! - [`signing_in`], [`issuer`]: sessions, and an external issuer of tokens.
//! - [`catalogue`]: every operation, who may use it, and a request in order for it.
//! - [`smuggle`]: messages that come into the stream past the api.
//! - [`ledger`]: what a client was told, to be held against what happened.
//! - [`checker`]: reads Postgres and both streams and lists every broken promise.
//! - [`mail_sink`]: catches mails, and misbehaves when told to.
//! - [`collector`]: takes telemetry, and misbehaves when told to.
//! - [`front`]: stands in front of a server, with TLS, or to be cut off from it.
//! - [`protected`]: broker and database that speak TLS only and take no passwords.
//! - [`triage_sim`]: gives triage advice, and misbehaves when told to.
//! - [`await_until`]: the only place that waits.

pub mod accounts;
pub mod await_until;
pub mod backups;
pub mod catalogue;
pub mod checker;
pub mod client;
pub mod collector;
pub mod forgery;
pub mod front;
pub mod hospital;
pub mod issuer;
pub mod ledger;
pub mod mail_sink;
pub mod nats;
pub mod ports;
pub mod postgres;
pub mod private_postgres;
pub mod process;
pub mod processes;
pub mod protected;
pub mod reference;
pub mod samples;
pub mod scratch;
pub mod secrets;
pub mod settings;
pub mod signing_in;
pub mod smuggle;
pub mod sse;
pub mod triage_sim;

pub use hospital::Hospital;
