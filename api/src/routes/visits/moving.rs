//! Coming back, going elsewhere, going away: return, transfer, cancel, leave, reassign, undo; and being forgotten: erase.

use super::super::Group;
use super::{PlainBody, ReasonBody, RemarkBody};
use crate::accept::{Answered, Ask, Conditions, accept};
use crate::auth::Caller;
use crate::door::Body;
use crate::schema::Word;
use medique_contracts::Command;
use medique_contracts::commands::{Cancel, Erase, Leave, Reassign, Return, Transfer, Undo};
use medique_contracts::ids::{DepartmentId, DoctorId};
use medique_contracts::vocabulary::{ReturnPlace, TransferPlace};
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;
use uuid::Uuid;

/// Where the patient who comes back joins the queue.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
pub struct ReturnBody {
    /// The version of the visit that the client saw; another one is a `version_conflict`.
    expected_version: Option<i64>,
    /// Which place in the queue; the department's default when absent.
    place: Option<Word<ReturnPlace>>,
    /// With `AFTER`: behind how many patients of the same level, 1 to 20.
    #[oai(validator(minimum(value = "1"), maximum(value = "20")))]
    after: Option<u8>,
    /// Remark.
    #[oai(validator(max_length = 300))]
    reason: Option<String>,
}

/// Where the patient goes.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
pub struct TransferBody {
    /// The version of the visit that the client saw; another one is a `version_conflict`.
    expected_version: Option<i64>,
    /// The department that takes over.
    department_id: Uuid,
    /// Why; refused as `reason_required` when it is empty.
    #[serde(default)]
    #[oai(default, validator(max_length = 300))]
    reason: String,
    /// Which place in the queue there; the department's default when absent.
    place: Option<Word<TransferPlace>>,
    /// The doctor who is to see the patient there.
    assigned_doctor_id: Option<Uuid>,
}

/// Who is to see the patient.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
pub struct ReassignBody {
    /// The version of the visit that the client saw; another one is a `version_conflict`.
    expected_version: Option<i64>,
    /// The doctor; absent for nobody in particular.
    doctor_id: Option<Uuid>,
}

/// Moving.
pub struct MovingApi;

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
impl MovingApi {
    /// Take back a patient who left or was missed
    ///
    /// RECEPTION, DOCTOR, ADMIN; on the same service day.
    #[oai(
        path = "/visits/:id/return",
        method = "post",
        operation_id = "return_visit"
    )]
    async fn return_visit(
        &self,
        conditions: Conditions,
        caller: Caller,
        id: Path<Uuid>,
        Body(body): Body<ReturnBody>,
    ) -> Answered {
        let command = Command::Return(Return {
            place: body.place.map(|word| word.0),
            after: body.after,
            reason: body.reason,
        });
        accept(
            conditions,
            &caller,
            Ask::on_visit(id.0, body.expected_version, command),
        )
        .await
    }

    /// Move the visit to another department
    ///
    /// DOCTOR, RECEPTION, ADMIN of the department where the visit is.
    #[oai(
        path = "/visits/:id/transfer",
        method = "post",
        operation_id = "transfer"
    )]
    async fn transfer(
        &self,
        conditions: Conditions,
        caller: Caller,
        id: Path<Uuid>,
        Body(body): Body<TransferBody>,
    ) -> Answered {
        let command = Command::Transfer(Transfer {
            department_id: DepartmentId(body.department_id),
            reason: body.reason,
            place: body.place.map(|word| word.0),
            assigned_doctor_id: body.assigned_doctor_id.map(DoctorId),
        });
        accept(
            conditions,
            &caller,
            Ask::on_visit(id.0, body.expected_version, command),
        )
        .await
    }

    /// Cancel the visit
    ///
    /// The patient before care begins, RECEPTION, ADMIN.
    #[oai(path = "/visits/:id/cancel", method = "post", operation_id = "cancel")]
    async fn cancel(
        &self,
        conditions: Conditions,
        caller: Caller,
        id: Path<Uuid>,
        Body(body): Body<ReasonBody>,
    ) -> Answered {
        let command = Command::Cancel(Cancel {
            reason: body.reason,
        });
        accept(
            conditions,
            &caller,
            Ask::on_visit(id.0, body.expected_version, command),
        )
        .await
    }

    /// Record that the patient leaves before care is finished
    ///
    /// The patient, DOCTOR, RECEPTION, ADMIN.
    #[oai(path = "/visits/:id/leave", method = "post", operation_id = "leave")]
    async fn leave(
        &self,
        conditions: Conditions,
        caller: Caller,
        id: Path<Uuid>,
        Body(body): Body<RemarkBody>,
    ) -> Answered {
        let command = Command::Leave(Leave {
            reason: body.reason,
        });
        accept(
            conditions,
            &caller,
            Ask::on_visit(id.0, body.expected_version, command),
        )
        .await
    }

    /// Assign the visit to a doctor, or to nobody in particular
    ///
    /// RECEPTION, ADMIN.
    #[oai(
        path = "/visits/:id/reassign",
        method = "post",
        operation_id = "reassign"
    )]
    async fn reassign(
        &self,
        conditions: Conditions,
        caller: Caller,
        id: Path<Uuid>,
        Body(body): Body<ReassignBody>,
    ) -> Answered {
        let command = Command::Reassign(Reassign {
            doctor_id: body.doctor_id.map(DoctorId),
        });
        accept(
            conditions,
            &caller,
            Ask::on_visit(id.0, body.expected_version, command),
        )
        .await
    }

    /// Take back the last transition
    ///
    /// Whoever made it, or ADMIN, within 60 seconds.
    #[oai(path = "/visits/:id/undo", method = "post", operation_id = "undo")]
    async fn undo(
        &self,
        conditions: Conditions,
        caller: Caller,
        id: Path<Uuid>,
        Body(body): Body<PlainBody>,
    ) -> Answered {
        let command = Command::Undo(Undo {});
        accept(
            conditions,
            &caller,
            Ask::on_visit(id.0, body.expected_version, command),
        )
        .await
    }

    /// Erase the person of a finished visit
    ///
    /// ADMIN. The key of the visit's personal data is destroyed: name, contact, complaint, reasons,
    /// notes and prescriptions cannot be read again by anybody. State, times, levels and
    /// measurements stay. One visit at a time: the export names all visits of a person.
    #[oai(path = "/visits/:id/erase", method = "post", operation_id = "erase")]
    async fn erase(
        &self,
        conditions: Conditions,
        caller: Caller,
        id: Path<Uuid>,
        Body(body): Body<RemarkBody>,
    ) -> Answered {
        let command = Command::Erase(Erase {
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
