//! The client: what stands around an attempt.

use super::breaker::{Breaker, BreakerStatus};
use super::budget::Budget;
use super::config::AiConfig;
use super::counters::{Counters, count};
use super::http::{self, Fault};
use super::provider::{self, Provider, Question, Unusable};
use super::{PROMPT_VERSION, Source, Status, answer};
use crate::retry::{Backoff, RetryPolicy};
use crate::telemetry::metrics::catalogue::{ADVISER_CALLS, ADVISER_DURATION};
use crate::telemetry::trace::{Span, SpanKind};
use crate::trace_context::TraceContext;
use bytes::Bytes;
use medique_contracts::commands::Suggestion;
use medique_contracts::triage_service::Case;
use medique_contracts::vocabulary::AdviceFailure;
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, sleep, timeout};

/// Attempts of one call.
const ATTEMPTS_MAX: u16 = 3;
/// Delays between them, unless the service asks for more.
const BETWEEN: RetryPolicy =
    RetryPolicy::full_jitter(Duration::from_millis(400), Duration::from_secs(2));
/// The word for a question that was answered, in metrics.
const ANSWERED: &str = "answered";
/// An attempt with less time than this is not begun.
const WORTH_TRYING: Duration = Duration::from_millis(50);

/// A suggestion and what it took.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggested {
    /// What the adviser says.
    pub suggestion: Suggestion,
    /// Time of all attempts together.
    pub latency: Duration,
    /// Attempts, from 1.
    pub attempts: u16,
}

/// A report and what it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Plain text, made by a machine: to be labelled as that.
    pub text: String,
    /// Time of all attempts together.
    pub latency: Duration,
    /// Attempts, from 1.
    pub attempts: u16,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the adviser gave no answer: {}", .kind.as_str())]
pub struct Failure {
    /// What was wrong with the last attempt.
    pub kind: AdviceFailure,
    /// Time of all attempts together.
    pub latency: Duration,
    /// Attempts; none when the question was not sent.
    pub attempts: u16,
    /// Whether the same question may be answered later.
    pub again: bool,
    /// When not before, if that is known.
    pub retry_after: Option<Duration>,
}

/// A client of one service. Clones share everything.
#[derive(Debug, Clone)]
pub struct Client(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    config: AiConfig,
    http: reqwest::Client,
    provider: Box<dyn Provider>,
    breaker: Breaker,
    budget: Budget,
    places: Semaphore,
    counters: Counters,
}

