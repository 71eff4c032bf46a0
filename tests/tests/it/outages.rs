//! A server is away for twenty seconds while patients go on arriving: every 202 is kept, and every
//! 503 tells the truth.

use anyhow::{Result, ensure};
use medique_tests::ledger::{self, Entry, Posting, Told};
use medique_tests::{Hospital, await_until, samples};
use std::time::Duration;

/// The length of the outage is part of the promise.
const OUTAGE: Duration = Duration::from_secs(20);
const POSTERS: usize = 4;

/// The promises, after the server came back.
async fn kept(hospital: &mut Hospital, posting: Posting) -> Result<Vec<Entry>> {
    hospital.all_ready().await?;
    let department = hospital.department().id;
    let after = samples::visit(department, "after the outage");
    await_until::holds(
        "a patient is accepted after the outage",
        Duration::from_secs(20),
        || async {
            Ok(hospital
                .admin
                .post("/visits", &after)
                .key("after-the-outage")
                .applied()
                .await
                .is_ok())
        },
    )
    .await?;
    let entries = posting.stop().await;
    let report = hospital.check().await?;
    let untruths = ledger::untruths(&entries, &report.evidence);
    ensure!(
        untruths.is_empty(),
        "{} untruths: {untruths:#?}",
        untruths.len()
    );
    ensure!(
        report.evidence.dead_letters.is_empty(),
        "parked: {:?}",
        report.evidence.dead_letters
    );
    Ok(entries)
}

/// Whoever was told that nothing is known repeats with the same key and gets exactly one visit.
async fn repeated(hospital: &Hospital, entries: &[Entry]) -> Result<()> {
    let department = hospital.department().id;
    let unknown = |entry: &&Entry| matches!(&entry.told, Told::Unavailable(_));
    for entry in entries.iter().filter(unknown).take(40) {
        let body = samples::visit(department, &entry.mark);
        hospital
            .admin
            .post("/visits", &body)
            .key(&entry.key)
            .applied()
            .await?;
        hospital
            .admin
            .post("/visits", &body)
            .key(&entry.key)
            .applied()
            .await?;
    }
    let report = hospital.passes().await?;
    for entry in entries.iter().filter(unknown).take(40) {
        let visits = report.evidence.commands_with(&entry.mark);
        ensure!(
            visits.len() == 1,
            "{} was stored {} times",
            entry.mark,
            visits.len()
        );
    }
    Ok(())
}

#[tokio::test]
async fn heavy_postgres_is_away_for_twenty_seconds() -> Result<()> {
    let mut hospital = Hospital::builder()
        .private_postgres()
        .workers(2)
        .start()
        .await?;
    let department = hospital.department().id;
    let posting = Posting::start(&hospital.admin, &[department], POSTERS);
    some_applied(&hospital).await?;

    let mut postgres = hospital
        .postgres
        .take()
        .ok_or_else(|| anyhow::anyhow!("no cluster of its own"))?;
    postgres.stop_immediately().await?;
    await_until::interval_passes(OUTAGE).await;
    postgres.restart(&hospital.scratch).await?;
    hospital.postgres = Some(postgres);

    let entries = kept(&mut hospital, posting).await?;
    // check-in needs no read to authorise, so it goes on without the database
    let accepted = ledger::count(&entries, |told| matches!(told, Told::Accepted(_)));
    ensure!(
        accepted == entries.len(),
        "{} of {} were accepted",
        accepted,
        entries.len()
    );
    repeated(&hospital, &entries).await
}

#[tokio::test]
async fn heavy_the_broker_is_away_for_twenty_seconds() -> Result<()> {
    let mut hospital = Hospital::builder().workers(2).start().await?;
    let department = hospital.department().id;
    let posting = Posting::start(&hospital.admin, &[department], POSTERS);
    some_applied(&hospital).await?;

    hospital.nats.kill9()?;
    await_until::interval_passes(OUTAGE).await;
    hospital.nats.restart(&hospital.scratch).await?;

    let entries = kept(&mut hospital, posting).await?;
    let refused = ledger::count(&entries, |told| {
        *told == Told::Unavailable("not_accepted".to_owned())
    });
    ensure!(refused > 0, "nobody was told that nothing was accepted");
    repeated(&hospital, &entries).await
}

