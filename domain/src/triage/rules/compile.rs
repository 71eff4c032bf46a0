//! From the file to what is asked thousands of times a second; and all that may be wrong with it.

use super::raw::{self, ByLanguage};
use super::{Question, Rule, RulesError, Table, TermSet, Test};
use crate::triage::text::LANGUAGES_MAX;
use crate::triage::text::Reader;
use crate::triage::text::cues::{Cue, Language, Meaning, Term};
use crate::triage::text::lexicon::Lexicon;
use crate::triage::text::pattern;
use crate::triage::text::phrases::Phrases;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Most patterns of a file, after expansion.
const PATTERNS_MAX: usize = 60_000;
/// Longest pattern, reason or question, characters.
const TEXT_CHARS_MAX: usize = 400;
/// The term that says that the patient is pregnant.
const PREGNANT: &str = "pregnant";

#[derive(Default)]
struct Compiler {
    errors: Vec<String>,
    lexicon: Lexicon,
    patterns: Vec<pattern::Pattern>,
    meanings: Vec<Meaning>,
    languages: Vec<String>,
    terms: BTreeMap<String, usize>,
    slashed: HashSet<Box<str>>,
}

/// Compiles a file.
pub(super) fn table(file: raw::File) -> Result<Table, RulesError> {
    let mut compiler = Compiler::default();
    compiler.languages(&file);
    for (language, cues) in &file.cues {
        compiler.cues(language, cues);
    }
    for term in &file.terms {
        compiler.term(term);
    }
    for word in &file.common {
        compiler.lexicon.protect(word);
    }
    let questions = compiler.questions(file.questions);
    let signs = compiler.signs(&file.signs);
    let rules = compiler.rules(file.rules, &file.sources, &signs);
    if file.version == 0 {
        compiler.errors.push("version must be 1 or more".to_owned());
    }
    if compiler.patterns.len() > PATTERNS_MAX {
        compiler
            .errors
            .push(format!("there are more than {PATTERNS_MAX} patterns"));
    }
    if !compiler.errors.is_empty() {
        return Err(RulesError(compiler.errors));
    }
    Ok(Table {
        version: file.version,
        pregnant: compiler.terms.get(PREGNANT).copied(),
        terms: compiler.terms.len(),
        reader: Reader {
            lexicon: compiler.lexicon,
            phrases: Phrases::new(compiler.patterns),
            meanings: compiler.meanings,
            dotted: file
                .dotted
                .iter()
                .map(|word| Box::from(word.as_str()))
                .collect(),
            slashed: compiler.slashed,
        },
        rules,
        questions,
        languages: compiler.languages,
    })
}

impl Compiler {
    fn error(&mut self, place: &str, what: impl std::fmt::Display) {
        self.errors.push(format!("{place}: {what}"));
    }

    fn languages(&mut self, file: &raw::File) {
        if !file.cues.contains_key("en") {
            self.error("cues", "English is missing");
        }
        self.languages.push("en".to_owned());
        let others = file.cues.keys().filter(|language| *language != "en");
        self.languages.extend(others.cloned());
        if self.languages.len() > LANGUAGES_MAX {
            self.error(
                "cues",
                format!("there are more than {LANGUAGES_MAX} languages"),
            );
        }
    }

    /// The number of a language; an error when the file has no cues in it.
    fn language(&mut self, place: &str, language: &str) -> Option<Language> {
        let known = self.languages.iter().position(|known| known == language);
        if known.is_none() {
            self.error(place, format!("there are no cues in language `{language}`"));
        }
        known.and_then(|number| Language::try_from(number).ok())
    }

    fn cues(&mut self, language: &str, cues: &raw::Cues) {
        let place = format!("cues of {language}");
        let Some(number) = self.language(&place, language) else {
            return;
        };
        for (cue, lines) in [
            (Cue::No, &cues.no),
            (Cue::Denies, &cues.denies),
            (Cue::NoAfter, &cues.no_after),
            (Cue::NotNo, &cues.not_no),
            (Cue::Past, &cues.past),
            (Cue::PastList, &cues.past_list),
            (Cue::PastTime, &cues.past_time),
            (Cue::After, &cues.after),
            (Cue::NotPast, &cues.not_past),
            (Cue::Recent, &cues.recent),
            (Cue::Again, &cues.again),
            (Cue::Family, &cues.family),
            (Cue::Parent, &cues.parent),
            (Cue::But, &cues.but),
            (Cue::Or, &cues.or),
            (Cue::And, &cues.and),
            (Cue::Filler, &cues.filler),
        ] {
            for line in lines {
                self.pattern(&place, line, Meaning::Cue(cue, number));
            }
        }
    }

    fn term(&mut self, term: &raw::Term) {
        let place = format!("term {}", term.id);
        self.id(&place, &term.id);
        let id = self.terms.len();
        if self.terms.insert(term.id.clone(), id).is_some() {
            self.error(&place, "stands twice in the file");
        }
        let event = term.event;
        let patterns = term.patterns.iter().map(|patterns| (patterns, false));
        let ambiguous = term.ambiguous.iter().map(|patterns| (patterns, true));
        for ((language, lines), ambiguous) in patterns.chain(ambiguous) {
            let Some(number) = self.language(&place, language) else {
                continue;
            };
            let meaning = Term {
                id,
                event,
                ambiguous,
            };
            for line in lines {
                self.pattern(&place, line, Meaning::Term(meaning, number));
            }
        }
    }

