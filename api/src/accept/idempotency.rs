//! Keys and fingerprints: what makes a repetition a repetition.

use crate::problem::{ApiCode, Problem};
use medique_contracts::ids::DepartmentId;
use medique_contracts::limits::IDEMPOTENCY_KEY_CHARS_MAX;
use medique_contracts::{Command, CommandKind};
use poem::http::HeaderValue;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Name of the header with the key.
pub const HEADER: &str = "Idempotency-Key";

/// Reads the key of a command.
///
/// # Errors
/// `idempotency_key_required` or `idempotency_key_invalid`.
pub fn key(header: Option<&HeaderValue>) -> Result<&str, Problem> {
    let header = header.ok_or(Problem::new(ApiCode::IdempotencyKeyRequired))?;
    let bytes = header.as_bytes();
    let visible = bytes.iter().all(u8::is_ascii_graphic);
    let bounded = (1..=IDEMPOTENCY_KEY_CHARS_MAX).contains(&bytes.len());
    let text = header.to_str().ok().filter(|_| visible && bounded);
    text.ok_or(Problem::new(ApiCode::IdempotencyKeyInvalid))
}

/// What the client asked for, in the form that is compared with a later request under the same key.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The operation.
    pub kind: CommandKind,
    /// What the address named.
    pub resource: &'a str,
    /// The department that the client named, in the address or in the body. Not the one where a
    /// visit happens to be: that changes, and the request stays the same.
    pub department: Option<DepartmentId>,
    /// The version that the client saw.
    pub expected_version: Option<i64>,
    /// The normalised payload.
    pub command: &'a Command,
}

/// SHA-256 of the canonical request, 64 lower-case hexadecimal digits.
///
/// # Errors
/// A number that JSON cannot hold.
pub fn fingerprint(request: &Request<'_>) -> Result<String, serde_json::Error> {
    let payload: Value = payload(request.command)?;
    let mut canonical = Vec::with_capacity(512);
    for part in [request.kind.as_str(), request.resource] {
        canonical.extend_from_slice(&(part.len() as u32).to_be_bytes());
        canonical.extend_from_slice(part.as_bytes());
    }
    if let Some(department) = request.department {
        canonical.extend_from_slice(department.0.as_bytes());
    }
    canonical.push(0);
    if let Some(version) = request.expected_version {
        canonical.extend_from_slice(&version.to_be_bytes());
    }
    canonical.push(0);
    write_canonical(&payload, &mut canonical);
    Ok(hex(&Sha256::digest(&canonical)))
}

macro_rules! payload_of {
    ($command:expr, $($variant:ident),+ $(,)?) => {
        match $command { $(Command::$variant(payload) => serde_json::to_value(payload)),+ }
    };
}

fn payload(command: &Command) -> Result<Value, serde_json::Error> {
    payload_of!(
        command,
        CheckIn,
        Scan,
        CheckInByLink,
        FillIntake,
        RecordVitals,
        SetAcuity,
        RecordAdvice,
        CallNext,
        Call,
        Recall,
        Unclaim,
        Start,
        Hold,
        Resume,
        Complete,
        NoShow,
        Return,
        Transfer,
        Cancel,
        Leave,
        Reassign,
        Undo,
        Erase,
        ExpireScan,
        SetDoctorAvailability,
        CreateDepartment,
        UpdateDepartment,
        CreateRoom,
        UpdateRoom,
        CloseDay,
        SwitchAdviser,
    )
}

/// JSON with sorted keys. Members that are null are left out, so that a field which a later build
/// adds does not make an old request look like another one.
fn write_canonical(value: &Value, into: &mut Vec<u8>) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members
                .iter()
                .filter(|(_, value)| !value.is_null())
                .collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            into.push(b'{');
            for (name, value) in members {
                write_text(name, into);
                write_canonical(value, into);
            }
            into.push(b'}');
        }
        Value::Array(items) => {
            into.push(b'[');
            for item in items {
                write_canonical(item, into);
                into.push(b',');
            }
            into.push(b']');
        }
        Value::String(text) => write_text(text, into),
        Value::Number(number) => into.extend_from_slice(number.to_string().as_bytes()),
        Value::Bool(true) => into.push(b't'),
        Value::Bool(false) => into.push(b'f'),
        Value::Null => into.push(b'n'),
    }
}

/// Text with its length in front, which no content can imitate.
fn write_text(text: &str, into: &mut Vec<u8>) {
    into.push(b'"');
    into.extend_from_slice(&(text.len() as u32).to_be_bytes());
    into.extend_from_slice(text.as_bytes());
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

#[cfg(test)]
mod tests;
