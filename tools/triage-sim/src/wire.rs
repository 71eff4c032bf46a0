//! As much of HTTP/1.1 as clients of a service need, down to the single byte: a library would not
//! let us answer this badly.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

const BODY_MAX: usize = 1 << 20;
const LINE_MAX: u64 = 16 * 1024;
const HEADERS_MAX: usize = 100;

/// A request.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

/// A response.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) kind: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Response {
    pub(crate) fn json(status: u16, body: String) -> Self {
        Self {
            status,
            kind: "application/json",
            headers: Vec::new(),
            body,
        }
    }

    fn head(&self, length: Option<usize>) -> String {
        // writing to a String does not fail
        let mut head = format!("HTTP/1.1 {} told\r\n", self.status);
        let _ = write!(head, "content-type: {}\r\n", self.kind);
        for (name, value) in &self.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        let _ = match length {
            Some(length) => write!(head, "content-length: {length}\r\n"),
            // ends with the connection
            None => write!(head, "connection: close\r\n"),
        };
        head.push_str("\r\n");
        head
    }
}

/// A connection.
#[derive(Debug)]
pub(crate) struct Wire(BufReader<TcpStream>);

impl Wire {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self(BufReader::new(stream))
    }

    /// The next request; none when the client is gone, or speaks something else.
    pub(crate) async fn read(&mut self) -> std::io::Result<Option<Request>> {
        let first = self.line().await?;
        let mut words = first.split_whitespace();
        let (Some(method), Some(path)) = (words.next(), words.next()) else {
            return Ok(None);
        };
        let mut headers = BTreeMap::new();
        loop {
            let line = self.line().await?;
            let Some((name, value)) = line.split_once(':') else {
                break;
            };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
            if headers.len() > HEADERS_MAX {
                return Ok(None);
            }
        }
        let length = headers
            .get("content-length")
            .map_or(Ok(0), |value| value.parse());
        let Some(length) = length.ok().filter(|length| *length <= BODY_MAX) else {
            return Ok(None);
        };
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await?;
        Ok(Some(Request {
            method: method.to_owned(),
            path: path.to_owned(),
            headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }))
    }

    async fn line(&mut self) -> std::io::Result<String> {
        let mut line = Vec::new();
        (&mut self.0)
            .take(LINE_MAX)
            .read_until(b'\n', &mut line)
            .await?;
        Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
    }

    /// Sends all of a response.
    pub(crate) async fn send(&mut self, response: &Response) -> std::io::Result<()> {
        let head = response.head(Some(response.body.len()));
        self.0.write_all(head.as_bytes()).await?;
        self.0.write_all(response.body.as_bytes()).await?;
        self.0.flush().await
    }

    /// Sends it one byte at a time.
    pub(crate) async fn drip(
        &mut self,
        response: &Response,
        pause: Duration,
    ) -> std::io::Result<()> {
        let head = response.head(Some(response.body.len()));
        for byte in head.bytes().chain(response.body.bytes()) {
            self.0.write_all(&[byte]).await?;
            self.0.flush().await?;
            tokio::time::sleep(pause).await;
        }
        Ok(())
    }

    /// Announces all of it and sends half.
    pub(crate) async fn send_half(&mut self, response: &Response) -> std::io::Result<()> {
        let head = response.head(Some(response.body.len()));
        let body = response.body.as_bytes();
        self.0.write_all(head.as_bytes()).await?;
        self.0
            .write_all(body.get(..body.len() / 2).unwrap_or_default())
            .await?;
        self.0.flush().await
    }

    /// Sends so many bytes, whether the client wants them or not.
    pub(crate) async fn flood(&mut self, bytes: usize, declared: bool) -> std::io::Result<()> {
        const CHUNK: [u8; 8192] = [b' '; 8192];
        let head = Response::json(200, String::new()).head(declared.then_some(bytes));
        self.0.write_all(head.as_bytes()).await?;
        let mut left = bytes;
        while left > 0 {
            let part = left.min(CHUNK.len());
            self.0
                .write_all(CHUNK.get(..part).unwrap_or_default())
                .await?;
            left -= part;
        }
        self.0.flush().await
    }

    /// Waits until the client gives up.
    pub(crate) async fn until_left(&mut self) {
        let mut rest = [0; 1024];
        while matches!(self.0.read(&mut rest).await, Ok(read) if read > 0) {}
    }

    /// Ends the connection with a reset.
    pub(crate) fn reset(self) -> std::io::Result<()> {
        self.0.into_inner().set_zero_linger()
    }
}