impl Client {
    /// Prepares; asks nothing yet.
    ///
    /// # Errors
    /// The key is no text for a header, or TLS cannot be set up.
    pub fn new(config: AiConfig) -> Result<Self, ClientError> {
        let provider = provider::of(&config);
        let mut headers = HeaderMap::new();
        if let Some(key) = &config.key {
            let (name, value) = provider::key(&*provider, key).map_err(|_| ClientError::Key)?;
            headers.insert(name, value);
        }
        let http = reqwest::Client::builder()
            .connect_timeout(config.connect_timeout)
            .default_headers(headers)
            .user_agent(concat!("medique/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            // what tells of patients goes where the configuration says, and nowhere else
            .no_proxy()
            .build()
            .map_err(|error| ClientError::Library(error.without_url()))?;
        Ok(Self(Arc::new(Inner {
            http,
            provider,
            breaker: Breaker::new(config.breaker),
            budget: Budget::new(config.retry_budget_percent),
            places: Semaphore::new(config.concurrency),
            counters: Counters::default(),
            config,
        })))
    }

    /// Asks for a level, as a step of `trace`. The service is told nothing of it: it may be anybody's.
    ///
    /// # Errors
    /// There is no answer by `deadline`, or none that may be used.
    pub async fn suggest(
        &self,
        case: &Case,
        deadline: Instant,
        trace: &TraceContext,
    ) -> Result<Suggested, Failure> {
        let question = self.0.provider.suggest(case);
        let read = |json: &[u8]| answer::suggestion(json);
        let (suggestion, effort) = self.0.call(&question, deadline, trace, read).await?;
        Ok(Suggested {
            suggestion,
            latency: effort.begun.elapsed(),
            attempts: effort.attempts,
        })
    }

    /// Asks for a report on statistics, which must hold nothing about a person.
    ///
    /// # Errors
    /// As [`Client::suggest`].
    pub async fn report(
        &self,
        statistics: &Value,
        deadline: Instant,
        trace: &TraceContext,
    ) -> Result<Report, Failure> {
        let question = self.0.provider.report(statistics);
        let read = |json: &[u8]| answer::report(json);
        let (text, effort) = self.0.call(&question, deadline, trace, read).await?;
        Ok(Report {
            text,
            latency: effort.begun.elapsed(),
            attempts: effort.attempts,
        })
    }

    /// SHA-256 of what is sent for a case, in hexadecimal.
    pub fn input_hash(&self, case: &Case) -> String {
        self.0.provider.suggest(case).hash()
    }

    /// Who answers.
    pub fn source(&self) -> Source {
        Source {
            provider: self.0.config.provider.as_str(),
            model: self.0.config.model.clone(),
            prompt_version: PROMPT_VERSION,
        }
    }

    /// Whether the service is asked at all.
    pub fn breaker(&self) -> BreakerStatus {
        self.0.breaker.status()
    }

    /// Every change of [`Client::breaker`].
    pub fn breaker_changes(&self) -> watch::Receiver<BreakerStatus> {
        self.0.breaker.watch()
    }

    /// How long the service is left alone from now on; none when it may be asked.
    pub fn rests_for(&self) -> Option<Duration> {
        self.0.breaker.rests_for()
    }

    /// When a call that begins now is given up.
    pub fn deadline(&self) -> Instant {
        Instant::now() + self.0.config.deadline
    }

    /// How many calls there may be at a time.
    pub fn concurrency(&self) -> usize {
        self.0.config.concurrency
    }

    /// How it stands.
    pub fn status(&self) -> Status {
        Status {
            source: self.source(),
            breaker: self.breaker(),
            counts: self.0.counters.read(),
        }
    }
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// It would not fit into a header.
    #[error("the key holds characters that a header cannot")]
    Key,
    /// The HTTP library does not start.
    #[error("no HTTP client: {0}")]
    Library(reqwest::Error),
}

/// How an attempt failed.
enum Unanswered {
    /// Before anything was sent.
    NotSent(Fault),
    /// After that.
    Sent(Fault),
}

/// What a call took so far.
struct Effort {
    begun: Instant,
    attempts: u16,
}

impl Effort {
    fn failed(&self, fault: Fault) -> Failure {
        Failure {
            kind: fault.kind,
            latency: self.begun.elapsed(),
            attempts: self.attempts,
            again: fault.again,
            retry_after: fault.retry_after,
        }
    }
}

impl Inner {
    /// One call: as many attempts as deadline, breaker and budget allow.
    async fn call<T>(
        &self,
        question: &Question,
        deadline: Instant,
        trace: &TraceContext,
        read: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<(T, Effort), Failure> {
        let mut step = Span::child_of(trace, SpanKind::Client, "ask adviser");
        step.attribute("medique.adviser.provider", self.config.provider.as_str());
        let mut effort = Effort {
            begun: Instant::now(),
            attempts: 0,
        };
        count(&self.counters.calls);
        let ended = match self.places.try_acquire() {
            Ok(_place) => self.attempts(question, deadline, &read, &mut effort).await,
            Err(_) => Err(Fault::passing(AdviceFailure::BudgetExhausted)),
        };
        let outcome = ended
            .as_ref()
            .map_or_else(|fault| fault.kind.as_str(), |_| ANSWERED);
        ADVISER_CALLS.add(1, [outcome.into()]);
        ADVISER_DURATION.time(effort.begun.elapsed(), []);
        step.attribute("medique.adviser.attempts", i64::from(effort.attempts));
        match ended {
            Ok(answer) => {
                count(&self.counters.answered);
                Ok((answer, effort))
            }
            Err(fault) => {
                step.fail(fault.kind.as_str());
                self.counters.failed(fault.kind);
                Err(effort.failed(fault))
            }
        }
    }

    async fn attempts<T>(
        &self,
        question: &Question,
        deadline: Instant,
        read: &impl Fn(&[u8]) -> Option<T>,
        effort: &mut Effort,
    ) -> Result<T, Fault> {
        let _in_flight = self.counters.in_flight();
        self.budget.pay_in();
        let mut backoff = Backoff::new(BETWEEN);
        let mut last: Option<Fault> = None;
        loop {
            let fault = match self.attempt(question, deadline, read, effort).await {
                Ok(answer) => return Ok(answer),
                // what the attempt before said is more telling than that there was no other
                Err(Unanswered::NotSent(fault)) => return Err(last.unwrap_or(fault)),
                Err(Unanswered::Sent(fault)) => fault,
            };
            let jitter = backoff.next_delay().unwrap_or_default();
            let delay = jitter.max(fault.retry_after.unwrap_or_default());
            let has_time = Instant::now() + delay + WORTH_TRYING < deadline;
            if !fault.again || effort.attempts >= ATTEMPTS_MAX || !has_time {
                return Err(fault);
            }
            if !self.budget.take() {
                count(&self.counters.retries_denied);
                return Err(fault);
            }
            count(&self.counters.retries);
            last = Some(fault);
            sleep(delay).await;
        }
    }

    /// One attempt, if the breaker lets it.
    async fn attempt<T>(
        &self,
        question: &Question,
        deadline: Instant,
        read: &impl Fn(&[u8]) -> Option<T>,
        effort: &mut Effort,
    ) -> Result<T, Unanswered> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left < WORTH_TRYING {
            return Err(Unanswered::NotSent(Fault::passing(AdviceFailure::Deadline)));
        }
        let leave = self.breaker.admit().map_err(|pause| {
            Unanswered::NotSent(Fault {
                retry_after: Some(pause),
                ..Fault::passing(AdviceFailure::BreakerOpen)
            })
        })?;
        effort.attempts += 1;
        count(&self.counters.attempts);
        let limit = self.config.attempt_timeout.min(left);
        let Ok(asked) = timeout(limit, http::ask(&self.http, question)).await else {
            return Err(Unanswered::Sent(if limit < self.config.attempt_timeout {
                // it had less time than it may take: that is not its fault, and the leave says nothing
                Fault::passing(AdviceFailure::Deadline)
            } else {
                leave.failed();
                Fault::passing(AdviceFailure::Timeout)
            }));
        };
        match asked.and_then(|body| self.understand(body, read)) {
            Ok(answer) => {
                leave.succeeded();
                Ok(answer)
            }
            Err(fault) => {
                // a question that it does not want to answer is no sign of ill health
                if fault.kind == AdviceFailure::Refused {
                    leave.succeeded();
                } else {
                    leave.failed();
                }
                Err(Unanswered::Sent(fault))
            }
        }
    }

    fn understand<T>(&self, body: Bytes, read: &impl Fn(&[u8]) -> Option<T>) -> Result<T, Fault> {
        let answer = self.provider.unwrap(body)?;
        read(&answer).ok_or_else(|| Unusable::Shape.into())
    }
}
