//! Doctors: whether they take patients.

use super::Group;
use crate::accept::{Answered, Ask, Conditions, accept};
use crate::auth::Caller;
use crate::door::Body;
use crate::problem::Problem;
use crate::schema::Word;
use medique_contracts::commands::SetDoctorAvailability;
use medique_contracts::ids::{DoctorId, StaffId};
use medique_contracts::vocabulary::{DoctorStatus, Role};
use medique_contracts::{Actor, Command, RejectionCode};
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;
use uuid::Uuid;

/// Whether the doctor takes patients.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
pub struct AvailabilityBody {
    /// The new status.
    status: Word<DoctorStatus>,
    /// Remark.
    #[oai(validator(max_length = 300))]
    reason: Option<String>,
}

/// A doctor speaks for himself only.
fn check_person(caller: &Caller, doctor: Uuid) -> Result<(), Problem> {
    match &caller.actor {
        Actor::Staff {
            id,
            role: Role::Doctor,
            ..
        } if *id != StaffId(doctor) => Err(Problem::new(RejectionCode::Forbidden)),
        _ => Ok(()),
    }
}

/// Doctors.
pub struct DoctorsApi;

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
impl DoctorsApi {
    /// Set whether a doctor takes patients
    ///
    /// That DOCTOR, ADMIN.
    #[oai(
        path = "/doctors/:id/availability",
        method = "post",
        operation_id = "set_doctor_availability"
    )]
    async fn set_availability(
        &self,
        conditions: Conditions,
        caller: Caller,
        id: Path<Uuid>,
        Body(body): Body<AvailabilityBody>,
    ) -> Answered {
        check_person(&caller, id.0)?;
        let command = Command::SetDoctorAvailability(SetDoctorAvailability {
            doctor_id: DoctorId(id.0),
            status: body.status.0,
            reason: body.reason,
        });
        accept(
            conditions,
            &caller,
            Ask::in_facility(id.0.to_string(), command),
        )
        .await
    }
}
