//! The dependency rules of the workspace (DESIGN.md section 2), read from `cargo metadata` and from
//! the sources themselves.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What each package of ours may depend on, of ours.
const OURS: [(&str, &[&str]); 11] = [
    ("medique-contracts", &[]),
    ("medique-domain", &["medique-contracts"]),
    ("medique-platform", &["medique-contracts"]),
    (
        "medique-api",
        &["medique-contracts", "medique-domain", "medique-platform"],
    ),
    (
        "medique-workers",
        &["medique-contracts", "medique-domain", "medique-platform"],
    ),
    // runs the binaries as a stranger would; what it reads it reads with our own types
    (
        "medique-tests",
        &["medique-contracts", "medique-domain", "medique-platform"],
    ),
    // compiled before anything else on a fresh machine
    ("medique-dev", &[]),
    (
        "medique-load",
        &["medique-contracts", "medique-domain", "medique-platform"],
    ),
    // never shipped: catches mails
    ("medique-mail-sink", &[]),
    // never shipped: keeps what a collector passes on
    ("medique-otlp-sink", &[]),
    ("medique-triage-sim", &["medique-contracts"]),
];

/// Who alone may name a foreign crate.
const FOREIGN: [(&str, &[&str]); 6] = [
    ("async-nats", &["medique-platform"]),
    ("opentelemetry", &["medique-platform", "medique-otlp-sink"]),
    ("backoff", &["medique-platform"]),
    ("lettre", &["medique-workers"]),
    (
        "sqlx",
        &[
            "medique-platform",
            "medique-api",
            "medique-workers",
            "medique-tests",
            "medique-dev",
            "medique-load",
        ],
    ),
    (
        "poem",
        &[
            "medique-api",
            "medique-dev",
            "medique-load",
            "medique-triage-sim",
        ],
    ),
];

/// What the pure packages may never need: an executor, a database, a network, a clock, a lottery.
const IMPURE: [&str; 8] = [
    "tokio",
    "sqlx",
    "async-nats",
    "futures",
    "reqwest",
    "poem",
    "rand",
    "tracing",
];

struct Package {
    folder: PathBuf,
    /// Direct dependencies, those of tests included.
    dependencies: BTreeSet<String>,
    /// The same without those of tests.
    shipped: BTreeSet<String>,
}

#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells its own path to what it runs"
)]
fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn packages() -> Result<BTreeMap<String, Package>> {
    let arguments = [
        "metadata",
        "--no-deps",
        "--format-version",
        "1",
        "--offline",
    ];
    let output = Command::new(cargo())
        .args(arguments)
        .current_dir(root())
        .output()?;
    ensure!(
        output.status.success(),
        "cargo metadata: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata["packages"].as_array().context("no packages")?;
    packages.iter().map(package).collect()
}

fn package(package: &Value) -> Result<(String, Package)> {
    let name = package["name"]
        .as_str()
        .context("a package without a name")?;
    let manifest = package["manifest_path"]
        .as_str()
        .context("a package without a manifest")?;
    let folder = Path::new(manifest)
        .parent()
        .context("a manifest without a folder")?;
    let all = package["dependencies"]
        .as_array()
        .context("no dependencies")?;
    let names = |wanted: &dyn Fn(&Value) -> bool| {
        let of_interest = all.iter().filter(|dependency| wanted(dependency));
        of_interest
            .filter_map(|dependency| dependency["name"].as_str())
            .map(str::to_owned)
            .collect()
    };
    let package = Package {
        folder: folder.to_owned(),
        dependencies: names(&|_| true),
        shipped: names(&|dependency| dependency["kind"] != "dev"),
    };
    Ok((name.to_owned(), package))
}

/// Every source file of a package with its text.
fn sources(folder: &Path) -> Result<Vec<(PathBuf, String)>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        for entry in std::fs::read_dir(&path)? {
            let path = entry?.path();
            if path.is_dir() {
                // packages inside packages and what cargo builds are not sources of this one
                let nested = path.join("Cargo.toml").exists() || path.ends_with("target");
                open.extend((!nested).then_some(path));
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path)?;
                found.push((path, text));
            }
        }
    }
    Ok(found)
}

/// Lines of code: without comments.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .map(|line| line.split("//").next().unwrap_or_default())
}

