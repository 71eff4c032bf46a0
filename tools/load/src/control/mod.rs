//! The control: what a service without broker and workers does, with the same tables and statements'
//! worth of writes. One synchronous transaction inside each request, on a pool of 16 connections.
//!
//! It writes what our pipeline writes (inbox, token counter, visit, stage, audit, outbox), and leaves
//! out what the pipeline does beside that: credentials, permissions, the safety floor, the hash chain
//! of the audit trail, publishing events, live streams. So it is the better for it.

pub(crate) mod check_in;
pub(crate) mod child;
pub(crate) mod server;

/// Where the control's tables are, beside those of the pipeline.
pub(crate) const SCHEMA: &str = "control";
