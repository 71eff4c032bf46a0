//! What is said: the messages and words that MediQue's processes, clients and consumers share.
//!
//! This crate stands at the bottom. It knows nothing of HTTP, NATS or Postgres; it only defines
//! identifiers, the vocabulary of the domain, the commands that clients send, the events that
//! screens follow, the envelope both travel in, and the subjects they are published on. Its JSON
//! Schemas and AsyncAPI document are generated into `contracts/schemas/` and checked by a test.

pub mod actor;
pub mod commands;
pub mod envelope;
pub mod events;
pub mod ids;
pub mod limits;
pub mod outcome;
pub mod schemas;
pub mod subjects;
pub mod triage_service;
pub mod vocabulary;

pub use actor::Actor;
pub use commands::{Command, CommandContext, CommandKind, CommandMessage};
pub use events::{EventBody, EventData, EventMessage, EventType, VisitSnapshot};
pub use outcome::{CommandResult, Outcome, Rejection, RejectionCode};
