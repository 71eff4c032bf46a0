//! Everything that makes MediQue run on one machine, started and stopped together.

pub(crate) mod apps;
pub(crate) mod build;
pub(crate) mod collector;
pub(crate) mod data_dir;
pub(crate) mod identity;
pub(crate) mod mail;
pub(crate) mod record;
pub(crate) mod servers;
pub(crate) mod sources;
pub(crate) mod start;
pub(crate) mod state;
pub(crate) mod supervisor;
pub(crate) mod triage;
