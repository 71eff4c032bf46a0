//! Files that hold secrets: read only where no other user of the machine can read them.

use super::Env;
use std::os::unix::fs::PermissionsExt as _;

/// `MEDIQUE_SECRET_FILES`: whether files of secrets that every user of the machine can read are
/// refused (`private`) or taken (`shared`).
const VARIABLE: &str = "MEDIQUE_SECRET_FILES";
/// Permissions of those who are neither the owner nor of the file's group. Groups are how
/// orchestrators hand a file to one container's user.
const OTHERS: u32 = 0o007;

impl Env {
    /// The text of a file that holds a secret; `name` is what the file is named by in the problem,
    /// when it cannot be read or others can. `MEDIQUE_SECRET_FILES=shared` lets others read it: for
    /// machines that have no other users.
    pub fn secret_file(&mut self, name: &str, path: &str) -> Option<String> {
        self.refuse_shared(name, path);
        match std::fs::read_to_string(path) {
            Ok(text) => Some(text),
            Err(error) => {
                self.problem(format!("{name}: {error}"));
                None
            }
        }
    }

    /// Reports a file that others than its owner and its group can read or change.
    pub fn refuse_shared(&mut self, name: &str, path: &str) {
        if self.are_secrets_shared() {
            return;
        }
        // One that cannot be looked at cannot be read either, which is told there. Pipes are nobody
        // else's.
        let metadata = std::fs::metadata(path).ok().filter(|found| found.is_file());
        if metadata.is_some_and(|found| found.permissions().mode() & OTHERS != 0) {
            self.problem(format!(
                "{name}: every user of this machine can get at the file: take their permissions away (chmod o= {path}), or set {VARIABLE}=shared where there are no others"
            ));
        }
    }

    pub(super) fn are_secrets_shared(&mut self) -> bool {
        match self.text_or(VARIABLE, "private").as_str() {
            "private" => false,
            "shared" => true,
            _ => {
                let problem = format!("{VARIABLE}: must be private or shared");
                if !self.problems.contains(&problem) {
                    self.problem(problem);
                }
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;
    use std::path::PathBuf;

    fn file(mode: u32) -> PathBuf {
        let file = std::env::temp_dir().join(format!("medique-secret-{}", uuid::Uuid::new_v4()));
        std::fs::write(&file, "a secret\n").unwrap();
        std::fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
        file
    }

    fn problems(mode: u32, more: &[(&str, &str)]) -> Vec<String> {
        let file = file(mode);
        let own = [("MEDIQUE_A_FILE", file.to_str().unwrap())];
        let mut env = Env::from_pairs(own.into_iter().chain(more.iter().copied()));
        env.secret("MEDIQUE_A");
        std::fs::remove_file(&file).unwrap();
        env.finish()
            .map_or_else(|error| error.problems, |()| Vec::new())
    }

    #[test]
    fn a_secret_that_every_user_can_read_is_refused() {
        for mode in [0o644, 0o604, 0o602, 0o777] {
            let problems = problems(mode, &[]);
            assert!(
                problems[0].starts_with("MEDIQUE_A_FILE: every user"),
                "{problems:?}"
            );
            assert_eq!(problems.len(), 1);
        }
        for mode in [0o400, 0o600, 0o440, 0o640] {
            assert_eq!(problems(mode, &[]), Vec::<String>::new(), "{mode:o}");
        }
        assert_eq!(
            problems(0o644, &[(VARIABLE, "shared")]),
            Vec::<String>::new()
        );
        let wrong = problems(0o600, &[(VARIABLE, "secret")]);
        assert_eq!(wrong, ["MEDIQUE_SECRET_FILES: must be private or shared"]);
    }
}
