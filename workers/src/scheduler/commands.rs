//! Commands that the clock gives.

use anyhow::Context as _;
use chrono::{DateTime, TimeDelta, Utc};
use medique_contracts::commands::{CloseDay, ExpireScan};
use medique_contracts::ids::{CommandId, DepartmentId, FacilityId, VisitId};
use medique_contracts::subjects::COMMANDS_STREAM;
use medique_contracts::{Actor, Command, CommandContext, CommandMessage, subjects};
use medique_domain::service_day::service_day;
use medique_platform::bus::{Bus, OutgoingMessage};
use medique_platform::clock;
use medique_platform::telemetry::trace::{
    COMMAND_ID, COMMAND_TYPE, Span, SpanKind, VISIT_ID, semconv,
};
use sha2::{Digest, Sha256};
use sqlx::{PgPool, Row};
use std::time::Duration;

/// A message of the scheduler may surface late: what it asks for stays right.
const VALID_FOR: TimeDelta = TimeDelta::hours(1);
/// Most scans expired in one go.
const SCANS_MAX: i64 = 500;

/// Sends `expire_scan` for every scan that waited longer than `ttl` for its intake.
pub(super) async fn expire_scans(pool: &PgPool, bus: &Bus, ttl: Duration) -> anyhow::Result<u64> {
    let rows = sqlx::query(
        "SELECT v.id, v.facility_id, s.department_id FROM stage s JOIN visit v ON v.id = s.visit_id \
          WHERE s.state = 'SCANNED' AND s.entered_at < now() - $1 * interval '1 second' \
          ORDER BY s.entered_at LIMIT $2",
    )
    .bind(i64::try_from(ttl.as_secs()).unwrap_or(i64::MAX))
    .bind(SCANS_MAX)
    .fetch_all(pool)
    .await
    .context("scans not read")?;
    for row in &rows {
        let visit = VisitId(row.try_get(0)?);
        let place = Place {
            facility: FacilityId(row.try_get(1)?),
            department: Some(DepartmentId(row.try_get(2)?)),
            visit: Some(visit),
        };
        send(
            bus,
            place,
            Command::ExpireScan(ExpireScan {}),
            &visit.to_string(),
            "expire",
        )
        .await?;
    }
    Ok(rows.len() as u64)
}

/// Sends `close_day` for each facility that wants it, once per service day.
pub(super) async fn close_days(pool: &PgPool, bus: &Bus) -> anyhow::Result<u64> {
    let rows =
        sqlx::query("SELECT id, timezone, cutover_hour, created_at FROM facility WHERE auto_close")
            .fetch_all(pool)
            .await
            .context("facilities not read")?;
    let mut sent = 0;
    for row in &rows {
        let facility = FacilityId(row.try_get(0)?);
        let timezone = row
            .try_get::<String, _>(1)?
            .parse()
            .context("time zone of a facility")?;
        let cutover = u8::try_from(row.try_get::<i16, _>(2)?).unwrap_or_default();
        let day = service_day(clock::now(), timezone, cutover);
        let created: DateTime<Utc> = row.try_get(3)?;
        if service_day(created, timezone, cutover) == day {
            continue; // its first day has not ended yet
        }
        let place = Place {
            facility,
            department: None,
            visit: None,
        };
        let command = Command::CloseDay(CloseDay { dry_run: false });
        if send(bus, place, command, &facility.to_string(), &day.to_string()).await? {
            sent += 1;
        }
    }
    Ok(sent)
}

/// What a command is about.
pub(super) struct Place {
    pub(super) facility: FacilityId,
    pub(super) department: Option<DepartmentId>,
    pub(super) visit: Option<VisitId>,
}

/// Publishes a command; `false` when the broker already had it.
pub(super) async fn send(
    bus: &Bus,
    place: Place,
    command: Command,
    resource: &str,
    key: &str,
) -> anyhow::Result<bool> {
    let actor = Actor::System {
        duty: "scheduler".to_owned(),
    };
    let kind = command.kind();
    let command_id = CommandId::derive(&actor.key(), kind.as_str(), resource, key);
    let digest = Sha256::digest(command_id.0.as_bytes());
    let fingerprint: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut step = Span::root(SpanKind::Producer, "publish COMMANDS");
    step.attribute(semconv::MESSAGING_SYSTEM, semconv::NATS)
        .attribute(semconv::MESSAGING_DESTINATION, COMMANDS_STREAM)
        .attribute(semconv::MESSAGING_OPERATION, "publish")
        .attribute(semconv::MESSAGING_OPERATION_TYPE, "send")
        .attribute(COMMAND_TYPE, kind.as_str())
        .attribute_of(COMMAND_ID, Some(command_id))
        .attribute_of(VISIT_ID, place.visit);
    let now = clock::now();
    let message = CommandMessage {
        command_id,
        traceparent: Some(step.context().traceparent()),
        context: CommandContext {
            actor,
            facility_id: place.facility,
            department_id: place.department,
            visit_id: place.visit,
            expected_version: None,
            fingerprint: fingerprint.clone(),
            sent_at: now,
            not_after: now + VALID_FOR,
        },
        command,
    };
    let stored = bus
        .publish_single(OutgoingMessage {
            subject: subjects::command(place.facility, place.department, kind),
            message_id: command_id.to_string(),
            headers: vec![(subjects::HEADER_FINGERPRINT, fingerprint)],
            payload: message.to_bytes()?.into(),
        })
        .await
        .inspect_err(|_| step.fail("not_published"))
        .context("command not published")?;
    if stored.duplicate {
        // Asked for before, and told then.
        step.discard();
    }
    Ok(!stored.duplicate)
}
