//! `kill -9` and SIGSTOP of a worker at every named step: nothing is lost, nothing happens twice,
//! and another replica goes on within five seconds.

use anyhow::{Result, ensure};
use medique_tests::ledger::{self, Posting, Told};
use medique_tests::{Hospital, await_until, samples};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// The promise: from the death of a worker to the next effect on its partitions.
const RESUMED_WITHIN: Duration = Duration::from_secs(5);
const SHARES_WITHIN: Duration = Duration::from_secs(20);
const POSTERS: usize = 4;

/// Failpoints fire at this pass, so that joining and the opening of departments is long over.
const PASSES: u32 = 30;

/// A victim with a failpoint and another worker, each with half of the partitions, and a department
/// on one of the victim's.
async fn hospital_with_victim(failpoint: Option<&str>) -> Result<(Hospital, Uuid)> {
    let mut hospital = Hospital::builder().departments(2, 1).start().await?;
    hospital.start_worker("victim", failpoint)?;
    hospital
        .shares_become(
            "both workers hold eight partitions",
            SHARES_WITHIN,
            |shares| shares.len() == 2 && shares.values().all(|held| *held == 8),
        )
        .await?;
    let department = hospital.department_of_worker("victim").await?.id;
    Ok((hospital, department))
}

/// Awaits that a patient who was accepted after `since` has an effect in the department.
async fn resumes(hospital: &Hospital, department: Uuid, since: Instant) -> Result<()> {
    let body = samples::visit(department, &format!("after-{}", Uuid::new_v4().simple()));
    let posted = hospital.admin.post("/visits", &body).accepted().await?;
    let left = RESUMED_WITHIN.saturating_sub(since.elapsed());
    let command = posted.id("/command_id")?;
    let pool = &hospital.database.pool;
    await_until::holds(
        "another worker goes on within five seconds",
        left,
        || async {
            let query = "SELECT EXISTS (SELECT 1 FROM inbox WHERE command_id = $1)";
            Ok(sqlx::query_scalar(query)
                .bind(command)
                .fetch_one(pool)
                .await?)
        },
    )
    .await
}

/// Under steady posting the victim dies at `step`; then the promises hold.
async fn killed_at(step: &str) -> Result<()> {
    let failpoint = format!("{step}=kill@{PASSES}");
    let (mut hospital, department) = hospital_with_victim(Some(&failpoint)).await?;
    let posting = Posting::start(&hospital.admin, &[department], POSTERS);
    let victim = hospital.worker("victim")?.process();
    let status = victim.end(Duration::from_secs(30)).await?;
    let died = Instant::now();
    ensure!(
        status.code().is_none(),
        "the victim ended by itself: {status}"
    );
    resumes(&hospital, department, died).await?;
    let entries = posting.stop().await;
    finish(&hospital, &entries).await
}

