mod answers;
mod data;
mod hostile;
mod languages;
mod metamorphic;
mod scores;
mod signs;
mod words;

use super::*;
use medique_contracts::vocabulary::Consciousness;

/// The level of a complaint of somebody of that age, without vital signs.
fn level_at(age_years: u16, complaint: &str) -> u8 {
    floor_of(age_years, complaint, None).level
}

/// The level of a complaint of an adult of 50.
fn level(complaint: &str) -> u8 {
    level_at(50, complaint)
}

fn floor_of(age_years: u16, complaint: &str, vitals: Option<&Vitals>) -> Floor {
    let findings = Findings {
        age_years: Some(age_years),
        complaint,
        vitals,
        ..Findings::default()
    };
    floor(&Rules::default(), &findings)
}

fn normal() -> Vitals {
    Vitals {
        respiratory_rate: Some(16),
        oxygen_saturation: Some(98),
        on_oxygen: Some(false),
        systolic_bp: Some(120),
        heart_rate: Some(70),
        temperature_c: Some(37.0),
        consciousness: Some(Consciousness::Alert),
        ..Vitals::default()
    }
}

fn adult_floor(vitals: &Vitals) -> Floor {
    floor_of(40, "", Some(vitals))
}
