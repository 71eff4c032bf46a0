//! The adviser: a service that suggests levels, and is asked beside the queue, never in its way.

pub mod case;
pub mod command;

pub use case::{AdviceCase, CaseError, load_case};
pub use command::{advice_id, advice_message};
