//! The KTAS layout: `;` between columns, `??` for a sign that could not be measured, `#BOŞ!` for
//! what was not asked. Only what is known at triage becomes a finding; diagnosis, disposition,
//! lengths of stay and error groups are not even read.

use std::io::Read;

use anyhow::{Context, Result, ensure};
use medique_contracts::commands::{Answer, Vitals};
use medique_contracts::vocabulary::{Consciousness, Sex, VitalSign};
use serde::Deserialize;

/// Written where a sign could not be measured.
const UNMEASURABLE: &str = "??";

/// One patient: what was known at triage, and the two levels that it is held against.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) age_years: Option<u16>,
    pub(crate) sex: Option<Sex>,
    pub(crate) complaint: String,
    pub(crate) answers: Vec<Answer>,
    pub(crate) vitals: Vitals,
    /// The level of the triage nurse; never seen by the floor.
    pub(crate) nurse: u8,
    /// The level of the experts; never seen by the floor.
    pub(crate) expert: u8,
}

#[derive(Deserialize)]
struct Row {
    #[serde(rename = "Sex")]
    sex: String,
    #[serde(rename = "Age")]
    age: String,
    #[serde(rename = "Injury")]
    injury: String,
    #[serde(rename = "Chief_complain")]
    complaint: String,
    #[serde(rename = "Mental")]
    mental: String,
    #[serde(rename = "NRS_pain")]
    pain: String,
    #[serde(rename = "SBP")]
    systolic: String,
    #[serde(rename = "DBP")]
    diastolic: String,
    #[serde(rename = "HR")]
    heart_rate: String,
    #[serde(rename = "RR")]
    respiratory_rate: String,
    #[serde(rename = "BT")]
    temperature: String,
    #[serde(rename = "Saturation")]
    saturation: String,
    #[serde(rename = "KTAS_RN")]
    nurse: String,
    #[serde(rename = "KTAS_expert")]
    expert: String,
}

/// Reads a file.
pub(super) fn read(file: impl Read) -> Result<Vec<Record>> {
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(file);
    let mut records = Vec::new();
    for (index, row) in reader.deserialize::<Row>().enumerate() {
        let line = index + 2;
        let row = row.with_context(|| format!("line {line}"))?;
        records.push(record(&row).with_context(|| format!("line {line}"))?);
    }
    ensure!(!records.is_empty(), "there is no record in it");
    Ok(records)
}

fn record(row: &Row) -> Result<Record> {
    let mut unmeasurable = Vec::new();
    let mut whole = |text: &str, sign: VitalSign| -> Option<u16> {
        number(text, sign, &mut unmeasurable).map(|value| value.round() as u16)
    };
    let mut vitals = Vitals {
        systolic_bp: whole(&row.systolic, VitalSign::SystolicBp),
        diastolic_bp: whole(&row.diastolic, VitalSign::DiastolicBp),
        heart_rate: whole(&row.heart_rate, VitalSign::HeartRate),
        respiratory_rate: whole(&row.respiratory_rate, VitalSign::RespiratoryRate),
        oxygen_saturation: whole(&row.saturation, VitalSign::OxygenSaturation),
        consciousness: consciousness(&row.mental),
        pain: row.pain.trim().parse().ok().filter(|pain| *pain <= 10),
        ..Vitals::default()
    };
    vitals.temperature_c = number(&row.temperature, VitalSign::Temperature, &mut unmeasurable);
    vitals.unmeasurable = unmeasurable;
    Ok(Record {
        age_years: row.age.trim().parse().ok(),
        sex: match row.sex.trim() {
            "1" => Some(Sex::Female),
            "2" => Some(Sex::Male),
            _ => None,
        },
        complaint: row.complaint.clone(),
        answers: match row.injury.trim() {
            "2" => vec![Answer {
                question: "injury".to_owned(),
                yes: true,
            }],
            _ => Vec::new(),
        },
        vitals,
        nurse: level(&row.nurse).context("KTAS_RN")?,
        expert: level(&row.expert).context("KTAS_expert")?,
    })
}

/// A measured value; nothing for a blank, and a finding for what could not be measured.
fn number(text: &str, sign: VitalSign, unmeasurable: &mut Vec<VitalSign>) -> Option<f64> {
    let text = text.trim();
    if text == UNMEASURABLE {
        unmeasurable.push(sign);
    }
    text.replace(',', ".")
        .parse::<f64>()
        .ok()
        .filter(|value| (0.0..=400.0).contains(value))
}

fn consciousness(text: &str) -> Option<Consciousness> {
    match text.trim() {
        "1" => Some(Consciousness::Alert),
        "2" => Some(Consciousness::Voice),
        "3" => Some(Consciousness::Pain),
        "4" => Some(Consciousness::Unresponsive),
        _ => None,
    }
}

fn level(text: &str) -> Result<u8> {
    let level: u8 = text.trim().parse().context("is not a level")?;
    ensure!((1..=5).contains(&level), "is not a level from 1 to 5");
    Ok(level)
}
