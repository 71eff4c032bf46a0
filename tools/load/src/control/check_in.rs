//! The transaction of the control: a check-in, one statement per table.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use medique_contracts::ids::CommandId;

/// The body of a check-in, as far as the control looks into it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CheckIn {
    department_id: Uuid,
    patient: serde_json::Value,
    complaint: String,
    symptoms: Vec<String>,
}

/// A check-in that is about to be recorded.
#[derive(Debug)]
pub(crate) struct Command {
    pub(crate) command_id: Uuid,
    pub(crate) visit_id: Uuid,
    event_id: Uuid,
    request: CheckIn,
    now: DateTime<Utc>,
}

/// Gives a request its ids, as the API does.
pub(crate) fn prepare(idempotency_key: &str, request: CheckIn) -> Command {
    let id = CommandId::derive("control", "check_in", "", idempotency_key);
    Command {
        command_id: id.0,
        visit_id: id.created(),
        event_id: id.event(0).0,
        request,
        now: medique_platform::clock::now(),
    }
}

/// Records it; a key that was seen before changes nothing.
pub(crate) async fn record(
    connection: &mut PgConnection,
    command: Command,
) -> Result<(), sqlx::Error> {
    if inbox(connection, &command).await? {
        let number = next_token(connection, &command).await?;
        visit(connection, &command, number).await?;
        stage(connection, &command).await?;
        let facts = facts(&command, number);
        audit(connection, &command, &facts).await?;
        outbox(connection, &command, &facts).await?;
    }
    Ok(())
}

async fn inbox(connection: &mut PgConnection, command: &Command) -> Result<bool, sqlx::Error> {
    let outcome = json!({ "status": "applied", "result": { "visit": { "visit_id": command.visit_id, "version": 1 } } });
    let inserted = sqlx::query(
        "INSERT INTO control.inbox (command_id, kind, actor, fingerprint, partition, seq, outcome, visit_id,
             accepted_at, decided_at)
         VALUES ($1, 'check_in', 'control', '', 0, 0, $2, $3, $4, $4) ON CONFLICT DO NOTHING",
    )
    .bind(command.command_id)
    .bind(outcome)
    .bind(command.visit_id)
    .bind(command.now)
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

async fn next_token(connection: &mut PgConnection, command: &Command) -> Result<i32, sqlx::Error> {
    sqlx::query_scalar(
        "INSERT INTO control.token_counter AS counter (department_id, service_day, last_number)
         VALUES ($1, $2, 1)
         ON CONFLICT (department_id, service_day) DO UPDATE SET last_number = counter.last_number + 1
         RETURNING last_number",
    )
    .bind(command.request.department_id)
    .bind(command.now.date_naive())
    .fetch_one(connection)
    .await
}

async fn visit(
    connection: &mut PgConnection,
    command: &Command,
    number: i32,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO control.visit (id, facility_id, version, partition, intake, live, token_department_id,
             token_number, token, service_day, arrived_at, floor, level, current_stage)
         VALUES ($1, $2, 1, 0, $3, true, $2, $4, $5, $6, $7, '{\"level\": 5}', 4, 1)",
    )
    .bind(command.visit_id)
    .bind(command.request.department_id)
    .bind(sqlx::types::Json(&command.request))
    .bind(number)
    .bind(format!("B-{number:03}"))
    .bind(command.now.date_naive())
    .bind(command.now)
    .execute(connection)
    .await
    .map(drop)
}

async fn stage(connection: &mut PgConnection, command: &Command) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO control.stage (visit_id, ordinal, department_id, state, level, front, queued_since, entered_at)
         VALUES ($1, 1, $2, 'WAITING', 4, false, $3, $3)",
    )
    .bind(command.visit_id)
    .bind(command.request.department_id)
    .bind(command.now)
    .execute(connection)
    .await
    .map(drop)
}

/// About as many bytes as the pipeline's event has.
fn facts(command: &Command, number: i32) -> String {
    json!({
        "specversion": "1.0", "id": command.event_id, "source": "/medique/control",
        "type": "medique.event.visit_checked_in.v1", "subject": command.visit_id, "time": command.now,
        "datacontenttype": "application/json", "dataschema": "/schemas/events/visit_checked_in.v1.json",
        "data": {
            "facility_id": command.request.department_id, "department_id": command.request.department_id,
            "occurred_at": command.now, "command_id": command.command_id,
            "facts": { "visit": {
                "visit_id": command.visit_id, "version": 1, "token": format!("B-{number:03}"),
                "service_day": command.now.date_naive(), "state": "WAITING", "stage": 1,
                "department_id": command.request.department_id, "level": 4, "assigned_doctor_id": null,
                "doctor_id": null, "room_id": null, "front": false, "queued_since": command.now,
                "arrived_at": command.now, "called_at": null, "started_at": null, "ended_at": null,
                "recall_count": 0, "inaccurate": false,
            } },
        },
    })
    .to_string()
}

async fn audit(
    connection: &mut PgConnection,
    command: &Command,
    facts: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO control.audit (partition, chain_seq, event_id, prev_hash, hash, facility_id, department_id,
             visit_id, version, event_type, actor, command_id, occurred_at, facts)
         VALUES (0, nextval('control.chain'), $1, '', '', $2, $2, $3, 1, 'visit_checked_in', 'control', $4, $5, $6)",
    )
    .bind(command.event_id)
    .bind(command.request.department_id)
    .bind(command.visit_id)
    .bind(command.command_id)
    .bind(command.now)
    .bind(facts)
    .execute(connection)
    .await
    .map(drop)
}

async fn outbox(
    connection: &mut PgConnection,
    command: &Command,
    facts: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO control.outbox (event_id, partition, visit_id, version, subject, payload)
         VALUES ($1, 0, $2, 1, 'evt.v1.control', $3)",
    )
    .bind(command.event_id)
    .bind(command.visit_id)
    .bind(facts)
    .execute(connection)
    .await
    .map(drop)
}
