//! Finds patterns in a row of words.

use super::lexicon::{Lexicon, Symbol};
use super::pattern::Pattern;
use super::tokens::{Break, Token};
use std::collections::HashMap;

/// Most words between two runs of a pattern; a comma counts as two.
const GAP_MAX: usize = 4;

/// A pattern that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::triage) struct Match {
    /// Which phrase.
    pub(in crate::triage) phrase: usize,
    /// Index of its first word.
    pub(in crate::triage) first: usize,
    /// Index of its last word.
    pub(in crate::triage) last: usize,
}

/// All phrases, indexed by the rarest word of each.
#[derive(Debug, Default)]
pub(in crate::triage) struct Phrases {
    patterns: Vec<Pattern>,
    /// Phrase, run, and place in the run at which the symbol stands.
    anchors: HashMap<Symbol, Vec<(usize, usize, usize)>>,
}

/// The words of a field with what they may stand for.
pub(in crate::triage) struct Reading<'a> {
    pub(in crate::triage) tokens: &'a [Token],
    symbols: Vec<Symbol>,
    ends: Vec<usize>,
    /// Per word: sentence, and commas so far.
    places: Vec<(usize, usize)>,
}

impl<'a> Reading<'a> {
    pub(in crate::triage) fn new(text: &str, tokens: &'a [Token], lexicon: &Lexicon) -> Self {
        let mut reading = Self {
            tokens,
            symbols: Vec::with_capacity(tokens.len() * 2),
            ends: Vec::with_capacity(tokens.len()),
            places: Vec::with_capacity(tokens.len()),
        };
        let (mut sentence, mut commas) = (0, 0);
        for token in tokens {
            lexicon.look_up(&text[token.at.clone()], &mut reading.symbols);
            reading.ends.push(reading.symbols.len());
            match token.parted {
                Break::None => {}
                Break::Soft => commas += 1,
                Break::Hard => sentence += 1,
            }
            reading.places.push((sentence, commas));
        }
        reading
    }

    /// What the word at `index` may stand for.
    pub(in crate::triage) fn symbols(&self, index: usize) -> &[Symbol] {
        let start = index
            .checked_sub(1)
            .and_then(|before| self.ends.get(before).copied())
            .unwrap_or(0);
        self.ends
            .get(index)
            .map_or(&[], |end| &self.symbols[start..*end])
    }

    fn is(&self, index: usize, symbol: Symbol) -> bool {
        self.symbols(index).contains(&symbol)
    }

    /// Whether `run` stands at `first`, unparted.
    fn has_run(&self, run: &[Symbol], first: usize) -> bool {
        run.iter().enumerate().all(|(offset, symbol)| {
            let index = first + offset;
            self.is(index, *symbol) && (offset == 0 || self.tokens[index].parted == Break::None)
        })
    }

    /// Whether what ends at `left` and what begins at `right` are close enough to belong together.
    fn are_close(&self, left: usize, right: usize) -> bool {
        let ((sentence, commas), (other, more)) = (self.places[left], self.places[right]);
        sentence == other && right - left - 1 + 2 * (more - commas) <= GAP_MAX
    }
}

impl Phrases {
    /// Indexes the patterns; the number of a phrase is its place in the list.
    pub(in crate::triage) fn new(patterns: Vec<Pattern>) -> Self {
        let mut uses: HashMap<Symbol, usize> = HashMap::new();
        for symbol in patterns
            .iter()
            .flat_map(|pattern| pattern.runs.iter().flatten())
        {
            *uses.entry(*symbol).or_default() += 1;
        }
        let mut anchors: HashMap<Symbol, Vec<(usize, usize, usize)>> = HashMap::new();
        for (phrase, pattern) in patterns.iter().enumerate() {
            let places = pattern.runs.iter().enumerate().flat_map(|(number, run)| {
                let of_run = run.iter().enumerate();
                of_run.map(move |(offset, symbol)| (*symbol, number, offset))
            });
            let rarest = places.min_by_key(|(symbol, ..)| uses.get(symbol).copied());
            if let Some((symbol, run, offset)) = rarest {
                anchors
                    .entry(symbol)
                    .or_default()
                    .push((phrase, run, offset));
            }
        }
        Self { patterns, anchors }
    }

    /// Every phrase that stands in the text, in the order of the words.
    pub(in crate::triage) fn find(&self, reading: &Reading<'_>) -> Vec<Match> {
        let mut found = Vec::new();
        for index in 0..reading.tokens.len() {
            for symbol in reading.symbols(index) {
                for (phrase, run, offset) in self.anchors.get(symbol).into_iter().flatten() {
                    let first = index.checked_sub(*offset);
                    let span = first.and_then(|at| self.patterns[*phrase].at(reading, *run, at));
                    if let Some((first, last)) = span {
                        let phrase = *phrase;
                        let hit = Match {
                            phrase,
                            first,
                            last,
                        };
                        if !found.contains(&hit) {
                            found.push(hit);
                        }
                    }
                }
            }
        }
        found
    }
}

impl Pattern {
    /// The words that the pattern covers when its run `anchor` stands at `at`.
    fn at(&self, reading: &Reading<'_>, anchor: usize, at: usize) -> Option<(usize, usize)> {
        let run = &self.runs[anchor];
        if !reading.has_run(run, at) {
            return None;
        }
        let (mut first, mut last) = (at, at + run.len() - 1);
        for run in self.runs[..anchor].iter().rev() {
            let before = before(reading, run, first);
            let found = if self.in_order {
                before?
            } else {
                before.or_else(|| after(reading, run, last))?
            };
            (first, last) = (first.min(found), last.max(found + run.len() - 1));
        }
        for run in &self.runs[anchor + 1..] {
            let after = after(reading, run, last);
            let found = if self.in_order {
                after?
            } else {
                after.or_else(|| before(reading, run, first))?
            };
            (first, last) = (first.min(found), last.max(found + run.len() - 1));
        }
        Some((first, last))
    }
}

/// Where `run` stands nearest before `first`.
fn before(reading: &Reading<'_>, run: &[Symbol], first: usize) -> Option<usize> {
    let latest = first.checked_sub(run.len())?;
    let earliest = latest.saturating_sub(GAP_MAX);
    (earliest..=latest)
        .rev()
        .find(|at| reading.are_close(at + run.len() - 1, first) && reading.has_run(run, *at))
}

/// Where `run` stands nearest after `last`.
fn after(reading: &Reading<'_>, run: &[Symbol], last: usize) -> Option<usize> {
    let end = reading.tokens.len().checked_sub(run.len())?;
    (last + 1..=end.min(last + 1 + GAP_MAX))
        .find(|at| reading.are_close(last, *at) && reading.has_run(run, *at))
}
