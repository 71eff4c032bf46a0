//! `cargo dev replay`: recorded emergency-department stays, played through a running system.

mod clinic;
mod convert;
mod doctor;
mod patient;
mod plan;
mod records;
mod summary;
mod tally;
mod watch;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use tokio::task::JoinSet;

use crate::cli::{ReplayArgs, Unusable};
use crate::stack::state::State;
use crate::term::{self, Progress};
use clinic::Clinic;
use plan::Plan;

const SHOW_EVERY: Duration = Duration::from_millis(250);
/// Longest wait, after the last command, for the live stream to bring what it caused.
const STREAM_LIMIT: Duration = Duration::from_secs(15);

/// Runs the subcommand and gives the exit code: 1 when anything is missing.
pub(crate) async fn run(args: &ReplayArgs) -> Result<u8> {
    if !args.dir.is_dir() {
        return Err(Unusable(format!("no such folder: {}", args.dir.display())).into());
    }
    let data = records::read(&args.dir)?;
    let plan = Plan::make(data, args.limit);
    let state = State::read(&args.state.state)?;
    let clinic = Clinic::open(&state, args, &plan).await?;
    eprintln!(
        "{} patients for {} ({} doctors), {} times faster than real time",
        plan.stays.len(),
        clinic.department.name,
        clinic.doctors.len(),
        args.speed
    );
    let finished = play(&clinic, &plan, Duration::from_secs(args.max_seconds)).await;
    clinic.live.wait_for(&clinic.tally, STREAM_LIMIT).await;
    let summary = summary::Summary::of(&clinic, &plan, finished);
    println!("{summary}");
    Ok(u8::from(!summary.is_complete()))
}

/// Plays everything; `false` when time was up or somebody wanted it to stop.
async fn play(clinic: &Arc<Clinic>, plan: &Plan, limit: Duration) -> bool {
    let mut people = JoinSet::new();
    for stay in &plan.stays {
        people.spawn(patient::attend(Arc::clone(clinic), stay.clone()));
    }
    for session in &clinic.doctors {
        people.spawn(doctor::work(Arc::clone(clinic), Arc::clone(session)));
    }
    let progress = Progress::new("replay", plan.stays.len() as u64);
    let everybody = async { while people.join_next().await.is_some() {} };
    let shown = async {
        loop {
            let (done, message) = clinic.progress();
            progress.show(done, &message);
            tokio::time::sleep(SHOW_EVERY).await;
        }
    };
    let finished = tokio::select! {
        () = everybody => true,
        () = shown => false,
        () = tokio::time::sleep(limit) => false,
        _ = term::told_to_stop() => false,
    };
    progress.finish();
    finished
}
