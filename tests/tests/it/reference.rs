//! docs/operations/configuration.md is what the binaries read.

use anyhow::{Context as _, Result, ensure};
use medique_tests::processes::{self, Environment};
use medique_tests::reference::{self, Meanings, Readers};
use medique_tests::settings::{self, Settings};
use std::collections::BTreeSet;

const DOCUMENT: &str = "../docs/operations/configuration.md";
/// Known to builds for tests only.
const OF_TESTS: [&str; 1] = ["MEDIQUE_FAILPOINT"];

fn readers() -> Result<Readers> {
    let settings = Settings::from_process()?;
    let mut readers = Readers::new();
    for binary in ["medique-api", "medique-worker"] {
        let program = settings.binary(binary);
        let told = processes::run(&program, &Environment::new(), &["config", "reference"], "")?;
        ensure!(
            told.status.success(),
            "{binary} does not tell what it reads"
        );
        readers.extend(serde_json::from_slice::<Readers>(&told.stdout)?);
    }
    Ok(readers)
}

#[test]
fn the_reference_of_variables_is_current() -> Result<()> {
    let page = reference::page(&readers()?, &Meanings::read()?)?;
    if settings::updates_documents() {
        return Ok(std::fs::write(DOCUMENT, page)?);
    }
    let written = std::fs::read_to_string(DOCUMENT).context(DOCUMENT)?;
    ensure!(
        written == page,
        "{DOCUMENT} is out of date; write it anew with \
         MEDIQUE_TEST_UPDATE=1 cargo dev test the_reference_of_variables"
    );
    Ok(())
}

/// A variable that is read only when another is set would be missing from the reference, and
/// refused as unknown when it stands alone.
#[test]
fn every_variable_in_the_code_is_always_read() -> Result<()> {
    let readers = readers()?;
    let read: BTreeSet<_> = readers
        .values()
        .flatten()
        .map(|asked| asked.name.as_str())
        .collect();
    let named = reference::names_in_code()?;
    let missing: Vec<_> = named
        .iter()
        .map(|name| name.strip_suffix("_FILE").unwrap_or(name))
        .filter(|name| !read.contains(name) && !OF_TESTS.contains(name))
        .collect();
    ensure!(
        missing.is_empty(),
        "read only sometimes, or never: {missing:?}"
    );
    Ok(())
}
