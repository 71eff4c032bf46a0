//! Reading what workers sealed: with the key of the visit, or not at all once the person is erased.

use crate::problem::{ApiCode, Problem};
use medique_domain::model::IntakeRecord;
use medique_platform::privacy::{DataKey, Field, Keys, PrivacyError, StoredKey};
use serde_json::Value;
use uuid::Uuid;

/// The columns of a [`StoredKey`], from `visit_key k` joined from the left.
macro_rules! key_columns {
    () => {
        "k.wrapped_key, k.master_key_id, k.destroyed_at IS NOT NULL AS erased"
    };
}
pub(crate) use key_columns;

/// Opens the texts of one visit.
pub struct Opener {
    key: Option<DataKey>,
    erased: bool,
}

impl Opener {
    /// With the key of `visit`.
    ///
    /// # Errors
    /// `internal_error`: the key cannot be unwrapped.
    pub fn new(keys: &Keys, visit: Uuid, stored: StoredKey) -> Result<Self, Problem> {
        match keys.key_of(visit, stored) {
            Ok(key) => Ok(Self { key, erased: false }),
            Err(PrivacyError::Erased) => Ok(Self {
                key: None,
                erased: true,
            }),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the person was erased.
    pub fn is_erased(&self) -> bool {
        self.erased
    }

    /// A text in clear; none when the person was erased.
    ///
    /// # Errors
    /// `internal_error`: what is sealed is not of this place.
    pub fn text(&self, field: Field, stored: String) -> Result<Option<String>, Problem> {
        match &self.key {
            Some(key) => Ok(Some(key.open(field, &stored)?)),
            None if self.erased => Ok(None),
            None if DataKey::is_sealed(&stored) => Err(PrivacyError::NotAuthentic.into()),
            None => Ok(Some(stored)), // written before there were keys
        }
    }

    /// Who and why; none when it is not known (any more).
    ///
    /// # Errors
    /// As [`Opener::text`].
    pub fn intake(&self, stored: Option<Value>) -> Result<Option<IntakeRecord>, Problem> {
        let parsed = match stored {
            None => return Ok(None),
            Some(Value::String(sealed)) => match self.text(Field::Intake, sealed)? {
                None => return Ok(None),
                Some(text) => serde_json::from_str(&text),
            },
            Some(clear) => serde_json::from_value(clear),
        };
        parsed.map(Some).map_err(|_| {
            tracing::error!("an intake is of another shape");
            Problem::new(ApiCode::InternalError)
        })
    }
}

impl From<PrivacyError> for Problem {
    fn from(error: PrivacyError) -> Self {
        tracing::error!(%error, "sealed data not read");
        Self::new(ApiCode::InternalError)
    }
}
