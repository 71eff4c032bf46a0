//! The safety floor: the least urgent level that findings allow, by rules with ids.
//!
//! The rules are data ([`Rules`]): a versioned file that is compiled in and may be replaced by
//! configuration. Here they are applied: [`floor`] reads complaint and symptoms, adds the answers
//! to structured questions and the vital signs, and says which rules fired.
//!
//! NEWS2 is reproduced from: Royal College of Physicians. National Early Warning Score (NEWS) 2:
//! Standardising the assessment of acute-illness severity in the NHS. Updated report of a working
//! party. London: RCP, 2017. The mapping from findings to levels is MediQue's own configuration and
//! needs clinical sign-off before live use.

mod news2;
mod rules;
mod text;

pub use news2::{News2, news2};
pub use rules::{Question, Rule, Rules, RulesError, Texts, text as text_in};

use crate::model::{ClinicianLevel, FiredRule, Floor, Risk, Score};
use medique_contracts::commands::{Answer, Vitals};
use medique_contracts::vocabulary::{Sex, VitalSign};
use rules::{Signs, TermSet};
use text::About;

/// Youngest age, years, for which NEWS2 is valid.
pub const NEWS2_AGE_MIN: u16 = 16;

/// What the rules look at: all that is known when a patient arrives.
#[derive(Debug, Clone, Copy, Default)]
pub struct Findings<'a> {
    /// Age in completed years.
    pub age_years: Option<u16>,
    /// Age in completed days, when the date of birth is known.
    pub age_days: Option<u32>,
    /// Sex as recorded.
    pub sex: Option<Sex>,
    /// Whether the patient is pregnant, when a clinician knows it.
    pub pregnant: Option<bool>,
    /// Presenting complaint, in whatever language.
    pub complaint: &'a str,
    /// Further symptoms.
    pub symptoms: &'a [String],
    /// Answers to structured questions.
    pub answers: &'a [Answer],
    /// Latest vital signs.
    pub vitals: Option<&'a Vitals>,
}

/// The least urgent level that the findings allow; 5 when no rule fires.
pub fn floor(rules: &Rules, findings: &Findings<'_>) -> Floor {
    let (terms, is_pregnant) = terms(rules, findings);
    let score = findings
        .vitals
        .filter(|_| findings.age_years.is_some_and(|age| age >= NEWS2_AGE_MIN))
        .map(news2);
    let nothing = Vitals::default();
    let signs = Signs {
        vitals: findings.vitals.unwrap_or(&nothing),
        news2: score.as_ref(),
        pregnant: is_pregnant,
    };
    let fired: Vec<FiredRule> = (rules.rules().iter())
        .filter(|rule| rule.fires(&terms, signs, findings))
        .map(|rule| FiredRule {
            id: rule.id.clone(),
            level: rule.level,
        })
        .collect();
    let valid = score.filter(|_| !is_pregnant);
    Floor {
        level: fired.iter().map(|rule| rule.level).min().unwrap_or(5),
        rules_version: rules.version(),
        fired: fired.iter().map(|rule| rule.id.clone()).collect(),
        news2: valid.as_ref().and_then(News2::total),
        rules: fired,
        score: valid.map(|score| Score {
            scale: score.scale,
            measured: score.measured,
            risk: risk(&score),
            missing: score.missing,
        }),
    }
}

/// What text and answers assert, and whether the patient is known to be pregnant. Only an answer
/// or a clinician makes that known: words in a complaint must not be able to switch NEWS2 off.
fn terms(rules: &Rules, findings: &Findings<'_>) -> (TermSet, bool) {
    let about = About {
        age_years: findings.age_years,
    };
    let mut terms = rules.no_terms();
    for text in
        std::iter::once(findings.complaint).chain(findings.symptoms.iter().map(AsRef::as_ref))
    {
        rules.reader().read(text, about, &mut terms);
    }
    let answered = |yes: bool| {
        let answers = findings
            .answers
            .iter()
            .filter(move |answer| answer.yes == yes);
        answers.filter_map(|answer| rules.asked(&answer.question))
    };
    for term in answered(false) {
        terms.remove(term);
    }
    for term in answered(true) {
        terms.add(term);
    }
    let pregnant = rules.pregnant();
    let is_pregnant =
        findings.pregnant == Some(true) || answered(true).any(|term| pregnant == Some(term));
    if let (true, Some(term)) = (is_pregnant, pregnant) {
        terms.add(term);
    }
    (terms, is_pregnant)
}

/// The band of clinical risk on the chart. What is missing can only add to it.
fn risk(score: &News2) -> Risk {
    match (score.measured, score.highest) {
        (7.., _) => Risk::High,
        (5..=6, _) => Risk::Medium,
        (_, 3..) => Risk::LowMedium,
        _ => Risk::Low,
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

/// Whether a set holds a value of that sign.
pub fn is_measured(vitals: &Vitals, sign: VitalSign) -> bool {
    match sign {
        VitalSign::RespiratoryRate => vitals.respiratory_rate.is_some(),
        VitalSign::OxygenSaturation => vitals.oxygen_saturation.is_some(),
        VitalSign::OnOxygen => vitals.on_oxygen.is_some(),
        VitalSign::SystolicBp => vitals.systolic_bp.is_some(),
        VitalSign::DiastolicBp => vitals.diastolic_bp.is_some(),
        VitalSign::HeartRate => vitals.heart_rate.is_some(),
        VitalSign::Temperature => vitals.temperature_c.is_some(),
        VitalSign::Consciousness => vitals.consciousness.is_some(),
        VitalSign::Pain => vitals.pain.is_some(),
        VitalSign::Glucose => vitals.glucose_mmol_l.is_some(),
        VitalSign::CapillaryRefill => vitals.capillary_refill_s.is_some(),
    }
}

/// `old` brought up to date by `new`: a sign that was not measured again keeps its last value, so
/// that a partial set never hides an alarming one. A sign stays unmeasurable until it is measured,
/// and being unmeasurable does not hide its last value.
pub fn merge_vitals(old: Option<&Vitals>, new: &Vitals) -> Vitals {
    let Some(old) = old else { return new.clone() };
    let mut unmeasurable = new.unmeasurable.clone();
    for sign in &old.unmeasurable {
        if !is_measured(new, *sign) && !unmeasurable.contains(sign) {
            unmeasurable.push(*sign);
        }
    }
    Vitals {
        respiratory_rate: new.respiratory_rate.or(old.respiratory_rate),
        oxygen_saturation: new.oxygen_saturation.or(old.oxygen_saturation),
        on_oxygen: new.on_oxygen.or(old.on_oxygen),
        systolic_bp: new.systolic_bp.or(old.systolic_bp),
        heart_rate: new.heart_rate.or(old.heart_rate),
        temperature_c: new.temperature_c.or(old.temperature_c),
        consciousness: new.consciousness.or(old.consciousness),
        pain: new.pain.or(old.pain),
        diastolic_bp: new.diastolic_bp.or(old.diastolic_bp),
        oxygen_scale_2: new.oxygen_scale_2.or(old.oxygen_scale_2),
        glucose_mmol_l: new.glucose_mmol_l.or(old.glucose_mmol_l),
        capillary_refill_s: new.capillary_refill_s.or(old.capillary_refill_s),
        unmeasurable,
    }
}

#[cfg(test)]
mod tests;
