//! Configuration from the environment: read once, all problems told at once, nothing unknown
//! accepted.

mod files;
mod shared;

pub use shared::{BusConfig, BusTls, ClientCertificate, DatabaseConfig, LogConfig, LogFormat};

use secrecy::{ExposeSecret as _, SecretString};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

const PREFIX: &str = "MEDIQUE_";
const FAILPOINT: &str = "MEDIQUE_FAILPOINT";

/// Everything that is wrong with the configuration.
#[derive(Debug, thiserror::Error)]
#[error("the configuration has problems:\n  {}", .problems.join("\n  "))]
pub struct ConfigError {
    /// One line each; names variables, never values of secrets.
    pub problems: Vec<String>,
}

/// Reads variables and remembers what was wrong. A reader that finds a problem gives a stand-in,
/// so that reading goes on and [`Env::finish`] can tell all problems at once: call it before any
/// value is used.
#[derive(Debug)]
pub struct Env {
    variables: BTreeMap<String, String>,
    known: BTreeSet<String>,
    problems: Vec<String>,
}

impl Env {
    /// The environment of this process. Variables that are not text are reported by name.
    pub fn from_process() -> Self {
        let mut problems = Vec::new();
        let mut variables = BTreeMap::new();
        for (name, value) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            match value.into_string() {
                Ok(value) => drop(variables.insert(name, value)),
                Err(_) if name.starts_with(PREFIX) => problems.push(format!("{name}: not UTF-8")),
                Err(_) => {}
            }
        }
        Self {
            variables,
            known: BTreeSet::new(),
            problems,
        }
    }

    /// Given variables, for tests and tools.
    pub fn from_pairs<K: Into<String>, V: Into<String>>(
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let variables = pairs
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        Self {
            variables,
            known: BTreeSet::new(),
            problems: Vec::new(),
        }
    }

    /// A variable, if it is set and not empty.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.known.insert(name.to_owned());
        self.variables
            .get(name)
            .filter(|value| !value.is_empty())
            .cloned()
    }

    /// A variable that must be set.
    pub fn required(&mut self, name: &str) -> String {
        self.text(name).unwrap_or_else(|| {
            self.problem(format!("{name}: must be set"));
            String::new()
        })
    }

    /// A value of another type, or its default.
    pub fn parsed<T: FromStr<Err: Display>>(&mut self, name: &str, default: T) -> T {
        match self.text(name).map(|value| value.parse()) {
            None => default,
            Some(Ok(value)) => value,
            Some(Err(error)) => {
                self.problem(format!("{name}: {error}"));
                default
            }
        }
    }

    /// A number, or its default, that must lie within the range.
    pub fn within<T>(&mut self, name: &str, default: T, range: std::ops::RangeInclusive<T>) -> T
    where
        T: FromStr<Err: Display> + PartialOrd + Display,
    {
        let value = self.parsed(name, default);
        if !range.contains(&value) {
            self.problem(format!(
                "{name}: must be from {} to {}",
                range.start(),
                range.end()
            ));
        }
        value
    }

    /// A duration in whole seconds, at least one.
    pub fn seconds(&mut self, name: &str, default: u64) -> Duration {
        Duration::from_secs(self.within(name, default, 1..=u64::from(u32::MAX)))
    }

    /// A duration in whole milliseconds, at least one.
    pub fn millis(&mut self, name: &str, default: u64) -> Duration {
        Duration::from_millis(self.within(name, default, 1..=u64::from(u32::MAX)))
    }

    /// A secret from `NAME`, or from the file that `NAME_FILE` names, without the line end after
    /// it. Both at once are a problem.
    pub fn secret(&mut self, name: &str) -> Option<SecretString> {
        let file_name = format!("{name}_FILE");
        self.are_secrets_shared();
        match (self.text(name), self.text(&file_name)) {
            (None, None) => None,
            (Some(value), None) => Some(SecretString::from(value)),
            (Some(_), Some(_)) => {
                self.problem(format!("{name} and {file_name}: set one of them, not both"));
                None
            }
            (None, Some(path)) => self
                .secret_file(&file_name, &path)
                .map(|text| SecretString::from(text.trim_end_matches(['\r', '\n']))),
        }
    }

    /// The text of the file that a variable names.
    pub fn document(&mut self, name: &str) -> Option<String> {
        let path = self.text(name)?;
        match std::fs::read_to_string(&path) {
            Ok(text) => Some(text),
            Err(error) => {
                self.problem(format!("{name}: {path}: {error}"));
                None
            }
        }
    }

    /// A secret that must be set.
    pub fn required_secret(&mut self, name: &str) -> SecretString {
        let before = self.problems.len();
        self.secret(name).unwrap_or_else(|| {
            // A file that cannot be read was told already.
            if self.problems.len() == before {
                self.problem(format!("{name} or {name}_FILE: must be set"));
            }
            SecretString::from(String::new())
        })
    }

    /// A secret that must be set and long enough to be a key.
    pub fn required_key(&mut self, name: &str, least_bytes: usize) -> SecretString {
        let before = self.problems.len();
        let secret = self.required_secret(name);
        if self.problems.len() == before {
            self.long_enough(name, &secret, least_bytes);
        }
        secret
    }

    /// Reports a secret with fewer bytes than `least_bytes`.
    pub fn long_enough(&mut self, name: &str, secret: &SecretString, least_bytes: usize) {
        if secret.expose_secret().len() < least_bytes {
            self.problem(format!("{name}: must have at least {least_bytes} bytes"));
        }
    }

    /// Reports `problem` unless the condition holds, for what depends on more than one variable.
    pub fn check(&mut self, holds: bool, problem: &str) {
        if !holds {
            self.problem(problem);
        }
    }

    /// Adds a problem. Start with the name of the variable; never quote a secret.
    pub fn problem(&mut self, problem: impl Into<String>) {
        self.problems.push(problem.into());
    }

    /// Tells all problems with what was read. For one-shot commands, which read a part of the
    /// environment that a service has.
    ///
    /// # Errors
    /// There are problems.
    pub fn finish_part(self) -> Result<(), ConfigError> {
        if self.problems.is_empty() {
            Ok(())
        } else {
            Err(ConfigError {
                problems: self.problems,
            })
        }
    }

    /// Tells all problems, and every variable with our prefix that nothing has read.
    ///
    /// # Errors
    /// There are problems.
    pub fn finish(mut self) -> Result<(), ConfigError> {
        if cfg!(feature = "failpoints") {
            self.known.insert(FAILPOINT.to_owned());
        }
        let unknown = |name: &&String| name.starts_with(PREFIX) && !self.known.contains(*name);
        for name in self.variables.keys().filter(unknown) {
            self.problems.push(format!("{name}: no such variable"));
        }
        self.finish_part()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(env: Env) -> Vec<String> {
        env.finish().unwrap_err().problems
    }

    #[test]
    fn all_problems_are_told_at_once_by_the_names_of_their_variables() {
        let mut env = Env::from_pairs([
            ("MEDIQUE_POOL_MAX", "many"),
            ("MEDIQUE_STREAM_REPLICAS", "6"),
            ("MEDIQUE_TYPO", "1"),
            ("MEDIQUE_KEY", "short"),
            ("PATH", "not ours"),
        ]);
        env.parsed("MEDIQUE_POOL_MAX", 16_u32);
        env.within("MEDIQUE_STREAM_REPLICAS", 1_u8, 1..=5);
        env.required("MEDIQUE_PUBLIC_URL");
        env.required_secret("MEDIQUE_NATS_URL");
        env.required_key("MEDIQUE_KEY", 32);
        env.check(
            false,
            "MEDIQUE_LEASE_RENEW_MS: must be at most half the lease",
        );
        let problems = problems(env);
        assert_eq!(
            problems,
            [
                "MEDIQUE_POOL_MAX: invalid digit found in string",
                "MEDIQUE_STREAM_REPLICAS: must be from 1 to 5",
                "MEDIQUE_PUBLIC_URL: must be set",
                "MEDIQUE_NATS_URL or MEDIQUE_NATS_URL_FILE: must be set",
                "MEDIQUE_KEY: must have at least 32 bytes",
                "MEDIQUE_LEASE_RENEW_MS: must be at most half the lease",
                "MEDIQUE_TYPO: no such variable",
            ]
        );
        assert!(!problems.iter().any(|problem| problem.contains("short")));
    }

    #[test]
    fn a_secret_comes_from_its_variable_or_its_file_but_not_both() {
        let file = std::env::temp_dir().join(format!("medique-secret-{}", uuid::Uuid::new_v4()));
        std::fs::write(&file, "from a file\n").unwrap();
        let owner = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&file, owner).unwrap();
        let path = file.to_str().unwrap();
        let mut env = Env::from_pairs([
            ("MEDIQUE_A", "direct"),
            ("MEDIQUE_B_FILE", path),
            ("MEDIQUE_C", "direct"),
            ("MEDIQUE_C_FILE", path),
            ("MEDIQUE_D_FILE", "/nowhere/at/all"),
        ]);
        let exposed = |secret: SecretString| secret.expose_secret().to_owned();
        assert_eq!(
            env.secret("MEDIQUE_A").map(exposed).as_deref(),
            Some("direct")
        );
        assert_eq!(
            env.secret("MEDIQUE_B").map(exposed).as_deref(),
            Some("from a file")
        );
        env.required_secret("MEDIQUE_C");
        env.required_secret("MEDIQUE_D");
        std::fs::remove_file(&file).unwrap();
        let problems = problems(env);
        assert_eq!(
            problems[0],
            "MEDIQUE_C and MEDIQUE_C_FILE: set one of them, not both"
        );
        assert!(problems[1].starts_with("MEDIQUE_D_FILE: "), "{problems:?}");
        assert_eq!(problems.len(), 2);
    }

    #[test]
    fn defaults_hold_for_what_is_not_set_or_empty() {
        let mut env = Env::from_pairs([
            ("MEDIQUE_NATS_URL", "nats://u:p@h:4222"),
            ("MEDIQUE_DATABASE_URL", "postgres://u:p@h/d"),
            ("MEDIQUE_LOG", ""),
        ]);
        let bus = BusConfig::read(&mut env);
        let database = DatabaseConfig::read(&mut env);
        let log = LogConfig::read(&mut env);
        env.finish().unwrap();
        assert_eq!(
            (bus.replicas, bus.duplicate_window),
            (1, Duration::from_secs(900))
        );
        assert_eq!((database.pool_max, log.filter.as_str()), (16, "info"));
        assert!(!format!("{bus:?} {database:?}").contains("u:p"));
    }

    #[test]
    fn a_demand_for_durability_needs_a_way_to_check_it() {
        let mut env = Env::from_pairs([
            ("MEDIQUE_NATS_URL", "nats://h"),
            ("MEDIQUE_REQUIRE_SYNC_ALWAYS", "true"),
        ]);
        BusConfig::read(&mut env);
        let problems = problems(env);
        assert!(
            problems[0].starts_with("MEDIQUE_NATS_MONITOR_URL: "),
            "{problems:?}"
        );
    }
}
