//! What can go wrong with keys and sealed texts. No message quotes a key or a text.

/// Why something cannot be sealed or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrivacyError {
    /// The master key that wrapped a data key is not among those that this process was given. What
    /// is sealed is intact: configure the key and try again.
    #[error("master key {0} is not configured (MEDIQUE_PREVIOUS_MASTER_KEYS)")]
    UnknownMasterKey(String),
    /// Sealed bytes are not what this key sealed for this place: they were changed, or moved.
    #[error("sealed data do not belong where they stand, or were changed")]
    NotAuthentic,
    /// The key of the visit was destroyed.
    #[error("the person was erased")]
    Erased,
    /// The library refused to encrypt or to give random bytes.
    #[error("the cryptographic library failed")]
    Library,
}

impl From<aws_lc_rs::error::Unspecified> for PrivacyError {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self::Library
    }
}
