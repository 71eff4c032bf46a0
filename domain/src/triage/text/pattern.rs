//! The small language that patterns are written in.
//!
//! - `chest pain`: these words, one after the other.
//! - `vomit*`: every word that begins so. `vomit*ing` is the same, and `vomiting` may be misspelt.
//! - `(sudden|acute) [very] pain`: one of several; brackets hold what may be left out.
//! - `pain .. chest`: in this order, with at most a few words between.
//! - `pain & chest`: in any order, close to each other.

use super::lexicon::{Lexicon, STEM_MIN, Symbol};
use super::normalise::normalise;

/// Most patterns that one line may stand for.
const EXPANSIONS_MAX: usize = 400;
/// Most words of a pattern.
const WORDS_MAX: usize = 12;
/// Words of two letters may be short for much, but never one letter for anything.
const JOINED_MIN: usize = 7;

/// Words that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::triage) struct Pattern {
    /// Runs of words that stand side by side.
    pub(in crate::triage) runs: Vec<Vec<Symbol>>,
    /// Whether the runs come in this order.
    pub(in crate::triage) in_order: bool,
}

/// Reads a line and adds its words to the lexicon.
///
/// # Errors
/// What is wrong with the line, for the person who wrote it.
pub(in crate::triage) fn parse(line: &str, lexicon: &mut Lexicon) -> Result<Vec<Pattern>, String> {
    let mut patterns = Vec::new();
    for plain in expanded(line)? {
        let words: Vec<&str> = plain.split_whitespace().collect();
        if words.is_empty() {
            return Err("stands for nothing".to_owned());
        }
        if words.len() > WORDS_MAX {
            return Err(format!("has more than {WORDS_MAX} words"));
        }
        let pattern = pattern(&words, lexicon)?;
        if !patterns.contains(&pattern) {
            patterns.push(pattern);
        }
        patterns.extend(written_together(&words, lexicon));
    }
    Ok(patterns)
}

fn pattern(words: &[&str], lexicon: &mut Lexicon) -> Result<Pattern, String> {
    let in_order = !words.contains(&"&");
    if !in_order && words.contains(&"..") {
        return Err("mixes `&` and `..`".to_owned());
    }
    let mut runs = vec![Vec::new()];
    for word in words {
        match (*word, runs.last_mut()) {
            ("&" | "..", Some(run)) if run.is_empty() => {
                return Err(format!("has nothing before `{word}`"));
            }
            ("&" | "..", _) => runs.push(Vec::new()),
            (_, Some(run)) => run.push(symbol(word, lexicon)?),
            (_, None) => {}
        }
    }
    if runs.last().is_none_or(Vec::is_empty) {
        return Err("ends with `&` or `..`".to_owned());
    }
    Ok(Pattern { runs, in_order })
}

fn symbol(word: &str, lexicon: &mut Lexicon) -> Result<Symbol, String> {
    if let Some((stem, rest)) = word.split_once('*') {
        let whole = format!("{stem}{rest}");
        if stem.chars().count() < STEM_MIN {
            return Err(format!("`{word}` stands for too many words"));
        }
        check(&whole)?;
        if !rest.is_empty() {
            lexicon.forgive(&whole);
        }
        return Ok(lexicon.add(stem, true));
    }
    check(word)?;
    lexicon.forgive(word);
    Ok(lexicon.add(word, false))
}

/// A word must be written as texts are after normalisation, or it would never be found.
fn check(word: &str) -> Result<(), String> {
    let sound = |c: char| c.is_alphanumeric() || c == '/';
    if word == "-" || word == "&" || word.chars().all(sound) && normalise(word, None).text == word {
        return Ok(());
    }
    Err(format!(
        "`{word}` is not in plain lower case without accents and signs"
    ))
}

/// `chest pain` is also found as `chestpain`.
fn written_together(words: &[&str], lexicon: &mut Lexicon) -> Option<Pattern> {
    let [first, second] = words else { return None };
    let plain =
        |word: &str| word.len() >= STEM_MIN && word.bytes().all(|b| b.is_ascii_alphabetic());
    let joined = format!("{first}{second}");
    if !plain(first) || !plain(second) || joined.len() < JOINED_MIN {
        return None;
    }
    lexicon.forgive(&joined);
    Some(Pattern {
        runs: vec![vec![lexicon.add(&joined, false)]],
        in_order: true,
    })
}

/// Every way of reading the alternatives of a line, innermost brackets first.
fn expanded(line: &str) -> Result<Vec<String>, String> {
    let unmatched = || "has a bracket that does not match".to_owned();
    let mut open = vec![line.to_owned()];
    let mut done: Vec<String> = Vec::new();
    while let Some(text) = open.pop() {
        let Some(end) = text.find([')', ']']) else {
            if text.contains(['(', '[', '|']) {
                return Err(unmatched());
            }
            if !done.contains(&text) {
                done.push(text);
            }
            continue;
        };
        let start = text[..end].rfind(['(', '[']).ok_or_else(unmatched)?;
        let optional = match (&text[start..=start], &text[end..=end]) {
            ("(", ")") => false,
            ("[", "]") => true,
            _ => return Err(unmatched()),
        };
        let (before, inner, after) = (&text[..start], &text[start + 1..end], &text[end + 1..]);
        let choices = inner.split('|').chain(optional.then_some(""));
        for choice in choices {
            let next = format!("{before}{choice}{after}");
            if !open.contains(&next) {
                open.push(next);
            }
        }
        if open.len() + done.len() > EXPANSIONS_MAX {
            return Err(format!("stands for more than {EXPANSIONS_MAX} patterns"));
        }
    }
    Ok(done)
}
