//! A client of server-sent events, with ids, as a browser's `EventSource` would see them.

use crate::await_until;
use crate::client::Client;
use anyhow::{Context, Result, bail, ensure};
use futures::StreamExt as _;
use futures::stream::BoxStream;
use serde_json::Value;
use std::collections::VecDeque;
use std::time::Duration;

/// One event.
#[derive(Debug, Clone)]
pub struct SseEvent {
    /// `<epoch>-<sequence>`.
    pub id: Option<String>,
    /// Type.
    pub event: String,
    /// Data.
    pub data: Value,
}

/// An open stream of events.
pub struct EventStream {
    bytes: BoxStream<'static, Result<Vec<u8>>>,
    buffer: Vec<u8>,
    ready: VecDeque<SseEvent>,
    comments: usize,
    raw: String,
    last_id: Option<String>,
}

impl std::fmt::Debug for EventStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventStream")
            .field("last_id", &self.last_id)
            .finish_non_exhaustive()
    }
}

impl EventStream {
    /// Opens `/api/v1<path>`.
    ///
    /// # Errors
    /// The answer is not a stream of events.
    pub async fn open(client: &Client, path: &str, last_event_id: Option<&str>) -> Result<Self> {
        let path = format!("/api/v1{path}");
        // not the client's own request: its timeout would end the stream
        medique_platform::telemetry::install_crypto_provider();
        let http = reqwest::Client::builder().no_proxy().build()?;
        let mut request = http
            .get(format!("{}{path}", client.base()))
            .header("Accept", "text/event-stream");
        if let Ok(token) = client.token() {
            request = request.bearer_auth(token);
        }
        if let Some(id) = last_event_id {
            request = request.header("Last-Event-ID", id);
        }
        let response = await_until::within(
            &format!("{path} answers"),
            Duration::from_secs(20),
            request.send(),
        )
        .await??;
        let status = response.status();
        if !status.is_success() {
            bail!("{path} answered {status} {}", response.text().await?);
        }
        let content_type = response
            .headers()
            .get("content-type")
            .and_then(|value| value.to_str().ok());
        ensure!(
            content_type.is_some_and(|value| value.starts_with("text/event-stream")),
            "{path} is {content_type:?}"
        );
        let bytes = response
            .bytes_stream()
            .map(|chunk| Ok(chunk?.to_vec()))
            .boxed();
        let mut stream = Self {
            bytes,
            buffer: Vec::new(),
            ready: VecDeque::new(),
            comments: 0,
            raw: String::new(),
            last_id: last_event_id.map(str::to_owned),
        };
        // A new stream begins with a snapshot; what happens before it stands in it and is not told
        // again, so a test that acts sooner would wait for events that never come.
        if last_event_id.is_none() {
            let what = format!("{path} begins");
            let first = stream.next(&what, Duration::from_secs(20)).await?;
            stream.ready.extend(first);
        }
        Ok(stream)
    }

    /// The next event; none when the server ended the stream.
    ///
    /// # Errors
    /// None came in time, or the connection broke.
    pub async fn next(&mut self, what: &str, within: Duration) -> Result<Option<SseEvent>> {
        await_until::within(what, within, async {
            loop {
                if let Some(event) = self.ready.pop_front() {
                    return Ok(Some(event));
                }
                if !self.read_more().await? {
                    return Ok(None);
                }
            }
        })
        .await?
    }

    /// Reads until an event satisfies `wanted`; gives it with everything that came before it.
    ///
    /// # Errors
    /// It did not come in time, or the stream ended.
    pub async fn until(
        &mut self,
        what: &str,
        within: Duration,
        wanted: impl Fn(&SseEvent) -> bool,
    ) -> Result<Vec<SseEvent>> {
        let mut seen = Vec::new();
        let found = await_until::within(what, within, async {
            while let Some(event) = self.next(what, within).await? {
                let done = wanted(&event);
                seen.push(event);
                if done {
                    return Ok(());
                }
            }
            bail!("the stream ended before: {what}")
        })
        .await;
        match found {
            Ok(Ok(())) => Ok(seen),
            Ok(Err(error)) | Err(error) => {
                let seen: Vec<_> = seen
                    .iter()
                    .map(|event| (&event.event, &event.data))
                    .collect();
                Err(error).with_context(|| format!("seen so far: {seen:?}"))
            }
        }
    }

    /// Awaits the end of the stream, whatever comes before it.
    ///
    /// # Errors
    /// It goes on.
    pub async fn ends(&mut self, what: &str, within: Duration) -> Result<()> {
        await_until::within(what, within, async {
            // a broken connection is an end, too
            while self.read_more().await.unwrap_or(false) {}
        })
        .await
    }

    /// Awaits the next comment (heartbeat).
    ///
    /// # Errors
    /// None came.
    pub async fn heartbeat(&mut self, within: Duration) -> Result<()> {
        let before = self.comments;
        await_until::within("a heartbeat comment comes", within, async {
            while self.comments == before {
                ensure!(
                    self.read_more().await?,
                    "the stream ended instead of a heartbeat"
                );
            }
            Ok(())
        })
        .await?
    }

    /// Id of the last event that was read.
    pub fn last_id(&self) -> Option<&str> {
        self.last_id.as_deref()
    }

    /// Every byte of the stream so far.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// Reads one chunk; false at the end of the stream.
    async fn read_more(&mut self) -> Result<bool> {
        let Some(chunk) = self.bytes.next().await else {
            return Ok(false);
        };
        let chunk = chunk?;
        self.raw.push_str(&String::from_utf8_lossy(&chunk));
        self.buffer.extend_from_slice(&chunk);
        while let Some(end) = self.buffer.windows(2).position(|pair| pair == b"\n\n") {
            let block: Vec<u8> = self.buffer.drain(..end + 2).collect();
            self.take_block(&String::from_utf8(block)?)?;
        }
        Ok(true)
    }

    fn take_block(&mut self, block: &str) -> Result<()> {
        let (mut event, mut data, mut id) = (String::from("message"), Vec::new(), None);
        for line in block.lines() {
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "" if line.starts_with(':') => self.comments += 1,
                "event" => value.clone_into(&mut event),
                "data" => data.push(value),
                "id" => id = Some(value.to_owned()),
                _ => {}
            }
        }
        if data.is_empty() {
            return Ok(());
        }
        let data = data.join("\n");
        let data = serde_json::from_str(&data)
            .with_context(|| format!("data that is not JSON: {data}"))?;
        if id.is_some() {
            self.last_id.clone_from(&id);
        }
        self.ready.push_back(SseEvent { id, event, data });
        Ok(())
    }
}
