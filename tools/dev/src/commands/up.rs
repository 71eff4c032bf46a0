//! `cargo dev up`: start everything, say where it is, stay.

use std::thread;

use anyhow::Result;

use crate::cli::UpArgs;
use crate::host::checkout::Checkout;
use crate::host::web;
use crate::stack::data_dir::DataDir;
use crate::stack::start::{self, Stack};
use crate::stack::state::State;
use crate::term::interrupt;

pub(crate) fn run(args: &UpArgs) -> Result<u8> {
    let checkout = Checkout::find()?;
    let dir = DataDir::open(&args.dir, &checkout)?;
    let mut stack = start::start(&checkout, &dir, args)?;
    print!("{}", summary(&stack.state, &dir, web::is_built(&checkout)));
    stay(&mut stack)?;
    Ok(0)
}

/// Until a signal asks to stop, or a process ends by itself.
fn stay(stack: &mut Stack) -> Result<()> {
    while interrupt::count() == 0 {
        stack.supervisor.check()?;
        thread::sleep(interrupt::POLL);
    }
    Ok(())
}

fn summary(state: &State, dir: &DataDir, has_screens: bool) -> String {
    let mut lines = vec![String::new()];
    let mut row = |name: &str, value: &str| lines.push(format!("  {name:<14}{value}"));
    row(
        "screens",
        if has_screens {
            &state.api_url
        } else {
            "not built (Node 20.19 or newer builds them)"
        },
    );
    row("API", &state.api_url);
    row("API docs", &format!("{}/docs", state.api_url));
    for (name, url) in &state.worker_urls {
        row(name, &format!("{url}/health/ready"));
    }
    for (name, url) in &state.metrics_urls {
        row("metrics", &format!("{url} ({name})"));
    }
    if let Some(url) = &state.nats_monitor_url {
        row("NATS monitor", url);
    }
    if let Some(url) = &state.mail_url {
        row("mails", url);
    }
    if let Some(url) = &state.triage_url {
        row("adviser", url);
    }
    row(
        "addresses",
        &format!("{} (with passwords)", dir.state_file().display()),
    );
    row(
        "rate limits",
        "raised for load tools, unless MEDIQUE_RATE_* says otherwise",
    );
    row("logs", &dir.logs().display().to_string());
    if !state.demo.users.is_empty() {
        lines.push(format!(
            "\n  {:<34}{:<40}{:<12}departments",
            "demo login", "password", "role"
        ));
        lines.extend(state.demo.users.iter().map(|user| {
            let departments = department_codes(state, &user.departments);
            format!(
                "  {:<34}{:<40}{:<12}{departments}",
                user.email, user.password, user.role
            )
        }));
    }
    lines.push("\n  Ctrl-C stops everything and keeps the data.\n\n".to_owned());
    lines.join("\n")
}

fn department_codes(state: &State, ids: &[String]) -> String {
    let departments = state
        .demo
        .departments
        .iter()
        .filter(|department| ids.contains(&department.department_id));
    departments
        .map(|department| department.code.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}
