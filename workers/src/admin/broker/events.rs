//! EVENTS made anew out of the audit trail: every event stands there with its id, so nothing of the
//! stream is lost with it but the trace context.

use crate::admin::Answer;
use anyhow::{Context as _, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use medique_contracts::ids::{CommandId, DepartmentId, EventId, FacilityId};
use medique_contracts::{EventBody, EventMessage, subjects};
use medique_platform::bus::{Bus, OutgoingMessage};
use medique_platform::clock;
use serde_json::json;
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

/// As far back as the stream keeps events.
const HORIZON: TimeDelta = TimeDelta::days(7);
/// Rows that are read at a time.
const PAGE: i64 = 1000;

#[derive(FromRow)]
struct Row {
    event_id: Uuid,
    facility_id: Uuid,
    department_id: Option<Uuid>,
    version: i64,
    event_type: String,
    command_id: Uuid,
    occurred_at: DateTime<Utc>,
    facts: String,
}

pub(super) async fn rebuild(pool: &PgPool, bus: &Bus) -> anyhow::Result<Answer> {
    ensure!(
        !super::loss::anybody_works(pool).await?,
        "a worker holds partitions: stop all workers first"
    );
    if bus.has_stream(subjects::EVENTS_STREAM).await? {
        bus.delete_stream(subjects::EVENTS_STREAM).await?;
    }
    bus.ensure_streams().await?;
    let mut published = 0_u64;
    // Of one visit, versions follow each other in time; the version decides between equals.
    let mut after = (clock::now() - HORIZON, -1, Uuid::nil());
    loop {
        let rows = page(pool, after).await?;
        let Some(last) = rows.last() else { break };
        after = (last.occurred_at, last.version, last.event_id);
        let batch: Vec<_> = rows.iter().map(message).collect::<Result<_, _>>()?;
        bus.publish_events(&batch).await?;
        published += batch.len() as u64;
    }
    Ok(Answer::ok(
        format!("EVENTS made anew with {published} events"),
        json!({ "published": published }),
    ))
}

async fn page(pool: &PgPool, after: (DateTime<Utc>, i64, Uuid)) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as(
        "SELECT event_id, facility_id, department_id, COALESCE(version, 0) AS version, event_type, \
                command_id, occurred_at, facts \
           FROM audit WHERE partition < 100 \
            AND (occurred_at, COALESCE(version, 0), event_id) > ($1, $2, $3) \
          ORDER BY occurred_at, COALESCE(version, 0), event_id LIMIT $4",
    )
    .bind(after.0)
    .bind(after.1)
    .bind(after.2)
    .bind(PAGE)
    .fetch_all(pool)
    .await
}

fn message(row: &Row) -> anyhow::Result<OutgoingMessage> {
    let told = || format!("audit row of event {}", row.event_id);
    let event = EventMessage {
        event_id: EventId(row.event_id),
        event_type: row.event_type.parse().with_context(told)?,
        traceparent: None,
        body: EventBody {
            facility_id: FacilityId(row.facility_id),
            department_id: row.department_id.map(DepartmentId),
            occurred_at: row.occurred_at,
            command_id: CommandId(row.command_id),
            facts: serde_json::from_str(&row.facts).with_context(told)?,
        },
    };
    let visit = event.visit().map(|visit| visit.visit_id);
    let body = &event.body;
    Ok(OutgoingMessage {
        subject: subjects::event(
            body.facility_id,
            body.department_id,
            visit,
            event.event_type,
        ),
        message_id: event.event_id.to_string(),
        headers: Vec::new(),
        payload: event.to_bytes().with_context(told)?.into(),
    })
}
