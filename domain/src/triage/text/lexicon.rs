//! From written words to the words of the rules: exact, by their beginning, or misspelt.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hasher, RandomState};

/// A word of the rules.
pub(in crate::triage) type Symbol = u32;

/// Shortest beginning of a word that may stand for it, characters.
pub(in crate::triage) const STEM_MIN: usize = 3;
/// Shortest word that is recognised with one mistake, characters.
const ONE_MISTAKE: usize = 6;
/// Shortest word that is recognised with two, characters.
const TWO_MISTAKES: usize = 10;
/// Longer words are not looked at for mistakes: no word of the rules is that long.
const WORD_MAX: usize = 24;

/// Every word that the rules know.
#[derive(Debug, Default)]
pub(in crate::triage) struct Lexicon {
    exact: HashMap<Box<str>, Symbol>,
    stems: HashMap<Box<str>, Symbol>,
    longest_stem: usize,
    next: Symbol,
    /// Words that are spelt right and mean nothing to the rules.
    common: HashSet<Box<str>>,
    /// Words that are recognised when misspelt.
    forgiven: Vec<Box<str>>,
    /// Indices into `forgiven`, by the hash of what is left of the word without a letter or two.
    mistakes: HashMap<u64, Vec<usize>>,
    hasher: RandomState,
}

impl Lexicon {
    /// The symbol of a word, or of all words that begin with it.
    pub(in crate::triage) fn add(&mut self, word: &str, is_stem: bool) -> Symbol {
        let table = if is_stem {
            self.longest_stem = self.longest_stem.max(word.len());
            &mut self.stems
        } else {
            &mut self.exact
        };
        let symbol = *table.entry(Box::from(word)).or_insert(self.next);
        if symbol == self.next {
            self.next += 1;
        }
        symbol
    }

    /// Lets `word` be recognised when it is misspelt, if it is long enough to bear that.
    pub(in crate::triage) fn forgive(&mut self, word: &str) {
        let length = word.chars().count();
        let sound = (ONE_MISTAKE..=WORD_MAX).contains(&length)
            && word.bytes().all(|byte| byte.is_ascii_alphabetic());
        if !sound || self.forgiven.iter().any(|known| known.as_ref() == word) {
            return;
        }
        let index = self.forgiven.len();
        self.forgiven.push(Box::from(word));
        for hash in self.without_letters(word, allowed(length)) {
            self.mistakes.entry(hash).or_default().push(index);
        }
    }

    /// A word that is right as it is, whatever it resembles.
    pub(in crate::triage) fn protect(&mut self, word: &str) {
        self.common.insert(Box::from(word));
    }

    /// Appends the symbols that `word` stands for.
    pub(in crate::triage) fn look_up(&self, word: &str, found: &mut Vec<Symbol>) {
        let before = found.len();
        self.as_written(word, found);
        if is_arabic(word) {
            for stem in without_prefix(word) {
                self.as_written(stem, found);
            }
        }
        if found.len() == before
            && let Some(singular) = word.strip_suffix('s')
            && singular.len() >= STEM_MIN
        {
            self.as_written(singular, found);
        }
        if found.len() == before && word.bytes().any(|byte| byte.is_ascii_digit()) {
            let letters: String = word.chars().map(letter_for).collect();
            if letters.bytes().all(|byte| byte.is_ascii_alphabetic()) {
                self.as_written(&letters, found);
            }
        }
        if found.len() == before {
            self.misspelt(word, found);
        }
    }

    fn as_written(&self, word: &str, found: &mut Vec<Symbol>) {
        found.extend(self.exact.get(word));
        let ends = word.char_indices().map(|(at, c)| at + c.len_utf8());
        for end in ends
            .skip(STEM_MIN - 1)
            .take_while(|end| *end <= self.longest_stem)
        {
            found.extend(self.stems.get(&word[..end]));
        }
    }

    /// The nearest words within the mistakes that their length bears.
    fn misspelt(&self, word: &str, found: &mut Vec<Symbol>) {
        let length = word.chars().count();
        // A word that lost a letter is one shorter than what it stands for.
        let long_enough = (ONE_MISTAKE - 1..=WORD_MAX + 1).contains(&length);
        let in_letters = word.bytes().all(|byte| byte.is_ascii_alphabetic());
        if !long_enough || !in_letters || self.common.contains(word) {
            return;
        }
        let mut nearest: Vec<(usize, usize)> = Vec::new();
        for hash in self.without_letters(word, allowed(length + 1)) {
            for index in self.mistakes.get(&hash).into_iter().flatten() {
                let meant = &self.forgiven[*index];
                let distance = strsim::osa_distance(word, meant);
                let same_start = word.as_bytes().first() == meant.as_bytes().first();
                let bearable = distance <= allowed(meant.len()) && (distance < 2 || same_start);
                if bearable && !nearest.contains(&(distance, *index)) {
                    nearest.push((distance, *index));
                }
            }
        }
        let least = nearest.iter().map(|(distance, _)| *distance).min();
        for (distance, index) in nearest {
            if Some(distance) == least {
                self.as_written(&self.forgiven[index], found);
            }
        }
    }

    /// Hashes of `word`, and of what is left when up to `most` letters are taken out.
    fn without_letters(&self, word: &str, most: usize) -> Vec<u64> {
        let letters = word.as_bytes();
        let mut hashes = vec![self.hash(letters, usize::MAX, usize::MAX)];
        for first in 0..letters.len() {
            hashes.push(self.hash(letters, first, usize::MAX));
            if most > 1 {
                for second in first + 1..letters.len() {
                    hashes.push(self.hash(letters, first, second));
                }
            }
        }
        hashes.sort_unstable();
        hashes.dedup();
        hashes
    }

    fn hash(&self, letters: &[u8], first: usize, second: usize) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        for (index, letter) in letters.iter().enumerate() {
            if index != first && index != second {
                hasher.write_u8(*letter);
            }
        }
        hasher.finish()
    }
}

/// Mistakes that a word of `length` characters bears.
fn allowed(length: usize) -> usize {
    if length >= TWO_MISTAKES { 2 } else { 1 }
}

/// Letters that digits and signs are typed for.
fn letter_for(c: char) -> char {
    match c {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '7' => 't',
        _ => c,
    }
}

fn is_arabic(word: &str) -> bool {
    word.chars()
        .next()
        .is_some_and(|c| ('\u{600}'..='\u{6ff}').contains(&c))
}

/// An Arabic word without the conjunctions, prepositions and article that are written onto it.
fn without_prefix(word: &str) -> impl Iterator<Item = &str> {
    const PREFIXES: [&str; 14] = [
        "وبال", "وال", "فال", "بال", "كال", "وب", "ول", "ال", "لل", "و", "ف", "ب", "ل", "ك",
    ];
    const LETTERS_MIN: usize = 3;
    PREFIXES
        .into_iter()
        .filter_map(|prefix| word.strip_prefix(prefix))
        .filter(|rest| rest.chars().count() >= LETTERS_MIN)
}
