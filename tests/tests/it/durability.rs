//! What the broker must be for the promises to hold, and what happens when it is not.

use anyhow::{Result, ensure};
use medique_tests::{Hospital, await_until};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(30);

/// The log is gone, the cursors are not: who works stops, and who starts refuses to work, says why
/// and is not ready; neither skips or repeats anything.
#[tokio::test]
async fn workers_refuse_when_the_log_was_lost() -> Result<()> {
    let mut hospital = Hospital::start().await?;
    for number in 0..5 {
        hospital
            .check_in(
                &hospital.admin,
                hospital.department().id,
                &format!("kept {number}"),
            )
            .await?;
    }
    hospital.check().await?;
    hospital.nats.kill9()?;
    std::fs::remove_dir_all(hospital.scratch.join("nats"))?;
    hospital.nats.restart(&hospital.scratch).await?;
    // it makes the streams anew, and finds them shorter than what was processed
    hospital.start_worker("next", None)?;
    hospital.refuses("next").await?;
    let status = hospital.worker("worker-1")?.process().end(SOON).await?;
    ensure!(!status.success(), "the old worker ended with {status}");
    let log = hospital.worker("worker-1")?.printed()?;
    ensure!(
        log.contains("the log was lost or restored"),
        "it does not say why: {log}"
    );
    let visits = hospital.count("SELECT count(*) FROM visit").await?;
    ensure!(visits == 5, "{visits} visits");
    hospital.done();
    Ok(())
}

/// Where policy asks for it, nobody is ready on a broker that answers before it writes.
#[tokio::test]
async fn policy_can_ask_for_a_broker_that_syncs() -> Result<()> {
    let mut hospital = Hospital::start().await?;
    hospital.tell_apis("MEDIQUE_REQUIRE_SYNC_ALWAYS", "true");
    hospital.tell_apis("MEDIQUE_NATS_MONITOR_URL", &hospital.nats.monitor_url());
    let strict = hospital.start_api("strict")?;
    let client = hospital.anonymous()?.at(&hospital.apis[strict].url());
    await_until::holds("the strict api answers", SOON, || async {
        Ok(client.get_root("/health/live").await?.status == 200)
    })
    .await?;
    await_until::holds("the strict api says that it is not ready", SOON, || async {
        Ok(client
            .get_root("/health/ready")
            .await?
            .problem(503, "not_ready")
            .is_ok())
    })
    .await?;
    hospital.done();
    Ok(())
}

#[tokio::test]
async fn a_broker_that_syncs_satisfies_policy() -> Result<()> {
    let mut hospital = Hospital::builder().sync_always().start().await?;
    hospital.tell_apis("MEDIQUE_REQUIRE_SYNC_ALWAYS", "true");
    hospital.tell_apis("MEDIQUE_NATS_MONITOR_URL", &hospital.nats.monitor_url());
    let strict = hospital.start_api("strict")?;
    hospital.apis[strict].ready().await?;
    let client = hospital.admin.at(&hospital.apis[strict].url());
    hospital
        .check_in(&client, hospital.department().id, "durable")
        .await?;
    hospital.passes().await?;
    Ok(())
}