    fn pattern(&mut self, place: &str, line: &str, meaning: Meaning) {
        if line.chars().count() > TEXT_CHARS_MAX {
            self.error(place, "a pattern is too long");
            return;
        }
        for word in line.split([' ', '(', ')', '[', ']', '|']) {
            if word.contains('/') && word.len() > 1 {
                self.slashed.insert(Box::from(word));
            }
        }
        match pattern::parse(line, &mut self.lexicon) {
            Ok(patterns) => {
                self.meanings.extend(patterns.iter().map(|_| meaning));
                self.patterns.extend(patterns);
            }
            Err(what) => self.error(place, format!("pattern `{line}` {what}")),
        }
    }

    fn id(&mut self, place: &str, id: &str) {
        let in_words =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.');
        if id.is_empty() || id.len() > 60 || !id.chars().all(in_words) {
            self.error(
                place,
                "an id is 1 to 60 lower-case letters, digits, `_` and `.`",
            );
        }
    }

    fn texts(&mut self, place: &str, texts: &ByLanguage<String>) {
        if !texts.contains_key("en") {
            self.error(place, "there is no English text");
        }
        for (language, text) in texts {
            self.language(place, language);
            let length = text.chars().count();
            if !(1..=TEXT_CHARS_MAX).contains(&length) {
                self.error(
                    place,
                    format!("the text in `{language}` is empty or too long"),
                );
            }
        }
    }

    fn known(&mut self, place: &str, term: &str) -> Option<usize> {
        let known = self.terms.get(term).copied();
        if known.is_none() {
            self.error(place, format!("there is no term `{term}`"));
        }
        known
    }

    fn questions(&mut self, questions: Vec<raw::Question>) -> Vec<Question> {
        let mut seen = BTreeSet::new();
        let mut compiled = Vec::new();
        for question in questions {
            let place = format!("question {}", question.id);
            self.id(&place, &question.id);
            self.texts(&place, &question.text);
            if !seen.insert(question.id.clone()) {
                self.error(&place, "stands twice in the file");
            }
            if let Some(term) = self.known(&place, &question.term) {
                compiled.push(Question {
                    id: question.id,
                    text: question.text,
                    term,
                });
            }
        }
        compiled
    }

    fn test(&mut self, place: &str, text: &str) -> Option<Test> {
        text.parse()
            .map_err(|what: String| self.error(place, what))
            .ok()
    }

    fn signs(&mut self, groups: &BTreeMap<String, Vec<String>>) -> BTreeMap<String, Vec<Test>> {
        let mut compiled = BTreeMap::new();
        for (name, tests) in groups {
            let place = format!("signs {name}");
            let tests = tests.iter().filter_map(|text| self.test(&place, text));
            compiled.insert(name.clone(), tests.collect());
        }
        compiled
    }

    fn rules(
        &mut self,
        rules: Vec<raw::Rule>,
        sources: &BTreeMap<String, String>,
        signs: &BTreeMap<String, Vec<Test>>,
    ) -> Vec<Rule> {
        let mut seen = BTreeSet::new();
        let mut compiled = Vec::new();
        for rule in rules {
            let place = format!("rule {}", rule.id);
            if !seen.insert(rule.id.clone()) {
                self.error(&place, "stands twice in the file");
            }
            compiled.push(self.rule(&place, rule, sources, signs));
        }
        if compiled.is_empty() {
            self.error("rules", "there are none");
        }
        compiled
    }

    fn rule(
        &mut self,
        place: &str,
        rule: raw::Rule,
        sources: &BTreeMap<String, String>,
        groups: &BTreeMap<String, Vec<Test>>,
    ) -> Rule {
        self.id(place, &rule.id);
        self.texts(place, &rule.reason);
        if !(1..=5).contains(&rule.level) {
            self.error(place, "the level must be between 1 and 5");
        }
        if rule.any.is_empty() && rule.all.is_empty() && rule.signs.is_empty() {
            self.error(place, "asks for nothing and would always fire");
        }
        if rule.all.iter().any(Vec::is_empty) || rule.signs.iter().any(Vec::is_empty) {
            self.error(place, "has an empty list, which nothing can satisfy");
        }
        let (name, place_in_it) = rule.source.split_once(':').unwrap_or((&rule.source, ""));
        let source = match sources.get(name) {
            Some(full) if place_in_it.is_empty() => full.clone(),
            Some(full) => format!("{full} ({})", place_in_it.trim()),
            None => {
                self.error(place, format!("there is no source `{name}`"));
                String::new()
            }
        };
        if backwards(rule.age) || backwards(rule.age_days) {
            self.error(place, "the youngest age is above the oldest");
        }
        let any = self.set(place, &rule.any);
        let all = rule
            .all
            .iter()
            .map(|terms| self.set(place, terms))
            .collect();
        let signs = (rule.signs.iter())
            .map(|tests| self.tests(place, tests, groups))
            .collect();
        Rule {
            id: rule.id,
            level: rule.level,
            source,
            reason: rule.reason,
            any,
            all,
            age_years: rule.age,
            age_days: rule.age_days,
            sex: rule.sex,
            signs,
        }
    }

    fn set(&mut self, place: &str, terms: &[String]) -> TermSet {
        let mut set = TermSet::new(self.terms.len());
        for term in terms {
            if let Some(id) = self.known(place, term) {
                set.add(id);
            }
        }
        set
    }

    fn tests(
        &mut self,
        place: &str,
        tests: &[String],
        groups: &BTreeMap<String, Vec<Test>>,
    ) -> Vec<Test> {
        let mut compiled = Vec::new();
        for text in tests {
            match text.strip_prefix('@').map(|name| (name, groups.get(name))) {
                Some((_, Some(group))) => compiled.extend(group),
                Some((name, None)) => self.error(place, format!("there are no signs `{name}`")),
                None => compiled.extend(self.test(place, text)),
            }
        }
        compiled
    }
}

fn backwards<T: PartialOrd>(bounds: (Option<T>, Option<T>)) -> bool {
    matches!(bounds, (Some(least), Some(most)) if least > most)
}
