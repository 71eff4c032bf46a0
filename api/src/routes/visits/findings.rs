//! What is found out about a patient: intake, vital signs, acuity.

use super::super::Group;
use super::super::intake::{
    AnswerBody, More, PatientBody, VitalsBody, example_patient, example_vitals, intake,
};
use crate::accept::{Answered, Ask, Conditions, accept};
use crate::auth::Caller;
use crate::door::Body;
use crate::schema::Word;
use medique_contracts::Command;
use medique_contracts::commands::{FillIntake, RecordVitals, SetAcuity};
use medique_contracts::vocabulary::{ArrivalMode, Consciousness, VitalSign};
use poem_openapi::param::Path;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;
use uuid::Uuid;

/// The intake of a scanned visit.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields, example)]
pub struct IntakeBody {
    /// The version of the visit that the client saw; another one is a `version_conflict`.
    expected_version: Option<i64>,
    /// Who.
    patient: PatientBody,
    /// Presenting complaint.
    #[oai(validator(min_length = 1, max_length = 500))]
    complaint: String,
    /// Further symptoms.
    #[serde(default)]
    #[oai(default, validator(max_items = 20))]
    symptoms: Vec<String>,
    /// Answers to the structured questions of `GET /triage/questions`.
    #[serde(default)]
    #[oai(default, validator(max_items = 60))]
    answers: Vec<AnswerBody>,
    /// First vital signs, when taken at the desk.
    vitals: Option<VitalsBody>,
    /// The doctor that the patient comes to see.
    assigned_doctor_id: Option<Uuid>,
    /// How the patient came.
    arrival_mode: Option<Word<ArrivalMode>>,
    /// Check in although the patient has a live visit; staff only.
    #[serde(default)]
    #[oai(default)]
    allow_duplicate: bool,
}

impl Example for IntakeBody {
    fn example() -> Self {
        Self {
            expected_version: Some(1),
            patient: example_patient(),
            complaint: "sprained ankle".to_owned(),
            symptoms: vec!["swelling".to_owned()],
            answers: Vec::new(),
            vitals: None,
            assigned_doctor_id: None,
            arrival_mode: None,
            allow_duplicate: false,
        }
    }
}

/// New vital signs. Leave out what was not measured.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields, example)]
pub struct RecordVitalsBody {
    /// The version of the visit that the client saw; another one is a `version_conflict`.
    expected_version: Option<i64>,
    /// Breaths per minute.
    respiratory_rate: Option<u16>,
    /// Peripheral oxygen saturation, percent.
    #[oai(validator(maximum(value = "100")))]
    oxygen_saturation: Option<u16>,
    /// Whether the patient breathes supplemental oxygen.
    on_oxygen: Option<bool>,
    /// Systolic blood pressure, mmHg.
    systolic_bp: Option<u16>,
    /// Heart rate, beats per minute.
    heart_rate: Option<u16>,
    /// Body temperature, degrees Celsius.
    temperature_c: Option<f64>,
    /// Level of consciousness (ACVPU).
    consciousness: Option<Word<Consciousness>>,
    /// Pain, 0 to 10.
    #[oai(validator(maximum(value = "10")))]
    pain: Option<u8>,
    /// Diastolic blood pressure, mmHg.
    #[oai(validator(maximum(value = "250")))]
    diastolic_bp: Option<u16>,
    /// Whether NEWS2 reads the saturation on scale 2: hypercapnic respiratory failure, confirmed by
    /// a clinician, with a target of 88 to 92 %.
    oxygen_scale_2: Option<bool>,
    /// Blood glucose, mmol/L.
    glucose_mmol_l: Option<f64>,
    /// Capillary refill time, seconds.
    capillary_refill_s: Option<f64>,
    /// Signs that somebody tried to measure and could not: a finding of its own.
    #[serde(default)]
    #[oai(default, validator(max_items = 11))]
    unmeasurable: Vec<Word<VitalSign>>,
}

impl RecordVitalsBody {
    fn vitals(self) -> VitalsBody {
        VitalsBody {
            respiratory_rate: self.respiratory_rate,
            oxygen_saturation: self.oxygen_saturation,
            on_oxygen: self.on_oxygen,
            systolic_bp: self.systolic_bp,
            heart_rate: self.heart_rate,
            temperature_c: self.temperature_c,
            consciousness: self.consciousness,
            pain: self.pain,
            diastolic_bp: self.diastolic_bp,
            oxygen_scale_2: self.oxygen_scale_2,
            glucose_mmol_l: self.glucose_mmol_l,
            capillary_refill_s: self.capillary_refill_s,
            unmeasurable: self.unmeasurable,
        }
    }
}

