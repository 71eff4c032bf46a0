//! Server-sent events as bytes. A frame is rendered once and shared by every client that gets it.

use bytes::Bytes;
use std::fmt::Display;

/// Keeps proxies from closing a quiet connection, and shows a dead one.
pub const HEARTBEAT: Bytes = Bytes::from_static(b": heartbeat\n\n");

/// One event. `data` must be a single line, which compact JSON is; `name` is one of ours.
///
/// An event without an id leaves the client's `Last-Event-ID` as it was.
pub fn event(id: Option<impl Display>, name: &str, data: &str) -> Bytes {
    debug_assert!(!data.is_empty() && !data.contains(['\n', '\r']));
    let frame = match id {
        Some(id) => format!("id: {id}\nevent: {name}\ndata: {data}\n\n"),
        None => format!("event: {name}\ndata: {data}\n\n"),
    };
    Bytes::from(frame)
}

/// News about the stream itself. Without an id, so it does not move the client's position.
pub fn notice(name: &str, reason: &str) -> Bytes {
    Bytes::from(format!(
        "event: {name}\ndata: {{\"reason\":\"{reason}\"}}\n\n"
    ))
}

/// Tells the client how many milliseconds to wait before it connects again.
pub fn retry(milliseconds: u64) -> Bytes {
    Bytes::from(format!("retry: {milliseconds}\n\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::id::LiveId;

    #[test]
    fn a_frame_has_one_line_per_field_and_ends_with_an_empty_line() {
        let id = LiveId { epoch: 7, seq: 9 };
        assert_eq!(
            event(Some(id), "visit_called", "{}"),
            "id: 7-9\nevent: visit_called\ndata: {}\n\n"
        );
        assert_eq!(
            event(None::<LiveId>, "degraded", "{}"),
            "event: degraded\ndata: {}\n\n"
        );
        assert_eq!(retry(1500), "retry: 1500\n\n");
    }
}
