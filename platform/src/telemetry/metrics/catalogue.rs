//! Every metric of both binaries. `docs/operations/observability.md` lists them; a test compares.

use super::instrument::{Counter, Gauge, Histogram, Instrument};

/// Seconds: from a memory access to a client that gave up.
const TIMES: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
];
/// Messages of a batch.
const SIZES: &[f64] = &[
    1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1000.0,
];

/// Requests: rate, errors and duration per route and operation.
pub static HTTP_REQUESTS: Histogram = Histogram::new(
    "http.server.request.duration",
    "s",
    &[
        "http.route",
        "http.request.method",
        "http.response.status_code",
        "medique.operation",
    ],
    TIMES,
    "Time from the head of a request to the head of its answer",
);
/// Commands that the broker stored.
pub static COMMANDS_ACCEPTED: Counter = Counter::new(
    "medique.command.accepted",
    "{command}",
    &["type"],
    "Commands that the broker has stored and that were answered as accepted",
);
/// Commands that were refused before they reached the broker.
pub static COMMANDS_REFUSED: Counter = Counter::new(
    "medique.command.refused_at_door",
    "{command}",
    &["reason"],
    "Commands that were not accepted, by the code of the problem",
);
/// Commands that were decided.
pub static COMMANDS_DECIDED: Counter = Counter::new(
    "medique.command.decided",
    "{command}",
    &["type", "outcome"],
    "Commands that were decided; outcome is applied, rejected or parked",
);
/// From the broker to the database.
pub static ACCEPT_TO_COMMIT: Histogram = Histogram::new(
    "medique.command.accept_to_commit",
    "s",
    &[],
    TIMES,
    "Time from the broker's storing of a command to the commit of its effect",
);
/// From the database to the broker.
pub static COMMIT_TO_PUBLISH: Histogram = Histogram::new(
    "medique.event.commit_to_publish",
    "s",
    &[],
    TIMES,
    "Time from the commit of an event to the broker's storing of it",
);
/// From the broker to a client.
pub static PUBLISH_TO_SSE: Histogram = Histogram::new(
    "medique.event.publish_to_sse",
    "s",
    &[],
    TIMES,
    "Time from the broker's storing of an event to its leaving on one live stream",
);
/// Messages of a batch.
pub static BATCH_SIZE: Histogram = Histogram::new(
    "medique.batch.size",
    "{message}",
    &[],
    SIZES,
    "Messages that were applied in one transaction",
);
/// Time of a batch.
pub static BATCH_DURATION: Histogram = Histogram::new(
    "medique.batch.duration",
    "s",
    &[],
    TIMES,
    "Time that one transaction took, from reading to commit",
);
/// Messages that wait in a partition.
pub static PARTITION_LAG: Gauge = Gauge::new(
    "medique.partition.lag",
    "{message}",
    &["partition"],
    "Commands of a partition that are not decided, as its owner sees them",
);
/// How long the first of them has waited.
pub static PARTITION_LAG_SECONDS: Gauge = Gauge::new(
    "medique.partition.lag_seconds",
    "s",
    &["partition"],
    "Age of the oldest undecided command that the partition's owner has read; 0 when there is none",
);
/// Partitions of this worker.
pub static PARTITIONS_OWNED: Gauge = Gauge::new(
    "medique.partitions.owned",
    "{partition}",
    &[],
    "Partitions whose lease this worker holds",
);
/// Leases that changed hands.
pub static LEASE_CHANGES: Counter = Counter::new(
    "medique.lease.changes",
    "{lease}",
    &["kind"],
    "Leases of this worker that changed; kind is taken, given or lost",
);
/// Batches that had another owner.
pub static FENCE_FAILURES: Counter = Counter::new(
    "medique.fence.failures",
    "{batch}",
    &[],
    "Batches that rolled back because a partition had another owner",
);
/// Commands that nobody could process.
pub static PARKED: Gauge = Gauge::new(
    "medique.parked.commands",
    "{command}",
    &[],
    "Parked commands that were neither sent again nor dropped",
);
/// Accepted and undecided, everywhere.
pub static UNDECIDED: Gauge = Gauge::new(
    "medique.commands.undecided",
    "{command}",
    &[],
    "Commands in the broker's log that no worker has decided, of all partitions",
);
/// Events that wait for the broker.
pub static OUTBOX_DEPTH: Gauge = Gauge::new(
    "medique.outbox.depth",
    "{event}",
    &[],
    "Committed events that are still in the outbox",
);
/// How long the first of them has waited.
pub static OUTBOX_AGE: Gauge = Gauge::new(
    "medique.outbox.age",
    "s",
    &[],
    "Age of the oldest event in the outbox; 0 when it is empty",
);
/// Connections to the database.
pub static POOL_CONNECTIONS: Gauge = Gauge::new(
    "medique.db.pool.connections",
    "{connection}",
    &["state"],
    "Connections of this process' pool; state is idle, used or max",
);
/// Wait for one of them.
pub static POOL_WAIT: Histogram = Histogram::new(
    "medique.db.pool.wait",
    "s",
    &[],
    TIMES,
    "Wait for a connection of the pool, probed now and then and measured for each transaction",
);
/// Whether the broker can be reached.
pub static BROKER_CONNECTED: Gauge = Gauge::new(
    "medique.broker.connected",
    "1",
    &[],
    "1 while this process is connected to the broker, else 0",
);
/// Whether the database can be reached.
pub static DATABASE_CONNECTED: Gauge = Gauge::new(
    "medique.database.connected",
    "1",
    &[],
    "1 while the database answers this process, else 0",
);
/// Whether the adviser is asked.
pub static BREAKER_STATE: Gauge = Gauge::new(
    "medique.adviser.breaker_state",
    "1",
    &[],
    "The circuit breaker of this process' adviser: 0 closed, 1 half open, 2 open",
);
/// Questions to the adviser.
pub static ADVISER_CALLS: Counter = Counter::new(
    "medique.adviser.calls",
    "{call}",
    &["outcome"],
    "Questions to the adviser; outcome is answered or the kind of the failure",
);
/// How long they took.
pub static ADVISER_DURATION: Histogram = Histogram::new(
    "medique.adviser.call_duration",
    "s",
    &[],
    TIMES,
    "Time of a question to the adviser, repetitions included",
);
/// Who waits.
pub static QUEUE_DEPTH: Gauge = Gauge::new(
    "medique.queue.depth",
    "{visit}",
    &["facility", "department", "level"],
    "Visits that wait to be called, per department and level",
);
/// How long the first of them has waited.
pub static QUEUE_LONGEST_WAIT: Gauge = Gauge::new(
    "medique.queue.longest_wait",
    "s",
    &["facility", "department", "level"],
    "Longest wait of a visit that has not been called",
);
/// Who waits for too long.
pub static QUEUE_BREACHED: Gauge = Gauge::new(
    "medique.queue.targets_breached",
    "{visit}",
    &["facility", "department", "level"],
    "Visits that wait longer than their department wants for their level",
);
/// Screens that follow.
pub static LIVE_STREAMS: Gauge = Gauge::new(
    "medique.live.streams",
    "{stream}",
    &["kind"],
    "Open live streams of this replica; kind is staff, board or visit",
);
/// Screens that could not keep up.
pub static LIVE_LAGGED: Counter = Counter::new(
    "medique.live.lagged",
    "{stream}",
    &[],
    "Live streams that got a fresh snapshot, because what they missed could not be replayed",
);
/// Whether the trail is whole.
pub static AUDIT_VERIFIED: Gauge = Gauge::new(
    "medique.audit.verified",
    "1",
    &[],
    "1 when the last check found the audit trail whole, 0 when it did not",
);
/// When that was.
pub static AUDIT_VERIFIED_AT: Gauge = Gauge::new(
    "medique.audit.verified_timestamp",
    "s",
    &[],
    "When the audit trail was last checked to its end, seconds since 1970",
);
/// When something was last saved.
pub static BACKUP_LAST_SUCCESS: Gauge = Gauge::new(
    "medique.backup.last_success_timestamp",
    "s",
    &["kind"],
    "When the last good backup of this kind ended, seconds since 1970",
);
/// Who could not sign in.
pub static SIGN_IN_FAILURES: Counter = Counter::new(
    "medique.sign_in.failures",
    "{try}",
    &["reason"],
    "Refused tries to sign in, by the code of the problem",
);
/// Who asked too much.
pub static RATE_LIMITED: Counter = Counter::new(
    "medique.rate_limited",
    "{request}",
    &["scope"],
    "Requests that were refused for their rate, by the budget that was used up",
);
/// Telemetry that nobody got.
pub static TELEMETRY_DROPPED: Counter = Counter::new(
    "medique.telemetry.dropped",
    "{item}",
    &["signal", "reason"],
    "Spans, log records, log lines and reports that were dropped rather than waited for; reason is queue_full or not_taken",
);

