//! NEWS2, SpO2 scale 1.

use medique_contracts::commands::Vitals;
use medique_contracts::vocabulary::Consciousness;

/// Number of parameters that NEWS2 adds up.
const PARAMETERS: u8 = 7;

/// Upper bound (inclusive) of each band, and its score.
type Bands = &'static [(u16, u8)];

const RESPIRATIONS: Bands = &[(8, 3), (11, 1), (20, 0), (24, 2), (u16::MAX, 3)];
const SATURATION_SCALE_1: Bands = &[(91, 3), (93, 2), (95, 1), (u16::MAX, 0)];
const SYSTOLIC_BP: Bands = &[(90, 3), (100, 2), (110, 1), (219, 0), (u16::MAX, 3)];
const PULSE: Bands = &[(40, 3), (50, 1), (90, 0), (110, 1), (130, 2), (u16::MAX, 3)];
/// Tenths of a degree, so that there is no gap between 36.0 and 36.1.
const TEMPERATURE: Bands = &[(350, 3), (360, 1), (380, 0), (390, 1), (u16::MAX, 2)];

/// A NEWS2 score, complete or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct News2 {
    /// Sum over the parameters that were measured, 0 to 20.
    pub measured: u8,
    /// Highest score of a single parameter, 0 to 3.
    pub highest: u8,
    /// How many of the seven parameters were measured.
    pub parameters: u8,
}

impl News2 {
    /// The aggregate; none when a parameter is missing, which never counts as 0.
    pub fn total(self) -> Option<u8> {
        (self.parameters == PARAMETERS).then_some(self.measured)
    }

    fn add(&mut self, score: Option<u8>) {
        if let Some(score) = score {
            self.measured += score;
            self.highest = self.highest.max(score);
            self.parameters += 1;
        }
    }
}

fn band(bands: Bands, value: u16) -> u8 {
    bands
        .iter()
        .find(|(upper, _)| value <= *upper)
        .map_or(0, |(_, score)| *score)
}

/// Scores an adult's vital signs.
pub fn news2(vitals: &Vitals) -> News2 {
    let tenths = |celsius: f64| (celsius * 10.0).round().clamp(0.0, f64::from(u16::MAX)) as u16;
    let mut score = News2::default();
    score.add(
        vitals
            .respiratory_rate
            .map(|value| band(RESPIRATIONS, value)),
    );
    score.add(
        vitals
            .oxygen_saturation
            .map(|value| band(SATURATION_SCALE_1, value)),
    );
    score.add(vitals.on_oxygen.map(|oxygen| if oxygen { 2 } else { 0 }));
    score.add(vitals.systolic_bp.map(|value| band(SYSTOLIC_BP, value)));
    score.add(vitals.heart_rate.map(|value| band(PULSE, value)));
    score.add(
        vitals
            .consciousness
            .map(|level| if level == Consciousness::Alert { 0 } else { 3 }),
    );
    score.add(
        vitals
            .temperature_c
            .map(|celsius| band(TEMPERATURE, tenths(celsius))),
    );
    score
}
