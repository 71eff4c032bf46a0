//! The clients that listen right now, by what they listen to.

use crate::live::audience::{Audience, Topic};
use crate::live::entry::Entry;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::mpsc;

/// The hub's end of one client's queue.
#[derive(Debug)]
struct Feed {
    audience: Audience,
    queue: mpsc::Sender<Arc<Entry>>,
    broken: Arc<AtomicBool>,
}

/// The client's end: a bounded queue that is either without gaps or closed.
#[derive(Debug)]
pub struct Receiver {
    /// Names the feed when the client goes away.
    pub number: u64,
    queue: mpsc::Receiver<Arc<Entry>>,
    broken: Arc<AtomicBool>,
}

impl Receiver {
    /// The next event; none as soon as one was missed, even while older ones wait. Safe to cancel.
    pub async fn next(&mut self) -> Option<Arc<Entry>> {
        if self.broken.load(Ordering::Acquire) {
            return None;
        }
        self.queue.recv().await
    }
}

/// What became of an event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Clients that it went to.
    pub reached: usize,
    /// Clients that were cut off, because they did not keep up.
    pub cut_off: usize,
}

/// Every client that listens right now.
#[derive(Debug, Default)]
pub struct Feeds {
    feeds: HashMap<u64, Feed>,
    topics: HashMap<Topic, Vec<u64>>,
    last_number: u64,
}

impl Feeds {
    /// Adds a client with a queue of `depth` events.
    pub fn add(&mut self, audience: Audience, depth: usize) -> Receiver {
        let (sender, queue) = mpsc::channel(depth.max(1));
        let broken = Arc::new(AtomicBool::new(false));
        self.last_number += 1;
        let number = self.last_number;
        for topic in audience.topics() {
            self.topics.entry(topic).or_default().push(number);
        }
        self.feeds.insert(
            number,
            Feed {
                audience,
                queue: sender,
                broken: broken.clone(),
            },
        );
        Receiver {
            number,
            queue,
            broken,
        }
    }

    /// Forgets a client.
    pub fn remove(&mut self, number: u64) {
        let Some(feed) = self.feeds.remove(&number) else {
            return;
        };
        for topic in feed.audience.topics() {
            if let Some(numbers) = self.topics.get_mut(&topic) {
                numbers.retain(|other| *other != number);
                if numbers.is_empty() {
                    self.topics.remove(&topic);
                }
            }
        }
    }

    /// Hands an event to everybody who may see something of it. A client whose queue is full is
    /// cut off, so that it notices.
    pub fn deliver(&mut self, entry: &Arc<Entry>) -> Delivered {
        let (mut full, mut reached) = (Vec::new(), 0);
        for topic in entry.topics() {
            for number in self.topics.get(&topic).into_iter().flatten() {
                let Some(feed) = self.feeds.get(number) else {
                    continue;
                };
                if entry.frame(&feed.audience).is_none() {
                    continue;
                }
                if feed.queue.try_send(entry.clone()).is_ok() {
                    reached += 1;
                } else {
                    feed.broken.store(true, Ordering::Release);
                    full.push(*number);
                }
            }
        }
        for number in &full {
            self.remove(*number);
        }
        let cut_off = full.len();
        Delivered { reached, cut_off }
    }

    /// Cuts everybody off: the stream is not the one that they followed.
    pub fn break_all(&mut self) {
        for feed in self.feeds.values() {
            feed.broken.store(true, Ordering::Release);
        }
        self.feeds.clear();
        self.topics.clear();
    }

    /// Number of clients.
    pub fn count(&self) -> usize {
        self.feeds.len()
    }
}
