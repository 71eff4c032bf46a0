//! Passwords: which ones are taken, and how they are kept. One policy for the API and for the
//! operator's command line.

mod denied;
mod hashing;

pub use hashing::{HashError, Hashing};

use crate::config::Env;
use denied::Denied;
use std::fmt;
use std::str::FromStr;
use zxcvbn::feedback::Feedback;

/// Longest text that is looked at as a password, bytes: a bound on the work of judging one.
pub const BYTES_MAX: usize = 1024;
/// Most characters of a new password (ASVS 2.1.2).
pub const CHARS_MAX: usize = 128;
/// Fewest characters that a configuration may ask for.
const CHARS_MIN: usize = 12;
/// Words of the person's own data shorter than this say nothing about a password.
const OWN_WORD_CHARS_MIN: usize = 4;

/// Kinds of characters that a password must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Classes {
    upper: bool,
    lower: bool,
    digit: bool,
    symbol: bool,
}

impl fmt::Display for Classes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = [
            (self.upper, "upper"),
            (self.lower, "lower"),
            (self.digit, "digit"),
            (self.symbol, "symbol"),
        ];
        let words: Vec<_> = all
            .iter()
            .filter(|kind| kind.0)
            .map(|kind| kind.1)
            .collect();
        match words.is_empty() {
            true => f.write_str("none"),
            false => f.write_str(&words.join(",")),
        }
    }
}

impl FromStr for Classes {
    type Err = &'static str;

    /// `upper,lower,digit,symbol`, or some of them, or `none`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut classes = Self {
            upper: false,
            lower: false,
            digit: false,
            symbol: false,
        };
        for word in text.split(',').map(str::trim) {
            match word {
                "upper" => classes.upper = true,
                "lower" => classes.lower = true,
                "digit" => classes.digit = true,
                "symbol" => classes.symbol = true,
                "none" => {}
                _ => return Err("must be a list of upper, lower, digit and symbol, or none"),
            }
        }
        Ok(classes)
    }
}

/// Which passwords are taken.
#[derive(Debug, Clone)]
pub struct Policy {
    /// `MEDIQUE_PASSWORD_CHARS_MIN`: fewest characters of a password.
    pub chars_min: usize,
    /// `MEDIQUE_PASSWORD_CLASSES`: kinds of characters that each password must have, or
    /// `none`.
    pub classes: Classes,
    /// `MEDIQUE_PASSWORD_SCORE_MIN`: least strength as `zxcvbn` judges it, 3 or 4.
    pub score_min: u8,
    /// `MEDIQUE_PASSWORD_DENY_LIST`: file of passwords that are refused, one a line.
    denied: Denied,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            chars_min: CHARS_MIN,
            classes: Classes {
                upper: true,
                lower: true,
                digit: true,
                symbol: true,
            },
            score_min: 3,
            denied: Denied::default(),
        }
    }
}

impl Policy {
    /// Reads `MEDIQUE_PASSWORD_CHARS_MIN`, `_CLASSES`, `_SCORE_MIN` and `_DENY_LIST`.
    pub fn read(env: &mut Env) -> Self {
        let default = Self::default();
        Self {
            chars_min: env.within(
                "MEDIQUE_PASSWORD_CHARS_MIN",
                default.chars_min,
                CHARS_MIN..=CHARS_MAX,
            ),
            classes: env.parsed("MEDIQUE_PASSWORD_CLASSES", default.classes),
            score_min: env.within("MEDIQUE_PASSWORD_SCORE_MIN", default.score_min, 3..=4),
            denied: Denied::read(env),
        }
    }