/// The broker does not die, it hangs: then nobody knows, and everybody is told so.
#[tokio::test]
async fn heavy_the_broker_hangs_for_twenty_seconds() -> Result<()> {
    let mut hospital = Hospital::builder().workers(2).start().await?;
    let department = hospital.department().id;
    let posting = Posting::start(&hospital.admin, &[department], POSTERS);
    some_applied(&hospital).await?;

    hospital.nats.process().stop()?;
    await_until::interval_passes(OUTAGE).await;
    hospital.nats.process().cont()?;

    let entries = kept(&mut hospital, posting).await?;
    let unknown = ledger::count(&entries, |told| {
        *told == Told::Unavailable("outcome_unknown".to_owned())
    });
    ensure!(unknown > 0, "nobody was told that the outcome is unknown");
    repeated(&hospital, &entries).await
}

/// Reads that need the database say so while it is away, and never 500.
#[tokio::test]
async fn heavy_reads_without_postgres_are_503() -> Result<()> {
    let mut hospital = Hospital::builder().private_postgres().start().await?;
    let department = hospital.department().id;
    let (visit, _) = hospital
        .check_in(&hospital.admin, department, "before")
        .await?;
    let mut postgres = hospital
        .postgres
        .take()
        .ok_or_else(|| anyhow::anyhow!("no cluster of its own"))?;
    postgres.stop_immediately().await?;
    for path in [
        format!("/visits/{visit}"),
        format!("/departments/{department}/queue"),
        format!("/departments/{department}/board"),
        "/departments".to_owned(),
        "/audit".to_owned(),
    ] {
        let answer = hospital.admin.get(&path).await?;
        ensure!(
            answer.status == 503 && answer.header("retry-after").is_some(),
            "{answer}"
        );
        answer.is_problem()?;
    }
    let command = hospital.admin.post(
        &format!("/visits/{visit}/hold"),
        &serde_json::json!({"reason": "x-ray"}),
    );
    let answer = command.send().await?;
    ensure!(
        answer.status == 503,
        "a command on a visit needs a read: {answer}"
    );
    answer.is_problem()?;
    // liveness is about the process, readiness about what it needs
    ensure!(hospital.admin.get_root("/health/live").await?.status == 200);
    postgres.restart(&hospital.scratch).await?;
    hospital.postgres = Some(postgres);
    hospital.all_ready().await?;
    hospital.passes().await?;
    Ok(())
}

/// The database cuts every worker's connections ten times a second: also between COMMIT and its
/// answer, when nobody knows.
#[tokio::test]
async fn connections_are_cut_again_and_again() -> Result<()> {
    const CUTS: usize = 50;
    let mut hospital = Hospital::builder().workers(2).start().await?;
    let department = hospital.department().id;
    let posting = Posting::start(&hospital.admin, &[department], POSTERS);
    some_applied(&hospital).await?;
    let mut cut = 0;
    let mut pace = await_until::Pace::every(Duration::from_millis(100));
    for _ in 0..CUTS {
        pace.beat().await;
        cut += hospital
            .count(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                  WHERE datname = current_database() AND application_name = 'medique-worker'",
            )
            .await?;
    }
    ensure!(cut > CUTS as i64 / 2, "only {cut} connections were cut");
    let entries = kept(&mut hospital, posting).await?;
    let accepted = ledger::count(&entries, |told| matches!(told, Told::Accepted(_)));
    ensure!(
        accepted == entries.len(),
        "{accepted} of {} were accepted",
        entries.len()
    );
    hospital.passes().await?;
    Ok(())
}

async fn some_applied(hospital: &Hospital) -> Result<()> {
    await_until::holds(
        "patients are checked in",
        Duration::from_secs(20),
        || async { Ok(hospital.count("SELECT count(*) FROM visit").await? >= 20) },
    )
    .await
}
