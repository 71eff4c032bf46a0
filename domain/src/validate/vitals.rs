//! Plausible vital signs.

use super::check::{Check, FieldError};
use crate::triage::is_measured;
use medique_contracts::commands::Vitals;
use medique_contracts::limits::{CAPILLARY_REFILL_S_MAX, DIASTOLIC_BP_MAX, GLUCOSE_MMOL_L_MAX};
use medique_contracts::vocabulary::VitalSign;

/// Checks vital signs and returns them with the temperature in tenths of a degree. `at` is the
/// JSON pointer of the set within the request's body.
///
/// # Errors
/// Every sign that cannot be, a sign that is said to be both measured and unmeasurable, or the set
/// as a whole when nothing was found out.
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
    whole("diastolic_bp", signs.diastolic_bp, DIASTOLIC_BP_MAX);
    whole("heart_rate", signs.heart_rate, 400);
    whole("pain", signs.pain.map(u16::from), 10);
    for (field, value, allowed) in [
        ("temperature_c", signs.temperature_c, 20.0..=46.0),
        (
            "glucose_mmol_l",
            signs.glucose_mmol_l,
            0.0..=GLUCOSE_MMOL_L_MAX,
        ),
        (
            "capillary_refill_s",
            signs.capillary_refill_s,
            0.0..=CAPILLARY_REFILL_S_MAX,
        ),
    ] {
        if let Some(value) = value {
            // Not a number is in no range.
            check.range(&format!("{at}/{field}"), value, allowed);
        }
    }
    let unmeasurable = unmeasurable(signs, at, &mut check);
    let found_out = VitalSign::ALL
        .iter()
        .any(|sign| *sign != VitalSign::OnOxygen && is_measured(signs, *sign));
    check.require(
        found_out || !unmeasurable.is_empty(),
        at,
        "must contain at least one vital sign",
    );
    let tenths = |value: f64| (value * 10.0).round() / 10.0;
    check.done(Vitals {
        temperature_c: signs.temperature_c.map(tenths),
        unmeasurable,
        ..signs.clone()
    })
}

/// The signs that could not be measured, each once.
fn unmeasurable(signs: &Vitals, at: &str, check: &mut Check) -> Vec<VitalSign> {
    let mut once = Vec::new();
    for (index, sign) in signs.unmeasurable.iter().enumerate() {
        let pointer = format!("{at}/unmeasurable/{index}");
        check.require(
            *sign != VitalSign::OnOxygen,
            &pointer,
            "must be a sign that is measured",
        );
        check.require(
            !is_measured(signs, *sign),
            &pointer,
            "must not be a sign that was measured",
        );
        if !once.contains(sign) {
            once.push(*sign);
        }
    }
    once
}
