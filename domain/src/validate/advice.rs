//! What the triage worker says that the adviser said.

use super::check::{Check, Lines};
use medique_contracts::commands::{AdviceResult, AdviceSource, RecordAdvice, Suggestion};
use medique_contracts::limits::{ADVICE_MODEL_CHARS_MAX, ADVICE_TEXT_CHARS_MAX, ADVICE_TEXTS_MAX};

/// Hexadecimal digits of a SHA-256.
const HASH_CHARS: usize = 64;

pub(super) fn advice(payload: &RecordAdvice, check: &mut Check) -> RecordAdvice {
    check.range("/based_on", payload.based_on, 1..=i64::MAX);
    let source = &payload.source;
    let mut name = |pointer: &str, text: &str| {
        check.text(pointer, text, 1, ADVICE_MODEL_CHARS_MAX, Lines::One)
    };
    let source = AdviceSource {
        provider: name("/source/provider", &source.provider),
        model: name("/source/model", &source.model),
        ..source.clone()
    };
    let is_hash = source.input_hash.len() == HASH_CHARS
        && (source.input_hash.bytes()).all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    check.require(
        is_hash,
        "/source/input_hash",
        "must be 64 lower-case hexadecimal digits",
    );
    let result = match &payload.result {
        AdviceResult::Suggested(suggestion) => {
            AdviceResult::Suggested(suggested(suggestion, check))
        }
        AdviceResult::Failed { kind } => AdviceResult::Failed { kind: *kind },
    };
    RecordAdvice {
        based_on: payload.based_on,
        source,
        result,
    }
}

fn suggested(suggestion: &Suggestion, check: &mut Check) -> Suggestion {
    check.range("/result/level", suggestion.level, 1..=5);
    // Not a number is in no range.
    check.range("/result/confidence", suggestion.confidence, 0.0..=1.0);
    Suggestion {
        reasons: texts("/result/reasons", &suggestion.reasons, check),
        questions: texts("/result/questions", &suggestion.questions, check),
        ..suggestion.clone()
    }
}

/// Texts without those that are empty.
fn texts(pointer: &str, texts: &[String], check: &mut Check) -> Vec<String> {
    if texts.len() > ADVICE_TEXTS_MAX {
        check.refuse(
            pointer,
            format!("must have at most {ADVICE_TEXTS_MAX} items"),
        );
        return Vec::new();
    }
    texts
        .iter()
        .enumerate()
        .map(|(index, text)| {
            let pointer = format!("{pointer}/{index}");
            check.text(&pointer, text, 0, ADVICE_TEXT_CHARS_MAX, Lines::One)
        })
        .filter(|text| !text.is_empty())
        .collect()
}
