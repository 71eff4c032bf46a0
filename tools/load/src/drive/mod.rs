//! Drives check-ins at an API as fast, or as regularly, as asked, and notes what was answered.

pub(crate) mod engine;
pub(crate) mod pace;
pub(crate) mod request;
pub(crate) mod watch;
