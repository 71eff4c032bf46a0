//! The `id:` of a live event: which stream, and where in it.

use std::fmt;
use std::str::FromStr;

/// Position in the EVENTS stream, written `<stream epoch>-<sequence>`.
///
/// The epoch is the creation time of the stream in nanoseconds since 1970. A stream that was
/// deleted and made again starts at sequence 1; the epoch keeps an old id from being taken for a
/// place in the new stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiveId {
    /// Creation time of the stream, nanoseconds since 1970.
    pub epoch: u64,
    /// Stream sequence.
    pub seq: u64,
}

/// The text is not an id that we ever gave out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an event id")]
pub struct NotAnId;

impl fmt::Display for LiveId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.epoch, self.seq)
    }
}

impl FromStr for LiveId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (epoch, seq) = text.split_once('-').ok_or(NotAnId)?;
        Ok(Self {
            epoch: digits(epoch)?,
            seq: digits(seq)?,
        })
    }
}

/// Digits only: `u64::from_str` would also take a plus sign.
fn digits(text: &str) -> Result<u64, NotAnId> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NotAnId);
    }
    text.parse().map_err(|_| NotAnId)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_the_way_to_the_client_and_back() {
        let id = LiveId {
            epoch: 1_763_761_234_567_890_123,
            seq: 42,
        };
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "-",
            "1",
            "1-",
            "-1",
            "1-2-3",
            "+1-2",
            "1-+2",
            "a-1",
            "1- 2",
            "1-99999999999999999999999",
        ] {
            assert_eq!(text.parse::<LiveId>(), Err(NotAnId), "{text:?}");
        }
    }
}
