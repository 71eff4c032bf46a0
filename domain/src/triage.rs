//! The safety floor.

use crate::model::{ClinicianLevel, Floor};
use medique_contracts::commands::Vitals;

/// Version of the rules below; stored with every floor.
pub const RULES_VERSION: u32 = 1;

/// What the rules look at.
#[derive(Debug, Clone, Copy, Default)]
pub struct Findings<'a> {
    /// Age in completed years.
    pub age_years: Option<u16>,
    /// Latest vital signs.
    pub vitals: Option<&'a Vitals>,
}

/// The least urgent level that the findings allow.
pub fn floor(_findings: &Findings<'_>) -> Floor {
    Floor {
        level: 5,
        rules_version: RULES_VERSION,
        fired: Vec::new(),
        news2: None,
    }
}

/// The level that the queue uses: the worse of floor and clinician's level, or of floor and the
/// department's default while nobody has assessed the patient. Only a clinician's override may
/// stand above the floor.
pub fn effective_level(floor: &Floor, clinician: Option<&ClinicianLevel>, default: u8) -> u8 {
    match clinician {
        Some(clinician) if clinician.overrides_floor => clinician.level,
        Some(clinician) => clinician.level.min(floor.level),
        None => default.min(floor.level),
    }
}
