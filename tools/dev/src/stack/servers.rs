//! Starts the servers of a stack and waits until they answer.

use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};

use super::data_dir::DataDir;
use super::record::Tier;
use super::sources::{NatsSource, PostgresSource};
use super::supervisor::Supervisor;
use crate::host::secrets::Secrets;
use crate::net::http::Client;
use crate::net::pg_url::PgUrl;
use crate::net::ports::Ports;
use crate::servers::cluster::{Cluster, Serving};
use crate::servers::database::{self, Logins};
use crate::servers::nats::{NatsConfig, NatsUrls};
use crate::servers::postgres::Programs;
use crate::servers::psql::Psql;
use crate::term::progress;

const START_LIMIT: Duration = Duration::from_secs(60);

/// How to reach NATS.
#[derive(Debug)]
pub(crate) struct Nats {
    pub(crate) urls: NatsUrls,
    pub(crate) monitor_url: Option<String>,
}

/// How to reach the database, and as whom.
#[derive(Debug)]
pub(crate) struct Database {
    /// As somebody who may manage roles.
    pub(crate) admin: Psql,
    pub(crate) logins: Logins,
    /// As the owner, for looking at the tables.
    pub(crate) owner: Psql,
}

/// Starts NATS, unless it is given.
pub(crate) fn start_nats(
    source: &NatsSource,
    supervisor: &mut Supervisor,
    dir: &DataDir,
    ports: &Ports,
    sync_always: bool,
) -> Result<Nats> {
    let program = match source {
        NatsSource::Given { url, monitor_url } => {
            return Ok(Nats {
                urls: NatsUrls::same(url),
                monitor_url: monitor_url.clone(),
            });
        }
        NatsSource::Own { program } => program,
    };
    let secrets = dir.secrets()?;
    let (password, encryption_key) = (secrets.password("nats")?, secrets.password("nats-store")?);
    let config = NatsConfig {
        dir: &dir.nats(),
        port: port(ports, "nats")?,
        monitor_port: port(ports, "nats-monitor")?,
        password: &password,
        encryption_key: &encryption_key,
        sync_always,
    };
    let (urls, monitor_url) = (config.urls(), config.monitor_url());
    progress::step("starting NATS", || {
        supervisor.spawn("nats", Tier::Nats, config.command(program)?)?;
        let client = Client::new(Duration::from_secs(2));
        let health = format!("{monitor_url}/healthz");
        supervisor.wait_until("NATS is not healthy", START_LIMIT, || client.is_ok(&health))
    })?;
    Ok(Nats {
        urls,
        monitor_url: Some(monitor_url),
    })
}

/// Starts Postgres, unless it is given, and makes database and logins.
pub(crate) fn start_postgres(
    source: &PostgresSource,
    supervisor: &mut Supervisor,
    secrets: &Secrets,
    ports: &Ports,
) -> Result<Database> {
    match source {
        PostgresSource::Given { url, psql } => {
            let admin = Psql::new(psql, url);
            let logins = database::prepare_given(&admin, url, secrets)?;
            Ok(Database {
                owner: admin.clone(),
                admin,
                logins,
            })
        }
        PostgresSource::Own { cluster, programs } => {
            let serving = Serving {
                port: port(ports, "postgres")?,
                max_connections: 300,
                durable: true,
            };
            let (url, psql) = start_cluster(cluster, programs, supervisor, secrets, serving)?;
            let admin = Psql::new(&psql, &url);
            let logins = progress::step("preparing the database", || {
                database::prepare_own(&admin, &url, secrets)
            })?;
            Ok(Database {
                owner: Psql::new(&psql, &logins.owner),
                admin,
                logins,
            })
        }
    }
}

/// Makes and starts a cluster; gives its superuser's URL and its psql.
pub(crate) fn start_cluster(
    cluster: &Cluster,
    programs: &Programs,
    supervisor: &mut Supervisor,
    secrets: &Secrets,
    serving: Serving,
) -> Result<(PgUrl, PathBuf)> {
    let password = secrets.password("postgres-superuser")?;
    cluster.create(programs, &password)?;
    let url = Cluster::superuser(&password, serving.port);
    let program = programs.path("psql");
    let psql = Psql::new(&program, &url);
    let label = format!("starting Postgres {}", programs.major);
    progress::step(&label, || {
        supervisor.spawn(
            "postgres",
            Tier::Postgres,
            cluster.command(programs, serving),
        )?;
        supervisor.wait_until("Postgres does not answer", START_LIMIT, || {
            TcpStream::connect((Ipv4Addr::LOCALHOST, serving.port)).is_ok()
                && psql.value("SELECT 1").is_ok()
        })
    })?;
    Ok((url, program))
}

/// The port chosen under this name.
pub(crate) fn port(ports: &Ports, name: &str) -> Result<u16> {
    ports
        .get(name)
        .copied()
        .with_context(|| format!("no port was chosen for {name}"))
}
