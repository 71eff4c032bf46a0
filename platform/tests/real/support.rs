//! A broker and a database of one test's own.

use bytes::Bytes;
use medique_contracts::ids::{DepartmentId, FacilityId};
use medique_contracts::{CommandKind, subjects};
use medique_platform::bus::{Bus, OutgoingMessage};
use medique_platform::config::{BusConfig, Env};
use medique_platform::retry::{Failure, RetryPolicy, retry};
use rustix::process::{Pid, Signal, kill_process};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use uuid::Uuid;

pub(crate) const USER: &str = "medique";
/// With characters that a URL must escape.
pub(crate) const PASSWORD: &str = "p@ss/word";
const PASSWORD_IN_URL: &str = "p%40ss%2Fword";

/// So that singles are cheap.
pub(crate) const NO_SYNC: &str = "jetstream { store_dir: \"DIR/js\" }";

/// So that batches are worth it.
pub(crate) const SYNC_ALWAYS: &str = "jetstream { store_dir: \"DIR/js\", sync_interval: always }";

/// How long a test waits for what should come.
pub(crate) const SOON: Duration = Duration::from_secs(20);

pub(crate) fn setting(name: &str) -> String {
    Env::from_process()
        .text(name)
        .unwrap_or_else(|| panic!("{name} is not set: run the tests through `cargo dev test`"))
}

/// Waits for a value that must come.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(SOON, future)
        .await
        .expect("it should have come by now")
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

pub(crate) struct Broker {
    directory: PathBuf,
    pub(crate) port: u16,
    monitor_port: u16,
    process: Child,
}

impl Broker {
    pub(crate) async fn start() -> Self {
        Self::start_with(NO_SYNC).await
    }

    /// `DIR` in the text becomes the broker's own directory.
    pub(crate) async fn start_with(jetstream: &str) -> Self {
        let directory = std::env::temp_dir().join(format!("medique-test-{}", Uuid::new_v4()));
        std::fs::create_dir_all(&directory).unwrap();
        let free = || {
            TcpListener::bind("127.0.0.1:0")
                .unwrap()
                .local_addr()
                .unwrap()
                .port()
        };
        let (port, monitor_port) = (free(), free());
        let jetstream = jetstream.replace("DIR", directory.to_str().unwrap());
        let text = format!(
            "listen: 127.0.0.1:{port}\nhttp: 127.0.0.1:{monitor_port}\n{jetstream}\n\
             authorization {{ user: {USER}, password: \"{PASSWORD}\" }}\n"
        );
        std::fs::write(directory.join("nats.conf"), text).unwrap();
        let process = spawn(&directory);
        let broker = Self {
            directory,
            port,
            monitor_port,
            process,
        };
        broker.until_up().await;
        broker
    }

    pub(crate) fn monitor_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.monitor_port)
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://{USER}:{PASSWORD_IN_URL}@127.0.0.1:{}", self.port)
    }

    pub(crate) fn config(&self) -> BusConfig {
        let mut env = Env::from_pairs([
            ("MEDIQUE_NATS_URL", self.url()),
            ("MEDIQUE_COMMANDS_MAX_BYTES", (1 << 30).to_string()),
            ("MEDIQUE_EVENTS_MAX_BYTES", (1 << 30).to_string()),
        ]);
        let config = BusConfig::read(&mut env);
        env.finish().unwrap();
        config
    }

    /// A connected bus with its streams.
    pub(crate) async fn bus(&self) -> Bus {
        self.bus_with(&self.config()).await
    }

    pub(crate) async fn bus_with(&self, config: &BusConfig) -> Bus {
        let bus = self.connect(config).await;
        eventually(|| async { bus.ensure_streams().await.ok() }).await;
        bus
    }

    pub(crate) async fn connect(&self, config: &BusConfig) -> Bus {
        let bus = Bus::connect(config, "test").await.unwrap();
        eventually(|| async { bus.is_connected().then_some(()) }).await;
        bus
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

    /// Stops it in the middle of whatever it does; returns when it stands.
    pub(crate) async fn freeze(&self) {
        self.signal(Signal::STOP);
        let tasks = format!("/proc/{}/task", self.process.id());
        let stands = || {
            std::fs::read_dir(&tasks).unwrap().all(|task| {
                let status = std::fs::read_to_string(task.unwrap().path().join("status"));
                status.is_ok_and(|status| status.contains("State:\tT"))
            })
        };
        eventually(|| std::future::ready(stands().then_some(()))).await;
    }

    /// Lets it go on.
    pub(crate) fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.process), signal).unwrap();
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
    let log = std::fs::File::options()
        .create(true)
        .append(true)
        .open(directory.join("log"))
        .unwrap();
    Command::new(setting("MEDIQUE_TEST_NATS_SERVER"))
        .arg("-c")
        .arg(directory.join("nats.conf"))
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("MEDIQUE_TEST_NATS_SERVER is not a program")
}

/// One department, so that all its messages are in one partition.
#[derive(Clone, Copy)]
pub(crate) struct Department {
    pub(crate) facility: FacilityId,
    pub(crate) department: DepartmentId,
}

impl Department {
    pub(crate) fn new() -> Self {
        Self {
            facility: FacilityId(Uuid::new_v4()),
            department: DepartmentId(Uuid::new_v4()),
        }
    }

    pub(crate) fn partition(self) -> u16 {
        subjects::partition_of(self.facility, Some(self.department))
    }

    /// A message whose payload is its id.
    pub(crate) fn message(self, id: &str) -> OutgoingMessage {
        let kind = CommandKind::ALL[0];
        OutgoingMessage {
            subject: subjects::command(self.facility, Some(self.department), kind),
            message_id: id.to_owned(),
            headers: vec![(subjects::HEADER_FINGERPRINT, format!("fp-{id}"))],
            payload: Bytes::from(id.to_owned()),
        }
    }
}

pub(crate) fn text(payload: &Bytes) -> String {
    String::from_utf8(payload.to_vec()).unwrap()
}
