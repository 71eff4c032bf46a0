//! The adviser: a service that suggests levels, and is asked beside the queue, never in its way.
//!
//! A check-in, new vital signs or a transfer are events; each is somebody's work until it is known
//! what came of it ([`role`]). What is asked is read from Postgres at that moment ([`case`]); the
//! answer, or that there is none, goes back as a command like any other ([`command`]). Nothing else
//! waits for any of it.

pub mod case;
pub mod command;
mod pace;
pub mod role;
mod state;
mod telling;

pub use case::{AdviceCase, CaseError, load_case};
pub use command::{advice_id, advice_message};
pub use role::Adviser;
