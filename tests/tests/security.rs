//! `docs/security.md` names code and tests: what it names exists, and every finding and every
//! requirement has its row.

use anyhow::{Context as _, Result, ensure};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Findings of the audits, in the order of the page's first two tables.
const FINDINGS: [(&str, u32); 2] = [
    ("## The backend audit", 12),
    ("## The production gap analysis", 11),
];
/// Requirements of level 2 and below in the chapters that are walked through.
const REQUIREMENTS: [(&str, usize); 8] = [
    ("2.", 54),
    ("3.", 18),
    ("4.", 9),
    ("7.", 12),
    ("8.", 15),
    ("9.", 7),
    ("13.", 13),
    ("14.", 23),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn page() -> Result<String> {
    std::fs::read_to_string(root().join("docs/security.md")).context("docs/security.md")
}

/// The names of all tests of the workspace.
fn tests() -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let mut open = vec![root()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_dir() {
                let is_source = !name.starts_with('.') && name != "target" && name != "docs";
                open.extend(is_source.then(|| path.clone()));
            } else if name.ends_with(".rs") {
                found.extend(tests_of(&std::fs::read_to_string(&path)?));
            }
        }
    }
    Ok(found)
}

/// Functions behind a test's attribute.
fn tests_of(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_next = false;
    for line in source.lines().map(str::trim) {
        if line == "#[test]" || line.starts_with("#[tokio::test") {
            is_next = true;
        } else if is_next && let Some((_, rest)) = line.split_once("fn ") {
            let name = rest.split('(').next().unwrap_or_default();
            found.push(name.to_owned());
            is_next = false;
        }
    }
    found
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn is_path(word: &str) -> bool {
    !word.contains(' ') && (word.contains('/') || word.contains('.'))
}

fn is_name(word: &str) -> bool {
    let is_snake = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    word.contains('_') && word.chars().all(is_snake)
}

/// The cells of every row of the tables, without their heads.
fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let rows = text.lines().filter(|line| line.starts_with("| "));
    let cells = rows.map(|row| {
        let cells = row.trim_matches('|').split(" | ");
        cells.map(str::trim).collect::<Vec<_>>()
    });
    cells.filter(|cells| !matches!(cells.first(), Some(&"" | &"finding" | &"|")))
}

#[test]
fn what_the_page_names_exists() -> Result<()> {
    let (page, tests) = (page()?, tests()?);
    ensure!(tests.len() > 300, "only {} tests are found", tests.len());
    let variables = std::fs::read_to_string(root().join("docs/operations/configuration.md"))?;
    let mut wrong = Vec::new();
    for word in quoted(&page) {
        let is_there = if word.starts_with("MEDIQUE_") {
            variables.contains(word)
        } else if is_path(word) {
            root().join(word).exists()
        } else if is_name(word) {
            tests.contains(word)
        } else {
            true
        };
        if !is_there {
            wrong.push(word);
        }
    }
    ensure!(wrong.is_empty(), "not there: {wrong:#?}");
    Ok(())
}

#[test]
fn every_finding_has_its_row() -> Result<()> {
    let page = page()?;
    for (title, count) in FINDINGS {
        let (_, rest) = page.split_once(title).context(title)?;
        let table = rest.split("\n## ").next().unwrap_or_default();
        let mut seen = BTreeSet::new();
        for row in rows(table) {
            let number = row[0].split(' ').next().unwrap_or_default();
            seen.insert(number.parse::<u32>().context(row[0].to_owned())?);
            let answered = quoted(row[1]).any(is_path)
                || ["as ", "does not apply", "do not apply", "Postgres"]
                    .iter()
                    .any(|reason| row[1].contains(reason));
            ensure!(answered, "{} names neither code nor reason", row[0]);
        }
        ensure!(seen == (1..=count).collect(), "{title}: {seen:?}");
    }
    Ok(())
}

#[test]
fn every_requirement_has_its_verdict() -> Result<()> {
    let page = page()?;
    let (_, rest) = page.split_once("## ASVS").context("no ASVS")?;
    let asvs = rest.split("\n## ").next().unwrap_or_default();
    let mut seen = BTreeSet::new();
    for row in rows(asvs) {
        ensure!(row.len() == 3, "{row:?}");
        let [number, verdict, reason] = [row[0], row[1], row[2]];
        ensure!(seen.insert(number), "{number} stands twice");
        let is_shown = match verdict {
            "pass" => quoted(reason).any(|word| is_path(word) || is_name(word)),
            "short" | "n.a." => !reason.is_empty(),
            _ => false,
        };
        ensure!(is_shown, "{number}: {verdict}: {reason}");
    }
    for (chapter, count) in REQUIREMENTS {
        let found = seen.iter().filter(|number| number.starts_with(chapter));
        let found = found.count();
        ensure!(found == count, "{chapter} has {found} of {count}");
    }
    Ok(())
}
