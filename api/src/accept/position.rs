//! The position token in a `status_url`: where the message of an accepted command stands, signed,
//! so that "not decided yet" and "never seen" are told apart without asking the broker.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use medique_contracts::CommandKind;
use medique_contracts::ids::CommandId;
use medique_platform::link::MacKey;

const FIXED_BYTES: usize = 2 + 8 + 8 + 16;
const MAC_BYTES: usize = 16;
const TOKEN_CHARS_MAX: usize = 256;

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Partition.
    pub partition: u16,
    /// Sequence in the COMMANDS stream.
    pub seq: u64,
    /// When the API learnt that it was stored.
    pub accepted_at: DateTime<Utc>,
    /// Trace of the request, as in its `traceparent`.
    pub trace_id: u128,
    /// The operation.
    pub kind: CommandKind,
}

/// Signs and reads position tokens.
pub struct PositionKey(MacKey);

impl PositionKey {
    /// Derives the key from the link secret.
    pub fn new(secret: &[u8]) -> Self {
        Self(MacKey::derive(secret, "medique command position v1"))
    }

    /// Writes the token of a command for the actor who may ask with it.
    pub fn sign(&self, command: CommandId, actor: &str, position: &Position) -> String {
        let mut bytes = Vec::with_capacity(96);
        bytes.extend_from_slice(&position.partition.to_be_bytes());
        bytes.extend_from_slice(&position.seq.to_be_bytes());
        bytes.extend_from_slice(&position.accepted_at.timestamp_micros().to_be_bytes());
        bytes.extend_from_slice(&position.trace_id.to_be_bytes());
        bytes.extend_from_slice(position.kind.as_str().as_bytes());
        let mac = self
            .0
            .sign(&[command.0.as_bytes(), actor.as_bytes(), &bytes]);
        bytes.extend_from_slice(&mac[..MAC_BYTES]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a token that was signed for this command and this actor; none for anything else.
    pub fn verify(&self, command: CommandId, actor: &str, token: &str) -> Option<Position> {
        if token.len() > TOKEN_CHARS_MAX {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (said, mac) = bytes.split_at_checked(bytes.len().checked_sub(MAC_BYTES)?)?;
        if !self
            .0
            .verify(&[command.0.as_bytes(), actor.as_bytes(), said], mac)
        {
            return None;
        }
        let (fixed, kind) = said.split_at_checked(FIXED_BYTES)?;
        let micros = i64::from_be_bytes(fixed[10..18].try_into().ok()?);
        Some(Position {
            partition: u16::from_be_bytes(fixed[..2].try_into().ok()?),
            seq: u64::from_be_bytes(fixed[2..10].try_into().ok()?),
            accepted_at: DateTime::from_timestamp_micros(micros)?,
            trace_id: u128::from_be_bytes(fixed[18..].try_into().ok()?),
            kind: std::str::from_utf8(kind).ok()?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const ACTOR: &str = "staff:1";

    fn key() -> PositionKey {
        PositionKey::new(b"a secret of at least thirty-two bytes")
    }

    fn position() -> Position {
        Position {
            partition: 15,
            seq: u64::MAX,
            accepted_at: DateTime::from_timestamp_micros(1_700_000_000_123_456).expect("in range"),
            trace_id: 7,
            kind: CommandKind::SetDoctorAvailability,
        }
    }

    #[test]
    fn a_token_reads_back_for_its_command_and_actor_only() {
        let command = CommandId(Uuid::from_u128(7));
        let token = key().sign(command, ACTOR, &position());
        assert_eq!(key().verify(command, ACTOR, &token), Some(position()));
        assert_eq!(
            key().verify(CommandId(Uuid::from_u128(8)), ACTOR, &token),
            None
        );
        assert_eq!(key().verify(command, "staff:2", &token), None);
    }

    #[test]
    fn a_damaged_token_is_refused() {
        let command = CommandId(Uuid::from_u128(7));
        let token = key().sign(command, ACTOR, &position());
        for end in 0..token.len() {
            assert_eq!(
                key().verify(command, ACTOR, &token[..end]),
                None,
                "cut at {end}"
            );
        }
        for index in 0..token.len() - 1 {
            let mut bytes = token.clone().into_bytes();
            bytes[index] = if bytes[index] == b'x' { b'y' } else { b'x' };
            let forged = String::from_utf8(bytes).expect("ASCII");
            assert_eq!(key().verify(command, ACTOR, &forged), None, "byte {index}");
        }
        for garbage in ["", "=", "\u{1F980}", &"A".repeat(1000)] {
            assert_eq!(key().verify(command, ACTOR, garbage), None);
        }
    }
}
