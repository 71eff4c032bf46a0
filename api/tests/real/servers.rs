//! A broker and a database of one test's own.

use medique_platform::config::Env;
use medique_platform::retry::{Failure, RetryPolicy, retry};
use sqlx::{Connection as _, PgConnection};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use uuid::Uuid;

/// How long a test waits for what should come.
pub(crate) const SOON: Duration = Duration::from_secs(20);

fn setting(name: &str) -> String {
    Env::from_process()
        .text(name)
        .unwrap_or_else(|| panic!("{name} is not set: run the tests through `cargo dev test`"))
}

/// Waits for a value that must come.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(SOON, future)
        .await
        .unwrap_or_else(|_| panic!("{what}: should have come by now"))
}

/// Asks again until the answer is there.
pub(crate) async fn eventually<T, F: Future<Output = Option<T>>>(mut ask: impl FnMut() -> F) -> T {
    let policy = RetryPolicy::between(Duration::from_millis(5), Duration::from_millis(20));
    let answer = retry(policy.within(SOON), || {
        let answer = ask();
        async { answer.await.ok_or(Failure::Transient(())) }
    });
    answer.await.expect("it should have come by now")
}

/// A nats-server.
pub(crate) struct Broker {
    directory: PathBuf,
    port: u16,
    process: Child,
}

impl Broker {
    pub(crate) async fn start() -> Self {
        let directory = std::env::temp_dir().join(format!("medique-test-{}", Uuid::new_v4()));
        std::fs::create_dir_all(&directory).unwrap();
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let store = directory.join("js");
        let text = format!(
            "listen: 127.0.0.1:{port}\njetstream {{ store_dir: \"{}\" }}\n",
            store.display()
        );
        std::fs::write(directory.join("nats.conf"), text).unwrap();
        let process = spawn(&directory);
        let broker = Self {
            directory,
            port,
            process,
        };
        broker.until_up().await;
        broker
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Kills the process, as an outage would.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    pub(crate) async fn restart(&mut self) {
        self.process = spawn(&self.directory);
        self.until_up().await;
    }

    /// Loses everything it has stored. Only while it does not run.
    pub(crate) fn lose_data(&self) {
        std::fs::remove_dir_all(self.directory.join("js")).unwrap();
    }

    async fn until_up(&self) {
        let address = ("127.0.0.1", self.port);
        eventually(|| async { tokio::net::TcpStream::connect(address).await.ok() }).await;
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

fn spawn(directory: &std::path::Path) -> Child {
    Command::new(setting("MEDIQUE_TEST_NATS_SERVER"))
        .arg("-c")
        .arg(directory.join("nats.conf"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("MEDIQUE_TEST_NATS_SERVER is not a program")
}

/// A migrated database.
pub(crate) struct Database {
    admin: String,
    name: String,
    pub(crate) url: String,
}

impl Database {
    pub(crate) async fn create() -> Self {
        let admin = setting("MEDIQUE_TEST_PG_URL");
        let name = format!("api_{}", Uuid::new_v4().simple());
        execute(&admin, format!("CREATE DATABASE {name}")).await;
        let (server, _) = admin.rsplit_once('/').unwrap();
        let url = format!("{server}/{name}");
        let mut connection = PgConnection::connect(&url).await.unwrap();
        sqlx::migrate!("../migrations")
            .run(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        Self { admin, name, url }
    }

    /// Refuses connections and ends those that are open, or lets them in again.
    pub(crate) async fn set_open(&self, open: bool) {
        execute(
            &self.admin,
            format!("ALTER DATABASE {} ALLOW_CONNECTIONS {open}", self.name),
        )
        .await;
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ";
        execute(&self.admin, format!("{end}'{}' AND NOT {open}", self.name)).await;
    }

    pub(crate) async fn drop(self) {
        execute(
            &self.admin,
            format!("DROP DATABASE {} WITH (FORCE)", self.name),
        )
        .await;
    }
}

async fn execute(url: &str, statement: String) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}
