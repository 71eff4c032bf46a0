//! Bounds and normalisation: one entry point, [`command`], for the API and for the fold.
//!
//! Text is put into Unicode normalisation form C and trimmed; nothing else about it is changed.
//! Control characters, and characters that turn the direction of writing, are refused.

mod advice;
mod check;
mod intake;
mod settings;
mod vitals;

pub use check::{FieldError, normalise_text};
pub use intake::{intake, patient_key};
pub use settings::{department_settings, room_settings};
pub use vitals::vitals;

use advice::advice;
use check::{Check, Lines};
use medique_contracts::commands::{self, Command};
use medique_contracts::limits::{NOTES_CHARS_MAX, REASON_CHARS_MAX};
use medique_contracts::{Rejection, RejectionCode};

/// Longest time that a patient on hold may be expected away, minutes.
pub const EXPECTED_RETURN_MINUTES_MAX: u16 = 24 * 60;

/// Checks a command's payload and returns it normalised.
///
/// # Errors
/// Every field that is out of bounds.
pub fn command(command: &Command) -> Result<Command, Vec<FieldError>> {
    let mut check = Check::default();
    let normal = match command {
        Command::CheckIn(payload) => Command::CheckIn(commands::CheckIn {
            intake: intake(&payload.intake)?,
        }),
        Command::CheckInByLink(payload) => Command::CheckInByLink(commands::CheckInByLink {
            intake: intake(&payload.intake)?,
            ..payload.clone()
        }),
        Command::FillIntake(payload) => Command::FillIntake(commands::FillIntake {
            intake: intake(&payload.intake)?,
        }),
        Command::RecordVitals(payload) => Command::RecordVitals(commands::RecordVitals {
            vitals: vitals(&payload.vitals, "")?,
        }),
        Command::SetAcuity(payload) => {
            check.range("/level", payload.level, 1..=5);
            Command::SetAcuity(commands::SetAcuity {
                reason: check.text("/reason", &payload.reason, 0, REASON_CHARS_MAX, Lines::One),
                ..payload.clone()
            })
        }
        Command::RecordAdvice(payload) => Command::RecordAdvice(advice(payload, &mut check)),
        Command::CreateDepartment(settings) => {
            Command::CreateDepartment(department_settings(settings)?)
        }
        Command::UpdateDepartment(payload) => {
            Command::UpdateDepartment(commands::UpdateDepartment {
                settings: department_settings(&payload.settings)?,
                ..payload.clone()
            })
        }
        Command::CreateRoom(settings) => Command::CreateRoom(room_settings(settings)?),
        Command::UpdateRoom(payload) => Command::UpdateRoom(commands::UpdateRoom {
            settings: room_settings(&payload.settings)?,
            ..payload.clone()
        }),
        other => with_reason(other, &mut check),
    };
    check.done(normal)
}

/// The commands whose only text is a reason, a remark or notes.
fn with_reason(command: &Command, check: &mut Check) -> Command {
    let mut normal = command.clone();
    match &mut normal {
        Command::Call(payload) => check.remark(&mut payload.reason),
        Command::Unclaim(payload) => check.remark(&mut payload.reason),
        Command::NoShow(payload) => check.remark(&mut payload.reason),
        Command::Erase(payload) => check.remark(&mut payload.reason),
        Command::Leave(payload) => check.remark(&mut payload.reason),
        Command::SetDoctorAvailability(payload) => check.remark(&mut payload.reason),
        Command::Return(payload) => {
            check.remark(&mut payload.reason);
            if let Some(after) = payload.after {
                check.range("/after", after, 1..=20);
            }
        }
        Command::Hold(payload) => {
            check.reason(&mut payload.reason);
            if let Some(minutes) = payload.expected_return_minutes {
                let allowed = 1..=EXPECTED_RETURN_MINUTES_MAX;
                check.range("/expected_return_minutes", minutes, allowed);
            }
        }
        Command::Transfer(payload) => check.reason(&mut payload.reason),
        Command::SwitchAdviser(payload) => check.reason(&mut payload.reason),
        Command::Cancel(payload) => check.reason(&mut payload.reason),
        Command::Complete(payload) => {
            for (pointer, field) in [
                ("/notes", &mut payload.notes),
                ("/prescription", &mut payload.prescription),
            ] {
                *field = check.optional(pointer, field.as_deref(), NOTES_CHARS_MAX, Lines::Many);
            }
        }
        _ => {}
    }
    normal
}

/// The refusal for a message that holds such fields. It names no value.
pub(crate) fn rejection(errors: &[FieldError]) -> Rejection {
    let all: Vec<String> = errors
        .iter()
        .map(|error| format!("{} {}", error.pointer, error.detail))
        .collect();
    Rejection::new(RejectionCode::InvalidField, all.join("; "))
}

#[cfg(test)]
mod tests;
