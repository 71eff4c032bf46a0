//! Facilities: closing the day.

use super::Group;
use crate::accept::{Answered, Ask, Conditions, accept};
use crate::auth::Caller;
use crate::door::Body;
use crate::problem::{ApiCode, Problem};
use medique_contracts::Command;
use medique_contracts::commands::CloseDay;
use medique_contracts::ids::FacilityId;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;
use uuid::Uuid;

/// Whether to do it.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
pub struct CloseDayBody {
    /// Only report what would be done. Ask for that first.
    dry_run: bool,
}

/// Facilities.
pub struct FacilitiesApi;

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
impl FacilitiesApi {
    /// Close the day
    ///
    /// ADMIN of the whole facility. Expires what is left of the day; consultations in progress are
    /// reported and left alone.
    #[oai(
        path = "/facilities/:id/close-day",
        method = "post",
        operation_id = "close_day"
    )]
    async fn close_day(
        &self,
        conditions: Conditions,
        caller: Caller,
        id: Path<Uuid>,
        Body(body): Body<CloseDayBody>,
    ) -> Answered {
        if caller.facility_id != FacilityId(id.0) {
            return Err(Problem::new(ApiCode::NotFound));
        }
        let command = Command::CloseDay(CloseDay {
            dry_run: body.dry_run,
        });
        accept(
            conditions,
            &caller,
            Ask::in_facility(id.0.to_string(), command),
        )
        .await
    }
}
