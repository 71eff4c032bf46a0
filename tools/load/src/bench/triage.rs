//! `cargo dev bench triage`: what an adviser that hangs costs everybody else.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::scenario::System;
use super::{EXIT_INTERRUPTED, hospital, summary};
use crate::cli::{TriageArgs, Unusable};
use crate::drive::engine::Plan;
use crate::drive::pace::Load;
use crate::http::session;
use crate::measure::latency::Latency;
use crate::measure::report::{self, Report};
use crate::measure::run;
use crate::stack::private::{PrivateStack, With};
use crate::term;

const DEPARTMENTS: usize = 20;
const CONNECTIONS: u16 = 32;
const WARM_UP: Duration = Duration::from_secs(3);
const ANSWERS: &str = "adviser answers";
const HANGS: &str = "adviser hangs";

/// How much slower check-ins are while the adviser hangs.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
struct Ratio {
    accept_p50: f64,
    accept_p99: f64,
    applied_p50: f64,
    applied_p99: f64,
}

/// Runs the subcommand and gives the exit code: 1 when something accepted is missing.
pub(crate) async fn run(args: &TriageArgs) -> Result<u8> {
    let Some(launcher) = &args.launcher else {
        bail!(Unusable(
            "servers are started by the launcher: use `cargo dev bench triage`".to_owned()
        ));
    };
    let reports = tokio::select! {
        reports = measure(args, launcher) => reports?,
        stopped = term::told_to_stop() => {
            stopped?;
            return Ok(EXIT_INTERRUPTED);
        }
    };
    let medians = summary::medians(&reports);
    let ratio = ratio(&medians).context("a run without latencies")?;
    if args.json {
        println!("{}", json!({ "runs": medians, "ratio": ratio }));
    } else {
        println!("{}", term::table(&report::rates(&medians)));
        println!(
            "while it hangs, check-ins take: accepted x {:.2} p50, x {:.2} p99; applied x {:.2} p50, x {:.2} p99",
            ratio.accept_p50, ratio.accept_p99, ratio.applied_p50, ratio.applied_p99
        );
    }
    Ok(u8::from(
        reports.iter().any(|report| !report.missing.is_none()),
    ))
}

async fn measure(args: &TriageArgs, launcher: &Path) -> Result<Vec<Report>> {
    let with = With {
        adviser: true,
        ..With::default()
    };
    let (_stack, state) = PrivateStack::start(launcher, with).await?;
    let adviser = state
        .triage_url
        .clone()
        .context("the stack has no adviser")?;
    let target = hospital::build(&state, DEPARTMENTS)
        .await?
        .target(System::Pipeline)
        .await?;
    let plan = |duration| Plan {
        load: Load::Open(f64::from(args.rate)),
        duration,
        connections: CONNECTIONS,
    };
    let answers = json!({ "latency": { "median_ms": 40, "p99_ms": 200 } });
    let mut reports = Vec::new();
    // the hanging ones last: what they leave to be asked again is no part of the others
    for (name, behaviour) in [(ANSWERS, answers), (HANGS, json!({ "fault": "hang" }))] {
        behave(&adviser, &behaviour).await?;
        run::measure(&target, "warm-up", plan(WARM_UP)).await?;
        for round in 1..=args.repeat {
            eprintln!("  {name}, round {round}");
            target.database.checkpoint().await;
            let duration = Duration::from_secs(args.seconds.into());
            reports.push(run::measure(&target, name, plan(duration)).await?);
        }
    }
    Ok(reports)
}

async fn behave(adviser: &str, behaviour: &Value) -> Result<()> {
    let url = format!("{adviser}/behaviour");
    let answer = session::client()?.put(url).json(behaviour).send().await?;
    ensure!(
        answer.status().is_success(),
        "the stand-in does not know how to {behaviour}"
    );
    Ok(())
}

fn ratio(reports: &[Report]) -> Option<Ratio> {
    let of = |name: &str| reports.iter().find(|report| report.name == name);
    let (answers, hangs) = (of(ANSWERS)?, of(HANGS)?);
    let times = |field: fn(&Report) -> Option<Latency>, percentile: fn(Latency) -> f64| {
        Some(percentile(field(hangs)?) / percentile(field(answers)?).max(0.001))
    };
    Some(Ratio {
        accept_p50: times(|report| report.accept, |latency| latency.p50_ms)?,
        accept_p99: times(|report| report.accept, |latency| latency.p99_ms)?,
        applied_p50: times(|report| report.apply, |latency| latency.p50_ms)?,
        applied_p99: times(|report| report.apply, |latency| latency.p99_ms)?,
    })
}
