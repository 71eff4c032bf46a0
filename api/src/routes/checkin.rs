//! Patients arrive: at the desk, or by a signed link.

mod holder;
mod tickets;

pub use tickets::TicketsApi;

use super::Group;
use super::intake::{AnswerBody, More, PatientBody, VitalsBody, example_patient, intake};
use crate::accept::{Answered, Ask, Conditions, accept};
use crate::auth::Caller;
use crate::door::Body;
use crate::schema::Word;
use holder::{claims, holder};
use medique_contracts::Command;
use medique_contracts::commands::{CheckIn, CheckInByLink, Scan};
use medique_contracts::vocabulary::ArrivalMode;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;
use uuid::Uuid;

/// Check-in at the desk.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields, example)]
pub struct CheckInBody {
    /// The department whose queue the patient joins.
    department_id: Uuid,
    /// Who.
    patient: PatientBody,
    /// Presenting complaint in the patient's or clerk's words.
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
    /// Check in although the patient has a live visit.
    #[serde(default)]
    #[oai(default)]
    allow_duplicate: bool,
}

impl Example for CheckInBody {
    fn example() -> Self {
        Self {
            department_id: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001),
            patient: example_patient(),
            complaint: "sprained ankle".to_owned(),
            symptoms: vec!["swelling".to_owned()],
            answers: Vec::new(),
            vitals: None,
            assigned_doctor_id: None,
            arrival_mode: Some(Word(ArrivalMode::WalkIn)),
            allow_duplicate: false,
        }
    }
}

/// A scanned link.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
pub struct ScanBody {
    /// The token in the link, or the ticket drawn from a poster.
    #[oai(validator(max_length = 1024))]
    link_token: String,
}

/// Check-in by link in one step.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields, example)]
pub struct LinkCheckInBody {
    /// The token in the link, or the ticket drawn from a poster.
    #[oai(validator(max_length = 1024))]
    link_token: String,
    /// Who.
    patient: PatientBody,
    /// Presenting complaint in the patient's words.
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
}

impl Example for LinkCheckInBody {
    fn example() -> Self {
        Self {
            link_token: "eyJsaW5rX2lkIjoi....c2lnbmF0dXJl".to_owned(),
            patient: example_patient(),
            complaint: "cough since three days".to_owned(),
            symptoms: vec!["fever".to_owned()],
            answers: vec![AnswerBody {
                question: "chest_pain".to_owned(),
                yes: false,
            }],
        }
    }
}

/// Patients arrive.
pub struct CheckInApi;

#[OpenApi(
    prefix_path = "/api/v1",
    tag = "Group::CheckIn",
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
impl CheckInApi {
    /// Check a patient in at the desk
    ///
    /// RECEPTION, NURSE, ADMIN. Creates the visit named by `visit_id` in the answer, assigns a token
    /// and puts the patient into the queue.
    #[oai(path = "/visits", method = "post", operation_id = "check_in")]
    async fn check_in(
        &self,
        conditions: Conditions,
        caller: Caller,
        Body(body): Body<CheckInBody>,
    ) -> Answered {
        let more = More {
            answers: body.answers,
            vitals: body.vitals,
            assigned_doctor_id: body.assigned_doctor_id,
            arrival_mode: body.arrival_mode,
            allow_duplicate: body.allow_duplicate,
        };
        let intake = intake(body.patient, body.complaint, body.symptoms, more);
        let command = Command::CheckIn(CheckIn { intake });
        accept(
            conditions,
            &caller,
            Ask::in_department(body.department_id, command),
        )
        .await
    }

    /// Scan a check-in link
    ///
    /// Anyone with a valid link. Creates a visit without a token, which the patient fills with
    /// `POST /visits/{id}/intake`, using the `visit_token` of the answer. It expires when that does
    /// not happen.
    #[oai(path = "/checkin/scan", method = "post", operation_id = "scan")]
    async fn scan(&self, conditions: Conditions, Body(body): Body<ScanBody>) -> Answered {
        let (caller, link) = holder(&conditions.app, &body.link_token)?;
        let command = Command::Scan(Scan {
            link: claims(&link),
        });
        accept(
            conditions,
            &caller,
            Ask::in_department(link.department_id.0, command),
        )
        .await
    }

    /// Check in by link
    ///
    /// Anyone with a valid link. Creates the visit, assigns a token and puts the patient into the
    /// queue; the answer holds the `visit_token` with which the patient follows it.
    #[oai(path = "/checkin", method = "post", operation_id = "check_in_by_link")]
    async fn check_in_by_link(
        &self,
        conditions: Conditions,
        Body(body): Body<LinkCheckInBody>,
    ) -> Answered {
        let (caller, link) = holder(&conditions.app, &body.link_token)?;
        let more = More {
            answers: body.answers,
            ..More::default()
        };
        let intake = intake(body.patient, body.complaint, body.symptoms, more);
        let command = Command::CheckInByLink(CheckInByLink {
            link: claims(&link),
            intake,
        });
        accept(
            conditions,
            &caller,
            Ask::in_department(link.department_id.0, command),
        )
        .await
    }
}
