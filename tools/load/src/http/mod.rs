//! HTTP towards the API: a cheap client for load, a comfortable one for everything else.

pub(crate) mod api;
pub(crate) mod connection;
pub(crate) mod session;
