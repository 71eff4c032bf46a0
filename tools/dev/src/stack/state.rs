//! `state.json`: what the load generator, tests and people read about a running stack.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::host::files;

/// The contents of `state.json`. It holds passwords: only its owner can read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) api_url: String,
    /// With user and password.
    pub(crate) nats_url: String,
    pub(crate) nats_monitor_url: Option<String>,
    /// The owner's, with password.
    pub(crate) database_url: String,
    /// The adviser: our stand-in, or the service that was given; none when nobody is asked.
    pub(crate) triage_url: Option<String>,
    /// Where the mail sink shows mails; none when mails go to a server that was given.
    #[serde(default)]
    pub(crate) mail_url: Option<String>,
    /// Prometheus endpoints, by process.
    #[serde(default)]
    pub(crate) metrics_urls: BTreeMap<String, String>,
    /// Health addresses of the workers, by name.
    pub(crate) worker_urls: BTreeMap<String, String>,
    /// To stop it, send SIGTERM.
    pub(crate) launcher_pid: u32,
    pub(crate) processes: BTreeMap<String, i32>,
    #[serde(flatten)]
    pub(crate) demo: Demo,
}

/// The demo hospital; empty with `--no-demo`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Demo {
    pub(crate) facility_id: Option<String>,
    pub(crate) departments: Vec<Department>,
    pub(crate) users: Vec<User>,
    pub(crate) links: Vec<Link>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Department {
    pub(crate) department_id: String,
    pub(crate) code: String,
    pub(crate) name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct User {
    pub(crate) email: String,
    pub(crate) password: String,
    pub(crate) role: String,
    /// Ids of the departments that were granted.
    pub(crate) departments: Vec<String>,
    pub(crate) staff_id: String,
}

/// A check-in link for patients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Link {
    /// Id of the department that it leads to.
    pub(crate) department: String,
    pub(crate) link_token: String,
}

impl State {
    pub(crate) fn read(path: &Path) -> Result<Option<Self>> {
        files::read_json(path)
    }

    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        files::write_json(path, self)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::host::temp_dir::TempDir;

    #[test]
    fn survives_the_way_to_disk_and_back_unseen_by_others() {
        let temp = TempDir::create("medique-state").expect("temp dir");
        let path = temp.path().join("state.json");
        let link = Link {
            department: "d".to_owned(),
            link_token: "t".to_owned(),
        };
        let state = State {
            api_url: "http://127.0.0.1:1".to_owned(),
            nats_url: "nats://u:p@127.0.0.1:2".to_owned(),
            nats_monitor_url: None,
            database_url: "postgres://u:p@127.0.0.1:3/d".to_owned(),
            triage_url: None,
            mail_url: Some("http://127.0.0.1:4".to_owned()),
            metrics_urls: BTreeMap::new(),
            worker_urls: BTreeMap::new(),
            launcher_pid: 7,
            processes: BTreeMap::from([("api".to_owned(), 8)]),
            demo: Demo {
                links: vec![link],
                ..Demo::default()
            },
        };
        state.write(&path).expect("write");
        assert_eq!(State::read(&path).expect("read"), Some(state));
        let mode = std::fs::metadata(&path)
            .expect("metadata")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        let json: serde_json::Value = files::read_json(&path).expect("read").expect("there");
        assert_eq!(json["links"][0]["link_token"], "t");
        assert!(json["triage_url"].is_null());
    }
}
