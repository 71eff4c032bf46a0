//! The checker itself: each promise that is broken on purpose is told. A checker that is always
//! content proves nothing.

use anyhow::{Result, ensure};
use bytes::Bytes;
use medique_contracts::ids::{CommandId, EventId};
use medique_contracts::{EventMessage, subjects};
use medique_platform::bus::OutgoingMessage;
use medique_tests::Hospital;
use serde_json::json;
use uuid::Uuid;

/// A few visits in several states.
async fn lived_in() -> Result<Hospital> {
    let hospital = Hospital::start().await?;
    let department = hospital.department().id;
    for number in 0..4 {
        hospital
            .check_in(&hospital.admin, department, &format!("c{number}"))
            .await?;
    }
    let (visit, _) = hospital
        .check_in(&hospital.admin, department, "held")
        .await?;
    let path = format!("/visits/{visit}/hold");
    hospital
        .admin
        .post(&path, &json!({ "reason": "x-ray" }))
        .applied()
        .await?;
    hospital.check().await?;
    Ok(hospital)
}

/// Breaks something, requires that the checker tells, repairs it, requires that it is content.
async fn tells(
    hospital: &Hospital,
    break_it: &'static str,
    repair: &'static str,
    words: &str,
) -> Result<()> {
    let pool = &hospital.database.pool;
    sqlx::raw_sql(break_it).execute(pool).await?;
    let told = match hospital.check().await {
        Ok(_) => String::new(),
        Err(error) => format!("{error:#}"),
    };
    ensure!(
        told.contains(words),
        "after {break_it}\nthe checker says {told:?} and not {words:?}"
    );
    sqlx::raw_sql(repair).execute(pool).await?;
    hospital.check().await?;
    Ok(())
}

#[tokio::test]
async fn what_is_broken_in_the_tables_is_told() -> Result<()> {
    let hospital = lived_in().await?;
    for (break_it, repair, words) in [
        (
            "CREATE TABLE kept AS SELECT * FROM inbox WHERE kind = 'hold'; DELETE FROM inbox WHERE kind = 'hold'",
            "INSERT INTO inbox SELECT * FROM kept; DROP TABLE kept",
            "has no outcome",
        ),
        (
            "UPDATE inbox SET outcome = '{\"status\":\"dead_lettered\",\"reason\":\"\"}'::jsonb || \
               jsonb_build_object('kept', outcome) WHERE kind = 'hold'",
            "UPDATE inbox SET outcome = outcome->'kept' WHERE kind = 'hold'",
            "was not applied and has 1 effects",
        ),
        (
            "UPDATE visit SET token_number = 9 WHERE token_number = 3",
            "UPDATE visit SET token_number = 3 WHERE token_number = 9",
            "are [1, 2, 4, 5, 9]",
        ),
        (
            "UPDATE visit SET token_number = 33 WHERE token_number = 3; \
             UPDATE visit SET token_number = 3 WHERE token_number = 4; \
             UPDATE visit SET token_number = 4 WHERE token_number = 33",
            "UPDATE visit SET token_number = 33 WHERE token_number = 3; \
             UPDATE visit SET token_number = 3 WHERE token_number = 4; \
             UPDATE visit SET token_number = 4 WHERE token_number = 33",
            "token 3 (message",
        ),
        (
            "UPDATE visit SET version = version + 1 WHERE token_number = 1",
            "UPDATE visit SET version = version - 1 WHERE token_number = 1",
            "is at version 2, its audit rows are [1]",
        ),
        (
            "UPDATE stage SET front = NOT front",
            "UPDATE stage SET front = NOT front",
            "the events give",
        ),
        (
            "UPDATE audit SET actor = actor || '!' WHERE event_type = 'visit_held'",
            "UPDATE audit SET actor = rtrim(actor, '!') WHERE event_type = 'visit_held'",
            "the audit chain does not verify",
        ),
        (
            "CREATE TABLE kept AS SELECT * FROM audit WHERE event_type = 'visit_held'; \
             DELETE FROM audit WHERE event_type = 'visit_held'",
            "INSERT INTO audit SELECT * FROM kept; DROP TABLE kept",
            "is not in the audit trail",
        ),
    ] {
        tells(&hospital, break_it, repair, words).await?;
    }
    hospital.passes().await?;
    Ok(())
}

/// An event that nobody decided, and one that comes too late.
#[tokio::test]
async fn what_is_wrong_in_the_stream_is_told() -> Result<()> {
    let hospital = lived_in().await?;
    let bus = hospital.nats.bus().await?;
    let report = hospital.check().await?;
    let genuine = report
        .evidence
        .events
        .iter()
        .find(|stored| stored.event.visit().is_some());
    let mut invented: EventMessage = genuine
        .map(|stored| stored.event.clone())
        .ok_or_else(|| anyhow::anyhow!("no event"))?;
    invented.event_id = EventId(Uuid::new_v4());
    invented.body.command_id = CommandId(Uuid::new_v4());
    let body = &invented.body;
    let visit = invented.visit().map(|visit| visit.visit_id);
    let message = OutgoingMessage {
        subject: subjects::event(
            body.facility_id,
            body.department_id,
            visit,
            invented.event_type,
        ),
        message_id: invented.event_id.to_string(),
        headers: Vec::new(),
        payload: Bytes::from(invented.to_bytes()?),
    };
    bus.publish_events(&[message]).await?;
    let told = match hospital.check().await {
        Ok(_) => String::new(),
        Err(error) => format!("{error:#}"),
    };
    for words in ["is not in the audit trail", "has two events for version"] {
        ensure!(
            told.contains(words),
            "the checker says {told:?} and not {words:?}"
        );
    }
    hospital.done();
    Ok(())
}
