//! `cargo dev bench`: measurements on servers of its own. Here `pipeline`: rates and latencies of the
//! whole way.

mod aims;
mod hospital;
mod scenario;
mod summary;
pub(crate) mod triage;

use std::path::Path;

use anyhow::{Result, bail};

use crate::cli::{PipelineArgs, Unusable};
use crate::measure::disk;
use crate::measure::latency::Latency;
use crate::measure::report::{self, Report};
use crate::stack::private::{PrivateStack, With};
use crate::term;
use scenario::{Scenario, Sync, System};

/// Exit code of a program that was told to stop.
const EXIT_INTERRUPTED: u8 = 130;

/// What was measured.
#[derive(Debug, Default)]
struct Measured {
    reports: Vec<Report>,
    disk: Option<Latency>,
}

/// Runs the subcommand and gives the exit code: 1 when something accepted is missing.
pub(crate) async fn run(args: &PipelineArgs) -> Result<u8> {
    let Some(launcher) = &args.launcher else {
        bail!(Unusable(
            "servers are started by the launcher: use `cargo dev bench pipeline`".to_owned()
        ));
    };
    let measured = tokio::select! {
        measured = measure(args, launcher) => measured?,
        stopped = term::told_to_stop() => {
            stopped?;
            return Ok(EXIT_INTERRUPTED);
        }
    };
    let reports = summary::medians(&measured.reports);
    let complete = measured
        .reports
        .iter()
        .all(|report| report.missing.is_none());
    if args.json {
        println!("{}", summary::json(&reports, measured.disk)?);
    } else {
        print(&reports, measured.disk);
    }
    Ok(u8::from(!complete))
}

async fn measure(args: &PipelineArgs, launcher: &Path) -> Result<Measured> {
    let mut measured = Measured::default();
    let scenarios: Vec<Scenario> = Scenario::all(args.quick)
        .into_iter()
        .filter(|scenario| {
            args.only
                .iter()
                .all(|text| scenario.name().contains(text.as_str()))
        })
        .collect();
    if scenarios.is_empty() {
        bail!(Unusable("no run has such a name".to_owned()));
    }
    for round in 1..=args.repeat {
        for (sync, spread) in Scenario::stacks() {
            let of_stack: Vec<&Scenario> = scenarios
                .iter()
                .filter(|scenario| (scenario.sync, scenario.spread) == (sync, spread))
                .collect();
            if of_stack.is_empty() {
                continue;
            }
            eprintln!("round {round}: servers for {sync}, {spread}");
            let with = With {
                sync_always: sync == Sync::Always,
                traces: args.traced,
                ..With::default()
            };
            let (stack, state) = PrivateStack::start(launcher, with).await?;
            measured.disk = Some(disk::sync_latency(stack.dir())?);
            let hospital = hospital::build(&state, spread.departments()).await?;
            for system in [System::Pipeline, System::Control] {
                let of_system: Vec<&&Scenario> = of_stack
                    .iter()
                    .filter(|scenario| scenario.system == system)
                    .collect();
                if of_system.is_empty() {
                    continue;
                }
                let target = hospital.target(system).await?;
                for scenario in of_system {
                    eprintln!("  {}", scenario.name());
                    measured.reports.push(scenario.run(&target).await?);
                }
            }
        }
    }
    Ok(measured)
}

fn print(reports: &[Report], disk: Option<Latency>) {
    println!("{}", term::table(&report::rates(reports)));
    println!("{}", term::table(&report::resources(reports)));
    if reports.iter().any(Report::is_noisy) {
        println!(
            "noisy: other programs used more than half a core meanwhile; repeat it on a quiet machine"
        );
    }
    if let Some(disk) = disk {
        println!(
            "disk: one 8 kB write made durable (fdatasync) in {:.2} ms p50, {:.2} ms p99",
            disk.p50_ms, disk.p99_ms
        );
    }
    let failed = reports.iter().flat_map(|report| {
        report
            .failed
            .iter()
            .map(move |failed| (&report.name, failed))
    });
    for (name, (answer, count)) in failed {
        println!("{name}: {answer}: {count}");
    }
    println!("\n{}", term::table(&aims::compared(reports)));
}
