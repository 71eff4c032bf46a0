//! The rules as data: read from a versioned file, checked as a whole, and compiled.

mod compile;
mod condition;
mod firing;
mod raw;
mod terms;

pub(super) use condition::{Signs, Test};
pub(super) use terms::TermSet;

use super::text::Reader;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

/// The rules that are compiled in.
const BUILT_IN: &str = include_str!("../../rules/triage-v2.json");
/// Largest file of rules, bytes.
const FILE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A file of rules that cannot be used, with everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("; "))]
pub struct RulesError(pub Vec<String>);

/// The triage rules, ready for use; a cheap handle.
#[derive(Debug, Clone)]
pub struct Rules(Arc<Table>);

/// Text by language tag; English is always there.
pub type Texts = BTreeMap<String, String>;

#[derive(Debug)]
struct Table {
    version: u32,
    reader: Reader,
    rules: Vec<Rule>,
    questions: Vec<Question>,
    languages: Vec<String>,
    pregnant: Option<usize>,
    terms: usize,
}

/// One rule: what has to be found, and the level that this demands.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Name of the rule, unique in the file.
    pub id: String,
    /// The level that it demands at least, 1 (worst) to 5.
    pub level: u8,
    /// Where the rule comes from.
    pub source: String,
    /// Why, for people, by language.
    pub reason: Texts,
    /// At least one of these was found; nothing is asked when there is none.
    any: TermSet,
    /// Of each of these at least one was found.
    all: Vec<TermSet>,
    age_years: (Option<u16>, Option<u16>),
    age_days: (Option<u32>, Option<u32>),
    sex: Option<medique_contracts::vocabulary::Sex>,
    /// Of each of these at least one holds.
    signs: Vec<Vec<Test>>,
}

/// A structured question, which patients and clerks answer with yes or no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Name of the question, unique in the file.
    pub id: String,
    /// The question, by language.
    pub text: Texts,
    term: usize,
}

impl Default for Rules {
    /// The rules that are compiled in.
    fn default() -> Self {
        static RULES: LazyLock<Rules> =
            LazyLock::new(|| Rules::parse(BUILT_IN).expect("a test reads the built-in rules"));
        RULES.clone()
    }
}

impl Rules {
    /// Reads and checks a file of rules.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, RulesError> {
        if text.len() > FILE_BYTES_MAX {
            return Err(RulesError(vec![format!(
                "the file is larger than {FILE_BYTES_MAX} bytes"
            )]));
        }
        let file: raw::File = serde_json::from_str(text)
            .map_err(|error| RulesError(vec![format!("not a file of rules: {error}")]))?;
        compile::table(file).map(|table| Self(Arc::new(table)))
    }

    /// Version of the file.
    pub fn version(&self) -> u32 {
        self.0.version
    }

    /// Language tags that the file has texts in, English first.
    pub fn languages(&self) -> &[String] {
        &self.0.languages
    }

    /// Every rule, in the order of the file.
    pub fn rules(&self) -> &[Rule] {
        &self.0.rules
    }

    /// The rule of that name.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.0.rules.iter().find(|rule| rule.id == id)
    }

    /// Every structured question, in the order of the file.
    pub fn questions(&self) -> &[Question] {
        &self.0.questions
    }

    pub(super) fn reader(&self) -> &Reader {
        &self.0.reader
    }

    /// The term that says that the patient is pregnant.
    pub(super) fn pregnant(&self) -> Option<usize> {
        self.0.pregnant
    }

    /// An empty set with room for every term.
    pub(super) fn no_terms(&self) -> TermSet {
        TermSet::new(self.0.terms)
    }

    /// The term that a question asks for.
    pub(super) fn asked(&self, question: &str) -> Option<usize> {
        let known = self.0.questions.iter().find(|known| known.id == question);
        known.map(|known| known.term)
    }
}

/// The text in `language`, or in the nearest language that there is.
pub fn text<'a>(texts: &'a Texts, language: &str) -> &'a str {
    let primary = language.split('-').next().unwrap_or(language);
    let found = texts.get(primary).or_else(|| texts.get("en"));
    found.map_or("", String::as_str)
}
