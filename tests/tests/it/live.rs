//! Live streams: replay, resync instead of a gap, heartbeats, and an end with the credential.

use anyhow::{Context as _, Result, ensure};
use medique_contracts::vocabulary::Role;
use medique_tests::sse::{EventStream, SseEvent};
use medique_tests::{Hospital, forgery};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;
use uuid::Uuid;

const SOON: Duration = Duration::from_secs(15);

fn is(event: &SseEvent, kind: &str, visit: Uuid) -> bool {
    event.event == kind && event.data["visit_id"] == visit.to_string()
}

fn path(hospital: &Hospital) -> String {
    format!("/departments/{}/events", hospital.department().id)
}

/// Opens the staff stream and reads its first snapshot.
async fn follow(hospital: &Hospital, last: Option<&str>) -> Result<EventStream> {
    EventStream::open(&hospital.admin, &path(hospital), last).await
}

#[tokio::test]
async fn what_was_missed_is_replayed_in_order_without_a_gap() -> Result<()> {
    let hospital = Hospital::builder().apis(2).start().await?;
    let department = hospital.department().id;
    let mut stream = follow(&hospital, None).await?;
    let (first, _) = hospital
        .check_in(&hospital.admin, department, "first")
        .await?;
    let seen = stream
        .until("the first patient is seen", SOON, |event| {
            is(event, "visit_checked_in", first)
        })
        .await?;
    let last = seen
        .last()
        .and_then(|event| event.id.clone())
        .context("an event without an id")?;
    let (epoch, seq) = last
        .split_once('-')
        .context("an id is <epoch>-<sequence>")?;
    ensure!(
        epoch.parse::<u64>().is_ok() && seq.parse::<u64>().is_ok(),
        "id {last:?}"
    );
    drop(stream);

    let mut missed = Vec::new();
    for number in 0..10 {
        missed.push(
            hospital
                .check_in(&hospital.admin, department, &format!("missed {number}"))
                .await?
                .0,
        );
    }
    let last_missed = *missed.last().context("none missed")?;
    // another replica, which never saw this client
    let other = hospital.admin.at(&hospital.apis[1].url());
    let mut stream = EventStream::open(&other, &path(&hospital), Some(&last)).await?;
    let replayed = stream
        .until("what was missed comes", SOON, |event| {
            is(event, "visit_checked_in", last_missed)
        })
        .await?;
    let visits: Vec<Uuid> = replayed
        .iter()
        .filter(|event| event.event == "visit_checked_in")
        .filter_map(|event| event.data["visit_id"].as_str()?.parse().ok())
        .collect();
    ensure!(visits == missed, "missed {missed:?}, got {visits:?}");
    let (next, _) = hospital
        .check_in(&hospital.admin, department, "next")
        .await?;
    stream
        .until("what happens next comes, too", SOON, |event| {
            is(event, "visit_checked_in", next)
        })
        .await?;
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn an_id_of_another_stream_or_of_none_gets_a_fresh_snapshot() -> Result<()> {
    let hospital = Hospital::start().await?;
    let department = hospital.department().id;
    let (visit, _) = hospital
        .check_in(&hospital.admin, department, "waiting")
        .await?;
    for id in [
        "1-1",
        "12345678901234567890-7",
        "nonsense",
        "0-99999999",
        "-",
    ] {
        let mut stream = follow(&hospital, Some(id)).await?;
        let event = stream
            .next("something comes", SOON)
            .await?
            .context("the stream ended")?;
        ensure!(event.event == "resync", "{id}: {event:?}");
        ensure!(
            event.data.to_string().contains(&visit.to_string()),
            "{id}: nobody in the snapshot: {event:?}"
        );
    }
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn a_silent_stream_has_heartbeats() -> Result<()> {
    let hospital = Hospital::builder()
        .api("MEDIQUE_SSE_HEARTBEAT_S", "1")
        .start()
        .await?;
    let mut stream = follow(&hospital, None).await?;
    for _ in 0..3 {
        stream.heartbeat(Duration::from_secs(10)).await?;
    }
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn a_stream_ends_with_its_credential() -> Result<()> {
    const LIFE_S: i64 = 4;
    let hospital = Hospital::start().await?;
    let mut claims = forgery::claims(hospital.admin.token()?)?;
    claims["exp"] = json!(medique_platform::clock::now().timestamp() + LIFE_S);
    let short = hospital
        .admin
        .with_token(forgery::sign(&claims, &hospital.secrets.jwt_signing_key)?);
    let board = format!("/departments/{}/board/events", hospital.department().id);
    for path in [path(&hospital), board] {
        let mut stream = EventStream::open(&short, &path, None).await?;
        stream
            .ends(
                "the stream ends with its credential",
                Duration::from_secs(20),
            )
            .await?;
    }
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn a_stream_goes_on_after_a_crash_of_the_broker() -> Result<()> {
    let mut hospital = Hospital::start().await?;
    let department = hospital.department().id;
    let mut stream = follow(&hospital, None).await?;
    let (before, _) = hospital
        .check_in(&hospital.admin, department, "before")
        .await?;
    stream
        .until("what happens before comes", SOON, |event| {
            is(event, "visit_checked_in", before)
        })
        .await?;
    let last = stream.last_id().map(str::to_owned);
    hospital.nats.kill9()?;
    hospital.nats.restart(&hospital.scratch).await?;
    hospital.all_ready().await?;
    let (after, _) = hospital
        .check_in(&hospital.admin, department, "after")
        .await?;
    stream
        .until("what happens after comes", SOON, |event| {
            is(event, "visit_checked_in", after)
        })
        .await?;
    let mut again = follow(&hospital, last.as_deref()).await?;
    let replayed = again
        .until("it is replayed, too", SOON, |event| {
            is(event, "visit_checked_in", after)
        })
        .await?;
    ensure!(
        !replayed
            .iter()
            .any(|event| is(event, "visit_checked_in", before)),
        "seen twice: {replayed:?}"
    );
    hospital.passes().await?;
    Ok(())
}

/// Somebody who does not read gets a fresh snapshot later, and never a gap.
#[tokio::test]
async fn a_slow_client_gets_a_snapshot_and_never_a_gap() -> Result<()> {
    const ROUNDS: usize = 40;
    const AT_ONCE: usize = 50;
    let hospital = Hospital::builder()
        .api("MEDIQUE_SSE_CLIENT_QUEUE", "4")
        .start()
        .await?;
    let department = hospital.department().id;
    let mut slow = follow(&hospital, None).await?;
    slow.next("the first snapshot comes", SOON)
        .await?
        .context("the stream ended")?;
    for round in 0..ROUNDS {
        let patients = (0..AT_ONCE).map(|number| format!("r{round}n{number}"));
        let bodies: Vec<_> = patients
            .map(|mark| medique_tests::samples::visit(department, &mark))
            .collect();
        let posts = bodies
            .iter()
            .map(|body| hospital.admin.post("/visits", body).accepted());
        futures::future::try_join_all(posts).await?;
    }
    let (last, _) = hospital
        .check_in(&hospital.admin, department, "the last one")
        .await?;

    let mut table: BTreeMap<String, i64> = BTreeMap::new();
    let mut resyncs = 0;
    let finished = |table: &BTreeMap<String, i64>| table.contains_key(&last.to_string());
    while !finished(&table) {
        let event = slow
            .next("the last patient is told", SOON)
            .await?
            .context("the stream ended")?;
        resyncs += usize::from(event.event == "resync");
        for (visit, version) in told(&event) {
            let known = table.entry(visit).or_insert(0);
            *known = version.max(*known);
        }
    }
    let expected: Vec<(String, i64)> =
        sqlx::query_as("SELECT id::text, version FROM visit ORDER BY id::text")
            .fetch_all(&hospital.database.pool)
            .await?;
    ensure!(
        table.into_iter().collect::<Vec<_>>() == expected,
        "the slow client has another table"
    );
    ensure!(
        resyncs > 0,
        "the client was never slow enough for a snapshot: the test proves nothing"
    );
    hospital.passes().await?;
    Ok(())
}

/// Visits and versions in an event or snapshot, wherever they stand.
fn told(event: &SseEvent) -> Vec<(String, i64)> {
    let mut found = Vec::new();
    let mut open = vec![&event.data];
    while let Some(value) = open.pop() {
        if let (Some(visit), Some(version)) =
            (value["visit_id"].as_str(), value["version"].as_i64())
        {
            found.push((visit.to_owned(), version));
        }
        match value {
            serde_json::Value::Array(items) => open.extend(items),
            serde_json::Value::Object(members) => open.extend(members.values()),
            _ => {}
        }
    }
    found
}

/// What a stream shows is committed: a read after the event sees at least that version.
#[tokio::test]
async fn what_is_shown_is_committed() -> Result<()> {
    let hospital = Hospital::start().await?;
    let nurse = hospital.local(Role::Nurse).await?.client;
    let mut stream = follow(&hospital, None).await?;
    for number in 0..10 {
        let body = medique_tests::samples::visit(hospital.department().id, &format!("c{number}"));
        let accepted = hospital.admin.post("/visits", &body).accepted().await?;
        let visit = accepted.id("/visit_id")?;
        stream
            .until("the patient is seen", SOON, |event| {
                is(event, "visit_checked_in", visit)
            })
            .await?;
        nurse.get(&format!("/visits/{visit}")).await?.expect(200)?;
    }
    hospital.passes().await?;
    Ok(())
}
