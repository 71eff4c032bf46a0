//! `state.json`: what the launcher says about a running stack.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::cli::Unusable;

/// What is used of `state.json`; the launcher writes more.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct State {
    pub(crate) api_url: String,
    /// The owner's, with password.
    pub(crate) database_url: String,
    pub(crate) nats_url: String,
    /// The triage adviser, or its stand-in.
    #[serde(default)]
    pub(crate) triage_url: Option<String>,
    /// Process ids by name: `api`, `worker-1`, `nats`, `postgres`.
    #[serde(default)]
    pub(crate) processes: BTreeMap<String, u32>,
    #[serde(default)]
    pub(crate) departments: Vec<Department>,
    #[serde(default)]
    pub(crate) users: Vec<User>,
}

/// A department of the running system.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Department {
    pub(crate) department_id: String,
    pub(crate) code: String,
    pub(crate) name: String,
}

/// A login.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct User {
    pub(crate) email: String,
    pub(crate) password: String,
    pub(crate) role: String,
    /// Id of the account, and of the doctor.
    pub(crate) staff_id: String,
    /// Ids of granted departments.
    #[serde(default)]
    pub(crate) departments: Vec<String>,
}

impl State {
    /// Reads the file of a running stack.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|_| {
            Unusable(format!(
                "no running system: {} is not there, start one with `cargo dev up`",
                path.display()
            ))
        })?;
        let state: Self = serde_json::from_str(&text)
            .with_context(|| format!("{} is not a state file", path.display()))?;
        state.api_address()?;
        Ok(state)
    }

    /// `host:port` of the API, which must be on this machine: load is never sent elsewhere.
    pub(crate) fn api_address(&self) -> Result<String> {
        let address = self
            .api_url
            .strip_prefix("http://")
            .map(|rest| rest.trim_end_matches('/'));
        let Some((host, port)) = address.and_then(|address| address.rsplit_once(':')) else {
            bail!("unexpected API address in the state file");
        };
        if !["127.0.0.1", "localhost", "[::1]"].contains(&host) {
            bail!(Unusable(format!(
                "load is sent to this machine only, not to {host}"
            )));
        }
        Ok(format!("{host}:{port}"))
    }

    /// Address under which the API's routes are.
    pub(crate) fn api_base(&self) -> String {
        format!("{}/api/v1", self.api_url.trim_end_matches('/'))
    }

    /// Logins of a role that act in a department.
    pub(crate) fn users_in(&self, role: &str, department_id: &str) -> Vec<&User> {
        let acts_there = |user: &&User| user.departments.iter().any(|id| id == department_id);
        self.users
            .iter()
            .filter(|user| user.role == role)
            .filter(acts_there)
            .collect()
    }

    /// The login that may do everything in the facility.
    pub(crate) fn admin(&self) -> Result<&User> {
        let admin = self.users.iter().find(|user| user.role == "ADMIN");
        admin.context(
            "the state file names no administrator: start the stack with its demo hospital",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(api_url: &str) -> State {
        serde_json::from_value(serde_json::json!({
            "api_url": api_url, "database_url": "", "nats_url": "",
            "users": [{ "email": "n", "password": "p", "role": "NURSE", "departments": ["d1"], "staff_id": "s" }],
        }))
        .expect("a state")
    }

    #[test]
    fn load_goes_to_this_machine_only() {
        assert_eq!(
            state("http://127.0.0.1:8080").api_address().expect("local"),
            "127.0.0.1:8080"
        );
        assert!(state("http://example.org:80").api_address().is_err());
        assert!(state("nonsense").api_address().is_err());
    }

    #[test]
    fn staff_are_found_by_role_and_department() {
        let state = state("http://localhost:1/");
        assert_eq!(state.users_in("NURSE", "d1").len(), 1);
        assert!(state.users_in("NURSE", "d2").is_empty());
        assert!(state.users_in("DOCTOR", "d1").is_empty());
        assert_eq!(state.api_base(), "http://localhost:1/api/v1");
    }
}
