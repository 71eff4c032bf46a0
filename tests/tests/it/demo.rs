//! Demo data and accounts exist only through `tools/`: what is shipped contains none of it.

use anyhow::{Context as _, Result, ensure};
use medique_tests::settings::Settings;
use std::path::{Path, PathBuf};

/// Where the demo hospital is made.
const DEMO: &str = include_str!("../../../tools/dev/src/demo.rs");
/// What gives it away. Each stands there, so that a renamed demo is not forgotten here.
const MARKS: [&str; 9] = [
    "demo.example",
    "Demo Admin",
    "Demo Reception",
    "Demo Nurse",
    "Demo Doctor",
    "Demo Board",
    "General Hospital",
    "General Medicine",
    "Paediatrics",
];
/// Passwords and secrets that earlier systems shipped with.
const NOTORIOUS: [&str; 4] = [
    "Patient@2024",
    "Doctor@2024",
    "Admin@2024",
    "demo-secret-key-replace-in-production",
];

/// The binaries of this test run, and optimised ones where they were built.
fn binaries() -> Result<Vec<PathBuf>> {
    let settings = Settings::from_process()?;
    let names = ["medique-api", "medique-worker"];
    let mut found: Vec<_> = names.iter().map(|name| settings.binary(name)).collect();
    let release = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release");
    found.extend(
        names
            .iter()
            .map(|name| release.join(name))
            .filter(|path| path.exists()),
    );
    Ok(found)
}

/// Random passwords of a demo hospital on this machine.
fn passwords() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.dev/secrets");
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let demo = files.filter(|file| {
        let name = file.file_name().to_string_lossy().into_owned();
        name.starts_with("demo-") && !name.ends_with("-begun")
    });
    let texts = demo.filter_map(|file| std::fs::read_to_string(file.path()).ok());
    texts
        .map(|text| text.trim().to_owned())
        .filter(|text| text.len() > 8)
        .collect()
}

#[test]
fn shipped_binaries_know_no_demo() -> Result<()> {
    for mark in MARKS {
        ensure!(
            DEMO.contains(mark),
            "the demo has no {mark} any more: mark what it has instead"
        );
    }
    let mut marks: Vec<String> = MARKS
        .iter()
        .chain(&NOTORIOUS)
        .map(|text| (*text).to_owned())
        .collect();
    marks.extend(passwords());
    for path in binaries()? {
        let bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
        // searching text is what the standard library does fast
        let text = String::from_utf8_lossy(&bytes);
        // the search itself finds what is there
        ensure!(
            text.contains("MEDIQUE_DATABASE_URL"),
            "{} is no binary of ours",
            path.display()
        );
        for mark in &marks {
            ensure!(!text.contains(mark), "{} contains {mark}", path.display());
        }
    }
    Ok(())
}
