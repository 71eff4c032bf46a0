//! The safety floor: the least urgent level that findings allow, as plain rules with ids.
//!
//! NEWS2 is reproduced from: Royal College of Physicians. National Early Warning Score (NEWS) 2.
//! London: RCP, 2017. The mapping from findings to levels is MediQue's own configuration and needs
//! clinical sign-off before live use.

mod news2;

pub use news2::{News2, news2};

use crate::model::{ClinicianLevel, Floor};
use medique_contracts::commands::Vitals;
use medique_contracts::vocabulary::Consciousness;

/// Version of the rules below; stored with every floor.
pub const RULES_VERSION: u32 = 1;
/// Youngest age, years, for which NEWS2 is valid.
pub const NEWS2_AGE_MIN: u16 = 16;

/// What the rules look at.
#[derive(Debug, Clone, Copy, Default)]
pub struct Findings<'a> {
    /// Age in completed years.
    pub age_years: Option<u16>,
    /// Latest vital signs.
    pub vitals: Option<&'a Vitals>,
}

/// One rule that fired: its id, and the level that it demands at least.
type Fired = (&'static str, u8);

/// The least urgent level that the findings allow; 5 when no rule fires.
pub fn floor(findings: &Findings<'_>) -> Floor {
    let mut fired: Vec<Fired> = Vec::new();
    let mut total = None;
    if let Some(vitals) = findings.vitals {
        any_age(vitals, &mut fired);
        if findings.age_years.is_some_and(|age| age >= NEWS2_AGE_MIN) {
            let score = news2(vitals);
            adult(score, &mut fired);
            total = score.total();
        }
    }
    Floor {
        level: fired.iter().map(|(_, level)| *level).min().unwrap_or(5),
        rules_version: RULES_VERSION,
        fired: fired.into_iter().map(|(id, _)| id.to_owned()).collect(),
        news2: total,
    }
}

/// Signs that speak for themselves at any age.
fn any_age(vitals: &Vitals, fired: &mut Vec<Fired>) {
    match vitals.consciousness {
        Some(Consciousness::Unresponsive) => fired.push(("consciousness.unresponsive", 1)),
        Some(Consciousness::Confusion | Consciousness::Voice | Consciousness::Pain) => {
            fired.push(("consciousness.altered", 3));
        }
        Some(Consciousness::Alert) | None => {}
    }
    if vitals.oxygen_saturation.is_some_and(|percent| percent < 92) {
        fired.push(("oxygen_saturation.below_92", 3));
    }
}

/// Parameters that were not measured can only add to the sum, so what was measured is a lower
/// bound that already counts.
fn adult(score: News2, fired: &mut Vec<Fired>) {
    match score.measured {
        7.. => fired.push(("news2.7_or_more", 2)),
        5..=6 => fired.push(("news2.5_or_6", 3)),
        _ => {}
    }
    if score.highest == 3 {
        fired.push(("news2.single_3", 3));
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

/// `old` brought up to date by `new`: a sign that was not measured again keeps its last value, so
/// that a partial set never hides an alarming one.
pub fn merge_vitals(old: Option<&Vitals>, new: &Vitals) -> Vitals {
    let Some(old) = old else { return new.clone() };
    Vitals {
        respiratory_rate: new.respiratory_rate.or(old.respiratory_rate),
        oxygen_saturation: new.oxygen_saturation.or(old.oxygen_saturation),
        on_oxygen: new.on_oxygen.or(old.on_oxygen),
        systolic_bp: new.systolic_bp.or(old.systolic_bp),
        heart_rate: new.heart_rate.or(old.heart_rate),
        temperature_c: new.temperature_c.or(old.temperature_c),
        consciousness: new.consciousness.or(old.consciousness),
        pain: new.pain.or(old.pain),
    }
}

#[cfg(test)]
mod tests;
