//! `cargo dev up`, step by step.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;

use super::apps::{Apps, Listening};
use super::build::{APPS, Build};
use super::collector::{self, Collector};
use super::data_dir::{DataDir, Lock};
use super::mail;
use super::record::{self, Tier};
use super::servers::{self, Database, port};
use super::sources::{NatsSource, PostgresSource, Sources};
use super::state::{Demo, State};
use super::supervisor::Supervisor;
use super::triage;
use crate::cli::UpArgs;
use crate::demo;
use crate::host::checkout::Checkout;
use crate::host::{files, web};
use crate::net::http::Client;
use crate::net::ports::{Chooser, Ports};
use crate::servers::database;
use crate::term::progress;

/// Migrations ran by then; what is left is connecting and taking over partitions.
const READY_LIMIT: Duration = Duration::from_secs(60);

/// A running stack. Dropping it stops everything, then frees the data directory.
#[derive(Debug)]
pub(crate) struct Stack {
    pub(crate) supervisor: Supervisor,
    pub(crate) state: State,
    _lock: Lock,
}

/// Brings everything up and writes `state.json` once it is ready.
pub(crate) fn start(checkout: &Checkout, dir: &DataDir, args: &UpArgs) -> Result<Stack> {
    let lock = dir.lock()?;
    record::recover(dir, &lock)?;
    let mut supervisor = Supervisor::new(dir)?;
    let sources = Sources::find(checkout, dir)?;
    let collector = Collector::find(checkout, !args.no_collector);
    let ports = choose_ports(dir, args, &sources, &collector)?;
    // before the binaries, which carry what it makes
    web::build_where_possible(checkout);
    let bin_dir = Build {
        packages: &APPS,
        features: "",
        release: args.release,
    }
    .run(checkout)?;

    let secrets = dir.secrets()?;
    let database = servers::start_postgres(&sources.postgres, &mut supervisor, &secrets, &ports)?;
    let nats = servers::start_nats(
        &sources.nats,
        &mut supervisor,
        dir,
        &ports,
        args.sync_always,
    )?;
    let mail = mail::start(&mut supervisor, &bin_dir, &ports)?;
    let otlp_url = collector.start(&mut supervisor, &bin_dir, &dir.telemetry(), &ports)?;
    let adviser = triage::start(&mut supervisor, &bin_dir, &ports, !args.no_adviser)?;
    let apps = Apps {
        bin_dir,
        nats_urls: nats.urls.clone(),
        nats_monitor_url: nats.monitor_url.clone(),
        require_sync_always: args.sync_always,
        smtp_url: mail.smtp_url.clone(),
        otlp_url,
        adviser_url: adviser.stand_in.clone(),
        secrets,
    };
    progress::step("migrating the database", || {
        apps.migrate(&database.logins.owner)?;
        database::grant_memberships(&database.admin)
    })?;
    let api_url = start_api(&apps, &database, &mut supervisor, &ports)?;
    let worker_urls = start_workers(&apps, &database, &mut supervisor, &ports, args.workers)?;
    wait_ready(
        &mut supervisor,
        std::iter::once(&api_url).chain(worker_urls.values()),
    )?;
    let demo = if args.no_demo {
        Demo::default()
    } else {
        demo::prepare(&apps, &database, &api_url)?
    };
    supervisor.check()?;

    let state = State {
        api_url,
        nats_url: nats.urls.tools,
        nats_monitor_url: nats.monitor_url,
        database_url: database.logins.owner.to_string(),
        triage_url: adviser.url,
        mail_url: mail.page_url,
        metrics_urls: metrics_urls(&ports, args.workers)?,
        worker_urls,
        launcher_pid: std::process::id(),
        processes: supervisor.pids().collect(),
        demo,
    };
    state.write(&dir.state_file())?;
    Ok(Stack {
        supervisor,
        state,
        _lock: lock,
    })
}

/// The ports of the last start where they are free, and new ones where they are not.
fn choose_ports(
    dir: &DataDir,
    args: &UpArgs,
    sources: &Sources,
    collector: &Collector,
) -> Result<Ports> {
    let mut known: Ports = files::read_json(&dir.ports_file())?.unwrap_or_default();
    let mut chooser = Chooser::default();
    match args.api_port {
        Some(port) => chooser.insist("api", port)?,
        None => chooser.prefer("api", known.get("api").copied().into_iter().chain([8080]))?,
    };
    let mut names: Vec<String> = (1..=args.workers).map(worker_name).collect();
    let served = names.iter().map(String::as_str).chain(["api"]);
    let metrics: Vec<String> = served.map(metrics_name).collect();
    names.extend(metrics);
    if matches!(sources.nats, NatsSource::Own { .. }) {
        names.extend(["nats".to_owned(), "nats-monitor".to_owned()]);
    }
    if matches!(sources.postgres, PostgresSource::Own { .. }) {
        names.push("postgres".to_owned());
    }
    if mail::given().is_none() {
        names.extend(mail::PORTS.map(str::to_owned));
    }
    if matches!(collector, Collector::Own { .. }) {
        names.extend(collector::PORTS.map(str::to_owned));
    }
    if triage::given().is_none() && !args.no_adviser {
        names.push(triage::PORT.to_owned());
    }
    for name in names {
        chooser.prefer(&name, known.get(&name).copied())?;
    }
    known.extend(chooser.finish());
    files::write_json(&dir.ports_file(), &known)?;
    Ok(known)
}

fn start_api(
    apps: &Apps,
    database: &Database,
    supervisor: &mut Supervisor,
    ports: &Ports,
) -> Result<String> {
    let at = listening(ports, "api")?;
    supervisor.spawn("api", Tier::Api, apps.api(&database.logins.api, at)?)?;
    Ok(format!("http://127.0.0.1:{}", at.port))
}

fn start_workers(
    apps: &Apps,
    database: &Database,
    supervisor: &mut Supervisor,
    ports: &Ports,
    count: u16,
) -> Result<BTreeMap<String, String>> {
    let mut urls = BTreeMap::new();
    for name in (1..=count).map(worker_name) {
        let at = listening(ports, &name)?;
        supervisor.spawn(
            &name,
            Tier::Workers,
            apps.worker(&database.logins.worker, at)?,
        )?;
        urls.insert(name, format!("http://127.0.0.1:{}", at.port));
    }
    Ok(urls)
}

fn metrics_urls(ports: &Ports, workers: u16) -> Result<BTreeMap<String, String>> {
    let names = (1..=workers).map(worker_name).chain(["api".to_owned()]);
    names
        .map(|name| {
            let port = listening(ports, &name)?.metrics_port;
            Ok((name, format!("http://127.0.0.1:{port}/metrics")))
        })
        .collect()
}

fn wait_ready<'a>(
    supervisor: &mut Supervisor,
    urls: impl Iterator<Item = &'a String>,
) -> Result<()> {
    let client = Client::new(Duration::from_secs(5));
    progress::step("waiting until the api and the workers are ready", || {
        for url in urls {
            let ready = format!("{url}/health/ready");
            supervisor.wait_until(&format!("{ready} is not ready"), READY_LIMIT, || {
                client.is_ok(&ready)
            })?;
        }
        Ok(())
    })
}

/// The ports of one of our processes.
fn listening(ports: &Ports, name: &str) -> Result<Listening> {
    Ok(Listening {
        port: port(ports, name)?,
        metrics_port: port(ports, &metrics_name(name))?,
    })
}

fn metrics_name(process: &str) -> String {
    format!("{process}-metrics")
}

fn worker_name(number: u16) -> String {
    format!("worker-{number}")
}
