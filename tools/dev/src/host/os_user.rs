//! Postgres refuses to run as root, so as root it runs as somebody else, who must be able to reach its files.

use std::fmt::Write;
use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use nix::unistd::{User, geteuid};
use sha2::{Digest, Sha256};

use super::files;

/// Whom a server runs as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OsUser {
    /// The one who started the launcher.
    Ourselves,
    /// Another one, because we are root.
    Other { name: String, uid: u32, gid: u32 },
}

impl OsUser {
    /// Somebody who may run Postgres: ourselves, or as root `postgres`, else `nobody`.
    pub(crate) fn for_postgres() -> Result<Self> {
        if !geteuid().is_root() {
            return Ok(Self::Ourselves);
        }
        for name in ["postgres", "nobody"] {
            if let Some(user) =
                User::from_name(name).with_context(|| format!("cannot look up the user {name}"))?
            {
                return Ok(Self::Other {
                    name: user.name,
                    uid: user.uid.as_raw(),
                    gid: user.gid.as_raw(),
                });
            }
        }
        bail!(
            "Postgres does not run as root, and there is no user `postgres` or `nobody`: start as another user"
        )
    }

    /// The name of the other user; empty when it is ourselves.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Ourselves => "",
            Self::Other { name, .. } => name,
        }
    }

    /// A command that runs as this user, in the root folder, so that no unreachable one is inherited.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/");
        if let Self::Other { uid, gid, .. } = self {
            command.uid(*uid).gid(*gid).env("HOME", "/");
        }
        command
    }

    /// Makes a folder that this user owns and nobody else can read.
    pub(crate) fn make_own_dir(&self, path: &Path) -> Result<()> {
        files::make_dir(path, 0o700)?;
        self.own(path)
    }

    /// Hands a file or an empty folder to this user.
    pub(crate) fn own(&self, path: &Path) -> Result<()> {
        match self {
            Self::Ourselves => Ok(()),
            Self::Other { name, uid, gid } => chown(path, Some(*uid), Some(*gid))
                .with_context(|| format!("cannot give {} to the user {name}", path.display())),
        }
    }

    /// `wanted`, when this user can pass through it, else a folder of the checkout's own in a place for all.
    pub(crate) fn reachable_dir(&self, wanted: &Path) -> Result<PathBuf> {
        if self.can_enter(wanted)? {
            return Ok(wanted.to_owned());
        }
        let name = format!("medique-dev-{}", short_hash(wanted));
        for parent in [PathBuf::from("/var/tmp"), std::env::temp_dir()] {
            let path = parent.join(&name);
            if parent.is_dir() && self.can_enter(&parent)? {
                claim(&path)?;
                return Ok(path);
            }
        }
        bail!(
            "the user {} can reach neither {} nor /var/tmp",
            self.name(),
            wanted.display()
        )
    }

    /// Asked of the system rather than computed, for modes are not all there is (ACLs, mount options).
    fn can_enter(&self, dir: &Path) -> Result<bool> {
        if *self == Self::Ourselves {
            return Ok(true);
        }
        let status = self
            .command(Path::new("/bin/sh"))
            .args(["-c", "test -x \"$1\"", "sh"])
            .arg(dir)
            .stdin(Stdio::null())
            .status()
            .with_context(|| format!("cannot run /bin/sh as the user {}", self.name()))?;
        Ok(status.success())
    }
}

/// Makes a folder under a name that others could have taken first: it must be ours, and no link.
fn claim(path: &Path) -> Result<()> {
    if !path.exists() {
        files::make_dir(path, 0o711)?;
    }
    let found =
        fs::symlink_metadata(path).with_context(|| format!("cannot look at {}", path.display()))?;
    if !found.is_dir() || found.uid() != geteuid().as_raw() {
        bail!("{} belongs to somebody else: remove it", path.display());
    }
    Ok(())
}

fn short_hash(path: &Path) -> String {
    let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
    digest.iter().take(6).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_checkout_gets_the_same_place() {
        assert_eq!(
            short_hash(Path::new("/a/.dev")),
            short_hash(Path::new("/a/.dev"))
        );
        assert_ne!(
            short_hash(Path::new("/a/.dev")),
            short_hash(Path::new("/b/.dev"))
        );
        assert_eq!(short_hash(Path::new("/a/.dev")).len(), 12);
    }

    #[test]
    fn a_user_with_no_need_of_another_place_stays() {
        let wanted = Path::new("/somewhere/.dev");
        assert_eq!(
            OsUser::Ourselves.reachable_dir(wanted).expect("reachable"),
            wanted
        );
    }
}
