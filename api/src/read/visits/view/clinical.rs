//! What was found out about a patient and what follows from it, for nurses and doctors.

use super::super::record::Record;
use crate::schema::Word;
use medique_contracts::commands::Vitals;
use medique_contracts::vocabulary::{Consciousness, VitalSign};
use medique_domain::model::{ClinicianLevel, FiredRule, Floor, Score};
use medique_domain::triage::{Rule, Rules, text_in};
use poem_openapi::Object;

/// What nurses and doctors see.
#[derive(Debug, Default, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct ClinicalPart {
    /// Latest vital signs.
    pub vitals: Option<VitalsPart>,
    /// Safety floor.
    pub floor: Option<FloorPart>,
    /// Clinician's level.
    pub clinician: Option<ClinicianPart>,
}

/// One set of vital signs.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct VitalsPart {
    /// Breaths per minute.
    pub respiratory_rate: Option<u16>,
    /// Peripheral oxygen saturation, percent.
    pub oxygen_saturation: Option<u16>,
    /// Whether the patient breathes supplemental oxygen.
    pub on_oxygen: Option<bool>,
    /// Systolic blood pressure, mmHg.
    pub systolic_bp: Option<u16>,
    /// Heart rate, beats per minute.
    pub heart_rate: Option<u16>,
    /// Body temperature, degrees Celsius.
    pub temperature_c: Option<f64>,
    /// Level of consciousness.
    pub consciousness: Option<Word<Consciousness>>,
    /// Pain, 0 to 10.
    pub pain: Option<u8>,
    /// Diastolic blood pressure, mmHg.
    pub diastolic_bp: Option<u16>,
    /// Whether NEWS2 reads the saturation on scale 2.
    pub oxygen_scale_2: Option<bool>,
    /// Blood glucose, mmol/L.
    pub glucose_mmol_l: Option<f64>,
    /// Capillary refill time, seconds.
    pub capillary_refill_s: Option<f64>,
    /// Signs that could not be measured.
    pub unmeasurable: Vec<Word<VitalSign>>,
}

/// The safety floor: the least urgent level that findings allow.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct FloorPart {
    /// 1 (worst) to 5 (no finding).
    pub level: u8,
    /// Version of the rules.
    pub rules_version: u32,
    /// Ids of the rules that fired.
    pub fired: Vec<String>,
    /// NEWS2 aggregate, when every parameter was measured.
    pub news2: Option<u8>,
    /// The rules that fired, with what each demands and why.
    pub rules: Vec<RulePart>,
    /// How NEWS2 came about; absent where it does not apply.
    pub news2_detail: Option<ScorePart>,
}

/// A rule that fired.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct RulePart {
    /// Id of the rule.
    pub id: String,
    /// The level that it demands at least, 1 (worst) to 5.
    pub level: u8,
    /// Why, for people; absent when the floor was computed with other rules than today's.
    pub reason: Option<String>,
    /// Where the rule comes from.
    pub source: Option<String>,
}

/// A NEWS2 score, complete or not.
#[derive(Debug, Object)]
pub struct ScorePart {
    /// Which of the two saturation scales was used, 1 or 2.
    pub scale: u8,
    /// Sum over what was measured; a lower bound while something is missing.
    pub measured: u8,
    /// Parameters that were not measured, or could not be: with one of them there is no total.
    pub missing: Vec<Word<VitalSign>>,
    /// Clinical risk of what was measured: `low`, `low_medium`, `medium` or `high`.
    pub risk: String,
}

/// A clinician's level.
#[derive(Debug, Object)]
pub struct ClinicianPart {
    /// 1 (worst) to 5.
    pub level: u8,
    /// Whether the clinician set it above the floor on purpose.
    pub overrides_floor: bool,
}

/// Puts the part together.
pub(super) fn part(record: &Record, rules: &Rules) -> ClinicalPart {
    let clinician = |clinician: &ClinicianLevel| ClinicianPart {
        level: clinician.level,
        overrides_floor: clinician.overrides_floor,
    };
    ClinicalPart {
        vitals: record.vitals.as_ref().map(vitals),
        floor: Some(floor(&record.floor, rules)),
        clinician: record.clinician.as_ref().map(clinician),
    }
}

fn vitals(vitals: &Vitals) -> VitalsPart {
    VitalsPart {
        respiratory_rate: vitals.respiratory_rate,
        oxygen_saturation: vitals.oxygen_saturation,
        on_oxygen: vitals.on_oxygen,
        systolic_bp: vitals.systolic_bp,
        heart_rate: vitals.heart_rate,
        temperature_c: vitals.temperature_c,
        consciousness: vitals.consciousness.map(Word),
        pain: vitals.pain,
        diastolic_bp: vitals.diastolic_bp,
        oxygen_scale_2: vitals.oxygen_scale_2,
        glucose_mmol_l: vitals.glucose_mmol_l,
        capillary_refill_s: vitals.capillary_refill_s,
        unmeasurable: vitals.unmeasurable.iter().copied().map(Word).collect(),
    }
}

fn floor(floor: &Floor, rules: &Rules) -> FloorPart {
    // What other rules of that name say is not why this one fired.
    let texts = (rules.version() == floor.rules_version).then_some(rules);
    let score = |score: &Score| ScorePart {
        scale: score.scale,
        measured: score.measured,
        missing: score.missing.iter().copied().map(Word).collect(),
        risk: score.risk.as_str().to_owned(),
    };
    FloorPart {
        level: floor.level,
        rules_version: floor.rules_version,
        fired: floor.fired.clone(),
        news2: floor.news2,
        rules: floor
            .rules
            .iter()
            .map(|fired| rule(fired, texts.and_then(|rules| rules.rule(&fired.id))))
            .collect(),
        news2_detail: floor.score.as_ref().map(score),
    }
}

fn rule(fired: &FiredRule, texts: Option<&Rule>) -> RulePart {
    RulePart {
        id: fired.id.clone(),
        level: fired.level,
        reason: texts.map(|rule| text_in(&rule.reason, "en").to_owned()),
        source: texts.map(|rule| rule.source.clone()),
    }
}
