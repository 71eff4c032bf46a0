//! Live streams: Server-Sent Events read without a gap across reconnects.

pub(crate) mod follower;
pub(crate) mod sse;
