//! The file of rules as it is written. Unknown members are refused, so that a misspelt condition is
//! not a condition that is silently missing.

use serde::Deserialize;
use std::collections::BTreeMap;

/// By language tag.
pub(super) type ByLanguage<T> = BTreeMap<String, T>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    /// Grows with each change of content.
    pub(super) version: u32,
    /// For people who read the file: notices and how to read it.
    #[serde(default, rename = "about")]
    _about: Vec<String>,
    /// Full references by short name.
    pub(super) sources: BTreeMap<String, String>,
    /// Abbreviations that are written with a dot.
    #[serde(default)]
    pub(super) dotted: Vec<String>,
    /// Words that are never taken for a misspelt one.
    #[serde(default)]
    pub(super) common: Vec<String>,
    pub(super) cues: ByLanguage<Cues>,
    pub(super) terms: Vec<Term>,
    #[serde(default)]
    pub(super) questions: Vec<Question>,
    /// Conditions on vital signs that several rules share.
    #[serde(default)]
    pub(super) signs: BTreeMap<String, Vec<String>>,
    pub(super) rules: Vec<Rule>,
}

/// Words that change what others mean; see [`crate::triage::text::cues::Cue`].
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Cues {
    pub(super) no: Vec<String>,
    pub(super) denies: Vec<String>,
    pub(super) no_after: Vec<String>,
    pub(super) not_no: Vec<String>,
    pub(super) past: Vec<String>,
    pub(super) past_list: Vec<String>,
    pub(super) past_time: Vec<String>,
    pub(super) after: Vec<String>,
    pub(super) not_past: Vec<String>,
    pub(super) recent: Vec<String>,
    pub(super) again: Vec<String>,
    pub(super) family: Vec<String>,
    pub(super) parent: Vec<String>,
    #[serde(rename = "but")]
    pub(super) but: Vec<String>,
    #[serde(rename = "or")]
    pub(super) or: Vec<String>,
    #[serde(rename = "and")]
    pub(super) and: Vec<String>,
    pub(super) filler: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Term {
    pub(super) id: String,
    /// Whether it is a disease of the past behind `s/p`.
    #[serde(default)]
    pub(super) event: bool,
    pub(super) patterns: ByLanguage<Vec<String>>,
    /// Patterns that count only where the words around them are not of another language.
    #[serde(default)]
    pub(super) ambiguous: ByLanguage<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    pub(super) id: String,
    /// The term that a yes asserts.
    pub(super) term: String,
    pub(super) text: ByLanguage<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) id: String,
    pub(super) level: u8,
    #[serde(default)]
    pub(super) any: Vec<String>,
    #[serde(default)]
    pub(super) all: Vec<Vec<String>>,
    /// Youngest and oldest age, completed years.
    #[serde(default)]
    pub(super) age: (Option<u16>, Option<u16>),
    /// The same in days, for the youngest.
    #[serde(default)]
    pub(super) age_days: (Option<u32>, Option<u32>),
    #[serde(default)]
    pub(super) sex: Option<medique_contracts::vocabulary::Sex>,
    #[serde(default)]
    pub(super) signs: Vec<Vec<String>>,
    /// Short name of a source, and where in it.
    pub(super) source: String,
    pub(super) reason: ByLanguage<String>,
}