#[test]
fn packages_of_ours_depend_only_downwards() -> Result<()> {
    let allowed: BTreeMap<&str, &[&str]> = OURS.into_iter().collect();
    for (name, package) in packages()? {
        let allowed = allowed
            .get(name.as_str())
            .with_context(|| format!("{name} has no rule here"))?;
        for dependency in package
            .dependencies
            .iter()
            .filter(|dependency| dependency.starts_with("medique-"))
        {
            ensure!(
                allowed.contains(&dependency.as_str()),
                "{name} depends on {dependency}"
            );
        }
    }
    Ok(())
}

#[test]
fn foreign_crates_are_named_only_where_they_belong() -> Result<()> {
    for (name, package) in packages()? {
        for dependency in &package.dependencies {
            for (foreign, allowed) in FOREIGN {
                let family = format!("{foreign}-");
                let is_it = dependency == foreign || dependency.starts_with(&family);
                ensure!(
                    !is_it || allowed.contains(&name.as_str()),
                    "{name} depends on {dependency}"
                );
            }
        }
    }
    Ok(())
}

#[test]
fn contracts_and_domain_are_pure() -> Result<()> {
    let packages = packages()?;
    for name in ["medique-contracts", "medique-domain"] {
        let package = packages
            .get(name)
            .with_context(|| format!("there is no {name}"))?;
        for dependency in &package.shipped {
            ensure!(
                !IMPURE.contains(&dependency.as_str()),
                "{name} depends on {dependency}"
            );
        }
        for (path, text) in sources(&package.folder.join("src"))? {
            for line in code(&text) {
                for word in [
                    "async fn",
                    "async move",
                    ".await",
                    "Utc::now",
                    "Instant::now",
                    "SystemTime::now",
                ] {
                    ensure!(!line.contains(word), "{}: {word}", path.display());
                }
            }
        }
    }
    Ok(())
}

#[test]
fn transactions_begin_in_one_place() -> Result<()> {
    for (name, package) in packages()? {
        for (path, text) in sources(&package.folder)? {
            let begins =
                code(&text).any(|line| line.contains(".begin(") || line.contains("::begin("));
            let is_the_place = name == "medique-platform" && path.ends_with("src/postgres.rs");
            let is_this_test = path.ends_with("tests/layering.rs");
            ensure!(
                !begins || is_the_place || is_this_test,
                "{} begins a transaction",
                path.display()
            );
        }
    }
    Ok(())
}

/// The api writes identity; everything else is written by workers. The database's grants hold this
/// at run time; here it is seen in review.
#[test]
fn the_api_writes_no_business_table() -> Result<()> {
    const BUSINESS: [&str; 12] = [
        "facility",
        "department",
        "room",
        "doctor",
        "doctor_department",
        "visit",
        "stage",
        "vital_signs",
        "consultation_note",
        "token_counter",
        "inbox",
        "audit",
    ];
    let packages = packages()?;
    let api = packages
        .get("medique-api")
        .context("there is no medique-api")?;
    for (path, text) in sources(&api.folder.join("src"))? {
        let text = text.to_lowercase();
        for table in BUSINESS {
            for verb in [
                format!("insert into {table} "),
                format!("update {table} set"),
                format!("delete from {table} "),
            ] {
                ensure!(!text.contains(&verb), "{}: {verb}", path.display());
            }
        }
    }
    Ok(())
}

/// A sleep in a test is a guess; what waits does so for a condition, in one place.
#[test]
fn tests_wait_in_one_place() -> Result<()> {
    let packages = packages()?;
    let tests = packages
        .get("medique-tests")
        .context("there is no medique-tests")?;
    for (path, text) in sources(&tests.folder)? {
        let waits = code(&text).any(|line| line.contains("sleep(") || line.contains("interval("));
        let may = path.ends_with("src/await_until.rs") || path.ends_with("tests/layering.rs");
        ensure!(!waits || may, "{} waits by itself", path.display());
    }
    Ok(())
}

#[test]
fn files_stay_small_enough_to_read() -> Result<()> {
    const CEILING: usize = 400;
    for (_, package) in packages()? {
        for (path, text) in sources(&package.folder)? {
            let lines = text.lines().count();
            ensure!(
                lines <= CEILING,
                "{} has {lines} lines, the ceiling is {CEILING}",
                path.display()
            );
        }
    }
    Ok(())
}
