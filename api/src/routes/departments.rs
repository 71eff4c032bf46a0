//! Departments: their settings, and calling the next patient.

use super::Group;
use crate::accept::{Answered, Ask, Conditions, accept};
use crate::auth::Caller;
use crate::door::Body;
use crate::schema::Word;
use medique_contracts::Command;
use medique_contracts::commands::{CallNext, DepartmentSettings, UpdateDepartment};
use medique_contracts::ids::{DoctorId, RoomId};
use medique_contracts::vocabulary::{ReturnPlace, TransferPlace, TriagePolicy};
use poem_openapi::param::Path;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;
use uuid::Uuid;

/// How a department works. Only code and name are needed.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields, example)]
pub struct DepartmentBody {
    /// With PUT: the version of the department that the client saw.
    expected_version: Option<i64>,
    /// Token code, such as `GM` in `GM-042`; unique in the facility.
    #[oai(validator(min_length = 1, max_length = 6))]
    code: String,
    /// Name for people.
    #[oai(validator(min_length = 1, max_length = 80))]
    name: String,
    /// Whether it takes patients.
    #[serde(default = "open")]
    #[oai(default = "open")]
    open: bool,
    /// Level of a patient whom nobody has assessed, 1 to 5.
    #[serde(default = "default_level")]
    #[oai(default = "default_level")]
    default_level: u8,
    /// Minutes within which a patient of level 1 to 5 should be seen.
    #[serde(default = "target_minutes")]
    #[oai(default = "target_minutes")]
    target_minutes: [u16; 5],
    /// Where transferred patients join.
    #[serde(default = "transfer_place")]
    #[oai(default = "transfer_place")]
    transfer_place: Word<TransferPlace>,
    /// Where returning patients join.
    #[serde(default = "return_place")]
    #[oai(default = "return_place")]
    return_place: Word<ReturnPlace>,
    /// Announcements needed before a no-show.
    #[serde(default = "no_show_recalls")]
    #[oai(default = "no_show_recalls")]
    no_show_recalls: u16,
    /// Seconds since the last announcement needed before a no-show.
    #[serde(default = "no_show_grace_s")]
    #[oai(default = "no_show_grace_s")]
    no_show_grace_s: u32,
    /// Whether day close leaves this department alone (24-hour departments).
    #[serde(default)]
    #[oai(default)]
    exempt_from_day_close: bool,
    /// What the department does with the adviser: `off` asks for nothing, `suggest` shows its
    /// suggestion to clinicians, `raise_only` lets it raise the urgency until a clinician decided.
    #[serde(default = "triage_policy")]
    #[oai(default = "triage_policy")]
    triage_policy: Word<TriagePolicy>,
}

const fn triage_policy() -> Word<TriagePolicy> {
    Word(TriagePolicy::Suggest)
}

const fn open() -> bool {
    true
}

const fn default_level() -> u8 {
    3
}

const fn target_minutes() -> [u16; 5] {
    [0, 10, 60, 120, 240]
}

const fn transfer_place() -> Word<TransferPlace> {
    Word(TransferPlace::ByArrival)
}

const fn return_place() -> Word<ReturnPlace> {
    Word(ReturnPlace::Original)
}

const fn no_show_recalls() -> u16 {
    2
}

const fn no_show_grace_s() -> u32 {
    120
}

impl Example for DepartmentBody {
    fn example() -> Self {
        Self {
            expected_version: None,
            code: "RA".to_owned(),
            name: "Radiology".to_owned(),
            open: open(),
            default_level: default_level(),
            target_minutes: target_minutes(),
            transfer_place: transfer_place(),
            return_place: return_place(),
            no_show_recalls: no_show_recalls(),
            no_show_grace_s: no_show_grace_s(),
            exempt_from_day_close: false,
            triage_policy: triage_policy(),
        }
    }
}

impl From<DepartmentBody> for DepartmentSettings {
    fn from(body: DepartmentBody) -> Self {
        Self {
            code: body.code,
            name: body.name,
            open: body.open,
            default_level: body.default_level,
            target_minutes: body.target_minutes,
            transfer_place: body.transfer_place.0,
            return_place: body.return_place.0,
            no_show_recalls: body.no_show_recalls,
            no_show_grace_s: body.no_show_grace_s,
            exempt_from_day_close: body.exempt_from_day_close,
            triage_policy: body.triage_policy.0,
        }
    }
}

/// Where to call the next patient to, and for whom.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
pub struct CallNextBody {
    /// Room to call to; without one, the doctor's last room or the first free one.
    room_id: Option<Uuid>,
    /// Doctor to call for; a doctor calls for himself.
    doctor_id: Option<Uuid>,
}

/// Departments.
pub struct DepartmentsApi;

#[OpenApi(
    prefix_path = "/api/v1",
    tag = "Group::Hospital",
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
impl DepartmentsApi {
    /// Call the next patient
    ///
    /// DOCTOR, or RECEPTION and ADMIN for a doctor. Calls the head of the queue.
    #[oai(
        path = "/departments/:id/call-next",
        method = "post",
        operation_id = "call_next"
    )]
    async fn call_next(
        &self,
        conditions: Conditions,
        caller: Caller,
        id: Path<Uuid>,
        Body(body): Body<CallNextBody>,
    ) -> Answered {
        let command = Command::CallNext(CallNext {
            room_id: body.room_id.map(RoomId),
            doctor_id: body.doctor_id.map(DoctorId),
        });
        accept(
            conditions,
            &caller,
            Ask::in_department(id.0, command).named(id.0),
        )
        .await
    }

    /// Create a department
    ///
    /// ADMIN of the whole facility. The outcome names its id.
    #[oai(
        path = "/departments",
        method = "post",
        operation_id = "create_department"
    )]
    async fn create_department(
        &self,
        conditions: Conditions,
        caller: Caller,
        Body(body): Body<DepartmentBody>,
    ) -> Answered {
        let command = Command::CreateDepartment(body.into());
        accept(conditions, &caller, Ask::in_facility("", command)).await
    }

    /// Change a department
    ///
    /// ADMIN. Replaces all settings.
    #[oai(
        path = "/departments/:id",
        method = "put",
        operation_id = "update_department"
    )]
    async fn update_department(
        &self,
        conditions: Conditions,
        caller: Caller,
        id: Path<Uuid>,
        Body(body): Body<DepartmentBody>,
    ) -> Answered {
        let command = Command::UpdateDepartment(UpdateDepartment {
            expected_version: body.expected_version,
            settings: body.into(),
        });
        accept(
            conditions,
            &caller,
            Ask::in_department(id.0, command).named(id.0),
        )
        .await
    }
}
