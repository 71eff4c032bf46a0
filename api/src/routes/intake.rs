//! Who comes and why, as requests say it.

use crate::schema::Word;
use chrono::NaiveDate;
use medique_contracts::commands::{Answer, Intake, Patient, Vitals};
use medique_contracts::ids::DoctorId;
use medique_contracts::vocabulary::{ArrivalMode, Consciousness, Sex, VitalSign};
use poem_openapi::Object;
use serde::Deserialize;
use uuid::Uuid;

/// Who the patient is. Age or date of birth is needed.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "Patient", deny_unknown_fields)]
pub struct PatientBody {
    /// Full name.
    #[oai(validator(min_length = 1, max_length = 120))]
    pub name: String,
    /// Age in completed years, when the date of birth is not known.
    #[oai(validator(maximum(value = "130")))]
    pub age_years: Option<u16>,
    /// Date of birth.
    pub birth_date: Option<NaiveDate>,
    /// Sex as recorded.
    pub sex: Option<Word<Sex>>,
    /// Phone number as dialled.
    #[oai(validator(max_length = 32))]
    pub phone: Option<String>,
    /// BCP 47 language tag.
    pub language: Option<String>,
}

/// One set of vital signs. Leave out what was not measured.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "Vitals", deny_unknown_fields)]
pub struct VitalsBody {
    /// Breaths per minute.
    pub respiratory_rate: Option<u16>,
    /// Peripheral oxygen saturation, percent.
    #[oai(validator(maximum(value = "100")))]
    pub oxygen_saturation: Option<u16>,
    /// Whether the patient breathes supplemental oxygen.
    pub on_oxygen: Option<bool>,
    /// Systolic blood pressure, mmHg.
    pub systolic_bp: Option<u16>,
    /// Heart rate, beats per minute.
    pub heart_rate: Option<u16>,
    /// Body temperature, degrees Celsius.
    pub temperature_c: Option<f64>,
    /// Level of consciousness (ACVPU).
    pub consciousness: Option<Word<Consciousness>>,
    /// Pain, 0 to 10.
    #[oai(validator(maximum(value = "10")))]
    pub pain: Option<u8>,
    /// Diastolic blood pressure, mmHg.
    #[oai(validator(maximum(value = "250")))]
    pub diastolic_bp: Option<u16>,
    /// Whether NEWS2 reads the saturation on scale 2: hypercapnic respiratory failure, confirmed by
    /// a clinician, with a target of 88 to 92 %.
    pub oxygen_scale_2: Option<bool>,
    /// Blood glucose, mmol/L.
    pub glucose_mmol_l: Option<f64>,
    /// Capillary refill time, seconds.
    pub capillary_refill_s: Option<f64>,
    /// Signs that somebody tried to measure and could not: a finding of its own.
    #[serde(default)]
    #[oai(default, validator(max_items = 11))]
    pub unmeasurable: Vec<Word<VitalSign>>,
}

/// The answer to one of the structured questions, which `GET /triage/questions` lists.
#[derive(Debug, Clone, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(rename = "Answer", deny_unknown_fields)]
pub struct AnswerBody {
    /// Id of the question.
    #[oai(validator(min_length = 1, max_length = 60))]
    pub question: String,
    /// Yes or no; leave out what was not answered.
    pub yes: bool,
}

/// What an intake may say beside patient, complaint and symptoms.
#[derive(Debug, Default)]
pub struct More {
    /// Answers to structured questions.
    pub answers: Vec<AnswerBody>,
    /// First vital signs.
    pub vitals: Option<VitalsBody>,
    /// The doctor that the patient comes to see.
    pub assigned_doctor_id: Option<Uuid>,
    /// How the patient came.
    pub arrival_mode: Option<Word<ArrivalMode>>,
    /// Check in although the patient has a live visit.
    pub allow_duplicate: bool,
}

/// Puts an intake together.
pub fn intake(
    patient: PatientBody,
    complaint: String,
    symptoms: Vec<String>,
    more: More,
) -> Intake {
    Intake {
        patient: patient.into(),
        complaint,
        symptoms,
        answers: more.answers.into_iter().map(Answer::from).collect(),
        vitals: more.vitals.map(Vitals::from),
        assigned_doctor_id: more.assigned_doctor_id.map(DoctorId),
        arrival_mode: more.arrival_mode.map(|word| word.0),
        allow_duplicate: more.allow_duplicate,
    }
}

impl From<PatientBody> for Patient {
    fn from(body: PatientBody) -> Self {
        Self {
            name: body.name,
            age_years: body.age_years,
            birth_date: body.birth_date,
            sex: body.sex.map(|word| word.0),
            phone: body.phone,
            language: body.language,
        }
    }
}

impl From<VitalsBody> for Vitals {
    fn from(body: VitalsBody) -> Self {
        Self {
            respiratory_rate: body.respiratory_rate,
            oxygen_saturation: body.oxygen_saturation,
            on_oxygen: body.on_oxygen,
            systolic_bp: body.systolic_bp,
            heart_rate: body.heart_rate,
            temperature_c: body.temperature_c,
            consciousness: body.consciousness.map(|word| word.0),
            pain: body.pain,
            diastolic_bp: body.diastolic_bp,
            oxygen_scale_2: body.oxygen_scale_2,
            glucose_mmol_l: body.glucose_mmol_l,
            capillary_refill_s: body.capillary_refill_s,
            unmeasurable: body.unmeasurable.into_iter().map(|word| word.0).collect(),
        }
    }
}

impl From<AnswerBody> for Answer {
    fn from(body: AnswerBody) -> Self {
        Self {
            question: body.question,
            yes: body.yes,
        }
    }
}

/// The patient of the examples.
pub(super) fn example_patient() -> PatientBody {
    PatientBody {
        name: "Ada Example".to_owned(),
        age_years: Some(42),
        birth_date: None,
        sex: Some(Word(Sex::Female)),
        phone: None,
        language: Some("en".to_owned()),
    }
}

/// The vital signs of the examples.
pub(super) fn example_vitals() -> VitalsBody {
    VitalsBody {
        respiratory_rate: Some(16),
        oxygen_saturation: Some(97),
        on_oxygen: Some(false),
        systolic_bp: Some(125),
        heart_rate: Some(78),
        temperature_c: Some(36.8),
        consciousness: Some(Word(Consciousness::Alert)),
        pain: Some(2),
        diastolic_bp: Some(80),
        oxygen_scale_2: None,
        glucose_mmol_l: None,
        capillary_refill_s: None,
        unmeasurable: Vec::new(),
    }
}