impl Example for RecordVitalsBody {
    fn example() -> Self {
        let signs = example_vitals();
        Self {
            expected_version: Some(1),
            respiratory_rate: signs.respiratory_rate,
            oxygen_saturation: signs.oxygen_saturation,
            on_oxygen: signs.on_oxygen,
            systolic_bp: signs.systolic_bp,
            heart_rate: signs.heart_rate,
            temperature_c: signs.temperature_c,
            consciousness: signs.consciousness,
            pain: signs.pain,
            diastolic_bp: signs.diastolic_bp,
            oxygen_scale_2: signs.oxygen_scale_2,
            glucose_mmol_l: signs.glucose_mmol_l,
            capillary_refill_s: signs.capillary_refill_s,
            unmeasurable: signs.unmeasurable,
        }
    }
}

/// A clinician's level.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields, example)]
pub struct AcuityBody {
    /// The version of the visit that the client saw; another one is a `version_conflict`.
    expected_version: Option<i64>,
    /// 1 (worst) to 5.
    #[oai(validator(minimum(value = "1"), maximum(value = "5")))]
    level: u8,
    /// Why.
    #[serde(default)]
    #[oai(default, validator(max_length = 300))]
    reason: String,
    /// Set a level less urgent than the safety floor, on the clinician's responsibility.
    #[serde(default)]
    #[oai(default)]
    override_floor: bool,
}

impl Example for AcuityBody {
    fn example() -> Self {
        Self {
            expected_version: Some(2),
            level: 2,
            reason: "looks worse than the numbers".to_owned(),
            override_floor: false,
        }
    }
}

/// Findings.
pub struct FindingsApi;

#[OpenApi(
    prefix_path = "/api/v1",
    tag = "Group::Visits",
    request_header(
        name = "Idempotency-Key",
        ty = "String",
        description = "1 to 128 visible ASCII characters; a fresh random one per intent, the same one per repetition."
    ),
    request_header(
        name = "Prefer",
        ty = "Option<String>",
        description = "`wait=N`: wait up to N (at most 30) seconds for the outcome itself."
    )
)]
impl FindingsApi {
    /// Fill the intake of a scanned visit
    ///
    /// The patient of that visit, RECEPTION, ADMIN. Assigns the token.
    #[oai(
        path = "/visits/:id/intake",
        method = "post",
        operation_id = "fill_intake"
    )]
    async fn fill_intake(
        &self,
        conditions: Conditions,
        caller: Caller,
        id: Path<Uuid>,
        Body(body): Body<IntakeBody>,
    ) -> Answered {
        let more = More {
            answers: body.answers,
            vitals: body.vitals,
            assigned_doctor_id: body.assigned_doctor_id,
            arrival_mode: body.arrival_mode,
            allow_duplicate: body.allow_duplicate,
        };
        let intake = intake(body.patient, body.complaint, body.symptoms, more);
        let command = Command::FillIntake(FillIntake { intake });
        accept(
            conditions,
            &caller,
            Ask::on_visit(id.0, body.expected_version, command),
        )
        .await
    }

    /// Record vital signs
    ///
    /// NURSE, DOCTOR. The safety floor is computed anew.
    #[oai(
        path = "/visits/:id/vitals",
        method = "post",
        operation_id = "record_vitals"
    )]
    async fn record_vitals(
        &self,
        conditions: Conditions,
        caller: Caller,
        id: Path<Uuid>,
        Body(body): Body<RecordVitalsBody>,
    ) -> Answered {
        let expected_version = body.expected_version;
        let command = Command::RecordVitals(RecordVitals {
            vitals: body.vitals().into(),
        });
        accept(
            conditions,
            &caller,
            Ask::on_visit(id.0, expected_version, command),
        )
        .await
    }

    /// Set the acuity level
    ///
    /// NURSE, DOCTOR; RECEPTION and ADMIN raise urgency only.
    #[oai(
        path = "/visits/:id/acuity",
        method = "post",
        operation_id = "set_acuity"
    )]
    async fn set_acuity(
        &self,
        conditions: Conditions,
        caller: Caller,
        id: Path<Uuid>,
        Body(body): Body<AcuityBody>,
    ) -> Answered {
        let command = Command::SetAcuity(SetAcuity {
            level: body.level,
            reason: body.reason,
            override_floor: body.override_floor,
        });
        accept(
            conditions,
            &caller,
            Ask::on_visit(id.0, body.expected_version, command),
        )
        .await
    }
}
