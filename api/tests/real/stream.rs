//! A client of server-sent events.

use crate::servers::soon;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use poem::Response;
use serde_json::Value;

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    pub(crate) id: Option<String>,
    pub(crate) name: String,
    pub(crate) data: Value,
}

impl Event {
    pub(crate) fn seq(&self) -> u64 {
        self.id
            .as_ref()
            .and_then(|id| id.rsplit('-').next()?.parse().ok())
            .expect("an id")
    }

    pub(crate) fn text(&self, field: &str) -> &str {
        self.data[field].as_str().unwrap_or_default()
    }
}

/// An open stream. Nothing moves in it but when it is read.
pub(crate) struct Events {
    body: BoxStream<'static, Bytes>,
    text: String,
    pub(crate) heartbeats: usize,
    pub(crate) everything: String,
}

impl Events {
    pub(crate) fn new(response: Response) -> Self {
        let body = response
            .into_body()
            .into_bytes_stream()
            .filter_map(|bytes| async { bytes.ok() })
            .boxed();
        Self {
            body,
            text: String::new(),
            heartbeats: 0,
            everything: String::new(),
        }
    }

    /// The next event; none at the end.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        loop {
            let frame = self.frame().await?;
            if !frame.starts_with(':') && !frame.starts_with("retry: ") {
                return Some(parse(&frame));
            }
        }
    }

    /// A heartbeat, before any event.
    pub(crate) async fn beat(&mut self) {
        let frame = self.frame().await.expect("the stream ended");
        assert_eq!(frame, ": heartbeat");
    }

    async fn frame(&mut self) -> Option<String> {
        loop {
            if let Some((frame, rest)) = self.text.split_once("\n\n") {
                let (frame, rest) = (frame.to_owned(), rest.to_owned());
                self.text = rest;
                self.heartbeats += usize::from(frame.starts_with(':'));
                return Some(frame);
            }
            let bytes = soon("an event", self.body.next()).await?;
            let text = std::str::from_utf8(&bytes).unwrap();
            self.text.push_str(text);
            self.everything.push_str(text);
        }
    }

    /// The next event, which must have this name.
    pub(crate) async fn expect(&mut self, name: &str) -> Event {
        let event = self.next().await.expect("the stream ended");
        assert_eq!(event.name, name, "{event:?}");
        event
    }
}

fn parse(frame: &str) -> Event {
    let field = |name: &str| {
        let mut lines = frame.lines().filter_map(|line| line.strip_prefix(name));
        let value = lines.next().map(str::to_owned);
        assert_eq!(lines.next(), None, "{frame}");
        value
    };
    Event {
        id: field("id: "),
        name: field("event: ").expect("a name"),
        data: serde_json::from_str(&field("data: ").expect("data")).unwrap(),
    }
}
