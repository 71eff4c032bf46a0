//! The role `triage`: takes events one by one, as many at a time as the adviser may be asked, and
//! asks.
//!
//! A question that fails is put off at the broker, not in a place that others could use, until it is
//! answered or too old; then the failure is recorded. A worker that dies loses nothing: the event is
//! another's after a while, who finds that there is an answer, or asks again; and whoever answers
//! answers with the same command.

use super::pace::Age;
use super::state;
use super::telling::{self, Caused, caused_by};
use super::{AdviceCase, CaseError, advice_message, load_case};
use crate::config::Config;
use medique_contracts::commands::{AdviceResult, AdviceSource};
use medique_contracts::events::EventType;
use medique_contracts::ids::VisitId;
use medique_contracts::subjects;
use medique_platform::ai::{Client, Failure, Patient, case_of};
use medique_platform::bus::{Bus, BusError, WorkConfig, WorkItem, WorkQueue};
use medique_platform::privacy::Keys;
use medique_platform::retry::{Backoff, RetryPolicy};
use medique_platform::trace_context::TraceContext;
use medique_platform::{clock, failpoint};
use sqlx::PgPool;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Of the consumer, for ever.
pub(super) const CONSUMER: &str = "triage";
/// What changes the findings, or the department and with it the policy.
const CAUSES: [EventType; 3] = [
    EventType::VisitCheckedIn,
    EventType::VisitVitalsRecorded,
    EventType::VisitTransferred,
];
/// Events that wait for another try; beyond that the broker gives out no new ones.
const PENDING_MAX: u32 = 10_000;
/// On top of a call's deadline: reading the case, publishing the answer.
const BESIDE_THE_CALL: Duration = Duration::from_secs(10);
/// How often the answer is tried to be published.
const PUBLISH_WITHIN: Duration = Duration::from_secs(20);
/// Before a visit that could not be read is tried again.
const UNREAD: RetryPolicy =
    RetryPolicy::full_jitter(Duration::from_secs(5), Duration::from_secs(5));
/// Before a visit that cannot be opened with our keys is tried again: somebody has to act.
const UNOPENED: Duration = Duration::from_secs(60);
/// Before an answer that could not be published is asked for again.
const UNPUBLISHED: Duration = Duration::from_secs(5);

/// Asks the adviser.
#[derive(Clone)]
pub struct Adviser {
    pool: PgPool,
    bus: Bus,
    keys: Keys,
    client: Client,
    worker_id: String,
    give_up: Duration,
    deadline: Duration,
}

/// What is to become of an event.
enum Verdict {
    /// It needs nothing more.
    Done,
    /// It is tried again.
    Later(Duration),
}

impl Adviser {
    /// A worker of this role.
    pub fn new(
        config: &Config,
        pool: PgPool,
        bus: Bus,
        client: Client,
        deadline: Duration,
    ) -> Self {
        Self {
            pool,
            bus,
            keys: config.keys.clone(),
            client,
            worker_id: config.worker_id.clone(),
            give_up: config.triage_give_up,
            deadline,
        }
    }

    /// Runs until `stop`: what is not begun is given back, what is begun is finished.
    pub async fn run(self, stop: CancellationToken) {
        let telling = state::tell(
            self.pool.clone(),
            self.worker_id.clone(),
            self.client.clone(),
            stop.clone(),
        );
        tokio::join!(telling, self.work(stop));
    }

    async fn work(&self, stop: CancellationToken) {
        let begun = TaskTracker::new();
        let mut backoff = Backoff::new(RetryPolicy::default());
        while !stop.is_cancelled() {
            let ended = match self.bus.work_on_events(&self.work_config()).await {
                Ok(queue) => {
                    backoff.reset();
                    self.serve(queue, &begun, &stop).await
                }
                Err(error) => Err(error),
            };
            if let Err(error) = ended {
                tracing::warn!(%error, "no work from the broker, trying again");
                tokio::select! {
                    () = stop.cancelled() => {}
                    _ = backoff.wait() => {}
                }
            }
        }
        begun.close();
        begun.wait().await;
    }

    fn work_config(&self) -> WorkConfig {
        WorkConfig {
            name: CONSUMER,
            subjects: CAUSES.map(subjects::events_of).into(),
            ack_wait: self.deadline + BESIDE_THE_CALL,
            pending_max: PENDING_MAX,
        }
    }

    /// Asks for as many events as there are places, and begins each as it comes.
    async fn serve(
        &self,
        mut queue: WorkQueue,
        begun: &TaskTracker,
        stop: &CancellationToken,
    ) -> Result<(), BusError> {
        let places = Arc::new(Semaphore::new(self.client.concurrency()));
        loop {
            let place = tokio::select! {
                () = stop.cancelled() => return Ok(()),
                place = places.clone().acquire_owned() => place,
            };
            // the semaphore is never closed
            let Ok(place) = place else { return Ok(()) };
            let mut free = vec![place];
            while let Ok(another) = places.clone().try_acquire_owned() {
                free.push(another);
            }
            let mut pull = queue.pull(free.len()).await?;
            while let Some(item) = pull.next().await? {
                match free.pop().filter(|_| !stop.is_cancelled()) {
                    Some(place) => {
                        begun.spawn(self.clone().handle(item, place));
                    }
                    None => item.later(Duration::ZERO).await,
                }
            }
        }
    }

