//! Everything that is held about one person, for the person: a right of theirs that an admin serves.

use crate::app::{App, Shared};
use crate::auth::Caller;
use crate::problem::{ApiCode, Problem};
use crate::read::access;
use crate::read::audit::{self as trail, AuditView};
use crate::read::dead_letters::{self, DeadLetterView};
use crate::read::page::{Fresh, fresh};
use crate::read::time::Instant;
use crate::read::visits::record::Record;
use crate::read::visits::{VisitView, sees, view};
use crate::routes::Group;
use medique_contracts::RejectionCode;
use medique_contracts::ids::VisitId;
use medique_contracts::vocabulary::Role;
use medique_domain::validate::patient_key;
use medique_platform::audit::{self, Fact, FactKind};
use medique_platform::clock;
use medique_platform::postgres::{TxError, in_tx};
use medique_platform::trace_context::TraceContext;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde_json::{Value, json};
use uuid::Uuid;

/// Most visits of one person that are told.
const VISITS_MAX: i64 = 1000;

/// Everything that is held about a person. Personal data.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct PersonExport {
    /// When it was put together.
    pub exported_at: Instant,
    /// The facility.
    pub facility_id: Uuid,
    /// The person's visits that the caller may see, oldest first, with every field.
    pub visits: Vec<VisitView>,
    /// Every stop of these visits, as it is stored; reasons of holds are in the visits.
    pub stages: Vec<Value>,
    /// Every set of vital signs.
    pub vital_signs: Vec<Value>,
    /// What statistics keep of the adviser's answers and of levels that were set.
    pub triage: Vec<Value>,
    /// What the audit trail has on these visits.
    pub audit: Vec<AuditView>,
    /// Messages about these visits that were put aside.
    pub dead_letters: Vec<DeadLetterView>,
}

/// The export.
pub struct ExportApi;

#[OpenApi(prefix_path = "/api/v1", tag = "Group::Reads")]
impl ExportApi {
    /// Everything that is held about the person of a visit, for admins
    ///
    /// Over all visits of the person at the facility that the caller may see. Visits belong together
    /// when name and date of birth, or name and phone, are the same; one at which only name and
    /// age were told stands alone. The export stands in the audit trail.
    #[oai(
        path = "/visits/:visit_id/export",
        method = "get",
        operation_id = "export_person"
    )]
    async fn export(
        &self,
        Data(app): Data<&Shared>,
        Data(trace): Data<&TraceContext>,
        caller: Caller,
        visit_id: Path<Uuid>,
    ) -> Result<Fresh<PersonExport>, Problem> {
        access::to_admin(&caller)?;
        let asked = Record::read(&app.pool, &app.keys, VisitId(visit_id.0)).await?;
        let asked = asked
            .filter(|record| sees(&caller, record))
            .ok_or(Problem::new(RejectionCode::UnknownVisit))?;
        let ids = visits_of_person(app, &asked).await?;
        let mut records = Record::read_all(&app.pool, &app.keys, ids).await?;
        records.retain(|record| sees(&caller, record));
        let ids: Vec<Uuid> = records
            .iter()
            .map(|record| record.place.snapshot.visit_id.0)
            .collect();
        let export = PersonExport {
            exported_at: clock::now().into(),
            facility_id: caller.facility_id.0,
            stages: rows(app, SELECT_STAGES, &ids).await?,
            vital_signs: rows(app, SELECT_VITALS, &ids).await?,
            triage: rows(app, SELECT_TRIAGE, &ids).await?,
            audit: trail::of_visits(app, caller.facility_id.0, &ids).await?,
            dead_letters: dead_letters::of_visits(app, &ids).await?,
            // The person may see what a doctor may: it is about the person.
            visits: records
                .into_iter()
                .map(|record| view::of(record, Role::Doctor, &app.config.rules))
                .collect(),
        };
        tell(app, &caller, trace, &asked, ids.len()).await?;
        Ok(fresh(export))
    }
}

/// The visit, and those of the same facility whose patient has the same mark under any of the
/// master keys.
async fn visits_of_person(app: &App, asked: &Record) -> Result<Vec<Uuid>, Problem> {
    let key = asked
        .intake
        .as_ref()
        .and_then(|intake| patient_key(&intake.patient));
    let marks = match key {
        Some(key) => app.keys.patient_marks(asked.facility_id, &key)?,
        None => Vec::new(),
    };
    Ok(sqlx::query_scalar(
        "SELECT id FROM visit WHERE facility_id = $1 AND (id = $2 OR patient_key = ANY($3)) \
          ORDER BY arrived_at LIMIT $4",
    )
    .bind(asked.facility_id)
    .bind(asked.place.snapshot.visit_id.0)
    .bind(marks)
    .bind(VISITS_MAX)
    .fetch_all(&app.pool)
    .await?)
}

const SELECT_STAGES: &str = "
    SELECT to_jsonb(s) - 'hold' FROM stage s WHERE visit_id = ANY($1) ORDER BY visit_id, ordinal";
const SELECT_VITALS: &str = "
    SELECT to_jsonb(v) FROM vital_signs v WHERE visit_id = ANY($1) ORDER BY recorded_at, version";

const SELECT_TRIAGE: &str = "
    SELECT kept FROM (
        SELECT visit_id, at, to_jsonb(a) AS kept FROM triage_advice a WHERE visit_id = ANY($1)
        UNION ALL
        SELECT visit_id, at, to_jsonb(d) FROM triage_decision d WHERE visit_id = ANY($1)) AS t
    ORDER BY visit_id, at";

async fn rows(app: &App, select: &'static str, visits: &[Uuid]) -> Result<Vec<Value>, Problem> {
    Ok(sqlx::query_scalar(select)
        .bind(visits)
        .fetch_all(&app.pool)
        .await?)
}

/// What cannot be written down is not told.
async fn tell(
    app: &App,
    caller: &Caller,
    trace: &TraceContext,
    asked: &Record,
    visits: usize,
) -> Result<(), Problem> {
    let place = &asked.place.snapshot;
    let fact = Fact {
        visit_id: Some(place.visit_id),
        department_id: Some(place.department_id),
        trace_id: Some(trace.trace_id()),
        facts: json!({ "visits": visits }),
        ..Fact::new(
            FactKind::PersonalDataExported,
            Some(caller.facility_id),
            caller.actor_key.as_str(),
        )
    };
    let written = in_tx(&app.pool, move |connection| {
        Box::pin(async move { audit::append(connection, &fact).await })
    });
    written.await.map_err(|error| match error {
        TxError::Work(error) | TxError::Begin(error) | TxError::Commit(error) => {
            Problem::from(error)
        }
        TxError::Panicked => Problem::new(ApiCode::InternalError),
    })
}
