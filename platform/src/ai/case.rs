//! What leaves the system about a patient, and in which state.
//!
//! Texts were typed by anybody. What cannot be seen (control characters, characters that change
//! direction, that have no width, or that smuggle text past a reader) is taken out; line breaks
//! become spaces; lengths are capped. The patient's name, mail addresses and phone numbers are
//! masked where they are recognised: as good as that can be, and no more.

use medique_contracts::commands::Vitals;
use medique_contracts::limits::{COMPLAINT_CHARS_MAX, SYMPTOM_CHARS_MAX, SYMPTOMS_MAX};
use medique_contracts::triage_service::{AgeBand, Case};
use medique_contracts::vocabulary::Sex;

/// Fewest digits that are taken for a phone number or another number of a person.
const NUMBER_DIGITS_MIN: usize = 7;

/// A patient as the system knows them.
#[derive(Debug)]
pub struct Patient<'a> {
    /// Age in completed years.
    pub age_years: Option<u16>,
    /// Sex as recorded.
    pub sex: Option<Sex>,
    /// Masked in the texts; does not leave.
    pub name: &'a str,
    /// Complaint as typed.
    pub complaint: &'a str,
    /// Symptoms as typed.
    pub symptoms: &'a [String],
    /// Newest vital signs.
    pub vitals: Option<Vitals>,
}

/// What may leave of it.
pub fn case_of(patient: &Patient<'_>) -> Case {
    let text = |text: &str, chars_max| mask(text, patient.name, chars_max);
    let symptoms = patient.symptoms.iter();
    Case {
        age_band: patient.age_years.map(AgeBand::of_years),
        sex: patient.sex,
        complaint: text(patient.complaint, COMPLAINT_CHARS_MAX),
        symptoms: symptoms
            .map(|symptom| text(symptom, SYMPTOM_CHARS_MAX))
            .filter(|symptom| !symptom.is_empty())
            .take(SYMPTOMS_MAX)
            .collect(),
        vitals: patient.vitals.clone(),
    }
}

fn mask(text: &str, name: &str, chars_max: usize) -> String {
    let words: Vec<String> = visible(text).split_whitespace().map(mask_word).collect();
    let words = mask_spaced_numbers(mask_name(words, name));
    words.join(" ").chars().take(chars_max).collect()
}

/// Only what a reader sees.
fn visible(text: &str) -> String {
    let shown = text.chars().filter_map(|c| match c {
        c if c.is_whitespace() => Some(' '),
        c if is_unseen(c) => None,
        c => Some(c),
    });
    shown.collect()
}

/// Control characters, marks of direction, characters without width, private use, and the two
/// blocks of characters (tags, variation selectors) that carry text which nobody sees. The joiners
/// U+200C and U+200D stay: some scripts are not readable without them.
pub(super) fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}'
            | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}' | '\u{FFF0}'..='\u{FFFB}' | '\u{E000}'..='\u{F8FF}'
            | '\u{E0000}'..='\u{10FFFF}')
}

fn mask_word(word: &str) -> String {
    if word.contains('@') && word.contains('.') {
        return "[address]".to_owned();
    }
    let is_part = |c: char| c.is_numeric() || matches!(c, '-' | '+' | '(' | ')');
    let digits = word.chars().filter(|c| c.is_numeric()).count();
    let core = word.trim_end_matches(|c: char| c.is_ascii_punctuation());
    if digits >= NUMBER_DIGITS_MIN && core.chars().all(is_part) {
        return "[number]".to_owned();
    }
    word.to_owned()
}

/// The whole name, as its words follow each other; single words of it may be words of a complaint
/// ("burns").
fn mask_name(words: Vec<String>, name: &str) -> Vec<String> {
    let plain = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        word.trim_end_matches("'s")
            .trim_end_matches("’s")
            .to_lowercase()
    };
    let name: Vec<String> = name.split_whitespace().map(plain).collect();
    if name.len() < 2 {
        return words;
    }
    let mut masked = Vec::with_capacity(words.len());
    let mut rest = words.as_slice();
    while let Some((first, others)) = rest.split_first() {
        let here = rest.get(..name.len());
        let is_name =
            here.is_some_and(|here| here.iter().map(|word| plain(word)).eq(name.iter().cloned()));
        if is_name {
            masked.push("[name]".to_owned());
            rest = rest.get(name.len()..).unwrap_or_default();
        } else {
            masked.push(first.clone());
            rest = others;
        }
    }
    masked
}

