//! Workers join and leave: shares are fair, nobody waits longer than a lease, and a worker that is
//! asked to end finishes what it has.

use anyhow::{Context as _, Result, ensure};
use chrono::TimeDelta;
use medique_contracts::subjects::PARTITIONS;
use medique_tests::ledger::{self, Posting};
use medique_tests::{Hospital, await_until};
use std::time::Duration;

const FAIR_WITHIN: Duration = Duration::from_secs(20);
const POSTERS: usize = 6;
/// The lease (3 s by default) and room for a busy machine.
const LONGEST_PAUSE: TimeDelta = TimeDelta::milliseconds(3000 + 2000);

async fn fair(hospital: &Hospital, workers: usize) -> Result<()> {
    let most = usize::from(PARTITIONS).div_ceil(workers);
    let least = usize::from(PARTITIONS) / workers;
    hospital
        .shares_become(
            &format!("{workers} workers have fair shares"),
            FAIR_WITHIN,
            |shares| {
                let held = || shares.values().copied();
                shares.len() == workers
                    && held().sum::<usize>() == usize::from(PARTITIONS)
                    && held().all(|held| (least..=most).contains(&held))
            },
        )
        .await
}

#[tokio::test]
async fn workers_join_and_leave_without_a_long_pause() -> Result<()> {
    let mut hospital = Hospital::builder().departments(6, 0).start().await?;
    fair(&hospital, 1).await?;
    let departments: Vec<_> = hospital
        .departments
        .iter()
        .map(|department| department.id)
        .collect();
    let posting = Posting::start(&hospital.admin, &departments, POSTERS);
    for joined in 2..=4 {
        hospital.start_worker(&format!("worker-{joined}"), None)?;
        fair(&hospital, joined).await?;
    }
    for left in (2..=4).rev() {
        let worker = hospital.workers.last_mut().context("no worker")?;
        worker.process().term()?;
        let status = worker.process().end(Duration::from_secs(20)).await?;
        ensure!(status.success(), "worker-{left} ended with {status}");
        fair(&hospital, left - 1).await?;
        hospital.workers.pop();
    }
    let entries = posting.stop().await;
    let report = hospital.check().await?;
    let untruths = ledger::untruths(&entries, &report.evidence);
    ensure!(untruths.is_empty(), "{untruths:#?}");
    let longest = report
        .evidence
        .inbox
        .values()
        .map(|row| row.decided_at - row.accepted_at)
        .max();
    let longest = longest.context("nothing was decided")?;
    ensure!(longest < LONGEST_PAUSE, "somebody waited {longest}");
    hospital.passes().await?;
    Ok(())
}

/// SIGTERM gives the leases back: the next worker need not wait for them to run out.
#[tokio::test]
async fn a_worker_that_drains_gives_its_leases_back() -> Result<()> {
    let mut hospital = Hospital::builder()
        .worker("MEDIQUE_LEASE_TTL_MS", "60000")
        .worker("MEDIQUE_LEASE_RENEW_MS", "1000")
        .start()
        .await?;
    fair(&hospital, 1).await?;
    hospital.workers[0].process().term()?;
    let status = hospital.workers[0]
        .process()
        .end(Duration::from_secs(20))
        .await?;
    ensure!(status.success(), "it ended with {status}");
    ensure!(
        hospital.owners().await?.is_empty(),
        "leases of a worker that is gone"
    );
    hospital.start_worker("next", None)?;
    hospital
        .shares_become(
            "the next worker holds everything",
            Duration::from_secs(10),
            |shares| shares.get("next") == Some(&usize::from(PARTITIONS)),
        )
        .await?;
    hospital
        .check_in(&hospital.admin, hospital.department().id, "next")
        .await?;
    hospital.passes().await?;
    Ok(())
}

/// Nothing that a drained api accepted is lost, and its streams end.
#[tokio::test]
async fn an_api_drains_on_sigterm() -> Result<()> {
    let mut hospital = Hospital::builder().apis(2).start().await?;
    let department = hospital.department().id;
    let at_second = hospital.admin.at(&hospital.apis[1].url());
    let path = format!("/departments/{department}/events");
    let mut stream = medique_tests::sse::EventStream::open(&at_second, &path, None).await?;
    let posting = Posting::start(&at_second, &[department], 2);
    await_until::holds(
        "patients are checked in",
        Duration::from_secs(20),
        || async { Ok(hospital.count("SELECT count(*) FROM visit").await? >= 5) },
    )
    .await?;
    hospital.apis[1].process().term()?;
    let status = hospital.apis[1]
        .process()
        .end(Duration::from_secs(20))
        .await?;
    ensure!(status.success(), "it ended with {status}");
    stream
        .ends(
            "the live stream of a draining api ends",
            Duration::from_secs(5),
        )
        .await?;
    let mut entries = posting.stop().await;
    // once it is gone nobody is told anything
    entries.retain(|entry| !matches!(entry.told, ledger::Told::Nothing(_)));
    entries.retain(
        |entry| !matches!(&entry.told, ledger::Told::Unavailable(code) if code == "not_ready"),
    );
    let report = hospital.check().await?;
    let untruths = ledger::untruths(&entries, &report.evidence);
    ensure!(untruths.is_empty(), "{untruths:#?}");
    hospital.passes().await?;
    Ok(())
}

/// The second signal does not wait for anything.
#[tokio::test]
async fn a_second_signal_ends_a_worker_at_once() -> Result<()> {
    let mut hospital = Hospital::start().await?;
    let worker = hospital.workers[0].process();
    worker.term()?;
    // the first may have been enough already
    let _ = worker.term();
    worker.end(Duration::from_secs(5)).await?;
    hospital.done();
    Ok(())
}
