//! The system under load: where it runs, and a private one for benchmarks.

pub(crate) mod private;
pub(crate) mod state;