/// Numbers with spaces in them, as phone numbers are written: they begin with `0` or `+`. Others
/// are measurements ("pulse 120 118 122").
fn mask_spaced_numbers(words: Vec<String>) -> Vec<String> {
    let is_group = |word: &String| {
        word.chars().any(char::is_numeric)
            && word
                .chars()
                .all(|c| c.is_numeric() || matches!(c, '-' | '+' | '(' | ')' | ',' | '.'))
    };
    let mut masked = Vec::with_capacity(words.len());
    let mut rest = words.as_slice();
    while let Some((first, others)) = rest.split_first() {
        let begins = first.trim_start_matches('(').starts_with(['0', '+']);
        let groups = rest.iter().take_while(|word| is_group(word)).count();
        let (run, after) = rest.split_at(groups);
        let digits = run
            .iter()
            .flat_map(|word| word.chars())
            .filter(|c| c.is_numeric())
            .count();
        let has_point = run
            .iter()
            .any(|word| word.trim_end_matches(['.', ',']).contains('.'));
        if begins && !has_point && digits >= NUMBER_DIGITS_MIN {
            masked.push("[number]".to_owned());
            rest = after;
        } else {
            masked.push(first.clone());
            rest = others;
        }
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        mask(text, "Ada M. Lovelace", 500)
    }

    #[test]
    fn what_nobody_sees_does_not_leave() {
        let smuggled = "chest\u{0} pain\r\n\tsince \u{202E}noon\u{E0069}\u{E0067}\u{FE0F}\u{200B}";
        assert_eq!(masked(smuggled), "chest pain since noon");
        // scripts that need joiners keep them
        assert_eq!(masked("درد می\u{200C}کند"), "درد می\u{200C}کند");
        assert_eq!(masked("胸が痛い"), "胸が痛い");
    }

    #[test]
    fn who_it_is_is_masked_where_it_is_recognised() {
        for (text, left) in [
            ("I am Ada M. Lovelace, dizzy", "I am [name] dizzy"),
            ("ada m lovelace's knee", "[name] knee"),
            (
                "call 07911123456 or +44 7911 123 456.",
                "call [number] or [number]",
            ),
            ("mail ada@x.example please", "mail [address] please"),
            ("(020) 7946 0018 is mine", "[number] is mine"),
            ("id 12-3456789", "id [number]"),
        ] {
            assert_eq!(masked(text), left, "{text}");
        }
        // one word may be a complaint
        assert_eq!(
            mask("burns on both arms", "Robert Burns", 500),
            "burns on both arms"
        );
    }

    #[test]
    fn measurements_stay() {
        for text in [
            "bp 120/80 130/90 hr 120 118 122",
            "fever 38.5 39.0 38.7",
            "0.5 mg then 0.25 mg 2000 ml 500 ml",
            "spo2 < 90% for 2h, pain 8/10",
        ] {
            assert_eq!(masked(text), text);
        }
    }

    #[test]
    fn lengths_are_capped_in_characters() {
        let symptoms: Vec<String> = (0..50).map(|_| "é".repeat(200)).collect();
        let case = case_of(&Patient {
            age_years: Some(40),
            sex: None,
            name: "",
            complaint: &"ж".repeat(2000),
            symptoms: &symptoms,
            vitals: None,
        });
        assert_eq!(case.complaint.chars().count(), COMPLAINT_CHARS_MAX);
        assert_eq!(case.symptoms.len(), SYMPTOMS_MAX);
        assert!(
            case.symptoms
                .iter()
                .all(|one| one.chars().count() == SYMPTOM_CHARS_MAX)
        );
        assert_eq!(case.age_band, Some(AgeBand::Adult));
    }
}
