//! The keys as the rest of MediQue uses them.

use super::data_key::KEY_LEN;
use super::{DataKey, Field, KeyService, PrivacyError, Wrapped};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::zeroize::Zeroizing;
use std::sync::Arc;
use uuid::Uuid;

/// What a text sealed by a key of the facility begins with.
const FACILITY_PREFIX: &str = "f1.";

/// Makes, unwraps and derives keys. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Keys(Arc<dyn KeyService>);

/// A row of `visit_key`, joined to what it belongs to.
#[derive(Debug, Clone, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct StoredKey {
    /// The data key, wrapped; none when it was destroyed, or when the visit never had one.
    pub wrapped_key: Option<Vec<u8>>,
    /// Which master key wrapped it.
    pub master_key_id: Option<String>,
    /// Whether it was destroyed.
    pub erased: bool,
}

impl Keys {
    /// Keys of a service.
    pub fn new(service: impl KeyService + 'static) -> Self {
        Self(Arc::new(service))
    }

    /// Id of the master key that wraps new keys.
    pub fn current_id(&self) -> String {
        self.0.ids().first().copied().unwrap_or_default().to_owned()
    }

    /// A new data key for a visit, and how to store it.
    ///
    /// # Errors
    /// No random bytes, or the key service fails.
    pub fn new_key(&self, visit: Uuid) -> Result<(DataKey, Wrapped), PrivacyError> {
        let mut bytes = Zeroizing::new([0; KEY_LEN]);
        rand::fill(&mut *bytes)?;
        let wrapped = self.0.wrap(&bytes, visit.as_bytes())?;
        Ok((DataKey::new(visit, &bytes)?, wrapped))
    }

    /// The data key of a visit; none for a visit that has no key yet.
    ///
    /// # Errors
    /// The person was erased, or the key cannot be unwrapped.
    pub fn key_of(&self, visit: Uuid, stored: StoredKey) -> Result<Option<DataKey>, PrivacyError> {
        if stored.erased {
            return Err(PrivacyError::Erased);
        }
        let (Some(bytes), Some(master_key_id)) = (stored.wrapped_key, stored.master_key_id) else {
            return Ok(None);
        };
        let wrapped = Wrapped {
            master_key_id,
            bytes,
        };
        let bytes = self.0.unwrap(&wrapped, visit.as_bytes())?;
        DataKey::new(visit, &bytes).map(Some)
    }

    /// Wraps a data key with the newest master key, for a rotation.
    ///
    /// # Errors
    /// As [`Keys::key_of`].
    pub fn wrap_again(&self, visit: Uuid, wrapped: &Wrapped) -> Result<Wrapped, PrivacyError> {
        let bytes = self.0.unwrap(wrapped, visit.as_bytes())?;
        self.0.wrap(&bytes, visit.as_bytes())
    }

    /// What stands for a patient's identity in the database: equal for equal patients of a
    /// facility, and without the master key neither guessed nor compared with another facility's.
    /// One for each master key, the newest first; rows are written with the first.
    ///
    /// # Errors
    /// The key service fails.
    pub fn patient_marks(
        &self,
        facility: Uuid,
        patient_key: &str,
    ) -> Result<Vec<String>, PrivacyError> {
        let message = [facility.as_bytes(), patient_key.as_bytes()].concat();
        let mark = |id: &str| -> Result<String, PrivacyError> {
            Ok(URL_SAFE_NO_PAD.encode(self.0.mac(id, "patient", &message)?))
        };
        self.0.ids().into_iter().map(mark).collect()
    }

    /// Seals what belongs to no visit. It cannot be erased by destroying a key: delete it instead.
    ///
    /// # Errors
    /// The key service fails.
    pub fn seal_for_facility(
        &self,
        facility: Uuid,
        field: Field,
        text: &[u8],
    ) -> Result<String, PrivacyError> {
        let id = self.current_id();
        let prefix = format!("{FACILITY_PREFIX}{id}.");
        self.facility_key(&id, facility)?
            .seal_after(&prefix, field, text)
    }

    /// Reads what [`Keys::seal_for_facility`] sealed; none for what it did not.
    ///
    /// # Errors
    /// Another facility's, changed, or sealed under a master key that is not configured.
    pub fn open_for_facility(
        &self,
        facility: Uuid,
        field: Field,
        stored: &str,
    ) -> Result<Option<Vec<u8>>, PrivacyError> {
        let sealed = stored
            .strip_prefix(FACILITY_PREFIX)
            .and_then(|rest| rest.split_once('.'));
        let Some((id, sealed)) = sealed else {
            return Ok(None);
        };
        self.facility_key(id, facility)?
            .open_bytes(field, sealed)
            .map(Some)
    }

    fn facility_key(&self, id: &str, facility: Uuid) -> Result<DataKey, PrivacyError> {
        let bytes = Zeroizing::new(self.0.mac(id, "facility", facility.as_bytes())?);
        DataKey::new(facility, &bytes)
    }
}

#[cfg(test)]
mod tests;
