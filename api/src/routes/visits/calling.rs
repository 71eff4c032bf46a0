//! Calling one patient: call, recall, unclaim, no-show.

use super::super::Group;
use super::{PlainBody, RemarkBody};
use crate::accept::{Answered, Ask, Conditions, accept};
use crate::auth::Caller;
use crate::door::Body;
use medique_contracts::Command;
use medique_contracts::commands::{Call, NoShow, Recall, Unclaim};
use medique_contracts::ids::{DoctorId, RoomId};
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;
use uuid::Uuid;

/// Whom to call, where to, for whom.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
pub struct CallBody {
    /// The version of the visit that the client saw; another one is a `version_conflict`.
    expected_version: Option<i64>,
    /// Room to call to; without one, the doctor's last room or the first free one.
    room_id: Option<Uuid>,
    /// Doctor to call for; a doctor calls for himself.
    doctor_id: Option<Uuid>,
    /// Why this patient, when somebody else is at the head of the queue.
    #[oai(validator(max_length = 300))]
    reason: Option<String>,
}

/// Calling one patient.
pub struct CallingApi;

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
impl CallingApi {
    /// Call one chosen patient
    ///
    /// DOCTOR, RECEPTION, ADMIN. Needs a reason when somebody else is at the head of the queue.
    #[oai(path = "/visits/:id/call", method = "post", operation_id = "call")]
    async fn call(
        &self,
        conditions: Conditions,
        caller: Caller,
        id: Path<Uuid>,
        Body(body): Body<CallBody>,
    ) -> Answered {
        let command = Command::Call(Call {
            room_id: body.room_id.map(RoomId),
            doctor_id: body.doctor_id.map(DoctorId),
            reason: body.reason,
        });
        accept(
            conditions,
            &caller,
            Ask::on_visit(id.0, body.expected_version, command),
        )
        .await
    }

    /// Announce a called patient again
    ///
    /// DOCTOR, RECEPTION, ADMIN; at most every ten seconds.
    #[oai(path = "/visits/:id/recall", method = "post", operation_id = "recall")]
    async fn recall(
        &self,
        conditions: Conditions,
        caller: Caller,
        id: Path<Uuid>,
        Body(body): Body<PlainBody>,
    ) -> Answered {
        let command = Command::Recall(Recall {});
        accept(
            conditions,
            &caller,
            Ask::on_visit(id.0, body.expected_version, command),
        )
        .await
    }

    /// Put a called patient back in the old place
    ///
    /// DOCTOR, RECEPTION, ADMIN.
    #[oai(
        path = "/visits/:id/unclaim",
        method = "post",
        operation_id = "unclaim"
    )]
    async fn unclaim(
        &self,
        conditions: Conditions,
        caller: Caller,
        id: Path<Uuid>,
        Body(body): Body<RemarkBody>,
    ) -> Answered {
        let command = Command::Unclaim(Unclaim {
            reason: body.reason,
        });
        accept(
            conditions,
            &caller,
            Ask::on_visit(id.0, body.expected_version, command),
        )
        .await
    }

    /// Record that the called patient did not come
    ///
    /// DOCTOR, RECEPTION, ADMIN, after the announcements and the grace time of the department.
    #[oai(
        path = "/visits/:id/no-show",
        method = "post",
        operation_id = "no_show"
    )]
    async fn no_show(
        &self,
        conditions: Conditions,
        caller: Caller,
        id: Path<Uuid>,
        Body(body): Body<RemarkBody>,
    ) -> Answered {
        let command = Command::NoShow(NoShow {
            reason: body.reason,
        });
        accept(
            conditions,
            &caller,
            Ask::on_visit(id.0, body.expected_version, command),
        )
        .await
    }
}
