//! A collector that hangs, refuses or vanishes: visits go through as ever, what was not taken is
//! counted, and the end of the process is not held up.

use super::{Ear, SOON};
use anyhow::{Context as _, Result, ensure};
use medique_tests::processes::Replica;
use medique_tests::{Hospital, await_until};
use std::time::{Duration, Instant};

/// Visits of each time.
const VISITS: usize = 20;
/// Longest that one of them may take, the collector being as it is: a request to it alone is given
/// five seconds.
const PROMPT: Duration = Duration::from_secs(3);

async fn visits(hospital: &Hospital, time: &str) -> Result<()> {
    for number in 0..VISITS {
        let begun = Instant::now();
        let mark = format!("{time} {number}");
        let department = hospital.department().id;
        hospital
            .check_in(&hospital.admin, department, &mark)
            .await?;
        ensure!(
            begun.elapsed() < PROMPT,
            "{mark} took {:?}",
            begun.elapsed()
        );
    }
    Ok(())
}

/// What a process dropped so far.
async fn dropped(replica: &Replica) -> Result<f64> {
    let text = replica.metrics().await?;
    let lines = text
        .lines()
        .filter(|line| line.starts_with("medique_telemetry_dropped_total{"));
    lines
        .map(|line| {
            let value = line.rsplit(' ').next().context("no value")?;
            Ok(value.parse::<f64>()?)
        })
        .sum()
}

async fn all_drop(hospital: &Hospital, what: &str) -> Result<()> {
    let mut before = Vec::new();
    for replica in hospital.apis.iter().chain(&hospital.workers) {
        before.push(dropped(replica).await?);
    }
    visits(hospital, what).await?;
    for (replica, before) in hospital.apis.iter().chain(&hospital.workers).zip(before) {
        let what = format!("{what}: {} counts what it drops", replica.name());
        await_until::holds(&what, SOON, || async {
            Ok(dropped(replica).await? > before)
        })
        .await?;
    }
    Ok(())
}

#[tokio::test]
async fn telemetry_that_is_away_or_slow_holds_up_nobody() -> Result<()> {
    let mut ear = Ear::open().await?;
    let mut hospital = Hospital::builder()
        .both("MEDIQUE_OTLP_ENDPOINT", &ear.sink.url())
        .start()
        .await?;
    visits(&hospital, "well").await?;
    ear.sink.behave("hang").await?;
    all_drop(&hospital, "hanging").await?;
    ear.sink.behave("refuse").await?;
    all_drop(&hospital, "refusing").await?;
    ear.sink.kill9()?;
    all_drop(&hospital, "gone").await?;

    // It comes back, and hears what happens from then on.
    ear.sink.restart(&ear.scratch).await?;
    let (visit, _) = hospital
        .check_in(&hospital.admin, hospital.department().id, "back")
        .await?;
    await_until::holds("the collector hears again", SOON, || async {
        let visit = visit.to_string();
        Ok(ear.sink.text("spans.jsonl")?.contains(&visit))
    })
    .await?;

    // Nobody waits for it at the end either.
    ear.sink.behave("hang").await?;
    visits(&hospital, "ending").await?;
    hospital.check().await?;
    for replica in hospital.apis.iter_mut().chain(&mut hospital.workers) {
        replica.process().term()?;
        let status = replica.process().end(Duration::from_secs(15)).await?;
        ensure!(status.success(), "{} ended with {status}", replica.name());
    }
    hospital.done();
    ear.done();
    Ok(())
}