    /// What is wrong with a password of somebody: one sentence each, none of which quotes it. None
    /// means that it may be used. `own` is the person's own data, which a password must not be made
    /// of. Takes milliseconds of computing: not for async threads.
    pub fn judge(&self, password: &str, own: &[&str]) -> Vec<String> {
        if is_too_long(password) {
            return vec![format!("must have at most {CHARS_MAX} characters")];
        }
        let mut wrong = self.shape(password);
        let own = own_words(own);
        let own: Vec<&str> = own.iter().map(String::as_str).collect();
        if contains_own(password, &own) {
            wrong.push("must not contain the person's name or e-mail address".to_owned());
        }
        if self.denied.has(password) {
            wrong.push("is on the list of known passwords".to_owned());
        }
        let strength = zxcvbn::zxcvbn(password, &own);
        if u8::from(strength.score()) < self.score_min {
            wrong.push("is too easy to guess".to_owned());
            wrong.extend(strength.feedback().into_iter().flat_map(advice));
        }
        wrong
    }

    /// Strength from 0 to 4, as the screens' meter shows it.
    pub fn score(&self, password: &str, own: &[&str]) -> u8 {
        if is_too_long(password) {
            return 0;
        }
        let own = own_words(own);
        let own: Vec<&str> = own.iter().map(String::as_str).collect();
        zxcvbn::zxcvbn(password, &own).score().into()
    }

    /// Whether a password is known to others by now: it is on the list, or is what many people use.
    /// Judged at each sign-in, and the same for everybody's, so that the time tells nothing.
    pub fn is_known(&self, password: &str) -> bool {
        self.denied.has(password)
            || !is_too_long(password) && self.score(password, &[]) < self.score_min
    }

    fn shape(&self, password: &str) -> Vec<String> {
        let mut wrong = Vec::new();
        // a run of spaces counts as one
        let words = password.split_whitespace().collect::<Vec<_>>().join(" ");
        if words.chars().count() < self.chars_min {
            wrong.push(format!("must have at least {} characters", self.chars_min));
        }
        let has = |class: fn(char) -> bool| password.chars().any(class);
        let classes = [
            (
                self.classes.upper,
                has(char::is_uppercase),
                "an upper-case letter",
            ),
            (
                self.classes.lower,
                has(char::is_lowercase),
                "a lower-case letter",
            ),
            (self.classes.digit, has(char::is_numeric), "a digit"),
            (
                self.classes.symbol,
                has(is_symbol),
                "a symbol, such as a space or a punctuation mark",
            ),
        ];
        for (is_needed, is_there, what) in classes {
            if is_needed && !is_there {
                wrong.push(format!("must have {what}"));
            }
        }
        wrong
    }
}

fn is_too_long(password: &str) -> bool {
    password.len() > BYTES_MAX || password.chars().count() > CHARS_MAX
}

/// Anything else that can be seen or typed; letters without case (as in Arabic or Chinese) are
/// letters, not symbols.
fn is_symbol(c: char) -> bool {
    !c.is_alphanumeric() && !c.is_control()
}

/// The words of a person's data: whole texts and their parts, in lower case.
fn own_words(own: &[&str]) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for text in own {
        let text = text.to_lowercase();
        let parts = text
            .split(|c: char| !c.is_alphanumeric())
            .map(str::to_owned);
        words.extend(parts.filter(|word| word.chars().count() >= OWN_WORD_CHARS_MIN));
        words.push(text);
    }
    words.retain(|word| !word.is_empty());
    words.sort();
    words.dedup();
    words
}

/// Whether a person's word makes up a third of the password or more: a long sentence may name
/// somebody.
fn contains_own(password: &str, own: &[&str]) -> bool {
    let password = password.to_lowercase();
    own.iter()
        .filter(|word| word.chars().count() >= OWN_WORD_CHARS_MIN)
        .any(|word| password.contains(word) && word.len() * 3 >= password.len())
}

/// The estimator's own sentences, as ours look.
fn advice(feedback: &Feedback) -> impl Iterator<Item = String> {
    let warning = feedback.warning().map(|warning| warning.to_string());
    let suggestions = feedback.suggestions().iter().map(ToString::to_string);
    let sentences: Vec<String> = warning.into_iter().chain(suggestions).collect();
    sentences.into_iter().map(|sentence| plain(&sentence))
}

fn plain(sentence: &str) -> String {
    let sentence = sentence.trim().trim_end_matches('.');
    let mut chars = sentence.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(chars).collect()
    })
}

#[cfg(test)]
mod tests;
