//! Where NATS and Postgres come from: given ones, else ones that we run.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::host::checkout::Checkout;
use crate::host::env;
use crate::host::os_user::OsUser;
use crate::net::pg_url::PgUrl;
use crate::servers::cluster::Cluster;
use crate::servers::postgres::Programs;
use crate::servers::{nats, psql};
use crate::stack::data_dir::DataDir;

/// Found before anything is started or built, so that what is missing is said at once.
#[derive(Debug)]
pub(crate) struct Sources {
    pub(crate) nats: NatsSource,
    pub(crate) postgres: PostgresSource,
}

#[derive(Debug)]
pub(crate) enum NatsSource {
    /// `MEDIQUE_NATS_URL`
    Given {
        url: String,
        monitor_url: Option<String>,
    },
    Own {
        program: PathBuf,
    },
}

#[derive(Debug)]
pub(crate) enum PostgresSource {
    /// `MEDIQUE_DATABASE_URL`
    Given { url: PgUrl, psql: PathBuf },
    Own {
        cluster: Cluster,
        programs: Programs,
    },
}

impl Sources {
    pub(crate) fn find(checkout: &Checkout, dir: &DataDir) -> Result<Self> {
        let cache = checkout.dev_dir().join("bin");
        Ok(Self {
            nats: find_nats(&cache)?,
            postgres: find_postgres(&cache, dir)?,
        })
    }
}

fn find_nats(cache: &std::path::Path) -> Result<NatsSource> {
    match env::text("MEDIQUE_NATS_URL") {
        Some(url) => Ok(NatsSource::Given {
            url,
            monitor_url: env::text("MEDIQUE_NATS_MONITOR_URL"),
        }),
        None => Ok(NatsSource::Own {
            program: nats::find_or_fetch(cache)?,
        }),
    }
}

fn find_postgres(cache: &Path, dir: &DataDir) -> Result<PostgresSource> {
    match env::text("MEDIQUE_DATABASE_URL") {
        Some(text) => {
            let url = PgUrl::parse(&text).context("MEDIQUE_DATABASE_URL")?;
            Ok(PostgresSource::Given {
                url,
                psql: psql::on_path()?,
            })
        }
        None => own_postgres(cache, dir),
    }
}

/// Programs that fit the cluster of the data directory, which need not exist yet.
fn own_postgres(cache: &Path, dir: &DataDir) -> Result<PostgresSource> {
    let user = OsUser::for_postgres()?;
    let cluster = Cluster::in_dir(dir.path(), &user)?;
    let programs = Programs::find_or_fetch(&user, cluster.major(), cache)?;
    Ok(PostgresSource::Own { cluster, programs })
}
