//! Who the patient is and why the patient came.

use super::check::{Check, FieldError, Lines};
use super::vitals::vitals;
use chrono::NaiveDate;
use medique_contracts::commands::{Answer, Intake, Patient};
use medique_contracts::limits::{
    AGE_YEARS_MAX, ANSWERS_MAX, COMPLAINT_CHARS_MAX, NAME_CHARS_MAX, PHONE_CHARS_MAX,
    QUESTION_CHARS_MAX, SYMPTOM_CHARS_MAX, SYMPTOMS_MAX,
};
use unicode_normalization::UnicodeNormalization;

/// Longest BCP 47 tag that RFC 5646 asks everybody to support, characters.
const LANGUAGE_CHARS_MAX: usize = 35;
/// Fewest digits of a phone number.
const PHONE_DIGITS_MIN: usize = 3;
/// Fewest digits of a phone number that tells people apart.
const PHONE_KEY_DIGITS_MIN: usize = 6;
/// Nobody alive was born earlier, whatever the clock says.
const BIRTH_DATE_MIN: NaiveDate = match NaiveDate::from_ymd_opt(1880, 1, 1) {
    Some(date) => date,
    None => NaiveDate::MIN,
};

/// Checks an intake and returns it normalised.
///
/// # Errors
/// Every field that is out of bounds.
pub fn intake(intake: &Intake) -> Result<Intake, Vec<FieldError>> {
    let mut check = Check::default();
    let patient = patient(&intake.patient, &mut check);
    let complaint = check.text(
        "/complaint",
        &intake.complaint,
        1,
        COMPLAINT_CHARS_MAX,
        Lines::One,
    );
    if intake.symptoms.len() > SYMPTOMS_MAX {
        check.refuse(
            "/symptoms",
            format!("must have at most {SYMPTOMS_MAX} entries"),
        );
    }
    let symptoms = (intake.symptoms.iter().take(SYMPTOMS_MAX).enumerate())
        .map(|(index, symptom)| {
            check.text(
                &format!("/symptoms/{index}"),
                symptom,
                1,
                SYMPTOM_CHARS_MAX,
                Lines::One,
            )
        })
        .collect();
    let answers = answers(&intake.answers, &mut check);
    let vitals = intake
        .vitals
        .as_ref()
        .and_then(|signs| match vitals(signs, "/vitals") {
            Ok(signs) => Some(signs),
            Err(errors) => {
                check.refuse_all(errors);
                None
            }
        });
    check.done(Intake {
        patient,
        complaint,
        symptoms,
        answers,
        vitals,
        ..intake.clone()
    })
}

/// Which questions there are is said by the triage rules, so ids are only held to their form here.
fn answers(answers: &[Answer], check: &mut Check) -> Vec<Answer> {
    if answers.len() > ANSWERS_MAX {
        check.refuse(
            "/answers",
            format!("must have at most {ANSWERS_MAX} entries"),
        );
    }
    for (index, answer) in answers.iter().take(ANSWERS_MAX).enumerate() {
        let in_words = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let length = answer.question.len();
        check.require(
            (1..=QUESTION_CHARS_MAX).contains(&length) && answer.question.chars().all(in_words),
            &format!("/answers/{index}/question"),
            "must be the id of a question",
        );
    }
    answers.iter().take(ANSWERS_MAX).cloned().collect()
}

fn patient(patient: &Patient, check: &mut Check) -> Patient {
    let name = check.text(
        "/patient/name",
        &patient.name,
        1,
        NAME_CHARS_MAX,
        Lines::One,
    );
    let has_letter = name.is_empty() || name.chars().any(char::is_alphanumeric);
    check.require(has_letter, "/patient/name", "must contain a letter");
    if let Some(age) = patient.age_years {
        check.range("/patient/age_years", age, 0..=AGE_YEARS_MAX);
    }
    match patient.birth_date {
        Some(date) => {
            check.require(
                date >= BIRTH_DATE_MIN,
                "/patient/birth_date",
                "is too long ago",
            );
        }
        None => check.require(
            patient.age_years.is_some(),
            "/patient/age_years",
            "is needed when the date of birth is not known",
        ),
    }
    let phone = check.optional(
        "/patient/phone",
        patient.phone.as_deref(),
        PHONE_CHARS_MAX,
        Lines::One,
    );
    if let Some(phone) = &phone {
        check.require(is_phone(phone), "/patient/phone", "must be a phone number");
    }
    let language = check.optional(
        "/patient/language",
        patient.language.as_deref(),
        LANGUAGE_CHARS_MAX,
        Lines::One,
    );
    if let Some(language) = &language {
        check.require(
            is_language(language),
            "/patient/language",
            "must be a language tag such as pt-BR",
        );
    }
    Patient {
        name,
        phone,
        language,
        ..patient.clone()
    }
}

fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let allowed = |(index, c): (usize, char)| match c {
        '+' => index == 0,
        '0'..='9' | ' ' | '(' | ')' | '-' | '.' | '/' => true,
        _ => false,
    };
    digits >= PHONE_DIGITS_MIN && text.chars().enumerate().all(allowed)
}

fn is_language(text: &str) -> bool {
    let mut subtags = text.split('-');
    let first = subtags.next().unwrap_or_default();
    let alphabetic = first.chars().all(|c| c.is_ascii_alphabetic());
    let sound =
        |tag: &str| (1..=8).contains(&tag.len()) && tag.chars().all(|c| c.is_ascii_alphanumeric());
    (2..=8).contains(&first.len()) && alphabetic && subtags.all(sound)
}

/// What identifies a patient among the live visits of a facility: name with date of birth, or name
/// with phone number. None when only name and age are known, which fit many people.
pub fn patient_key(patient: &Patient) -> Option<String> {
    let name: String = patient.name.nfkc().collect::<String>().to_lowercase();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let phone = patient.phone.as_deref().unwrap_or_default();
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    match patient.birth_date {
        Some(date) => Some(format!("{name}|born {date}")),
        None if digits.len() >= PHONE_KEY_DIGITS_MIN => Some(format!("{name}|phone {digits}")),
        None => None,
    }
}
