//! Configuration from the environment: read once, all problems told at once, nothing unknown
//! accepted.

mod asked;
mod files;
mod shared;

pub use asked::{Asked, Kind};
pub use shared::{BusConfig, BusTls, ClientCertificate, DatabaseConfig, LogConfig, LogFormat};

use secrecy::{ExposeSecret as _, SecretString};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

const PREFIX: &str = "MEDIQUE_";
const FAILPOINT: &str = "MEDIQUE_FAILPOINT";
/// Where every variable is described.
const REFERENCE: &str = "docs/operations/configuration.md";

/// Everything that is wrong with the configuration.
#[derive(Debug, thiserror::Error)]
#[error("the configuration has problems ({REFERENCE} describes every variable):\n  {}", .problems.join("\n  "))]
pub struct ConfigError {
    /// One line each; names variables, never values of secrets.
    pub problems: Vec<String>,
}

/// Reads variables and remembers what was wrong. A reader that finds a problem gives a stand-in,
/// so that reading goes on and [`Env::finish`] can tell all problems at once: call it before any
/// value is used.
///
/// It also remembers what was asked for and with which default: [`Env::asked`] is what the
/// reference of all variables is made from.
#[derive(Debug, Default)]
pub struct Env {
    variables: BTreeMap<String, String>,
    known: BTreeSet<String>,
    asked: Vec<Asked>,
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
            problems,
            ..Self::default()
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
            ..Self::default()
        }
    }

    /// What was asked for until now, in the order of asking.
    pub fn asked(&self) -> &[Asked] {
        &self.asked
    }

    /// Notes what is said of a variable beside its name.
    fn note(&mut self, name: &str, note: impl FnOnce(&mut Asked)) {
        let found = self.asked.iter().position(|asked| asked.name == name);
        let at = found.unwrap_or_else(|| {
            self.asked.push(Asked::new(name));
            self.asked.len() - 1
        });
        note(&mut self.asked[at]);
    }

    /// The value of a variable, if it is set and not empty.
    fn value(&mut self, name: &str) -> Option<String> {
        self.known.insert(name.to_owned());
        self.variables
            .get(name)
            .filter(|value| !value.is_empty())
            .cloned()
    }

    /// A variable, if it is set and not empty.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.note(name, |_| {});
        self.value(name)
    }

    /// A variable, or its default.
    pub fn text_or(&mut self, name: &str, default: &str) -> String {
        self.note(name, |asked| asked.default = Some(default.to_owned()));
        self.value(name).unwrap_or_else(|| default.to_owned())
    }

    /// A variable that must be set.
    pub fn required(&mut self, name: &str) -> String {
        self.note(name, |asked| asked.required = true);
        self.text(name).unwrap_or_else(|| {
            self.problem(format!("{name}: must be set"));
            String::new()
        })
    }

    /// A value of another type, or its default.
    pub fn parsed<T: FromStr<Err: Display> + Display>(&mut self, name: &str, default: T) -> T {
        self.note(name, |asked| {
            asked.kind = Kind::of::<T>();
            asked.default = Some(default.to_string()).filter(|text| !text.is_empty());
        });
        match self.value(name).map(|value| value.parse()) {
            None => default,
            Some(Ok(value)) => value,
            Some(Err(error)) => {
                self.problem(format!("{name}: {error}"));
                default
            }
        }
    }

    /// A value of another type, if it is set.
    pub fn optional<T: FromStr<Err: Display>>(&mut self, name: &str) -> Option<T> {
        self.note(name, |asked| asked.kind = Kind::of::<T>());
        let value = self.value(name)?.parse();
        value
            .map_err(|error| self.problem(format!("{name}: {error}")))
            .ok()
    }

    /// A number, or its default, that must lie within the range.
    pub fn within<T>(&mut self, name: &str, default: T, range: std::ops::RangeInclusive<T>) -> T
    where
        T: FromStr<Err: Display> + PartialOrd + Display,
    {
        let value = self.parsed(name, default);
        let bounds = (range.start().to_string(), range.end().to_string());
        self.note(name, |asked| asked.bounds = Some(bounds));
        if !range.contains(&value) {
            self.problem(format!(
                "{name}: must be from {} to {}",
                range.start(),
                range.end()
            ));
        }
        value
    }

    /// Like [`Env::within`], for a default that depends on the machine: `words` say how.
    pub fn within_or<T>(
        &mut self,
        name: &str,
        (default, words): (T, &str),
        range: std::ops::RangeInclusive<T>,
    ) -> T
    where
        T: FromStr<Err: Display> + PartialOrd + Display,
    {
        let value = self.within(name, default, range);
        self.note(name, |asked| asked.default = Some(words.to_owned()));
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
        self.note(name, |asked| asked.kind = Kind::Secret);
        self.are_secrets_shared();
        match (self.value(name), self.value(&file_name)) {
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

    /// Whether a secret is given, in either way.
    pub fn has_secret(&self, name: &str) -> bool {
        [name.to_owned(), format!("{name}_FILE")]
            .iter()
            .any(|name| {
                self.variables
                    .get(name)
                    .is_some_and(|value| !value.is_empty())
            })
    }

    /// The path of a file, if it is set.
    pub fn path(&mut self, name: &str) -> Option<String> {
        self.note(name, |asked| asked.kind = Kind::File);
        self.value(name)
    }

    /// The text of the file that a variable names.
    pub fn document(&mut self, name: &str) -> Option<String> {
        let path = self.path(name)?;
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
        self.note(name, |asked| asked.required = true);
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
mod tests;
