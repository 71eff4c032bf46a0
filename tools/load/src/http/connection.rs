//! One keep-alive HTTP/1.1 connection with as little in between as possible.

use std::time::Duration;

use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Longest wait for an answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// What the server said.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
}

/// A connection that is made when it is needed and made anew after a failure.
#[derive(Debug)]
pub(crate) struct Connection {
    /// `host:port`.
    address: String,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Connection {
    pub(crate) fn new(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            sender: None,
        }
    }

    /// Sends a request and reads the whole answer.
    ///
    /// # Errors
    /// No connection, no answer in time, or a broken one: whether the server acted is unknown.
    pub(crate) async fn send(&mut self, request: Request<Full<Bytes>>) -> Result<Reply> {
        let exchange = tokio::time::timeout(ANSWER_LIMIT, self.exchange(request));
        let reply = exchange
            .await
            .context("no answer in time")
            .and_then(|reply| reply);
        if reply.is_err() {
            self.sender = None;
        }
        reply
    }

    async fn exchange(&mut self, request: Request<Full<Bytes>>) -> Result<Reply> {
        let sender = self.ready().await?;
        let answer = sender.send_request(request).await?;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await?.to_bytes();
        Ok(Reply { status, body })
    }

    /// The open connection, or a new one.
    async fn ready(&mut self) -> Result<&mut SendRequest<Full<Bytes>>> {
        let usable = match self.sender.take() {
            Some(mut sender) => sender.ready().await.is_ok().then_some(sender),
            None => None,
        };
        let sender = match usable {
            Some(sender) => sender,
            None => connect(&self.address).await?,
        };
        Ok(self.sender.insert(sender))
    }
}

async fn connect(address: &str) -> Result<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(address)
        .await
        .context("cannot connect to the API")?;
    stream.set_nodelay(true)?;
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // It ends when the sender is dropped; its errors come back through the sender.
    tokio::spawn(connection);
    Ok(sender)
}
