//! One visit, with the fields that the role of the caller may see.

use crate::app::Shared;
use crate::auth::Caller;
use crate::problem::Problem;
use crate::read::reads::{self, Looked};
use crate::routes::Group;
use medique_contracts::ids::VisitId;
use medique_contracts::vocabulary::Role;
use medique_contracts::{Actor, RejectionCode};
use medique_domain::permissions::sees_department;
use medique_platform::trace_context::TraceContext;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, OpenApi};
use uuid::Uuid;

pub(in crate::read) mod record;
pub(in crate::read) mod view;

use record::Record;
pub use view::VisitView;

/// A visit.
#[derive(ApiResponse)]
pub enum VisitAnswer {
    /// The visit, with the fields that the role of the caller may see.
    #[oai(status = 200)]
    Found(
        Json<VisitView>,
        /// The version, quoted.
        #[oai(header = "ETag")]
        String,
        /// Never stored.
        #[oai(header = "Cache-Control")]
        String,
    ),
}

/// Visits.
pub struct VisitsApi;

#[OpenApi(prefix_path = "/api/v1", tag = "Group::Reads")]
impl VisitsApi {
    /// A visit
    ///
    /// Staff see the visits of their departments: all roles see who and why, nurses and doctors
    /// also findings, doctors also notes. A patient sees the own one. A visit of another
    /// department is as unknown as one that never was. That a member of staff looked stands in the
    /// audit trail, once in a quarter of an hour. Once the person was erased, `erased` is true and
    /// who and why, notes and reasons are absent.
    #[oai(
        path = "/visits/:visit_id",
        method = "get",
        operation_id = "read_visit"
    )]
    async fn read(
        &self,
        Data(app): Data<&Shared>,
        Data(trace): Data<&TraceContext>,
        caller: Caller,
        visit_id: Path<Uuid>,
    ) -> Result<VisitAnswer, Problem> {
        let role = caller.role().filter(|role| *role != Role::Display);
        let role = role.ok_or(Problem::new(RejectionCode::Forbidden))?;
        let record = Record::read(&app.pool, &app.keys, VisitId(visit_id.0)).await?;
        let record = record.filter(|record| sees(&caller, record));
        let record = record.ok_or(Problem::new(RejectionCode::UnknownVisit))?;
        if role != Role::Patient {
            let place = &record.place.snapshot;
            let looked = Looked::Visit(place.visit_id, place.department_id);
            reads::audit(app, &caller, trace, looked).await?;
        }
        let etag = format!("\"{}\"", record.place.snapshot.version);
        Ok(VisitAnswer::Found(
            Json(view::of(record, role, &app.config.rules)),
            etag,
            "no-store".to_owned(),
        ))
    }
}

pub(in crate::read) fn sees(caller: &Caller, record: &Record) -> bool {
    match &caller.actor {
        Actor::Patient { visit_id } => *visit_id == record.place.snapshot.visit_id,
        actor => {
            caller.facility_id.0 == record.facility_id
                && sees_department(actor, record.place.snapshot.department_id)
        }
    }
}
