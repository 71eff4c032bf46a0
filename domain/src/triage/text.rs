//! Reads what patients and clerks write, and says which terms of the rules it asserts.

pub(super) mod cues;
pub(super) mod lexicon;
pub(super) mod normalise;
pub(super) mod pattern;
pub(super) mod phrases;
mod scope;
pub(super) mod tokens;

use super::rules::TermSet;
use cues::Meaning;
use lexicon::Lexicon;
use normalise::normalise;
use phrases::{Phrases, Reading};
pub(super) use scope::LANGUAGES_MAX;
use scope::Scope;
use std::collections::HashSet;

/// Everything that is needed to read a text.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub(super) lexicon: Lexicon,
    pub(super) phrases: Phrases,
    /// What each phrase means.
    pub(super) meanings: Vec<Meaning>,
    /// Words that are written with a dot which ends no sentence.
    pub(super) dotted: HashSet<Box<str>>,
    /// Abbreviations with a slash.
    pub(super) slashed: HashSet<Box<str>>,
}

/// What is known of the person whom a text is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct About {
    /// Age in completed years.
    pub(super) age_years: Option<u16>,
}

impl Reader {
    /// Adds every term that `text` asserts to `found`.
    pub(super) fn read(&self, text: &str, about: About, found: &mut TermSet) {
        let normal = normalise(text, None);
        self.read_normal(&normal.text, about, found);
        if normal.had_invisible {
            // What was invisible may have stood between words or within one: both are read.
            self.read_normal(&normalise(text, Some(' ')).text, about, found);
        }
    }

    fn read_normal(&self, text: &str, about: About, found: &mut TermSet) {
        let tokens = tokens::tokens(
            text,
            |word| self.dotted.contains(word),
            |word| self.slashed.contains(word),
        );
        let reading = Reading::new(text, &tokens, &self.lexicon);
        let matches = self.phrases.find(&reading);
        let scope = Scope::new(text, &tokens, &matches, &self.meanings);
        for (term, language, hit) in scope.terms() {
            if !found.has(term.id) && scope.asserts(term, language, hit, about) {
                found.add(term.id);
            }
        }
    }
}
