//! Plausible vital signs.

use super::check::{Check, FieldError};
use medique_contracts::commands::Vitals;

/// Checks vital signs and returns them with the temperature in tenths of a degree. `at` is the
/// JSON pointer of the set within the request's body.
///
/// # Errors
/// Every sign that cannot be, or the set as a whole when nothing was measured.
pub fn vitals(signs: &Vitals, at: &str) -> Result<Vitals, Vec<FieldError>> {
    let mut check = Check::default();
    let mut whole = |field: &str, value: Option<u16>, max: u16| {
        if let Some(value) = value {
            check.range(&format!("{at}/{field}"), value, 0..=max);
        }
    };
    whole("respiratory_rate", signs.respiratory_rate, 100);
    whole("oxygen_saturation", signs.oxygen_saturation, 100);
    whole("systolic_bp", signs.systolic_bp, 350);
    whole("heart_rate", signs.heart_rate, 400);
    whole("pain", signs.pain.map(u16::from), 10);
    if let Some(celsius) = signs.temperature_c {
        // Not a number is in no range.
        check.range(&format!("{at}/temperature_c"), celsius, 20.0..=46.0);
    }
    let measured = signs.respiratory_rate.is_some()
        || signs.oxygen_saturation.is_some()
        || signs.systolic_bp.is_some()
        || signs.heart_rate.is_some()
        || signs.temperature_c.is_some()
        || signs.consciousness.is_some()
        || signs.pain.is_some();
    check.require(measured, at, "must contain at least one vital sign");
    check.done(Vitals {
        temperature_c: signs
            .temperature_c
            .map(|celsius| (celsius * 10.0).round() / 10.0),
        ..signs.clone()
    })
}
