//! Between fold and write: what tells of persons is sealed, and the audit rows are chained over the
//! sealed bytes, so that a chain verifies whether or not somebody was erased.
//!
//! The fold knows no key and draws no random number; this is where both come in.

use super::plan::Plan;
use medique_contracts::EventType;
use medique_contracts::ids::VisitId;
use medique_domain::model::HoldRecord;
use medique_platform::privacy::{DataKey, Field, Keys, PrivacyError, Wrapped};
use std::collections::HashMap;
use uuid::Uuid;

/// What sealing adds to a plan.
#[derive(Debug)]
pub struct Seals {
    keys: Keys,
    data_keys: HashMap<VisitId, DataKey>,
    /// Keys to be stored: of visits that are new, or older than the table of keys.
    pub new_keys: Vec<(VisitId, Wrapped)>,
    /// Previous and own hash of each audit row.
    pub hashes: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Seals {
    /// Seals the audit rows of `plan`, chains them, and holds the keys for the rest of the rows.
    ///
    /// # Errors
    /// The key service fails.
    pub fn of(plan: &mut Plan, keys: &Keys) -> Result<Self, PrivacyError> {
        let mut seals = Self {
            keys: keys.clone(),
            data_keys: std::mem::take(&mut plan.keys),
            new_keys: Vec::new(),
            hashes: Vec::with_capacity(plan.audit.len()),
        };
        for visit in plan.visits.keys() {
            if !seals.data_keys.contains_key(visit) {
                let (key, wrapped) = keys.new_key(visit.0)?;
                seals.data_keys.insert(*visit, key);
                seals.new_keys.push((*visit, wrapped));
            }
        }
        seals.audit(plan)?;
        Ok(seals)
    }

    fn audit(&mut self, plan: &mut Plan) -> Result<(), PrivacyError> {
        for row in &mut plan.audit {
            if let Some(detail) = row.detail.take() {
                // Why somebody was erased outlives the key of the visit.
                let visit = row
                    .visit_id
                    .filter(|_| row.event_type != EventType::PersonErased.as_str());
                row.detail = Some(self.audit_detail(row.facility_id, visit, &detail)?);
            }
            let head = plan.after.get_mut(&row.partition);
            let before = head.as_ref().map(|cursor| cursor.chain_head.clone());
            let before = before.unwrap_or_default();
            let hash = row.hash(&before);
            if let Some(cursor) = head {
                cursor.chain_head.clone_from(&hash);
            }
            self.hashes.push((before, hash));
        }
        Ok(())
    }

    fn audit_detail(
        &self,
        facility: Uuid,
        visit: Option<Uuid>,
        detail: &str,
    ) -> Result<String, PrivacyError> {
        match visit.and_then(|id| self.data_keys.get(&VisitId(id))) {
            Some(key) => key.seal(Field::AuditDetail, detail),
            None => self
                .keys
                .seal_for_facility(facility, Field::AuditDetail, detail.as_bytes()),
        }
    }

    /// Seals a text of a visit of the plan.
    ///
    /// # Errors
    /// The library fails.
    pub fn text(&self, visit: VisitId, field: Field, text: &str) -> Result<String, PrivacyError> {
        let key = self.data_keys.get(&visit).ok_or(PrivacyError::Library)?;
        key.seal(field, text)
    }

    /// A hold whose reason is sealed.
    ///
    /// # Errors
    /// As [`Seals::text`].
    pub fn hold(&self, visit: VisitId, hold: &HoldRecord) -> Result<HoldRecord, PrivacyError> {
        Ok(HoldRecord {
            reason: self.text(visit, Field::Hold, &hold.reason)?,
            ..hold.clone()
        })
    }

    /// What stands for a patient among the live visits of the facility.
    ///
    /// # Errors
    /// The key service fails.
    pub fn patient_mark(
        &self,
        facility: Uuid,
        patient_key: &str,
    ) -> Result<Option<String>, PrivacyError> {
        Ok(self
            .keys
            .patient_marks(facility, patient_key)?
            .into_iter()
            .next())
    }

    /// Seals why the adviser was switched.
    ///
    /// # Errors
    /// The key service fails.
    pub fn adviser_reason(&self, facility: Uuid, reason: &str) -> Result<String, PrivacyError> {
        self.keys
            .seal_for_facility(facility, Field::AdviserReason, reason.as_bytes())
    }

    /// Seals a message that is parked; it is emptied, not erased, when its person is.
    ///
    /// # Errors
    /// The key service fails.
    pub fn dead_letter(
        &self,
        facility: Option<Uuid>,
        payload: &[u8],
    ) -> Result<Vec<u8>, PrivacyError> {
        let facility = facility.unwrap_or_default();
        let sealed = self
            .keys
            .seal_for_facility(facility, Field::DeadLetter, payload)?;
        Ok(sealed.into_bytes())
    }
}
