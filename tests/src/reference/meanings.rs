//! What variables mean, from the comments in the sources: `` /// `MEDIQUE_X`: meaning `` beside the
//! field or the constant; several names with commas or "and" between them share one.

use anyhow::{Context as _, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Where variables are read.
const SOURCES: [&str; 3] = ["../platform/src", "../api/src", "../workers/src"];
const TICKED: &str = "`MEDIQUE_";

/// Meanings by name.
#[derive(Debug, Default)]
pub struct Meanings(BTreeMap<String, String>);

impl Meanings {
    /// Reads all sources.
    ///
    /// # Errors
    /// One cannot be read.
    pub fn read() -> Result<Self> {
        let mut meanings = Self::default();
        for_each_source(|text| meanings.add(text))?;
        Ok(meanings)
    }

    /// The meaning of a variable.
    pub fn of(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn add(&mut self, source: &str) {
        let mut comment = String::new();
        for line in source.lines() {
            if let Some(text) = line.trim_start().strip_prefix("///") {
                comment.push_str(text);
                continue;
            }
            if let Some((names, meaning)) = parse(comment.trim()) {
                // Where both binaries read a variable, the first comment counts.
                for name in names {
                    self.0.entry(name).or_insert_with(|| meaning.clone());
                }
            }
            comment.clear();
        }
    }
}

/// Names and their meaning, if the comment says one.
fn parse(comment: &str) -> Option<(Vec<String>, String)> {
    let (mut names, mut rest) = (Vec::new(), comment);
    loop {
        let name = rest.strip_prefix('`')?.split('`').next()?;
        if !name.starts_with("MEDIQUE_") || name.contains('*') {
            return None;
        }
        names.push(name.to_owned());
        rest = rest.get(name.len() + 2..)?;
        if let Some(meaning) = rest.strip_prefix(": ") {
            let meaning = meaning.trim().trim_end_matches('.').replace('|', "\\|");
            return Some((names, meaning));
        }
        rest = [", ", " and "]
            .iter()
            .find_map(|between| rest.strip_prefix(between))?;
        if !rest.starts_with(TICKED) {
            return None;
        }
    }
}

/// Every name that stands between quotes in what is shipped, tests left out.
///
/// # Errors
/// A source cannot be read.
pub fn names_in_code() -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for_each_source(|text| {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let quoted = code.split('"').skip(1).step_by(2);
        let is_name = |text: &&str| {
            text.len() > "MEDIQUE_".len()
                && text.starts_with("MEDIQUE_")
                && !text.ends_with('_')
                && text
                    .chars()
                    .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        };
        names.extend(quoted.filter(is_name).map(str::to_owned));
    })?;
    Ok(names)
}

fn for_each_source(mut look: impl FnMut(&str)) -> Result<()> {
    for source in SOURCES {
        visit(Path::new(source), &mut look)?;
    }
    Ok(())
}

fn visit(folder: &Path, look: &mut impl FnMut(&str)) -> Result<()> {
    let entries = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    for path in paths {
        let is_of_tests = path.file_stem().is_some_and(|name| name == "tests");
        if path.is_dir() && !is_of_tests {
            visit(&path, look)?;
        } else if path.extension().is_some_and(|end| end == "rs") && !is_of_tests {
            look(&std::fs::read_to_string(&path)?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meanings_are_found_beside_fields() {
        let mut meanings = Meanings::default();
        meanings.add(
            "struct Rates {\n    /// `MEDIQUE_A`, `MEDIQUE_B` and `MEDIQUE_C`: how\n    /// much.\n    pub a: u8,\n\
             /// `MEDIQUE_D_*`: a family.\n d: u8,\n/// Reads `MEDIQUE_E`.\nfn e() {}\n",
        );
        for name in ["MEDIQUE_A", "MEDIQUE_B", "MEDIQUE_C"] {
            assert_eq!(meanings.of(name), Some("how much"));
        }
        assert_eq!(meanings.0.len(), 3);
    }
}
