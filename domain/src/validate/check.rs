//! Collects what is wrong, field by field.

use medique_contracts::limits::REASON_CHARS_MAX;
use std::fmt::Display;
use std::ops::RangeInclusive;
use unicode_normalization::UnicodeNormalization;

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// JSON pointer into the request's body, such as `/patient/name`; empty for the whole body.
    pub pointer: String,
    /// One sentence for people, without the value.
    pub detail: String,
}

/// Whether text may have more than one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lines {
    One,
    Many,
}

/// Puts text into normalisation form C and trims it. `lines` tells whether line breaks and tabs
/// are allowed; breaks of the form CR LF become LF.
///
/// # Errors
/// A sentence that says which kind of character is refused.
pub fn normalise_text(text: &str, lines: bool) -> Result<String, &'static str> {
    let unified = if lines {
        text.replace("\r\n", "\n")
    } else {
        text.to_owned()
    };
    let normal: String = unified.nfc().collect();
    let normal = normal.trim();
    let refused = |c: char| match c {
        '\n' | '\t' => !lines,
        // Line separators, and embeddings, overrides and isolates that make text read otherwise
        // than it is stored.
        '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        _ => c.is_control(),
    };
    if normal.chars().any(refused) {
        return Err("must not contain control characters");
    }
    Ok(normal.to_owned())
}

/// Errors found so far.
#[derive(Debug, Default)]
pub(super) struct Check {
    errors: Vec<FieldError>,
}

impl Check {
    pub(super) fn refuse(&mut self, pointer: &str, detail: impl Into<String>) {
        self.errors.push(FieldError {
            pointer: pointer.to_owned(),
            detail: detail.into(),
        });
    }

    pub(super) fn refuse_all(&mut self, errors: Vec<FieldError>) {
        self.errors.extend(errors);
    }

    pub(super) fn require(&mut self, condition: bool, pointer: &str, detail: &str) {
        if !condition {
            self.refuse(pointer, detail);
        }
    }

    pub(super) fn range<T: PartialOrd + Display>(
        &mut self,
        pointer: &str,
        value: T,
        allowed: RangeInclusive<T>,
    ) {
        if !allowed.contains(&value) {
            let (from, to) = (allowed.start(), allowed.end());
            self.refuse(pointer, format!("must be between {from} and {to}"));
        }
    }

    pub(super) fn text(
        &mut self,
        pointer: &str,
        text: &str,
        min: usize,
        max: usize,
        lines: Lines,
    ) -> String {
        match normalise_text(text, lines == Lines::Many) {
            Ok(text) => {
                let chars = text.chars().count();
                if chars < min {
                    self.refuse(pointer, "must not be empty");
                } else if chars > max {
                    self.refuse(pointer, format!("must have at most {max} characters"));
                }
                text
            }
            Err(detail) => {
                self.refuse(pointer, detail);
                String::new()
            }
        }
    }

    /// Text that may be absent; empty text is absent.
    pub(super) fn optional(
        &mut self,
        pointer: &str,
        text: Option<&str>,
        max: usize,
        lines: Lines,
    ) -> Option<String> {
        text.map(|text| self.text(pointer, text, 0, max, lines))
            .filter(|text| !text.is_empty())
    }

    pub(super) fn remark(&mut self, reason: &mut Option<String>) {
        *reason = self.optional("/reason", reason.as_deref(), REASON_CHARS_MAX, Lines::One);
    }

    pub(super) fn reason(&mut self, reason: &mut String) {
        *reason = self.text("/reason", reason, 1, REASON_CHARS_MAX, Lines::One);
    }

    pub(super) fn done<T>(self, value: T) -> Result<T, Vec<FieldError>> {
        if self.errors.is_empty() {
            Ok(value)
        } else {
            Err(self.errors)
        }
    }
}
