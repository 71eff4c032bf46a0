//! Rooms of the departments that the caller acts in.

use crate::app::Shared;
use crate::auth::Caller;
use crate::problem::Problem;
use crate::read::page::{Fresh, LIMIT_DEFAULT, Page, fresh};
use crate::read::{access, cursor};
use crate::routes::Group;
use medique_contracts::commands::RoomSettings;
use poem::web::Data;
use poem_openapi::param::Query;
use poem_openapi::{Object, OpenApi};
use sqlx::FromRow;
use sqlx::types::Json;
use uuid::Uuid;

/// A room.
#[derive(Debug, Object)]
pub struct RoomView {
    /// Identity.
    pub room_id: Uuid,
    /// Where.
    pub department_id: Uuid,
    /// Grows by one with each change; send it as `expected_version`.
    pub version: i64,
    /// Short code that boards and voices use.
    pub code: String,
    /// Name for people.
    pub name: String,
    /// Whether patients can be called to it.
    pub open: bool,
    /// Patients who can be called to it at the same time.
    pub capacity: u16,
}

#[derive(FromRow)]
struct RoomRow {
    id: Uuid,
    department_id: Uuid,
    version: i64,
    settings: Json<RoomSettings>,
}

const SELECT_ROOMS: &str = "
    SELECT r.id, r.department_id, r.version, r.settings
    FROM room r JOIN department d ON d.id = r.department_id
    WHERE d.facility_id = $1 AND ($2::uuid[] IS NULL OR d.id = ANY($2)) AND ($3::uuid IS NULL OR d.id = $3)
      AND ($4::uuid IS NULL OR (r.department_id, r.code) > ($4, $5))
    ORDER BY r.department_id, r.code LIMIT $6";

/// Rooms.
pub struct RoomsApi;

#[OpenApi(prefix_path = "/api/v1", tag = "Group::Reads")]
impl RoomsApi {
    /// Rooms of the departments that the caller acts in, by department and code
    #[oai(path = "/rooms", method = "get", operation_id = "list_rooms")]
    async fn list(
        &self,
        Data(app): Data<&Shared>,
        caller: Caller,
        /// Of this department only.
        department_id: Query<Option<Uuid>>,
        /// Items on a page, 1 to 200; 50 when absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
        limit: Query<Option<u16>>,
        /// `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<Fresh<Page<RoomView>>, Problem> {
        let departments = access::departments_of(&caller, true)?;
        let after: Option<(Uuid, String)> = cursor::decode(cursor.0.as_deref())?;
        let (after_department, after_code) = after.unzip();
        let limit = limit.0.unwrap_or(LIMIT_DEFAULT);
        let rows: Vec<RoomRow> = sqlx::query_as(SELECT_ROOMS)
            .bind(caller.facility_id.0)
            .bind(departments)
            .bind(department_id.0)
            .bind(after_department)
            .bind(after_code)
            .bind(i64::from(limit) + 1)
            .fetch_all(&app.pool)
            .await?;
        let key = |row: &RoomRow| (row.department_id, row.settings.code.clone());
        Ok(fresh(Page::cut(rows, limit, key, view)))
    }
}

fn view(row: RoomRow) -> RoomView {
    let settings = row.settings.0;
    RoomView {
        room_id: row.id,
        department_id: row.department_id,
        version: row.version,
        code: settings.code,
        name: settings.name,
        open: settings.open,
        capacity: settings.capacity,
    }
}
