//! The adviser's part in a visit: what it said last, and what follows from that.
//!
//! An advice is the record of a suggestion or of its failure. A suggestion is no decision: it is
//! shown, and where the department wants that (`raise_only`) it raises the urgency of somebody whom
//! no clinician has assessed yet. It never lowers it.

use crate::model::{ClinicianLevel, Visit};
use chrono::{DateTime, Utc};
use medique_contracts::commands::{AdviceResult, AdviceSource, Suggestion};
use medique_contracts::vocabulary::{AdviceFailure, TriageSource};
use serde::{Deserialize, Serialize};

/// What came of asking the adviser. Its texts are about a person: personal data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Advice {
    /// Version of the visit that recorded it.
    pub version: i64,
    /// Version of the visit at which the findings that were sent had last changed.
    pub based_on: i64,
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// Where it comes from.
    pub source: AdviceSource,
    /// What it says.
    pub result: AdviceResult,
}

impl Advice {
    /// What the adviser suggests; none when it failed.
    pub fn suggestion(&self) -> Option<&Suggestion> {
        match &self.result {
            AdviceResult::Suggested(suggestion) => Some(suggestion),
            AdviceResult::Failed { .. } => None,
        }
    }

    /// Why there is no suggestion.
    pub fn failure(&self) -> Option<AdviceFailure> {
        match self.result {
            AdviceResult::Suggested(_) => None,
            AdviceResult::Failed { kind } => Some(kind),
        }
    }
}

/// The adviser's part in a visit as it is stored: column `triage` of the table `visit`. Absent for a
/// visit of which there is nothing more to say than [`StoredTriage::findings_of_old`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredTriage {
    /// See [`Visit::findings_version`].
    pub findings_version: i64,
    /// See [`Visit::raised`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raised: Option<u8>,
    /// See [`needs_review`]; repeated here for reads that open nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub needs_review: bool,
    /// An [`Advice`] as JSON, sealed with the key of the visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

impl StoredTriage {
    /// What is meant where nothing is stored: findings are those of the check-in, if there was one.
    pub const fn findings_of_old(has_token: bool) -> i64 {
        if has_token { 1 } else { 0 }
    }

    /// What is to be stored of `visit`, without its advice; none when it goes without saying.
    pub fn of(visit: &Visit) -> Option<Self> {
        let says_nothing = visit.findings_version == Self::findings_of_old(visit.token.is_some())
            && visit.raised.is_none()
            && visit.advice.is_none();
        (!says_nothing).then(|| Self {
            findings_version: visit.findings_version,
            raised: visit.raised,
            needs_review: visit.needs_review(),
            advice: None,
        })
    }
}

/// Whether somebody should look at the visit: the adviser failed, or suggests more urgency than the
/// visit has, and no clinician has set a level since.
pub fn needs_review(
    level: u8,
    clinician: Option<&ClinicianLevel>,
    advice: Option<&Advice>,
) -> bool {
    let Some(advice) = advice else { return false };
    let assessed = clinician.and_then(ClinicianLevel::assessed_version);
    let reviewed = assessed.is_some_and(|version| version > advice.version);
    let alarming = match &advice.result {
        AdviceResult::Suggested(suggestion) => suggestion.level < level,
        AdviceResult::Failed { .. } => true,
    };
    alarming && !reviewed
}

/// Whose word the effective level is. People go before machines where both say the same.
pub fn source(
    level: u8,
    floor_level: u8,
    clinician: Option<&ClinicianLevel>,
    raised: Option<u8>,
) -> TriageSource {
    let assessed = clinician.and_then(ClinicianLevel::assessed_version);
    match clinician {
        Some(clinician) if clinician.level == level && clinician.by_desk => TriageSource::Staff,
        Some(clinician) if clinician.level == level => TriageSource::Clinician,
        _ if assessed.is_none() && raised == Some(level) && level < floor_level => {
            TriageSource::Adviser
        }
        _ => TriageSource::Rules,
    }
}

impl Visit {
    /// Whether a nurse or a doctor has decided on the level.
    pub fn is_assessed(&self) -> bool {
        let clinician = self.clinician.as_ref();
        clinician
            .and_then(ClinicianLevel::assessed_version)
            .is_some()
    }

    /// See [`needs_review`].
    pub fn needs_review(&self) -> bool {
        needs_review(self.level, self.clinician.as_ref(), self.advice.as_ref())
    }

    /// See [`source`].
    pub fn triage_source(&self) -> TriageSource {
        let clinician = self.clinician.as_ref();
        source(self.level, self.floor.level, clinician, self.raised)
    }
}
