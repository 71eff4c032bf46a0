//! More than can be worked off is refused at the door; what was accepted stays.

use anyhow::{Result, ensure};
use medique_tests::ledger::{self, Entry, Told};
use medique_tests::{Hospital, await_until, samples};
use std::time::{Duration, Instant};
use uuid::Uuid;

async fn post_until_full(hospital: &Hospital, most: usize) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for number in 0..most {
        let (mark, key) = (format!("o{number}"), Uuid::new_v4().to_string());
        let body = samples::visit(hospital.department().id, &mark);
        let told = Told::by(&hospital.admin.post("/visits", &body).key(&key).send().await);
        let full = told == Told::Unavailable("queue_full".to_owned());
        let at = Instant::now();
        entries.push(Entry {
            mark,
            key,
            told,
            at,
        });
        if full {
            return Ok(entries);
        }
    }
    anyhow::bail!("{most} were accepted, none refused")
}

async fn everything_accepted_finishes(hospital: &Hospital, entries: &[Entry]) -> Result<()> {
    let report = hospital.check().await?;
    let untruths = ledger::untruths(entries, &report.evidence);
    ensure!(untruths.is_empty(), "{untruths:#?}");
    let accepted = ledger::count(entries, |told| matches!(told, Told::Accepted(_)));
    ensure!(
        report.evidence.visits.len() == accepted,
        "{accepted} accepted, {} visits",
        report.evidence.visits.len()
    );
    Ok(())
}

#[tokio::test]
async fn the_gate_closes_when_nobody_works_and_opens_again() -> Result<()> {
    const BACKLOG: usize = 30;
    let mut hospital = Hospital::builder()
        .api("MEDIQUE_MAX_BACKLOG", &BACKLOG.to_string())
        .start()
        .await?;
    hospital.workers[0].process().stop()?;
    let entries = post_until_full(&hospital, 100 * BACKLOG).await?;
    hospital.workers[0].process().cont()?;
    everything_accepted_finishes(&hospital, &entries).await?;
    // The gate looks at the backlog once a second; until then it refuses, and says so.
    let body = samples::visit(hospital.department().id, "after");
    let key = Uuid::new_v4().to_string();
    await_until::holds("the gate opens", Duration::from_secs(20), || {
        let post = hospital.admin.post("/visits", &body).key(&key).send();
        async move { Ok(matches!(Told::by(&post.await), Told::Accepted(_))) }
    })
    .await?;
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn a_full_stream_refuses_and_loses_nothing() -> Result<()> {
    let mut hospital = Hospital::builder()
        .both("MEDIQUE_COMMANDS_MAX_BYTES", "131072")
        .start()
        .await?;
    hospital.workers[0].process().stop()?;
    let entries = post_until_full(&hospital, 2000).await?;
    hospital.workers[0].process().cont()?;
    everything_accepted_finishes(&hospital, &entries).await?;
    hospital.done();
    Ok(())
}
