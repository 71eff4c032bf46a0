//! Messages that go together, and the callers who wait for them.

use super::single::{between_tries, final_error};
use super::{OutgoingMessage, PublishError, Refusal, Stored};
use crate::retry::Backoff;
use std::collections::HashMap;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

type Answer = oneshot::Sender<Result<Stored, PublishError>>;

/// One message and everybody who waits for it.
pub(super) struct Job {
    message: OutgoingMessage,
    deadline: Instant,
    answer: Answer,
    /// Who sent a message of the same id at the same moment.
    also: Vec<Answer>,
}

impl Job {
    pub(super) fn new(message: OutgoingMessage, deadline: Instant, answer: Answer) -> Self {
        Self {
            message,
            deadline,
            answer,
            also: Vec::new(),
        }
    }

    /// Whether somebody still waits. Only asked before the first try.
    pub(super) fn is_wanted(&self) -> bool {
        !self.answer.is_closed()
    }

    fn answer(self, result: Result<Stored, PublishError>) {
        for also in self.also {
            let _ = also.send(result.map(|stored| Stored {
                duplicate: true,
                ..stored
            }));
        }
        // A caller that has gone does not need it.
        let _ = self.answer.send(result);
    }
}

/// Jobs that are tried together. Groups only ever get smaller.
pub(super) struct Group {
    jobs: Vec<Job>,
    backoff: Backoff,
    /// What the last try said; none before the first one.
    last: Option<Refusal>,
    /// Whether any try may have stored it.
    unknown: bool,
}

impl Group {
    /// Of jobs with the same id, only the first one goes: a batch with two is refused.
    pub(super) fn gather(jobs: Vec<Job>) -> Self {
        let mut firsts = HashMap::with_capacity(jobs.len());
        let mut unique: Vec<Job> = Vec::with_capacity(jobs.len());
        for job in jobs {
            match firsts.get(&job.message.message_id) {
                Some(&first) => {
                    let first: &mut Job = &mut unique[first];
                    first.also.push(job.answer);
                }
                None => {
                    firsts.insert(job.message.message_id.clone(), unique.len());
                    unique.push(job);
                }
            }
        }
        Self {
            jobs: unique,
            backoff: Backoff::new(between_tries()),
            last: None,
            unknown: false,
        }
    }

    /// The jobs that still have time, and the latest of their deadlines; the others are answered.
    pub(super) fn within(self, now: Instant) -> Option<(Self, Instant)> {
        let Self {
            jobs,
            backoff,
            last,
            unknown,
        } = self;
        let (jobs, over): (Vec<_>, Vec<_>) = jobs.into_iter().partition(|job| job.deadline > now);
        let error = final_error(last.unwrap_or(Refusal::NotStored), unknown);
        for job in over {
            job.answer(Err(error));
        }
        let latest = jobs.iter().map(|job| job.deadline).max()?;
        Some((
            Self {
                jobs,
                backoff,
                last,
                unknown,
            },
            latest,
        ))
    }

    pub(super) fn len(&self) -> usize {
        self.jobs.len()
    }

    pub(super) fn only(&self) -> Option<&OutgoingMessage> {
        match self.jobs.as_slice() {
            [job] => Some(&job.message),
            _ => None,
        }
    }

    pub(super) fn messages(&self) -> impl ExactSizeIterator<Item = &OutgoingMessage> {
        self.jobs.iter().map(|job| &job.message)
    }

    pub(super) fn stored(self, first_seq: u64, duplicate: bool) {
        for (seq, job) in (first_seq..).zip(self.jobs) {
            job.answer(Ok(Stored { seq, duplicate }));
        }
    }

    pub(super) fn failed(self, refusal: Refusal) {
        let error = final_error(refusal, self.unknown);
        for job in self.jobs {
            job.answer(Err(error));
        }
    }

    /// Notes what the try said; gives the time until the next one.
    pub(super) fn refused(&mut self, refusal: Refusal) -> Duration {
        self.last = Some(refusal);
        self.unknown |= refusal == Refusal::Unknown;
        self.backoff.next_delay().unwrap_or_default()
    }

    /// Whether any try may have stored it.
    pub(super) fn is_unknown(&self) -> bool {
        self.unknown
    }

    /// Parts of at most `size` jobs.
    pub(super) fn split(self, size: usize) -> Vec<Self> {
        let Self {
            jobs,
            last,
            unknown,
            ..
        } = self;
        let mut parts = Vec::with_capacity(jobs.len().div_ceil(size));
        let mut jobs = jobs.into_iter().peekable();
        while jobs.peek().is_some() {
            let jobs = jobs.by_ref().take(size).collect();
            parts.push(Self {
                jobs,
                backoff: Backoff::new(between_tries()),
                last,
                unknown,
            });
        }
        parts
    }
}
