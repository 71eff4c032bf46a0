//! NEWS2, both scales of oxygen saturation.

use medique_contracts::commands::Vitals;
use medique_contracts::vocabulary::{Consciousness, VitalSign};

/// Upper bound (inclusive) of each band, and its score.
type Bands = &'static [(u16, u8)];

const RESPIRATIONS: Bands = &[(8, 3), (11, 1), (20, 0), (24, 2), (u16::MAX, 3)];
const SATURATION_SCALE_1: Bands = &[(91, 3), (93, 2), (95, 1), (u16::MAX, 0)];
const SATURATION_SCALE_2_ON_AIR: Bands = &[(83, 3), (85, 2), (87, 1), (u16::MAX, 0)];
const SATURATION_SCALE_2_ON_OXYGEN: Bands = &[
    (83, 3),
    (85, 2),
    (87, 1),
    (92, 0),
    (94, 1),
    (96, 2),
    (u16::MAX, 3),
];
const SYSTOLIC_BP: Bands = &[(90, 3), (100, 2), (110, 1), (219, 0), (u16::MAX, 3)];
const PULSE: Bands = &[(40, 3), (50, 1), (90, 0), (110, 1), (130, 2), (u16::MAX, 3)];
/// Tenths of a degree, so that there is no gap between 36.0 and 36.1.
const TEMPERATURE: Bands = &[(350, 3), (360, 1), (380, 0), (390, 1), (u16::MAX, 2)];

/// A NEWS2 score, complete or not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct News2 {
    /// Sum over the parameters that were measured, 0 to 20.
    pub measured: u8,
    /// Highest score of a single parameter, 0 to 3.
    pub highest: u8,
    /// Parameters that were not measured, or could not be; see [`News2::total`].
    pub missing: Vec<VitalSign>,
    /// Which scale the saturation was read on, 1 or 2.
    pub scale: u8,
}

impl News2 {
    /// The aggregate; none when a parameter is missing, which never counts as 0.
    pub fn total(&self) -> Option<u8> {
        self.missing.is_empty().then_some(self.measured)
    }

    /// Adds a parameter. A value from before the sign became unmeasurable counts as what it was,
    /// but does not complete the score.
    fn add(&mut self, vitals: &Vitals, sign: VitalSign, score: Option<u8>) {
        if let Some(score) = score {
            self.measured += score;
            self.highest = self.highest.max(score);
        }
        if score.is_none() || vitals.unmeasurable.contains(&sign) {
            self.missing.push(sign);
        }
    }
}

fn band(bands: Bands, value: u16) -> u8 {
    bands
        .iter()
        .find(|(upper, _)| value <= *upper)
        .map_or(0, |(_, score)| *score)
}

/// Scores an adult's vital signs. Scale 2 is used only when a clinician said so; there, 93 % and
/// more on oxygen is too much, and whether that is so is not known without knowing about oxygen.
pub fn news2(vitals: &Vitals) -> News2 {
    let tenths = |celsius: f64| (celsius * 10.0).round().clamp(0.0, f64::from(u16::MAX)) as u16;
    let scale_2 = vitals.oxygen_scale_2 == Some(true);
    let saturation = match (scale_2, vitals.on_oxygen) {
        (false, _) => SATURATION_SCALE_1,
        (true, Some(true)) => SATURATION_SCALE_2_ON_OXYGEN,
        (true, Some(false) | None) => SATURATION_SCALE_2_ON_AIR,
    };
    let mut score = News2 {
        scale: if scale_2 { 2 } else { 1 },
        ..News2::default()
    };
    let bands = |bands, value: Option<u16>| value.map(|value| band(bands, value));
    let parameters = [
        (
            VitalSign::RespiratoryRate,
            bands(RESPIRATIONS, vitals.respiratory_rate),
        ),
        (
            VitalSign::OxygenSaturation,
            bands(saturation, vitals.oxygen_saturation),
        ),
        (
            VitalSign::OnOxygen,
            vitals.on_oxygen.map(|oxygen| if oxygen { 2 } else { 0 }),
        ),
        (
            VitalSign::SystolicBp,
            bands(SYSTOLIC_BP, vitals.systolic_bp),
        ),
        (VitalSign::HeartRate, bands(PULSE, vitals.heart_rate)),
        (
            VitalSign::Consciousness,
            vitals
                .consciousness
                .map(|level| if level == Consciousness::Alert { 0 } else { 3 }),
        ),
        (
            VitalSign::Temperature,
            bands(TEMPERATURE, vitals.temperature_c.map(tenths)),
        ),
    ];
    for (sign, points) in parameters {
        score.add(vitals, sign, points);
    }
    score
}
