//! What protects the service from us, and us from the service: breaker, budget, bulkhead.

use super::{Service, ask, fails, is_answered};
use anyhow::{Result, ensure};
use futures::future::join_all;
use medique_contracts::vocabulary::AdviceFailure;
use medique_platform::ai::{BreakerState, Client};
use medique_tests::await_until;
use serde_json::json;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(10);

async fn opens(client: &Client) -> Result<()> {
    for _ in 0..4 {
        fails(client, AdviceFailure::HttpStatus).await?;
    }
    ensure!(
        client.breaker().state == BreakerState::Open,
        "{:?}",
        client.breaker()
    );
    Ok(())
}

/// Calls that are made at the same moment once the breaker lets one through; how many were sent.
async fn probes(service: &Service, client: &Client) -> Result<u64> {
    let before = service.sim.stats().await?.received;
    await_until::holds("a probe is sent", SOON, || async {
        join_all((0..20).map(|_| ask(client))).await;
        Ok(service.sim.stats().await?.received > before)
    })
    .await?;
    Ok(service.sim.stats().await?.received - before)
}

#[tokio::test]
async fn the_breaker_opens_probes_once_and_closes() -> Result<()> {
    let service = Service::start().await?;
    let client = service.client(&[
        ("MEDIQUE_AI_BREAKER_CALLS_MIN", "4"),
        ("MEDIQUE_AI_BREAKER_OPEN_MS", "1500"),
        ("MEDIQUE_AI_RETRY_BUDGET_PERCENT", "0"),
        ("MEDIQUE_AI_CONCURRENCY", "32"),
    ])?;
    let mut changes = client.breaker_changes();
    service
        .sim
        .fault(json!({ "status": { "code": 500 } }))
        .await?;
    opens(&client).await?;
    ensure!(
        changes.borrow_and_update().state == BreakerState::Open,
        "no change seen"
    );

    // nothing is sent while it is open, and that is said at once
    let before = service.sim.stats().await?.received;
    for failure in join_all((0..20).map(|_| fails(&client, AdviceFailure::BreakerOpen))).await {
        let failure = failure?;
        ensure!(
            failure.attempts == 0
                && failure.again
                && failure.latency < Duration::from_secs(1)
                && failure
                    .retry_after
                    .is_some_and(|pause| pause <= Duration::from_millis(1500)),
            "{failure:?}"
        );
    }
    ensure!(
        service.sim.stats().await?.received == before,
        "it was asked"
    );

    // it fails slowly now: many callers meet the probe on its way
    let late = json!({ "status": { "code": 500 } });
    let latency = json!({ "median_ms": 200, "p99_ms": 200 });
    service
        .sim
        .behave(json!({ "fault": late, "latency": latency }))
        .await?;
    let sent = probes(&service, &client).await?;
    ensure!(sent == 1, "{sent} probes");
    ensure!(
        client.breaker().state == BreakerState::Open,
        "a failed probe closed it"
    );

    service.sim.behave(json!({ "latency": latency })).await?;
    let sent = probes(&service, &client).await?;
    ensure!(sent == 1, "{sent} probes");
    ensure!(
        client.breaker().state == BreakerState::Closed,
        "a good probe did not close it"
    );
    for answer in join_all((0..20).map(|_| is_answered(&client))).await {
        answer?;
    }
    service.done();
    Ok(())
}

#[tokio::test]
async fn repetitions_stay_within_their_budget() -> Result<()> {
    const CALLS: u64 = 60;
    let service = Service::start().await?;
    service
        .sim
        .fault(json!({ "status": { "code": 500 } }))
        .await?;
    let client = service.client(&[
        ("MEDIQUE_AI_RETRY_BUDGET_PERCENT", "10"),
        ("MEDIQUE_AI_CONCURRENCY", "64"),
    ])?;
    for _ in 0..6 {
        join_all((0..CALLS / 6).map(|_| ask(&client))).await;
    }
    let received = service.sim.stats().await?.received;
    // a tenth of the calls, and the few that a good time had saved up
    ensure!(
        (CALLS + 6..=CALLS + 6 + 5).contains(&received),
        "{received} requests for {CALLS} calls"
    );
    let counts = client.status().counts;
    ensure!(
        counts.attempts == received
            && counts.retries == received - CALLS
            && counts.retries_denied > 0,
        "{counts:?}"
    );
    service.done();
    Ok(())
}

#[tokio::test]
async fn a_full_bulkhead_turns_away_at_once() -> Result<()> {
    let service = Service::start().await?;
    service.sim.fault(json!("hang")).await?;
    let client = service.client(&[
        ("MEDIQUE_AI_CONCURRENCY", "3"),
        ("MEDIQUE_AI_ATTEMPT_TIMEOUT_MS", "2000"),
        ("MEDIQUE_AI_RETRY_BUDGET_PERCENT", "0"),
    ])?;
    let asked = join_all((0..20).map(|_| ask(&client))).await;
    let turned_away: Vec<_> = asked
        .iter()
        .filter_map(|result| result.as_ref().err())
        .filter(|failure| failure.kind == AdviceFailure::BudgetExhausted)
        .collect();
    ensure!(turned_away.len() == 17, "{asked:?}");
    ensure!(
        turned_away
            .iter()
            .all(|failure| failure.latency < Duration::from_secs(1) && failure.again),
        "{turned_away:?}"
    );
    let stats = service.sim.stats().await?;
    ensure!((stats.received, stats.open_max) == (3, 3), "{stats:?}");
    service.sim.behave(json!({})).await?;
    is_answered(&client).await?;
    service.done();
    Ok(())
}

/// A call that its caller drops gives its place and its probe back.
#[tokio::test]
async fn a_call_that_is_dropped_leaves_nothing_behind() -> Result<()> {
    let service = Service::start().await?;
    service.sim.fault(json!("hang")).await?;
    let client = service.client(&[("MEDIQUE_AI_CONCURRENCY", "1")])?;
    let short = Duration::from_millis(100);
    ensure!(
        await_until::within("an answer", short, ask(&client))
            .await
            .is_err(),
        "it answered"
    );
    await_until::holds("the service sees that we left", SOON, || async {
        Ok(service.sim.stats().await?.open == 0)
    })
    .await?;
    ensure!(
        client.status().counts.in_flight == 0,
        "{:?}",
        client.status()
    );
    service.sim.behave(json!({})).await?;
    is_answered(&client).await?;
    service.done();
    Ok(())
}
