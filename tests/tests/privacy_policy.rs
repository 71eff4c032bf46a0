//! `docs/privacy.md` names everything that is stored: a table, a sealed field or a stream without a
//! row there is data without a policy.

use anyhow::{Context as _, Result, ensure};
use medique_platform::privacy::Field;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What stands between backticks in rows of tables that have all their cells.
fn named() -> Result<BTreeSet<String>> {
    let page = std::fs::read_to_string(root().join("docs/privacy.md"))?;
    let mut named = BTreeSet::new();
    for row in page.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        ensure!(cells.len() == 5, "{row}");
        let is_answered = [0, 2, 3, 4].iter().all(|cell| !cells[*cell].is_empty());
        ensure!(is_answered, "a question without an answer: {row}");
        named.extend(cells[1].split('`').skip(1).step_by(2).map(str::to_owned));
    }
    Ok(named)
}

/// The tables that the migrations make.
fn tables() -> Result<BTreeSet<String>> {
    let mut tables = BTreeSet::new();
    for entry in std::fs::read_dir(root().join("migrations"))? {
        let text = std::fs::read_to_string(entry?.path())?;
        for line in text.lines() {
            let Some(rest) = line.strip_prefix("CREATE TABLE ") else {
                continue;
            };
            let name = rest.trim_start_matches("IF NOT EXISTS ");
            let name = name.split([' ', '(']).next().context("no name")?;
            tables.insert(name.to_owned());
        }
    }
    ensure!(tables.len() > 30, "only {} tables are found", tables.len());
    Ok(tables)
}

#[test]
fn everything_that_is_stored_has_its_policy() -> Result<()> {
    let named = named()?;
    let tables = tables()?;
    let fields = Field::ALL.iter().map(|field| field.as_str().to_owned());
    let streams = ["COMMANDS", "EVENTS"].map(str::to_owned);
    let wanted: BTreeSet<String> = tables
        .iter()
        .cloned()
        .chain(fields)
        .chain(streams)
        .collect();
    let missing: Vec<_> = wanted.difference(&named).collect();
    ensure!(
        missing.is_empty(),
        "docs/privacy.md does not name {missing:?}"
    );
    let gone: Vec<_> = named.difference(&wanted).collect();
    ensure!(
        gone.is_empty(),
        "docs/privacy.md names what is not there: {gone:?}"
    );
    Ok(())
}
