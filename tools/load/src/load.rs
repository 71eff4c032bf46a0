//! `cargo dev load`: check-ins against a running system.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use crate::cli::{LoadArgs, Unusable};
use crate::drive::engine::Plan;
use crate::drive::pace::Load;
use crate::drive::request::Requests;
use crate::drive::watch::Watcher;
use crate::http::session::{self, Session};
use crate::measure::applied::Database;
use crate::measure::events::Events;
use crate::measure::report::{self, Report};
use crate::measure::run::{self, Target};
use crate::stack::state::State;
use crate::term;

/// Runs the subcommand and gives the exit code: 1 when something accepted is missing.
pub(crate) async fn run(args: &LoadArgs) -> Result<u8> {
    let state = State::read(&args.state.state)?;
    let target = target(&state, args.departments).await?;
    let load = args.rate.map_or(Load::Closed, Load::Open);
    let plan = Plan {
        load,
        duration: Duration::from_secs(args.seconds),
        connections: args.connections,
    };
    eprintln!("checking patients in for {} s", args.seconds);
    let report = run::measure(&target, "load", plan).await?;
    if args.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        print(&report, target.database.tracks_commits());
    }
    Ok(u8::from(!report.missing.is_none()))
}

async fn target(state: &State, departments: Option<u16>) -> Result<Target> {
    let all = state
        .departments
        .iter()
        .map(|department| department.department_id.clone());
    let departments: Vec<String> = all
        .take(departments.map_or(usize::MAX, usize::from))
        .collect();
    if departments.is_empty() {
        return Err(
            Unusable("the running system has no departments to check in at".to_owned()).into(),
        );
    }
    let session = Arc::new(Session::new(
        session::client()?,
        &state.api_base(),
        state.admin()?,
    ));
    let watcher = Watcher::open(&session, &departments).await?;
    let requests = Requests::new(
        state.api_address()?,
        "/api/v1/visits",
        Some(session),
        departments,
    );
    let mut processes = state.processes.clone();
    processes.insert("client".to_owned(), std::process::id());
    Ok(Target {
        requests,
        database: Database::connect(&state.database_url, None).await?,
        watcher: Some(watcher),
        processes,
        events: Some(Events::connect(&state.nats_url).await?),
        _server: None,
    })
}

fn print(report: &Report, tracks_commits: bool) {
    let reports = std::slice::from_ref(report);
    println!("{}", term::table(&report::rates(reports)));
    println!("{}", term::table(&report::resources(reports)));
    println!(
        "accepted {}, applied {}, rejected by rule {}, seen live {}, still refused at the end {}",
        report.accepted, report.applied, report.rejected, report.live, report.given_up
    );
    for (answer, count) in &report.failed {
        println!("{answer}: {count}");
    }
    if !tracks_commits {
        println!(
            "Postgres does not keep commit times (track_commit_timestamp): `applied` is when the worker decided"
        );
    }
}
