//! Backups at rest: files that only the backup key opens.
//!
//! A sealed file is `MQVAULT1`, 32 random bytes, then frames of 64 KiB, each encrypted with
//! AES-256-GCM. The file's own key is HMAC-SHA-256 of those bytes under the backup key; a frame's
//! nonce is its number and whether it is the last, so that frames cannot be swapped, repeated or cut
//! off. A file appears under its name whole and on the disk, or not at all, and never replaces
//! another.

mod frames;

pub use frames::{Opener, Sealer};

use crate::config::Env;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret as _;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Bytes of the backup key.
const KEY_LEN: usize = 32;
const COPY_BYTES: usize = 1 << 16;

/// What goes wrong with a sealed file.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// A file cannot be read or written.
    #[error("{0}")]
    File(#[from] io::Error),
    /// Changed, cut off, no sealed file at all, or sealed with another key.
    #[error("not a whole file sealed with this key")]
    NotAuthentic,
    /// There is another file of that name.
    #[error("{} is there already and holds something else", .0.display())]
    Exists(PathBuf),
    /// The library fails.
    #[error("the cryptographic library failed")]
    Library,
}

/// What a sealed file holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Content {
    /// Bytes before sealing.
    pub bytes: u64,
    /// SHA-256 of them, hexadecimal.
    pub sha256: String,
}

/// `MEDIQUE_BACKUP_KEY`: seals and opens backups; 32 bytes in base64, kept where the backups are not.
const VARIABLE: &str = "MEDIQUE_BACKUP_KEY";

/// The key of all backups.
pub struct BackupKey(hmac::Key);

impl std::fmt::Debug for BackupKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BackupKey")
    }
}

impl BackupKey {
    /// Reads the variable. Problems are told by `env`.
    pub fn read(env: &mut Env) -> Self {
        let text = env.required_secret(VARIABLE);
        let bytes = STANDARD.decode(text.expose_secret().trim());
        let bytes = bytes.unwrap_or_default();
        if !text.expose_secret().is_empty() && bytes.len() != KEY_LEN {
            env.problem(format!("{VARIABLE}: must be {KEY_LEN} bytes in base64"));
        }
        Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
    }

    fn of_file(&self, salt: &[u8]) -> [u8; KEY_LEN] {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(b"medique backup v1\0");
        context.update(salt);
        let mut key = [0; KEY_LEN];
        key.copy_from_slice(context.sign().as_ref());
        key
    }

    /// Seals all of `from` into the new file `to`. A file of that name with the same content is
    /// left as it is: whoever archives may have been interrupted before saying so.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn seal(&self, from: &mut impl Read, to: &Path) -> Result<Content, VaultError> {
        let draft = Draft::beside(to)?;
        let mut sealer = Sealer::new(self, &draft.file)?;
        let content = copy(from, &mut sealer)?;
        sealer.finish()?;
        match draft.keep(to) {
            Ok(()) => Ok(content),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match self.verify(to) {
                Ok(there) if there == content => Ok(content),
                _ => Err(VaultError::Exists(to.to_owned())),
            },
            Err(error) => Err(error.into()),
        }
    }

    /// Opens `from` into `to`. What was written before an error is not to be used.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn open(&self, from: &Path, to: &mut impl Write) -> Result<Content, VaultError> {
        let mut opener = Opener::new(self, File::open(from)?)?;
        copy(&mut opener, to)
    }

    /// Opens `from` into the new file `to`, which appears only when all of it is authentic.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn open_to(&self, from: &Path, to: &Path) -> Result<Content, VaultError> {
        let draft = Draft::beside(to)?;
        let content = self.open(from, &mut &draft.file)?;
        draft.keep(to)?;
        Ok(content)
    }

    /// Reads a sealed file to its end.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn verify(&self, file: &Path) -> Result<Content, VaultError> {
        self.open(file, &mut io::sink())
    }
}

/// Copies all and tells what it was.
fn copy(from: &mut impl Read, to: &mut impl Write) -> Result<Content, VaultError> {
    let (mut hasher, mut bytes) = (Sha256::new(), 0);
    let mut buffer = vec![0; COPY_BYTES];
    loop {
        let read = from.read(&mut buffer).map_err(told)?;
        if read == 0 {
            break;
        }
        to.write_all(&buffer[..read]).map_err(told)?;
        hasher.update(&buffer[..read]);
        bytes += read as u64;
    }
    to.flush()?;
    let sha256 = hasher
        .finalize()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    Ok(Content { bytes, sha256 })
}

/// A vault's own error that came through the traits of reading and writing.
fn told(error: io::Error) -> VaultError {
    match error.downcast::<VaultError>() {
        Ok(own) => own,
        Err(error) => VaultError::File(error),
    }
}

/// A file that is being written, and goes away unless it is kept.
struct Draft {
    path: PathBuf,
    file: File,
}

impl Draft {
    fn beside(target: &Path) -> io::Result<Self> {
        let mut name = OsString::from(".");
        name.push(target.file_name().unwrap_or_default());
        name.push(format!(".{}.part", uuid::Uuid::new_v4().simple()));
        let path = target.with_file_name(name);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        Ok(Self { path, file })
    }

    /// A hard link fails where there is a file already, which a rename would replace.
    fn keep(&self, target: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        fs::hard_link(&self.path, target)?;
        let folder = target.parent().filter(|path| !path.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // What cannot be removed is a hidden file that nobody reads.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests;