/// All of them.
pub const ALL: &[&dyn Instrument] = &[
    &HTTP_REQUESTS,
    &COMMANDS_ACCEPTED,
    &COMMANDS_REFUSED,
    &COMMANDS_DECIDED,
    &ACCEPT_TO_COMMIT,
    &COMMIT_TO_PUBLISH,
    &PUBLISH_TO_SSE,
    &BATCH_SIZE,
    &BATCH_DURATION,
    &PARTITION_LAG,
    &PARTITION_LAG_SECONDS,
    &PARTITIONS_OWNED,
    &LEASE_CHANGES,
    &FENCE_FAILURES,
    &PARKED,
    &UNDECIDED,
    &OUTBOX_DEPTH,
    &OUTBOX_AGE,
    &POOL_CONNECTIONS,
    &POOL_WAIT,
    &BROKER_CONNECTED,
    &DATABASE_CONNECTED,
    &BREAKER_STATE,
    &ADVISER_CALLS,
    &ADVISER_DURATION,
    &QUEUE_DEPTH,
    &QUEUE_LONGEST_WAIT,
    &QUEUE_BREACHED,
    &LIVE_STREAMS,
    &LIVE_LAGGED,
    &AUDIT_VERIFIED,
    &AUDIT_VERIFIED_AT,
    &BACKUP_LAST_SUCCESS,
    &SIGN_IN_FAILURES,
    &RATE_LIMITED,
    &TELEMETRY_DROPPED,
];