    async fn handle(self, item: WorkItem, _place: OwnedSemaphorePermit) {
        match self.consider_alive(&item).await {
            Verdict::Done => item.done().await,
            Verdict::Later(delay) => item.later(delay).await,
        }
    }

    /// With signs of life to the broker for as long as it takes.
    async fn consider_alive(&self, item: &WorkItem) -> Verdict {
        let pause = self.work_config().ack_wait / 3;
        let mut signs_of_life = tokio::time::interval_at(Instant::now() + pause, pause);
        let work = self.consider(item);
        tokio::pin!(work);
        loop {
            tokio::select! {
                verdict = &mut work => return verdict,
                _ = signs_of_life.tick() => item.goes_on().await,
            }
        }
    }

    async fn consider(&self, item: &WorkItem) -> Verdict {
        let Some(Caused {
            visit,
            version,
            trace,
        }) = caused_by(item)
        else {
            return Verdict::Done;
        };
        // nobody is asked now: that needs no look into the database
        if let Some(delay) = self
            .client
            .rests_for()
            .and_then(|rest| self.age(item).at_least(rest))
        {
            return Verdict::Later(delay);
        }
        let case = match load_case(&self.pool, &self.keys, visit).await {
            Ok(Some(case)) => case,
            // erased, or nothing is known: nobody to ask about
            Ok(None) => return Verdict::Done,
            Err(error) => return unread(&error),
        };
        // findings that are newer than the event have an event of their own
        if !case.is_wanted() || case.findings_version > version {
            return Verdict::Done;
        }
        let step = telling::considering(visit, &trace);
        self.ask(item, visit, &case, &step.context()).await
    }

    async fn ask(
        &self,
        item: &WorkItem,
        visit: VisitId,
        case: &AdviceCase,
        trace: &TraceContext,
    ) -> Verdict {
        let told = case_of(&Patient {
            age_years: case.age_years,
            sex: case.sex,
            name: &case.name,
            complaint: &case.complaint,
            symptoms: &case.symptoms,
            vitals: case.vitals.clone(),
        });
        let deadline = self.client.deadline();
        let asked = self.client.suggest(&told, deadline, trace).await;
        let (result, latency, attempts) = match asked {
            Ok(answer) => (
                AdviceResult::Suggested(answer.suggestion),
                answer.latency,
                answer.attempts,
            ),
            Err(failure) => {
                if let Some(delay) = self.age(item).after(&failure) {
                    tracing::debug!(%visit, kind = %failure.kind, ?delay, "the adviser is asked again");
                    return Verdict::Later(delay);
                }
                let Failure {
                    kind,
                    latency,
                    attempts,
                    ..
                } = failure;
                tracing::info!(%visit, %kind, attempts, "no advice: the rules stand alone");
                (AdviceResult::Failed { kind }, latency, attempts)
            }
        };
        let source = self.client.source();
        let source = AdviceSource {
            provider: source.provider.to_owned(),
            model: source.model,
            prompt_version: source.prompt_version,
            input_hash: self.client.input_hash(&told),
            latency_ms: u32::try_from(latency.as_millis()).unwrap_or(u32::MAX),
            attempts,
        };
        failpoint::hit("advice_given").await;
        self.record(visit, case, source, result, trace).await
    }

    async fn record(
        &self,
        visit: VisitId,
        case: &AdviceCase,
        source: AdviceSource,
        result: AdviceResult,
        trace: &TraceContext,
    ) -> Verdict {
        let mut step = telling::publishing(visit, case, trace);
        let (now, cause) = (clock::now(), step.context());
        let message = match advice_message(visit, case, source, result, &cause, now) {
            Ok(message) => message,
            Err(error) => {
                tracing::error!(%visit, %error, "advice cannot be written down");
                return Verdict::Done;
            }
        };
        // the answer cost something: the broker may be away for a moment
        let mut backoff = Backoff::new(RetryPolicy::default().within(PUBLISH_WITHIN));
        while let Err(error) = self.bus.publish_single(message.clone()).await {
            if !backoff.wait().await {
                step.fail("not_published");
                tracing::warn!(%visit, %error, "advice not published, asking again later");
                return Verdict::Later(UNPUBLISHED);
            }
        }
        failpoint::hit("advice_recorded").await;
        Verdict::Done
    }

    fn age(&self, item: &WorkItem) -> Age {
        let age = clock::now() - item.event.stored_at;
        Age::new(age, self.give_up, item.deliveries)
    }
}

fn unread(error: &CaseError) -> Verdict {
    let delay = match error {
        CaseError::Database(_) => {
            tracing::warn!(%error, "trying again");
            Backoff::new(UNREAD).next_delay().unwrap_or(UNOPENED)
        }
        CaseError::Privacy(..) => {
            tracing::error!(%error, "without the right master key nobody can be asked about");
            UNOPENED
        }
        CaseError::Shape(_) => {
            tracing::error!(%error, "no advice");
            return Verdict::Done;
        }
    };
    Verdict::Later(delay)
}
