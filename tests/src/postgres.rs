//! A database per test, copied from one that was migrated once.

use crate::secrets;
use crate::settings::Settings;
use anyhow::{Context, Result, bail};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection as _, Row as _};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;
use std::process::Command;
use std::str::FromStr as _;
use std::time::Duration;
use uuid::Uuid;

/// Key of the advisory lock under which the template and the logins are made.
const LOCK: i64 = 0x6d65_6469_7175_6500;

/// A migrated, empty database with the two logins of the binaries.
#[derive(Debug)]
pub struct Database {
    /// URL of the owner, who migrates and runs the admin command line.
    pub owner_url: String,
    /// URL of the api's login.
    pub api_url: String,
    /// URL of the worker's login.
    pub worker_url: String,
    /// Connections of the test itself, as the owner.
    pub pool: PgPool,
    cleanup: Option<Cleanup>,
}

#[derive(Debug)]
struct Cleanup {
    server: PgConnectOptions,
    statements: Vec<String>,
}

impl Database {
    /// A copy of the migrated template in the shared cluster.
    ///
    /// # Errors
    /// The cluster is away, or the migrations fail.
    pub async fn in_shared_cluster(settings: &Settings) -> Result<Self> {
        let server = PgConnectOptions::from_str(&settings.postgres_url)?;
        let mut admin = PgConnection::connect_with(&server)
            .await
            .context("MEDIQUE_TEST_PG_URL")?;
        sqlx::query("SELECT pg_advisory_lock($1)")
            .bind(LOCK)
            .execute(&mut admin)
            .await?;
        let template = migrated_template(&mut admin, settings, &server).await?;
        let name = format!("mq_test_{}", Uuid::new_v4().simple());
        execute(
            &mut admin,
            format!("CREATE DATABASE {name} TEMPLATE {template}"),
        )
        .await?;
        let mut database = Self::with_logins(&mut admin, &server, &name).await?;
        sqlx::query("SELECT pg_advisory_unlock($1)")
            .bind(LOCK)
            .execute(&mut admin)
            .await?;
        let (api, worker) = logins(&name);
        database.cleanup = Some(Cleanup {
            server,
            statements: vec![
                format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
                format!("DROP ROLE IF EXISTS {api}, {worker}"),
            ],
        });
        Ok(database)
    }

    /// The only database of a cluster that goes away with the test.
    ///
    /// # Errors
    /// The cluster is away, or the migrations fail.
    pub async fn in_private_cluster(settings: &Settings, url: &str) -> Result<Self> {
        let server = PgConnectOptions::from_str(url)?;
        let mut admin = PgConnection::connect_with(&server).await?;
        let name = "mq_test";
        execute(&mut admin, format!("CREATE DATABASE {name}")).await?;
        migrate(settings, &url_of(&server.clone().database(name), None))?;
        Self::with_logins(&mut admin, &server, name).await
    }

    /// The same database on a server at another port.
    ///
    /// # Errors
    /// A URL does not name the old port.
    pub fn moved(&mut self, from: u16, to: u16) -> Result<()> {
        let (old, new) = (format!("127.0.0.1:{from}/"), format!("127.0.0.1:{to}/"));
        for url in [&mut self.owner_url, &mut self.api_url, &mut self.worker_url] {
            anyhow::ensure!(url.contains(&old), "a URL without port {from}");
            *url = url.replace(&old, &new);
        }
        self.pool = pool_of(PgConnectOptions::from_str(&self.owner_url)?);
        Ok(())
    }

    async fn with_logins(
        admin: &mut PgConnection,
        server: &PgConnectOptions,
        name: &str,
    ) -> Result<Self> {
        let (api, worker) = logins(name);
        let password = secrets::password();
        for (login, group) in [(&api, "medique_api"), (&worker, "medique_worker")] {
            execute(
                admin,
                format!("CREATE ROLE {login} LOGIN PASSWORD '{password}' IN ROLE {group}"),
            )
            .await?;
        }
        let options = server.clone().database(name);
        let pool = pool_of(options.clone());
        Ok(Self {
            owner_url: url_of(&options, None),
            api_url: url_of(&options, Some((&api, &password))),
            worker_url: url_of(&options, Some((&worker, &password))),
            pool,
            cleanup: None,
        })
    }
}

fn pool_of(options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(2)
        .min_connections(0)
        .acquire_timeout(Duration::from_secs(10))
        .connect_lazy_with(options.application_name("medique-tests"))
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some(cleanup) = self.cleanup.take() else {
            return;
        };
        // a runtime cannot be entered twice on one thread, and drop cannot await
        let dropped = std::thread::spawn(move || cleanup.run()).join();
        if !matches!(dropped, Ok(Ok(()))) {
            eprintln!("the database of this test stays behind: {dropped:?}");
        }
    }
}

impl Cleanup {
    fn run(self) -> Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let mut admin = PgConnection::connect_with(&self.server).await?;
            for statement in self.statements {
                execute(&mut admin, statement).await?;
            }
            Ok(())
        })
    }
}

/// Name of the template for the migrations as they are now; made if it is not there. The caller
/// holds the lock.
async fn migrated_template(
    admin: &mut PgConnection,
    settings: &Settings,
    server: &PgConnectOptions,
) -> Result<String> {
    let name = format!("mq_template_{:016x}", fingerprint_of_migrations()?);
    let query = "SELECT count(*) FROM pg_database WHERE datname = $1";
    let found: i64 = sqlx::query(query)
        .bind(&name)
        .fetch_one(&mut *admin)
        .await?
        .try_get(0)?;
    if found == 0 {
        let draft = format!("{name}_draft");
        execute(
            admin,
            format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)"),
        )
        .await?;
        execute(admin, format!("CREATE DATABASE {draft}")).await?;
        migrate(settings, &url_of(&server.clone().database(&draft), None))?;
        execute(admin, format!("ALTER DATABASE {draft} RENAME TO {name}")).await?;
    }
    Ok(name)
}

fn fingerprint_of_migrations() -> Result<u64> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let mut files: Vec<_> = std::fs::read_dir(&folder)?.collect::<Result<_, _>>()?;
    files.sort_by_key(std::fs::DirEntry::file_name);
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.file_name().hash(&mut hasher);
        std::fs::read(file.path())?.hash(&mut hasher);
    }
    Ok(hasher.finish())
}

fn migrate(settings: &Settings, owner_url: &str) -> Result<()> {
    let mut command = Command::new(settings.binary("medique-worker"));
    command
        .env_clear()
        .env("MEDIQUE_DATABASE_URL", owner_url)
        .arg("migrate");
    let output = command.output().context("cannot run medique-worker")?;
    if !output.status.success() {
        bail!(
            "medique-worker migrate failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
}

fn logins(database: &str) -> (String, String) {
    (format!("{database}_api"), format!("{database}_worker"))
}

/// A URL of the database in `options`, as its own user or as another one.
fn url_of(options: &PgConnectOptions, login: Option<(&str, &str)>) -> String {
    use sqlx::ConnectOptions as _;
    let mut url = options.to_url_lossy();
    if let Some((user, password)) = login {
        // neither fails for a URL with a host
        let _ = url.set_username(user);
        let _ = url.set_password(Some(password));
    }
    url.set_query(None);
    url.to_string()
}

async fn execute(connection: &mut PgConnection, statement: String) -> Result<()> {
    // names and passwords in these statements are our own hexadecimal digits
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(connection)
        .await?;
    Ok(())
}
