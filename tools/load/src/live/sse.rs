//! The wire format of Server-Sent Events.

/// One event of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Frame {
    /// What to send as `Last-Event-ID`; none when the stream did not name one.
    pub(crate) id: Option<String>,
    /// The type; empty for the default one.
    pub(crate) event: String,
    pub(crate) data: String,
}

/// Cuts bytes, in whatever pieces they arrive, into frames.
#[derive(Debug, Default)]
pub(crate) struct Parser {
    buffer: Vec<u8>,
    /// Bytes of the buffer that were read already.
    consumed: usize,
    frame: Frame,
    has_data: bool,
}

impl Parser {
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.consumed);
        self.consumed = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole frame; comments and frames without data are passed over.
    pub(crate) fn next_frame(&mut self) -> Option<Frame> {
        while let Some(length) = self.buffer[self.consumed..]
            .iter()
            .position(|&byte| byte == b'\n')
        {
            let line = self.consumed..self.consumed + length;
            self.consumed = line.end + 1;
            let bytes = &self.buffer[line];
            let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
            if !bytes.is_empty() {
                let line = String::from_utf8_lossy(bytes);
                let (field, value) = line.split_once(':').unwrap_or((&line, ""));
                let value = value.strip_prefix(' ').unwrap_or(value);
                match field {
                    "id" => self.frame.id = Some(value.to_owned()),
                    "event" => self.frame.event = value.to_owned(),
                    "data" => {
                        if self.has_data {
                            self.frame.data.push('\n');
                        }
                        self.frame.data.push_str(value);
                        self.has_data = true;
                    }
                    _ => {}
                }
                continue;
            }
            let frame = std::mem::take(&mut self.frame);
            if std::mem::take(&mut self.has_data) {
                return Some(frame);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(pieces: &[&str]) -> Vec<Frame> {
        let mut parser = Parser::default();
        let mut found = Vec::new();
        for piece in pieces {
            parser.push(piece.as_bytes());
            found.extend(std::iter::from_fn(|| parser.next_frame()));
        }
        found
    }

    #[test]
    fn a_frame_may_arrive_in_pieces() {
        let found = frames(&[
            ": hello\n\nid: 7-1\nev",
            "ent: a\r\ndata: {\"x\"",
            ":1}\ndata: 2\n",
            "\n",
        ]);
        let frame = Frame {
            id: Some("7-1".into()),
            event: "a".into(),
            data: "{\"x\":1}\n2".into(),
        };
        assert_eq!(found, [frame]);
    }

    #[test]
    fn comments_and_empty_frames_are_no_events() {
        assert!(frames(&[": heartbeat\n\n", "retry: 500\n\n", "event: nothing\n\n"]).is_empty());
    }

    #[test]
    fn a_type_does_not_leak_into_the_next_frame() {
        let found = frames(&["event: a\ndata: 1\n\ndata: 2\n\n"]);
        assert_eq!(found[1].event, "");
        assert_eq!(found[1].id, None);
    }
}
