//! What is allowed: the rules of the queue as pure functions.
//!
//! No async, no clock, no I/O. Time comes in as the broker's store time of a command, so folding
//! the same log again gives the same answers. The worker loads a [`World`], folds commands with
//! [`decide()`], and writes what changed.
//!
//! - [`advice`]: what the adviser's word means for a visit.
//! - [`transitions`]: which command leads from which state to which, and who may ask.
//! - [`permissions`]: roles and department grants.
//! - [`queue_order`]: the one comparator of the queue, able to explain itself.
//! - [`service_day`]: facility-local days with a cut-over hour; tokens.
//! - [`triage`]: the safety floor.
//! - [`validate`]: bounds and normalisation of text and numbers.

pub mod advice;
pub mod decide;
pub mod model;
pub mod permissions;
pub mod queue_order;
pub mod service_day;
pub mod transitions;
pub mod triage;
pub mod validate;
pub mod world;

pub use decide::{Decision, Transition, decide};
pub use world::World;
