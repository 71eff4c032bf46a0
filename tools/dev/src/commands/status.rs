//! `cargo dev status`: processes, addresses, health.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::cli::StatusArgs;
use crate::host::checkout::Checkout;
use crate::net::http::Client;
use crate::stack::data_dir::DataDir;
use crate::stack::record::Record;
use crate::stack::state::State;

/// Without passwords, so that it can be pasted anywhere.
#[derive(Debug, Serialize)]
struct Status {
    /// Whether everything is up and answers that it is ready.
    ready: bool,
    processes: Vec<Process>,
    /// Ready or not, by address.
    health: BTreeMap<String, bool>,
    nats_monitor_url: Option<String>,
}

#[derive(Debug, Serialize)]
struct Process {
    name: String,
    pid: i32,
    alive: bool,
}

/// Exit code 0 when everything is ready, 1 when not, 3 when nothing runs (as service managers say it).
pub(crate) fn run(args: &StatusArgs) -> Result<u8> {
    let (record, state) = match DataDir::find(&args.dir, &Checkout::find()?)? {
        Some(dir) => (
            Record::read(&dir.record_file())?,
            State::read(&dir.state_file())?,
        ),
        None => (None, None),
    };
    let status = look(record.as_ref(), state.as_ref());
    if args.json {
        println!(
            "{}",
            serde_json::to_string_pretty(&status).context("cannot encode JSON")?
        );
    } else {
        print_for_people(&status, record.is_some());
    }
    Ok(match (status.ready, record) {
        (true, _) => 0,
        (false, Some(_)) => 1,
        (false, None) => 3,
    })
}

fn look(record: Option<&Record>, state: Option<&State>) -> Status {
    let launcher = record.map(|record| ("launcher", &record.launcher));
    let others = record.into_iter().flat_map(|record| &record.processes);
    let processes: Vec<Process> = launcher
        .into_iter()
        .chain(others.map(|entry| (entry.name.as_str(), &entry.identity)))
        .map(|(name, identity)| Process {
            name: name.to_owned(),
            pid: identity.pid,
            alive: identity.is_alive(),
        })
        .collect();
    let client = Client::new(Duration::from_secs(5));
    let urls = state
        .into_iter()
        .flat_map(|state| std::iter::once(&state.api_url).chain(state.worker_urls.values()));
    let health: BTreeMap<String, bool> = urls
        .map(|url| format!("{url}/health/ready"))
        .map(|url| {
            let ready = client.is_ok(&url);
            (url, ready)
        })
        .collect();
    Status {
        ready: !health.is_empty()
            && health.values().all(|ready| *ready)
            && processes.iter().all(|one| one.alive),
        processes,
        health,
        nats_monitor_url: state.and_then(|state| state.nats_monitor_url.clone()),
    }
}

fn print_for_people(status: &Status, is_recorded: bool) {
    if !is_recorded {
        println!("not running");
        return;
    }
    for process in &status.processes {
        let alive = if process.alive { "running" } else { "gone" };
        println!("  {:<12}{:<10}{alive}", process.name, process.pid);
    }
    for (url, ready) in &status.health {
        println!(
            "  {:<50}{}",
            url,
            if *ready { "ready" } else { "not ready" }
        );
    }
    if let Some(url) = &status.nats_monitor_url {
        println!("  {url:<50}NATS monitor");
    }
    if !status
        .processes
        .first()
        .is_some_and(|launcher| launcher.alive)
    {
        println!(
            "  the launcher was killed: `cargo dev down` cleans up, `cargo dev up` starts anew"
        );
    } else if status.health.is_empty() {
        println!("  still starting");
    }
}
