//! Measuring: latencies, what the database committed, what processes used, how fast the disk is.

pub(crate) mod applied;
pub(crate) mod disk;
pub(crate) mod events;
pub(crate) mod latency;
pub(crate) mod process;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod usage;
