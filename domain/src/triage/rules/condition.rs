//! Conditions on vital signs: `heart_rate >= 130`.

use crate::triage::news2::News2;
use medique_contracts::commands::Vitals;
use medique_contracts::vocabulary::{Consciousness, VitalSign};
use std::str::FromStr;

macro_rules! measures {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// A number that a condition is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(in crate::triage) enum Measure { $($(#[$doc])* $name),+ }

        impl FromStr for Measure {
            type Err = ();
            fn from_str(text: &str) -> Result<Self, ()> {
                match text { $($text => Ok(Self::$name),)+ _ => Err(()) }
            }
        }
    };
}

measures!(
    /// Breaths per minute.
    RespiratoryRate = "respiratory_rate",
    /// Percent.
    OxygenSaturation = "oxygen_saturation",
    /// mmHg.
    SystolicBp = "systolic_bp",
    /// mmHg.
    DiastolicBp = "diastolic_bp",
    /// Beats per minute.
    HeartRate = "heart_rate",
    /// Degrees Celsius.
    Temperature = "temperature_c",
    /// mmol/L.
    Glucose = "glucose_mmol_l",
    /// Seconds.
    CapillaryRefill = "capillary_refill_s",
    /// 0 to 10.
    Pain = "pain",
    /// 0 alert, 1 confusion, 2 voice, 3 pain, 4 unresponsive.
    Consciousness = "consciousness",
    /// 1 unless the patient is known to be alert.
    NotKnownAlert = "not_known_alert",
    /// Heart rate divided by systolic pressure.
    ShockIndex = "shock_index",
    /// How many signs could not be measured, pain apart.
    Unmeasurable = "unmeasurable",
    /// Sum of the NEWS2 parameters that were measured; for those whom NEWS2 is for.
    News2 = "news2",
    /// Highest single NEWS2 parameter; for those whom NEWS2 is for.
    News2Single = "news2_single",
    /// The sum, for the pregnant, for whom NEWS2 is not validated.
    News2Pregnant = "news2_pregnant",
    /// The highest single parameter, for the pregnant.
    News2PregnantSingle = "news2_pregnant_single",
);

/// A condition on one measure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::triage) struct Test {
    measure: Measure,
    is: Is,
    bound: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Is {
    Below,
    AtMost,
    AtLeast,
    Above,
}

impl FromStr for Test {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split_whitespace().collect();
        let [measure, is, bound] = parts[..] else {
            return Err(format!("`{text}` is not of the form `heart_rate >= 130`"));
        };
        let measure = measure
            .parse()
            .map_err(|()| format!("`{measure}` is not a vital sign"))?;
        let is = match is {
            "<" => Is::Below,
            "<=" => Is::AtMost,
            ">=" => Is::AtLeast,
            ">" => Is::Above,
            _ => return Err(format!("`{is}` does not compare")),
        };
        let bound = match bound.parse::<f64>() {
            Ok(number) if number.is_finite() => number,
            _ => return Err(format!("`{bound}` is not a number")),
        };
        Ok(Self { measure, is, bound })
    }
}

/// What is known of vital signs.
#[derive(Debug, Clone, Copy)]
pub(in crate::triage) struct Signs<'a> {
    pub(in crate::triage) vitals: &'a Vitals,
    /// The score, where it may be added up.
    pub(in crate::triage) news2: Option<&'a News2>,
    /// Whether NEWS2 is not for this patient because she is pregnant.
    pub(in crate::triage) pregnant: bool,
}

impl Test {
    /// Whether it holds; never for what was not measured.
    pub(in crate::triage) fn holds(&self, signs: Signs<'_>) -> bool {
        signs
            .value(self.measure)
            .is_some_and(|value| match self.is {
                Is::Below => value < self.bound,
                Is::AtMost => value <= self.bound,
                Is::AtLeast => value >= self.bound,
                Is::Above => value > self.bound,
            })
    }
}

impl Signs<'_> {
    fn value(&self, measure: Measure) -> Option<f64> {
        let vitals = self.vitals;
        let score = |pregnant: bool| self.news2.filter(|_| self.pregnant == pregnant);
        match measure {
            Measure::RespiratoryRate => vitals.respiratory_rate.map(f64::from),
            Measure::OxygenSaturation => vitals.oxygen_saturation.map(f64::from),
            Measure::SystolicBp => vitals.systolic_bp.map(f64::from),
            Measure::DiastolicBp => vitals.diastolic_bp.map(f64::from),
            Measure::HeartRate => vitals.heart_rate.map(f64::from),
            Measure::Temperature => vitals.temperature_c,
            Measure::Glucose => vitals.glucose_mmol_l,
            Measure::CapillaryRefill => vitals.capillary_refill_s,
            Measure::Pain => vitals.pain.map(f64::from),
            Measure::Consciousness => vitals.consciousness.map(|level| match level {
                Consciousness::Alert => 0.0,
                Consciousness::Confusion => 1.0,
                Consciousness::Voice => 2.0,
                Consciousness::Pain => 3.0,
                Consciousness::Unresponsive => 4.0,
            }),
            Measure::NotKnownAlert => {
                let alert = vitals.consciousness == Some(Consciousness::Alert);
                Some(if alert { 0.0 } else { 1.0 })
            }
            Measure::ShockIndex => match (vitals.heart_rate, vitals.systolic_bp) {
                (Some(rate), Some(pressure)) if pressure > 0 => {
                    Some(f64::from(rate) / f64::from(pressure))
                }
                _ => None,
            },
            Measure::Unmeasurable => {
                let signs = vitals.unmeasurable.iter();
                u8::try_from(signs.filter(|sign| **sign != VitalSign::Pain).count())
                    .ok()
                    .map(f64::from)
            }
            Measure::News2 => score(false).map(|score| f64::from(score.measured)),
            Measure::News2Single => score(false).map(|score| f64::from(score.highest)),
            Measure::News2Pregnant => score(true).map(|score| f64::from(score.measured)),
            Measure::News2PregnantSingle => score(true).map(|score| f64::from(score.highest)),
        }
    }
}
