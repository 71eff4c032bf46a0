//! Migrations expand before they contract: replicas of the commit before the last migration and of
//! this one serve the same hospital, on the schema of this one. Run by `cargo dev compat`.

use anyhow::{Result, ensure};
use medique_contracts::Outcome;
use medique_tests::client::http_client;
use medique_tests::ledger::{Entry, Posting, Told};
use medique_tests::processes::Replica;
use medique_tests::{Hospital, await_until};
use std::time::Duration;
use uuid::Uuid;

const SOON: Duration = Duration::from_secs(30);
const LOAD: Duration = Duration::from_secs(4);
const REFUSAL: &str = "does not have the schema of this build";

#[tokio::test]
#[ignore = "needs the binaries of an older commit: cargo dev compat"]
async fn heavy_old_and_new_replicas_serve_one_hospital() -> Result<()> {
    let mut hospital = Hospital::builder()
        .private_postgres()
        .old_binaries()
        .departments(4, 1)
        .start()
        .await?;
    let departments: Vec<Uuid> = hospital.departments.iter().map(|one| one.id).collect();
    let old_posts = Posting::start(&hospital.admin, &departments, 4);
    hospital.use_new_binaries();
    hospital.start_worker("new-worker", None)?;
    let api = hospital.start_api("new-api")?;
    for replica in [&hospital.workers[1], &hospital.apis[api]] {
        waits_for_the_schema(replica).await?;
    }
    println!("compat: new binaries refuse the old schema, say so and are not ready");

    hospital.migrate()?;
    hospital.all_ready().await?;
    println!("compat: the schema was migrated under load; old replicas went on, new ones began");
    let new_client = hospital.admin.at(&hospital.apis[api].url());
    let new_posts = Posting::start(&new_client, &departments, 4);
    shared(&hospital, "old and new share the partitions").await?;
    await_until::interval_passes(LOAD).await;

    // rolled forward: the old worker leaves; rolled back: it comes again and the new one leaves
    leaves(&mut hospital, "worker-1").await?;
    await_until::interval_passes(LOAD).await;
    hospital.use_old_binaries();
    hospital.start_worker("old-again", None)?;
    hospital.worker("old-again")?.ready().await?;
    shared(&hospital, "old and new share them again").await?;
    leaves(&mut hospital, "new-worker").await?;
    await_until::interval_passes(LOAD).await;
    println!("compat: rolled forward and back under load");

    let (old, new) = (old_posts.stop().await, new_posts.stop().await);
    hospital.use_new_binaries();
    let report = hospital.check().await?;
    for entry in old.iter().chain(&new) {
        kept(
            entry,
            report
                .evidence
                .inbox
                .get(&id_of(entry)?)
                .map(|row| &row.outcome),
        )?;
    }
    println!(
        "compat: {} posts to the old api and {} to the new, each decided once; every invariant holds",
        old.len(),
        new.len()
    );
    hospital.done();
    Ok(())
}

/// It says what it waits for, and is not ready.
async fn waits_for_the_schema(replica: &Replica) -> Result<()> {
    let url = format!("{}/health/ready", replica.url());
    let http = http_client()?;
    let what = format!("{} refuses the old schema", replica.name());
    await_until::holds(&what, SOON, || {
        let said = replica.printed().map(|log| log.contains(REFUSAL));
        let request = http.get(&url);
        async move { Ok(said? && request.send().await?.status() == 503) }
    })
    .await
}

async fn shared(hospital: &Hospital, what: &str) -> Result<()> {
    hospital
        .shares_become(what, SOON, |shares| {
            shares.len() == 2 && shares.values().all(|held| *held == 8)
        })
        .await
}

async fn leaves(hospital: &mut Hospital, worker: &str) -> Result<()> {
    let process = hospital.worker(worker)?.process();
    process.term()?;
    let status = process.end(SOON).await?;
    ensure!(status.success(), "{worker} ended with {status}");
    Ok(())
}

fn id_of(entry: &Entry) -> Result<Uuid> {
    match &entry.told {
        Told::Accepted(id) => Ok(*id),
        other => anyhow::bail!("{} was told {other:?}", entry.mark),
    }
}

fn kept(entry: &Entry, outcome: Option<&Outcome>) -> Result<()> {
    let applied = matches!(
        outcome,
        Some(Outcome::Applied { .. } | Outcome::Rejected { .. })
    );
    ensure!(
        applied,
        "{} was accepted and ended as {outcome:?}",
        entry.mark
    );
    Ok(())
}
