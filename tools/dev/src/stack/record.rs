//! The launcher's own notes on what it started, kept so that a launcher after it can clean up.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use nix::sys::signal::Signal;
use serde::{Deserialize, Serialize};

use super::data_dir::{DataDir, Lock};
use super::identity::Identity;
use crate::host::files;
use crate::term::{interrupt, progress};

/// Kinds of processes, in the order in which they are stopped: those who use a server before the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Tier {
    Api,
    Workers,
    Mail,
    Triage,
    Collector,
    Nats,
    Postgres,
}

impl Tier {
    pub(crate) const IN_STOP_ORDER: [Self; 7] = [
        Self::Api,
        Self::Workers,
        Self::Mail,
        Self::Triage,
        Self::Collector,
        Self::Nats,
        Self::Postgres,
    ];

    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Api => "the api",
            Self::Workers => "the workers",
            Self::Mail => "the mail sink",
            Self::Triage => "the triage stand-in",
            Self::Collector => "the collector",
            Self::Nats => "NATS",
            Self::Postgres => "Postgres",
        }
    }

    /// Asks for an orderly end; to Postgres SIGINT means: roll back, disconnect, write a checkpoint.
    pub(crate) fn stop_signal(self) -> Signal {
        if self == Self::Postgres {
            Signal::SIGINT
        } else {
            Signal::SIGTERM
        }
    }

    /// How long it may take: the binaries drain for up to 20 s.
    pub(crate) fn patience(self) -> Duration {
        Duration::from_secs(30)
    }
}

/// One process that a launcher started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) tier: Tier,
    #[serde(flatten)]
    pub(crate) identity: Identity,
}

/// The contents of `run.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) launcher: Identity,
    pub(crate) processes: Vec<Entry>,
}

impl Record {
    pub(crate) fn read(path: &Path) -> Result<Option<Self>> {
        files::read_json(path)
    }

    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        files::write_json(path, self)
    }
}

/// Stops what a killed launcher left running. The lock proves that no launcher is alive.
pub(crate) fn recover(dir: &DataDir, _lock: &Lock) -> Result<()> {
    if let Some(record) = Record::read(&dir.record_file())? {
        let left: Vec<&Entry> = record
            .processes
            .iter()
            .filter(|entry| entry.identity.is_alive())
            .collect();
        for tier in Tier::IN_STOP_ORDER {
            let of_tier: Vec<&Entry> = left
                .iter()
                .copied()
                .filter(|entry| entry.tier == tier)
                .collect();
            if !of_tier.is_empty() {
                let label = format!(
                    "stopping {}, left by a launcher that was killed",
                    tier.label()
                );
                progress::step(&label, || stop(&of_tier, tier))?;
            }
        }
    }
    files::remove(&dir.state_file())?;
    files::remove(&dir.record_file())
}

fn stop(entries: &[&Entry], tier: Tier) -> Result<()> {
    let gone = || Ok(entries.iter().all(|entry| !entry.identity.is_alive()));
    for (signal, patience) in [
        (tier.stop_signal(), tier.patience()),
        (Signal::SIGKILL, Duration::from_secs(10)),
    ] {
        for entry in entries {
            entry.identity.signal(signal);
        }
        let outcome = interrupt::wait_until("it still runs", patience, gone);
        if outcome.is_ok() || signal == Signal::SIGKILL {
            return outcome;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::temp_dir::TempDir;

    #[test]
    fn survives_the_way_to_disk_and_back() {
        let temp = TempDir::create("medique-record").expect("temp dir");
        let path = temp.path().join("run.json");
        assert_eq!(Record::read(&path).expect("no file is no error"), None);
        let us = Identity::of_launcher().expect("we run");
        let entry = Entry {
            name: "nats".to_owned(),
            tier: Tier::Nats,
            identity: us.clone(),
        };
        let record = Record {
            launcher: us,
            processes: vec![entry],
        };
        record.write(&path).expect("write");
        assert_eq!(Record::read(&path).expect("read"), Some(record));
    }

    #[test]
    fn recovery_spares_a_process_that_only_has_the_pid() {
        let temp = TempDir::create("medique-recover").expect("temp dir");
        let dir = DataDir::at(temp.path()).expect("open");
        let mut us = Identity::of_launcher().expect("we run");
        us.started = "another time".to_owned();
        let entry = Entry {
            name: "nats".to_owned(),
            tier: Tier::Nats,
            identity: us.clone(),
        };
        Record {
            launcher: us,
            processes: vec![entry],
        }
        .write(&dir.record_file())
        .expect("write");
        let lock = dir.lock().expect("free");
        recover(&dir, &lock).expect("nothing to stop");
        assert!(!dir.record_file().exists());
    }
}
