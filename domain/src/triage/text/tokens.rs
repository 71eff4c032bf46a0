//! From text to words, with the breaks between them.

use std::ops::Range;

/// How strongly a word is parted from the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::triage) enum Break {
    /// Only by a space or hyphen.
    None,
    /// By a comma, colon, bracket or dash.
    Soft,
    /// By the end of a sentence.
    Hard,
}

/// One word.
#[derive(Debug, Clone)]
pub(in crate::triage) struct Token {
    /// Where it stands in the normalised text.
    pub(in crate::triage) at: Range<usize>,
    /// What parts it from the word before.
    pub(in crate::triage) parted: Break,
    /// Whether a colon, a question mark or an equals sign stands before it, as in `fever: no`.
    pub(in crate::triage) asked: bool,
    /// Whether a minus sign stands before it, as in `-fever`.
    pub(in crate::triage) minus: bool,
}

/// Most words that one field is read for: more than the longest allowed text can hold.
pub(in crate::triage) const TOKENS_MAX: usize = 1200;

/// Cuts normalised text into words. `has_dot` tells which words are written with a dot that ends
/// no sentence; `is_slashed` which pairs are one abbreviation, such as `s/p`.
pub(in crate::triage) fn tokens(
    text: &str,
    has_dot: impl Fn(&str) -> bool,
    is_slashed: impl Fn(&str) -> bool,
) -> Vec<Token> {
    let mut reader = Reader {
        text,
        tokens: Vec::with_capacity(text.len() / 6 + 2),
        parted: Break::None,
        asked: false,
        minus: false,
    };
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if reader.tokens.len() >= TOKENS_MAX {
            break;
        }
        at = if c.is_alphanumeric() {
            reader.word(at, &is_slashed)
        } else {
            reader.sign(at, c, &has_dot)
        };
    }
    reader.tokens
}

struct Reader<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    parted: Break,
    asked: bool,
    minus: bool,
}

impl Reader<'_> {
    fn push(&mut self, at: Range<usize>) {
        self.tokens.push(Token {
            at,
            parted: self.parted,
            asked: self.asked,
            minus: self.minus,
        });
        self.parted = Break::None;
        self.asked = false;
        self.minus = false;
    }

    fn part(&mut self, how: Break) {
        self.parted = self.parted.max(how);
        self.minus = false;
    }

    /// Reads the word that begins at `at` and returns where it ends.
    fn word(&mut self, at: usize, is_slashed: &impl Fn(&str) -> bool) -> usize {
        let mut end = end_of_word(self.text, at);
        if self.text[end..].starts_with('/') {
            let second = end_of_word(self.text, end + 1);
            if second > end + 1 && is_slashed(&self.text[at..second]) {
                end = second;
            }
        }
        self.push(at..end);
        end
    }

    /// Reads the sign at `at` and returns where the next character stands.
    fn sign(&mut self, at: usize, c: char, has_dot: &impl Fn(&str) -> bool) -> usize {
        let next = at + c.len_utf8();
        let rest = &self.text[next..];
        match c {
            '(' if rest.starts_with("-)") || rest.starts_with("+)") => {
                if rest.starts_with('-') {
                    // The sign itself is the word that says no.
                    self.push(next..next + 1);
                }
                return next + 2;
            }
            '-' => self.dash(at, rest),
            '.' => {
                let number = rest.starts_with(|c: char| c.is_ascii_digit());
                let short = self
                    .tokens
                    .last()
                    .is_some_and(|last| last.at.end == at && has_dot(&self.text[last.at.clone()]));
                if !number && !short {
                    self.part(Break::Hard);
                }
            }
            '!' | ';' | '\n' | '\r' | '•' | '·' | '؛' | '。' => self.part(Break::Hard),
            '?' | '؟' => {
                self.part(Break::Hard);
                self.asked = true;
            }
            ':' | '=' => {
                self.part(Break::Soft);
                self.asked = true;
            }
            ',' | '،' | '(' | ')' | '[' | ']' | '{' | '}' | '"' | '|' | '<' | '>' | '«' | '»'
            | '“' | '”' | '*' | '#' | '\t' => self.part(Break::Soft),
            '/' | '&' | '+' => self.push(at..next),
            _ => {}
        }
        next
    }

    /// A dash parts when it stands alone, binds within a word, and says no before one; but not
    /// where a text begins with it, as lists do.
    fn dash(&mut self, at: usize, rest: &str) {
        let after_gap = self.text[..at].ends_with([' ', ',', ';', '(']);
        let before_word = rest.starts_with(char::is_alphabetic);
        if after_gap && before_word && !self.tokens.is_empty() {
            self.minus = true;
        } else if !before_word || after_gap {
            self.part(Break::Soft);
        }
    }
}

fn end_of_word(text: &str, at: usize) -> usize {
    text[at..]
        .char_indices()
        .find(|(_, c)| !c.is_alphanumeric())
        .map_or(text.len(), |(length, _)| at + length)
}
