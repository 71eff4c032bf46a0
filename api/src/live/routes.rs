//! The live operations. Credentials travel in the `Authorization` header only, never in a URL,
//! where proxies would log them; browsers therefore read these streams with `fetch`, not with
//! `EventSource`, which cannot set headers.

use crate::app::Shared;
use crate::auth::Caller;
use crate::auth::revocations::Guard;
use crate::live::audience::Audience;
use crate::live::flow::Start;
use crate::live::session;
use crate::problem::Problem;
use crate::read::access;
use crate::routes::Group;
use medique_contracts::RejectionCode;
use medique_contracts::ids::DepartmentId;
use poem::Body;
use poem::web::Data;
use poem_openapi::param::{Header, Path};
use poem_openapi::payload::Binary;
use poem_openapi::{ApiResponse, OpenApi};
use std::time::Duration;
use uuid::Uuid;

/// A stream of server-sent events.
#[derive(ApiResponse)]
pub enum Events {
    /// Frames of `id`, `event` and `data` (JSON), with comments as heartbeats. The first event is
    /// `snapshot`, unless `Last-Event-ID` says where to go on; `resync` carries a fresh snapshot
    /// where that is not possible; `degraded` and `recovered` say whether events may be late;
    /// `closing` comes before the end.
    #[oai(status = 200, content_type = "text/event-stream")]
    Stream(
        Binary<Body>,
        /// Never stored.
        #[oai(header = "Cache-Control")]
        String,
        /// Tells reverse proxies not to gather events.
        #[oai(header = "X-Accel-Buffering")]
        String,
    ),
}

/// What happens.
pub struct LiveApi;

#[OpenApi(prefix_path = "/api/v1", tag = "Group::Live")]
impl LiveApi {
    /// Events of a department, for staff
    ///
    /// Every event of the department's visits, doctors and rooms, without personal data.
    #[oai(
        path = "/departments/:department_id/events",
        method = "get",
        operation_id = "follow_department"
    )]
    async fn department(
        &self,
        app: Data<&Shared>,
        caller: Caller,
        department_id: Path<Uuid>,
        /// Id of the last event seen; what came after it is replayed.
        #[oai(name = "Last-Event-ID")]
        last_event_id: Header<Option<String>>,
    ) -> Result<Events, Problem> {
        let department = DepartmentId(department_id.0);
        access::to_department(&app.pool, &caller, department).await?;
        let audience = Audience::Staff {
            facility: caller.facility_id,
            department,
        };
        Ok(open(&app, &caller, audience, last_event_id.0))
    }

    /// Events of a department, for its board
    ///
    /// Tokens, rooms and states only. `visit_removed` says that a token is to disappear.
    #[oai(
        path = "/departments/:department_id/board/events",
        method = "get",
        operation_id = "follow_board"
    )]
    async fn board(
        &self,
        app: Data<&Shared>,
        caller: Caller,
        department_id: Path<Uuid>,
        /// Id of the last event seen; what came after it is replayed.
        #[oai(name = "Last-Event-ID")]
        last_event_id: Header<Option<String>>,
    ) -> Result<Events, Problem> {
        let department = DepartmentId(department_id.0);
        access::to_board(&app.pool, &caller, department).await?;
        Ok(open(
            &app,
            &caller,
            Audience::Board { department },
            last_event_id.0,
        ))
    }

    /// Events of the own visit, for a patient
    ///
    /// May be opened before the check-in was applied: its event then follows.
    #[oai(
        path = "/patient/visit/events",
        method = "get",
        operation_id = "follow_own_visit"
    )]
    async fn patient(
        &self,
        app: Data<&Shared>,
        caller: Caller,
        /// Id of the last event seen; what came after it is replayed.
        #[oai(name = "Last-Event-ID")]
        last_event_id: Header<Option<String>>,
    ) -> Result<Events, Problem> {
        let visit = caller
            .own_visit()
            .ok_or(Problem::new(RejectionCode::Forbidden))?;
        Ok(open(
            &app,
            &caller,
            Audience::Patient { visit },
            last_event_id.0,
        ))
    }
}

fn open(
    app: &Shared,
    caller: &Caller,
    audience: Audience,
    last_event_id: Option<String>,
) -> Events {
    let life = (caller.expires_at - medique_platform::clock::now())
        .to_std()
        .unwrap_or(Duration::ZERO);
    let start = Start::from_header(last_event_id.as_deref());
    let guard = Guard::new(&app.revocations, caller.identity());
    let stream = session::stream(&app.live, audience, start, life, guard);
    let body = Body::from_bytes_stream(stream);
    Events::Stream(Binary(body), "no-store".to_owned(), "no".to_owned())
}
