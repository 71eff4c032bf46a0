//! Follows a live stream until it is dropped, across reconnects.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures::StreamExt;
use reqwest::header::{ACCEPT, AUTHORIZATION};
use tokio::task::JoinHandle;

use super::sse::{Frame, Parser};
use crate::http::session::Session;

const RECONNECT_AFTER: Duration = Duration::from_millis(200);

/// What is known of the streams that are followed together.
#[derive(Debug, Default)]
pub(crate) struct Health {
    /// Streams that are open now: a new one from its first event, which is a snapshot, so that
    /// whatever happens later is seen as an event.
    pub(crate) open: AtomicUsize,
    /// Connections that ended and were made again.
    pub(crate) reconnects: AtomicU32,
}

/// Follows one stream; dropping it ends that.
#[derive(Debug)]
pub(crate) struct Follower(JoinHandle<()>);

impl Drop for Follower {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Follower {
    /// Follows `path` and hands each frame over; after a reconnect it goes on where it stopped.
    pub(crate) fn start(
        session: Arc<Session>,
        path: String,
        health: Arc<Health>,
        mut on_frame: impl FnMut(Frame) + Send + 'static,
    ) -> Self {
        Self(tokio::spawn(async move {
            let mut last_id = None;
            loop {
                // An end and an error are the same here: ask again from where we are.
                let _ = read(&session, &path, &health, &mut last_id, &mut on_frame).await;
                health.reconnects.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(RECONNECT_AFTER).await;
            }
        }))
    }
}

/// Waits until so many streams are open.
pub(crate) async fn wait_open(health: &Health, streams: usize, limit: Duration) -> Result<()> {
    let opened = async {
        while health.open.load(Ordering::Relaxed) < streams {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(limit, opened)
        .await
        .context("the live streams did not open")
}

/// Lowers the number of open streams however the reading ends.
struct Open<'a>(&'a Health);

impl<'a> Open<'a> {
    fn new(health: &'a Health) -> Self {
        health.open.fetch_add(1, Ordering::Relaxed);
        Self(health)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn read(
    session: &Session,
    path: &str,
    health: &Health,
    last_id: &mut Option<String>,
    on_frame: &mut impl FnMut(Frame),
) -> Result<()> {
    let mut request = session
        .client()
        .get(session.url(path))
        .header(AUTHORIZATION, session.authorization().await?)
        .header(ACCEPT, "text/event-stream");
    if let Some(id) = last_id {
        request = request.header("Last-Event-ID", id.as_str());
    }
    let answer = request.send().await?;
    if !answer.status().is_success() {
        session.forget();
        bail!("the live stream answered {}", answer.status().as_u16());
    }
    let mut open = last_id.is_some().then(|| Open::new(health));
    let mut parser = Parser::default();
    let mut bytes = answer.bytes_stream();
    while let Some(chunk) = bytes.next().await {
        parser.push(&chunk?);
        while let Some(frame) = parser.next_frame() {
            if frame.id.is_some() {
                last_id.clone_from(&frame.id);
            }
            on_frame(frame);
            open.get_or_insert_with(|| Open::new(health));
        }
    }
    Ok(())
}
