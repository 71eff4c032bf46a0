//! Publishing events: each visit's in their order, whatever fails in between.

use super::ack::Refusal;
use super::costs::Costs;
use super::link::Link;
use super::single::{self, between_tries, final_error};
use super::{BusError, OutgoingMessage, PublishError, PublisherConfig, atomic_batch};
use crate::retry::Backoff;
use futures::future::join_all;
use medique_contracts::subjects;
use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Most singles on their way at once: few enough to be answered within one try's time.
const WAVE_MAX: usize = 256;
/// Place of the visit in an event's subject.
const VISIT_TOKEN: usize = 4;

pub(super) async fn publish_in_order(
    link: &Link,
    costs: &Mutex<Costs>,
    all: &[OutgoingMessage],
) -> Result<(), BusError> {
    let config = PublisherConfig::default();
    for chunk in all.chunks(atomic_batch::MESSAGES_MAX) {
        if lock(costs).prefer_batch(chunk.len()) && batch(link, costs, chunk, &config).await? {
            continue;
        }
        for wave in waves(chunk) {
            singles(link, costs, wave, &config).await?;
        }
    }
    Ok(())
}

fn lock(costs: &Mutex<Costs>) -> MutexGuard<'_, Costs> {
    costs.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `false` when it has to be singles: some were stored before, or one stops the others.
async fn batch(
    link: &Link,
    costs: &Mutex<Costs>,
    messages: &[OutgoingMessage],
    config: &PublisherConfig,
) -> Result<bool, BusError> {
    let begun = Instant::now();
    let mut backoff = Backoff::new(between_tries());
    loop {
        let sent = Instant::now();
        let refusal = if link.is_connected() {
            match atomic_batch::publish(link, messages.iter(), config.try_timeout).await {
                Ok(_) => {
                    lock(costs).batch_done(sent, Instant::now());
                    return Ok(true);
                }
                Err(Refusal::KnownId | Refusal::TooLarge) => return Ok(false),
                Err(refusal) => refusal,
            }
        } else {
            Refusal::NotStored
        };
        let delay = backoff.next_delay().unwrap_or_default();
        if begun.elapsed() + delay >= config.deadline {
            return Err(not_published(final_error(refusal, false)));
        }
        tokio::time::sleep(delay).await;
    }
}

/// Sends all, then waits for all answers.
async fn singles(
    link: &Link,
    costs: &Mutex<Costs>,
    wave: &[OutgoingMessage],
    config: &PublisherConfig,
) -> Result<(), BusError> {
    let results = join_all(wave.iter().map(|message| async {
        let sent = Instant::now();
        let result = single::publish(link, message, config).await;
        if result.is_ok() {
            lock(costs).single_done(sent, Instant::now());
        }
        result
    }));
    for result in results.await {
        result.map_err(not_published)?;
    }
    Ok(())
}

fn not_published(error: PublishError) -> BusError {
    BusError::Unavailable(error.to_string())
}

/// Stretches in which no visit comes twice. Within one, a message that has to be tried again can
/// fall behind others, but never behind a later one of its own visit.
fn waves(messages: &[OutgoingMessage]) -> Vec<&[OutgoingMessage]> {
    let mut waves = Vec::new();
    let mut seen = HashSet::new();
    let mut start = 0;
    for (n, message) in messages.iter().enumerate() {
        let key = order_key(&message.subject);
        if seen.contains(key) || n - start == WAVE_MAX {
            waves.push(&messages[start..n]);
            seen.clear();
            start = n;
        }
        seen.insert(key);
    }
    if start < messages.len() {
        waves.push(&messages[start..]);
    }
    waves
}

/// What keeps its order: the visit, or all that is without one.
fn order_key(subject: &str) -> &str {
    subject
        .split('.')
        .nth(VISIT_TOKEN)
        .unwrap_or(subjects::NONE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn message(subject: &str) -> OutgoingMessage {
        OutgoingMessage {
            subject: subject.to_owned(),
            message_id: String::new(),
            headers: Vec::new(),
            payload: Bytes::new(),
        }
    }

    fn lengths(subjects: &[&str]) -> Vec<usize> {
        let messages: Vec<_> = subjects.iter().map(|subject| message(subject)).collect();
        waves(&messages).into_iter().map(<[_]>::len).collect()
    }

    #[test]
    fn a_visit_comes_once_in_a_wave_wherever_it_moved() {
        assert_eq!(lengths(&[]), [0; 0]);
        assert_eq!(
            lengths(&["evt.v1.f.d.a.x", "evt.v1.f.d.b.x", "evt.v1.f.e.a.y"]),
            [2, 1]
        );
        assert_eq!(
            lengths(&["evt.v1.f.d._.x", "evt.v1.f.d._.x", "evt.v1.f.d.a.x"]),
            [1, 2]
        );
    }

    #[test]
    fn a_wave_is_bounded() {
        let subjects: Vec<_> = (0..600).map(|n| format!("evt.v1.f.d.{n}.x")).collect();
        let subjects: Vec<_> = subjects.iter().map(String::as_str).collect();
        assert_eq!(lengths(&subjects), [256, 256, 88]);
    }
}
