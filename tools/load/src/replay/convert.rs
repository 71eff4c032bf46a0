//! From what a row says to what MediQue takes. Nothing is invented: what cannot be read or cannot be
//! is left out, and counted.

use std::collections::BTreeMap;

use medique_contracts::commands::Vitals;

use super::records::SignsRow;

/// Values that were left out or read in another way than written, by what was wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Notes(pub(crate) BTreeMap<&'static str, u64>);

impl Notes {
    pub(crate) fn add(&mut self, what: &'static str) {
        *self.0.entry(what).or_default() += 1;
    }
}

/// Vital signs of a row; none when nothing of it can be used.
pub(crate) fn vitals(row: &SignsRow, notes: &mut Notes) -> Option<Vitals> {
    let vitals = Vitals {
        respiratory_rate: whole(
            row.resprate,
            4.0..=70.0,
            "respiratory rate implausible",
            notes,
        ),
        oxygen_saturation: whole(
            row.o2sat,
            50.0..=100.0,
            "oxygen saturation implausible",
            notes,
        ),
        systolic_bp: whole(
            row.sbp,
            40.0..=300.0,
            "systolic pressure implausible",
            notes,
        ),
        heart_rate: whole(row.heartrate, 20.0..=250.0, "heart rate implausible", notes),
        temperature_c: row.temperature.and_then(|value| celsius(value, notes)),
        pain: pain(&row.pain, notes),
        ..Vitals::default()
    };
    (vitals != Vitals::default()).then_some(vitals)
}

fn whole(
    value: Option<f64>,
    plausible: std::ops::RangeInclusive<f64>,
    what: &'static str,
    notes: &mut Notes,
) -> Option<u16> {
    let value = value?;
    if !plausible.contains(&value) {
        notes.add(what);
        return None;
    }
    Some(value.round() as u16)
}

/// Written in degrees Fahrenheit; values that only Celsius can mean are taken as such. One decimal.
fn celsius(written: f64, notes: &mut Notes) -> Option<f64> {
    let celsius = match written {
        25.0..=45.0 => {
            notes.add("temperature read as degrees Celsius");
            written
        }
        77.0..=113.0 => (written - 32.0) / 1.8,
        _ => {
            notes.add("temperature implausible");
            return None;
        }
    };
    Some((celsius * 10.0).round() / 10.0)
}

/// A whole number from 0 to 10; words and other numbers are left out.
fn pain(written: &str, notes: &mut Notes) -> Option<u8> {
    let written = written.trim();
    if written.is_empty() {
        return None;
    }
    match written.parse::<f64>() {
        Ok(value) if (0.0..=10.0).contains(&value) && value.fract() == 0.0 => Some(value as u8),
        Ok(_) => {
            notes.add("pain not a whole number from 0 to 10");
            None
        }
        Err(_) => {
            notes.add("pain in words");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(temperature: f64, pain: &str) -> SignsRow {
        SignsRow {
            temperature: Some(temperature),
            pain: pain.to_owned(),
            ..SignsRow::default()
        }
    }

    fn temperature(written: f64) -> (Option<f64>, Notes) {
        let mut notes = Notes::default();
        (
            vitals(&row(written, ""), &mut notes).and_then(|vitals| vitals.temperature_c),
            notes,
        )
    }

    #[test]
    fn fahrenheit_becomes_celsius_with_one_decimal() {
        assert_eq!(temperature(98.6), (Some(37.0), Notes::default()));
        assert_eq!(temperature(101.3).0, Some(38.5));
    }

    #[test]
    fn celsius_is_recognised_and_nonsense_left_out_both_counted() {
        let (value, notes) = temperature(36.4);
        assert_eq!(
            (value, notes.0["temperature read as degrees Celsius"]),
            (Some(36.4), 1)
        );
        let (value, notes) = temperature(200.0);
        assert_eq!((value, notes.0["temperature implausible"]), (None, 1));
    }

    #[test]
    fn only_a_number_is_pain() {
        let mut notes = Notes::default();
        let read = ["7", "0.0", "11", "7.5", "cannot say", ""].map(|text| pain(text, &mut notes));
        assert_eq!(read, [Some(7), Some(0), None, None, None, None]);
        assert_eq!(notes.0["pain not a whole number from 0 to 10"], 2);
        assert_eq!(notes.0["pain in words"], 1);
    }

    #[test]
    fn an_implausible_sign_does_not_take_the_others_with_it() {
        let mut notes = Notes::default();
        let signs = SignsRow {
            sbp: Some(5.0),
            heartrate: Some(71.6),
            ..SignsRow::default()
        };
        let vitals = vitals(&signs, &mut notes).expect("a heart rate");
        assert_eq!((vitals.systolic_bp, vitals.heart_rate), (None, Some(72)));
        assert_eq!(notes.0["systolic pressure implausible"], 1);
    }

    #[test]
    fn a_row_without_signs_is_nothing() {
        assert_eq!(vitals(&SignsRow::default(), &mut Notes::default()), None);
    }
}
