//! Secrets are made once per data directory and kept in files that only the owner can read.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{files, key};

/// The folder `.dev/secrets`.
#[derive(Debug, Clone)]
pub(crate) struct Secrets(PathBuf);

impl Secrets {
    pub(crate) fn open(dir: &Path) -> Result<Self> {
        files::make_dir(dir, 0o700)?;
        Ok(Self(dir.to_owned()))
    }

    /// The password called `name`, made when it is asked for the first time.
    pub(crate) fn password(&self, name: &str) -> Result<String> {
        let path = self.keep(name, key::password)?;
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(text.trim().to_owned())
    }

    /// File with the Ed25519 key that signs access tokens.
    pub(crate) fn jwt_key(&self) -> Result<PathBuf> {
        self.keep("jwt-signing-key.pem", key::ed25519_pem)
    }

    /// File with the Ed25519 key that signs the daily audit root.
    pub(crate) fn audit_key(&self) -> Result<PathBuf> {
        self.keep("audit-signing-key.pem", key::ed25519_pem)
    }

    /// File with the key that wraps the keys of personal data.
    pub(crate) fn master_key(&self) -> Result<PathBuf> {
        self.keep("master-key", key::master_key)
    }

    /// File with what opens the operators' pages of both binaries.
    pub(crate) fn operator_token(&self) -> Result<PathBuf> {
        self.keep("operator-token", key::link_secret)
    }

    /// File with the secret behind check-in links.
    pub(crate) fn link_secret(&self) -> Result<PathBuf> {
        self.keep("link-secret", key::link_secret)
    }

    /// File with the key behind what is kept of accounts.
    pub(crate) fn identity_key(&self) -> Result<PathBuf> {
        self.keep("identity-key", key::hex::<32>)
    }

    /// What is known of the demo hospital, once it is complete.
    pub(crate) fn demo_file(&self) -> PathBuf {
        self.0.join("demo.json")
    }

    /// There while the demo hospital is being made.
    pub(crate) fn demo_begun_file(&self) -> PathBuf {
        self.0.join("demo-begun")
    }

    /// Password of somebody at the demo hospital, and the file that holds it.
    pub(crate) fn demo_password(&self, login: &str) -> Result<(PathBuf, String)> {
        let name = format!("demo-{login}");
        let path = self.keep(&name, key::staff_password)?;
        let password = self.password(&name)?;
        Ok((path, password))
    }

    fn keep(&self, name: &str, make: fn() -> Result<String>) -> Result<PathBuf> {
        let path = self.0.join(name);
        if !path.exists() {
            files::write_private(&path, &make()?)?;
        }
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::super::temp_dir::TempDir;
    use super::*;

    #[test]
    fn a_secret_stays_the_same() {
        let dir = TempDir::create("medique-secrets").expect("temp dir");
        let secrets = Secrets::open(dir.path()).expect("open");
        let first = secrets.password("nats").expect("password");
        assert_eq!(secrets.password("nats").expect("password"), first);
        assert_ne!(secrets.password("other").expect("password"), first);
    }
}
