//! From the waiting room to the end of care: start, hold, resume, complete.

use super::super::Group;
use super::PlainBody;
use crate::accept::{Answered, Ask, Conditions, accept};
use crate::auth::Caller;
use crate::door::Body;
use medique_contracts::Command;
use medique_contracts::commands::{Complete, Hold, Resume, Start};
use medique_contracts::ids::RoomId;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;
use uuid::Uuid;

/// Where the consultation starts.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
pub struct StartBody {
    /// The version of the visit that the client saw; another one is a `version_conflict`.
    expected_version: Option<i64>,
    /// Room, when a waiting patient walks straight in.
    room_id: Option<Uuid>,
}

/// Why the patient is away, and until when.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
pub struct HoldBody {
    /// The version of the visit that the client saw; another one is a `version_conflict`.
    expected_version: Option<i64>,
    /// Why; refused as `reason_required` when it is empty.
    #[serde(default)]
    #[oai(default, validator(max_length = 300))]
    reason: String,
    /// When the patient is expected back, minutes from now.
    expected_return_minutes: Option<u16>,
}

/// What the doctor writes.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
pub struct CompleteBody {
    /// The version of the visit that the client saw; another one is a `version_conflict`.
    expected_version: Option<i64>,
    /// Consultation notes.
    #[oai(validator(max_length = 4000))]
    notes: Option<String>,
    /// Prescription.
    #[oai(validator(max_length = 4000))]
    prescription: Option<String>,
}

/// Care.
pub struct CareApi;

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
impl CareApi {
    /// Start the consultation
    ///
    /// The DOCTOR who called; a waiting patient is called and started at once.
    #[oai(path = "/visits/:id/start", method = "post", operation_id = "start")]
    async fn start(
        &self,
        conditions: Conditions,
        caller: Caller,
        id: Path<Uuid>,
        Body(body): Body<StartBody>,
    ) -> Answered {
        let command = Command::Start(Start {
            room_id: body.room_id.map(RoomId),
        });
        accept(
            conditions,
            &caller,
            Ask::on_visit(id.0, body.expected_version, command),
        )
        .await
    }

    /// Park a patient who is away for a while
    ///
    /// DOCTOR, RECEPTION, ADMIN; the patient while waiting.
    #[oai(path = "/visits/:id/hold", method = "post", operation_id = "hold")]
    async fn hold(
        &self,
        conditions: Conditions,
        caller: Caller,
        id: Path<Uuid>,
        Body(body): Body<HoldBody>,
    ) -> Answered {
        let command = Command::Hold(Hold {
            reason: body.reason,
            expected_return_minutes: body.expected_return_minutes,
        });
        accept(
            conditions,
            &caller,
            Ask::on_visit(id.0, body.expected_version, command),
        )
        .await
    }

    /// Take a parked patient back
    ///
    /// DOCTOR, RECEPTION, ADMIN; the patient.
    #[oai(path = "/visits/:id/resume", method = "post", operation_id = "resume")]
    async fn resume(
        &self,
        conditions: Conditions,
        caller: Caller,
        id: Path<Uuid>,
        Body(body): Body<PlainBody>,
    ) -> Answered {
        let command = Command::Resume(Resume {});
        accept(
            conditions,
            &caller,
            Ask::on_visit(id.0, body.expected_version, command),
        )
        .await
    }

    /// Finish the consultation and the visit
    ///
    /// The DOCTOR in charge.
    #[oai(
        path = "/visits/:id/complete",
        method = "post",
        operation_id = "complete"
    )]
    async fn complete(
        &self,
        conditions: Conditions,
        caller: Caller,
        id: Path<Uuid>,
        Body(body): Body<CompleteBody>,
    ) -> Answered {
        let command = Command::Complete(Complete {
            notes: body.notes,
            prescription: body.prescription,
        });
        accept(
            conditions,
            &caller,
            Ask::on_visit(id.0, body.expected_version, command),
        )
        .await
    }
}