async fn finish(hospital: &Hospital, entries: &[ledger::Entry]) -> Result<()> {
    let report = hospital.check().await?;
    let untruths = ledger::untruths(entries, &report.evidence);
    ensure!(untruths.is_empty(), "{untruths:#?}");
    ensure!(
        report.evidence.dead_letters.is_empty(),
        "parked: {:?}",
        report.evidence.dead_letters
    );
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn killed_after_fetch() -> Result<()> {
    killed_at("after_fetch").await
}

#[tokio::test]
async fn killed_mid_fold() -> Result<()> {
    killed_at("mid_fold").await
}

#[tokio::test]
async fn killed_before_commit() -> Result<()> {
    killed_at("before_commit").await
}

#[tokio::test]
async fn killed_after_commit() -> Result<()> {
    killed_at("after_commit").await
}

#[tokio::test]
async fn killed_during_relay() -> Result<()> {
    killed_at("during_relay").await
}

/// The victim takes partitions of a dead worker over and dies while doing so; a third goes on.
#[tokio::test]
async fn killed_during_takeover() -> Result<()> {
    let mut hospital = Hospital::builder().departments(2, 1).start().await?;
    let department = hospital.department().id;
    let posting = Posting::start(&hospital.admin, &[department], POSTERS);
    hospital.start_worker("victim", Some("during_takeover=kill"))?;
    let status = hospital
        .worker("victim")?
        .process()
        .end(Duration::from_secs(30))
        .await?;
    ensure!(
        status.code().is_none(),
        "the victim ended by itself: {status}"
    );
    hospital.start_worker("heir", None)?;
    hospital.worker("heir")?.ready().await?;
    let died = Instant::now();
    hospital.worker("worker-1")?.process().kill9()?;
    resumes(&hospital, department, died).await?;
    let entries = posting.stop().await;
    finish(&hospital, &entries).await
}

/// The worker dies before its first lease is up and nobody else is there: a new one goes on.
#[tokio::test]
async fn the_only_worker_is_killed_and_started_again() -> Result<()> {
    let mut hospital = Hospital::start().await?;
    let department = hospital.department().id;
    let posting = Posting::start(&hospital.admin, &[department], POSTERS);
    hospital.workers[0].process().kill9()?;
    let died = Instant::now();
    hospital.workers[0].restart(&hospital.scratch)?;
    resumes(&hospital, department, died).await?;
    let entries = posting.stop().await;
    finish(&hospital, &entries).await
}

/// A worker is frozen for longer than its lease, anywhere; another goes on; then it wakes up.
#[tokio::test]
async fn a_zombie_anywhere_writes_nothing() -> Result<()> {
    let (mut hospital, department) = hospital_with_victim(None).await?;
    let posting = Posting::start(&hospital.admin, &[department], POSTERS);
    hospital.worker("victim")?.process().stop()?;
    let frozen = Instant::now();
    zombie_wakes(&mut hospital, department, frozen).await?;
    let entries = posting.stop().await;
    finish(&hospital, &entries).await
}

/// The worst moment to freeze: everything is written, locks are held, COMMIT is next.
#[tokio::test]
async fn a_zombie_before_its_commit_writes_nothing() -> Result<()> {
    let (mut hospital, department) =
        hospital_with_victim(Some(&format!("before_commit=stop@{PASSES}"))).await?;
    let posting = Posting::start(&hospital.admin, &[department], POSTERS);
    let victim = hospital.worker("victim")?.process();
    await_until::holds("the victim freezes", Duration::from_secs(30), || {
        let stopped = victim.is_stopped();
        async move { stopped }
    })
    .await?;
    zombie_wakes(&mut hospital, department, Instant::now()).await?;
    let entries = posting.stop().await;
    finish(&hospital, &entries).await
}

async fn zombie_wakes(hospital: &mut Hospital, department: Uuid, frozen: Instant) -> Result<()> {
    resumes(hospital, department, frozen).await?;
    let epochs_before: i64 = hospital
        .count("SELECT sum(epoch)::bigint FROM partition")
        .await?;
    hospital.worker("victim")?.process().cont()?;
    hospital
        .shares_become(
            "the zombie gets a share of its own again",
            SHARES_WITHIN,
            |shares| shares.len() == 2 && shares.values().all(|held| *held == 8),
        )
        .await?;
    let epochs = hospital
        .count("SELECT sum(epoch)::bigint FROM partition")
        .await?;
    ensure!(epochs > epochs_before, "it came back without a new epoch");
    Ok(())
}

/// The api dies while it accepts. Whoever heard nothing asks another replica with the same key.
#[tokio::test]
async fn an_api_is_killed_while_it_accepts() -> Result<()> {
    let mut hospital = Hospital::builder().apis(2).start().await?;
    let department = hospital.department().id;
    let at_victim = hospital.admin.at(&hospital.apis[1].url());
    let posting = Posting::start(&at_victim, &[department], 4 * POSTERS);
    await_until::holds(
        "patients are checked in",
        Duration::from_secs(20),
        || async { Ok(hospital.count("SELECT count(*) FROM visit").await? >= 50) },
    )
    .await?;
    hospital.apis[1].process().kill9()?;
    let mut entries = posting.stop().await;
    let unheard = |entry: &&ledger::Entry| matches!(entry.told, Told::Nothing(_));
    ensure!(
        entries.iter().any(|entry| unheard(&entry)),
        "nobody noticed that the api died"
    );
    for entry in entries.iter().filter(unheard).take(50) {
        let body = samples::visit(department, &entry.mark);
        hospital
            .admin
            .post("/visits", &body)
            .key(&entry.key)
            .applied()
            .await?;
    }
    let report = hospital.check().await?;
    for entry in entries.iter().filter(unheard).take(50) {
        let stored = report.evidence.commands_with(&entry.mark).len();
        ensure!(stored == 1, "{} is stored {stored} times", entry.mark);
    }
    entries.retain(|entry| !unheard(&entry));
    finish(&hospital, &entries).await
}

/// The epoch of a partition grows with each owner, and its cursor never goes back.
#[tokio::test]
async fn cursors_and_epochs_only_grow() -> Result<()> {
    let mut hospital = Hospital::builder().departments(2, 0).start().await?;
    let department = hospital.department().id;
    let mut before = state(&hospital).await?;
    for round in 0..3 {
        hospital
            .check_in(&hospital.admin, department, &format!("r{round}"))
            .await?;
        let worker = format!("next-{round}");
        hospital.start_worker(&worker, None)?;
        hospital.worker(&worker)?.ready().await?;
        let last = hospital.workers.len() - 2;
        hospital.workers[last].process().kill9()?;
        let died = Instant::now();
        resumes(&hospital, department, died).await?;
        let after = state(&hospital).await?;
        for (old, new) in before.iter().zip(&after) {
            ensure!(
                new.0 >= old.0 && new.1 >= old.1,
                "a partition went from {old:?} to {new:?}"
            );
        }
        before = after;
    }
    hospital.passes().await?;
    Ok(())
}

async fn state(hospital: &Hospital) -> Result<Vec<(i64, i64)>> {
    let query = "SELECT epoch, last_seq FROM partition ORDER BY id";
    Ok(sqlx::query_as(query)
        .fetch_all(&hospital.database.pool)
        .await?)
}
