//! Loopback ports, small HTTP requests and connection URLs.

pub(crate) mod api;
pub(crate) mod http;
pub(crate) mod pg_url;
pub(crate) mod ports;
