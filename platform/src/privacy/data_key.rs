//! A data key, and what it seals.

use super::PrivacyError;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

/// Bytes of a key.
pub(super) const KEY_LEN: usize = 32;
/// What a text sealed by the key of a visit begins with.
const PREFIX: &str = "v1.";

/// Which text is sealed: part of what its encryption is bound to, so that one cannot stand for
/// another. The names are for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Who the patient is and why the patient came.
    Intake,
    /// Why the patient is away.
    Hold,
    /// What the adviser said of the patient.
    Advice,
    /// Why the adviser was switched off or on.
    AdviserReason,
    /// Consultation notes.
    Notes,
    /// Prescription.
    Prescription,
    /// What the audit trail keeps beside the facts.
    AuditDetail,
    /// A message that could not be processed.
    DeadLetter,
}

impl Field {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::Intake,
        Self::Hold,
        Self::Advice,
        Self::AdviserReason,
        Self::Notes,
        Self::Prescription,
        Self::AuditDetail,
        Self::DeadLetter,
    ];

    /// The name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::Hold => "hold",
            Self::Advice => "advice",
            Self::AdviserReason => "adviser_reason",
            Self::Notes => "notes",
            Self::Prescription => "prescription",
            Self::AuditDetail => "audit_detail",
            Self::DeadLetter => "dead_letter",
        }
    }
}

/// A key that seals what belongs to one visit (or to one facility), ready to use.
pub struct DataKey {
    owner: Uuid,
    key: LessSafeKey,
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DataKey")
            .field("owner", &self.owner)
            .finish_non_exhaustive()
    }
}

impl DataKey {
    pub(super) fn new(owner: Uuid, bytes: &[u8; KEY_LEN]) -> Result<Self, PrivacyError> {
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, bytes)?);
        Ok(Self { owner, key })
    }

    /// Seals a text.
    ///
    /// # Errors
    /// [`PrivacyError::Library`].
    pub fn seal(&self, field: Field, text: &str) -> Result<String, PrivacyError> {
        self.seal_after(PREFIX, field, text.as_bytes())
    }

    /// Reads a text. One that was stored before there were keys is given as it stands.
    ///
    /// # Errors
    /// [`PrivacyError::NotAuthentic`].
    pub fn open(&self, field: Field, stored: &str) -> Result<String, PrivacyError> {
        let Some(sealed) = stored.strip_prefix(PREFIX) else {
            return Ok(stored.to_owned());
        };
        let bytes = self.open_bytes(field, sealed)?;
        String::from_utf8(bytes).map_err(|_| PrivacyError::NotAuthentic)
    }

    /// Whether a stored text is sealed by the key of its visit.
    pub fn is_sealed(stored: &str) -> bool {
        stored.starts_with(PREFIX)
    }

    pub(super) fn seal_after(
        &self,
        prefix: &str,
        field: Field,
        text: &[u8],
    ) -> Result<String, PrivacyError> {
        let sealed = seal(&self.key, &self.bound_to(field), text)?;
        let mut stored = String::with_capacity(prefix.len() + sealed.len().div_ceil(3) * 4);
        stored.push_str(prefix);
        URL_SAFE_NO_PAD.encode_string(sealed, &mut stored);
        Ok(stored)
    }

    pub(super) fn open_bytes(&self, field: Field, sealed: &str) -> Result<Vec<u8>, PrivacyError> {
        let sealed = URL_SAFE_NO_PAD
            .decode(sealed)
            .map_err(|_| PrivacyError::NotAuthentic)?;
        open(&self.key, &self.bound_to(field), sealed)
    }

    fn bound_to(&self, field: Field) -> Vec<u8> {
        [self.owner.as_bytes(), field.as_str().as_bytes()].concat()
    }
}

/// Nonce, ciphertext and tag, one after the other. A data key seals a few dozen texts in its life,
/// so random nonces cannot meet.
pub(super) fn seal(key: &LessSafeKey, bound: &[u8], text: &[u8]) -> Result<Vec<u8>, PrivacyError> {
    let mut nonce = [0; NONCE_LEN];
    rand::fill(&mut nonce)?;
    let mut sealed = Vec::with_capacity(NONCE_LEN + text.len() + AES_256_GCM.tag_len());
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(text);
    let nonce = Nonce::assume_unique_for_key(nonce);
    let tag = key.seal_in_place_separate_tag(nonce, Aad::from(bound), &mut sealed[NONCE_LEN..])?;
    sealed.extend_from_slice(tag.as_ref());
    Ok(sealed)
}

/// The reverse of [`seal`].
pub(super) fn open(
    key: &LessSafeKey,
    bound: &[u8],
    mut sealed: Vec<u8>,
) -> Result<Vec<u8>, PrivacyError> {
    let Some((nonce, text)) = sealed.split_first_chunk_mut::<NONCE_LEN>() else {
        return Err(PrivacyError::NotAuthentic);
    };
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let opened = key
        .open_in_place(nonce, Aad::from(bound), text)
        .map_err(|_| PrivacyError::NotAuthentic)?;
    Ok(opened.to_vec())
}
