//! `MEDIQUE_PASSWORD_DENY_LIST`: passwords that are refused because they are known: from breaches, or
//! of the hospital itself (its name, its streets, its wards).

use crate::config::Env;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

const VARIABLE: &str = "MEDIQUE_PASSWORD_DENY_LIST";

/// What is refused, as the beginnings of hashes: eight bytes a line, whatever its length.
#[derive(Clone, Default)]
pub(super) struct Denied(Arc<[u64]>);

impl std::fmt::Debug for Denied {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Denied").field(&self.0.len()).finish()
    }
}

impl Denied {
    /// Reads the file that the variable names, one password a line; nothing without it.
    pub(super) fn read(env: &mut Env) -> Self {
        let Some(path) = env.path(VARIABLE) else {
            return Self::default();
        };
        match std::fs::read(&path) {
            Ok(bytes) => Self::of(&String::from_utf8_lossy(&bytes)),
            Err(error) => {
                env.problem(format!("{VARIABLE}: {error}"));
                Self::default()
            }
        }
    }

    fn of(text: &str) -> Self {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let mut marks: Vec<u64> = lines.map(|line| mark(&line.to_lowercase())).collect();
        marks.sort_unstable();
        marks.dedup();
        Self(marks.into())
    }

    /// Whether the list has the password, in whatever case, also with digits and signs put around
    /// it: nobody's guess stops at those.
    pub(super) fn has(&self, password: &str) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let password = password.to_lowercase();
        let core = password.trim_matches(|c: char| !c.is_alphabetic());
        [password.as_str(), core]
            .iter()
            .any(|text| self.0.binary_search(&mark(text)).is_ok())
    }
}

fn mark(text: &str) -> u64 {
    let digest: [u8; 32] = Sha256::digest(text).into();
    digest
        .iter()
        .take(8)
        .fold(0, |mark, byte| mark << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::password::Policy;

    #[test]
    fn what_the_list_names_is_refused_in_any_dress() {
        let denied = Denied::of("Saint Swithin's Infirmary\r\n\n  correct horse Battery 9!\n");
        for refused in [
            "correct horse battery 9!",
            "Saint Swithin's Infirmary",
            "2026 SAINT SWITHIN'S INFIRMARY!!",
        ] {
            assert!(denied.has(refused), "{refused}");
        }
        for other in ["", "Saint Swithin's", "Saint Swithin's Infirmary wall"] {
            assert!(!denied.has(other), "{other}");
        }
        assert!(!Denied::default().has(""));
    }

    #[test]
    fn the_file_is_part_of_the_policy() {
        let file = std::env::temp_dir().join(format!("medique-denied-{}", uuid::Uuid::new_v4()));
        std::fs::write(&file, "Umbrella-7 under the gravel\n").unwrap();
        let mut env = Env::from_pairs([(VARIABLE, file.to_str().unwrap())]);
        let policy = Policy::read(&mut env);
        env.finish().unwrap();
        std::fs::remove_file(&file).unwrap();
        let wrong = policy.judge("Umbrella-7 under the gravel", &[]);
        assert_eq!(wrong, ["is on the list of known passwords"]);
        assert!(policy.judge("Umbrella-8 above the gravel", &[]).is_empty());
        let mut env = Env::from_pairs([(VARIABLE, "/nowhere/at/all")]);
        Policy::read(&mut env);
        assert!(env.finish().is_err());
    }
}
