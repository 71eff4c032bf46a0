//! Rooms.

use super::Group;
use crate::accept::{Answered, Ask, Conditions, accept};
use crate::app::App;
use crate::auth::Caller;
use crate::door::Body;
use crate::problem::Problem;
use medique_contracts::commands::{RoomSettings, UpdateRoom};
use medique_contracts::ids::RoomId;
use medique_contracts::{Command, RejectionCode};
use poem_openapi::param::Path;
use poem_openapi::types::Example;
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;
use uuid::Uuid;

/// A new room. Department, code and name are needed.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields, example)]
pub struct NewRoomBody {
    /// The department that the room belongs to.
    department_id: Uuid,
    /// Short code that boards and voices use; unique in the department.
    #[oai(validator(min_length = 1, max_length = 6))]
    code: String,
    /// Name for people.
    #[oai(validator(min_length = 1, max_length = 80))]
    name: String,
    /// Whether patients can be called to it.
    #[serde(default = "open")]
    #[oai(default = "open")]
    open: bool,
    /// Patients who can be called to it at the same time.
    #[serde(default = "capacity")]
    #[oai(default = "capacity")]
    capacity: u16,
}

/// All settings of a room.
#[derive(Debug, Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
pub struct RoomBody {
    /// The version of the room that the client saw.
    expected_version: Option<i64>,
    /// Short code that boards and voices use; unique in the department.
    #[oai(validator(min_length = 1, max_length = 6))]
    code: String,
    /// Name for people.
    #[oai(validator(min_length = 1, max_length = 80))]
    name: String,
    /// Whether patients can be called to it.
    #[serde(default = "open")]
    #[oai(default = "open")]
    open: bool,
    /// Patients who can be called to it at the same time.
    #[serde(default = "capacity")]
    #[oai(default = "capacity")]
    capacity: u16,
}

const fn open() -> bool {
    true
}

const fn capacity() -> u16 {
    1
}

impl Example for NewRoomBody {
    fn example() -> Self {
        Self {
            department_id: Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001),
            code: "R1".to_owned(),
            name: "Room 1".to_owned(),
            open: open(),
            capacity: capacity(),
        }
    }
}

const SELECT_DEPARTMENT: &str = "
    SELECT r.department_id FROM room r JOIN department d ON d.id = r.department_id
    WHERE r.id = $1 AND d.facility_id = $2";

/// The department of a room that the caller can know of.
async fn department_of(app: &App, caller: &Caller, room: Uuid) -> Result<Uuid, Problem> {
    let department: Option<Uuid> = sqlx::query_scalar(SELECT_DEPARTMENT)
        .bind(room)
        .bind(caller.facility_id.0)
        .fetch_optional(&app.pool)
        .await?;
    department.ok_or(Problem::new(RejectionCode::UnknownRoom))
}

/// Rooms.
pub struct RoomsApi;

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
impl RoomsApi {
    /// Create a room
    ///
    /// ADMIN of the department. The outcome names its id.
    #[oai(path = "/rooms", method = "post", operation_id = "create_room")]
    async fn create_room(
        &self,
        conditions: Conditions,
        caller: Caller,
        Body(body): Body<NewRoomBody>,
    ) -> Answered {
        let command = Command::CreateRoom(RoomSettings {
            code: body.code,
            name: body.name,
            open: body.open,
            capacity: body.capacity,
        });
        accept(
            conditions,
            &caller,
            Ask::in_department(body.department_id, command),
        )
        .await
    }

    /// Change a room
    ///
    /// ADMIN of the department. Replaces all settings.
    #[oai(path = "/rooms/:id", method = "put", operation_id = "update_room")]
    async fn update_room(
        &self,
        conditions: Conditions,
        caller: Caller,
        id: Path<Uuid>,
        Body(body): Body<RoomBody>,
    ) -> Answered {
        let department = department_of(&conditions.app, &caller, id.0).await?;
        let settings = RoomSettings {
            code: body.code,
            name: body.name,
            open: body.open,
            capacity: body.capacity,
        };
        let command = Command::UpdateRoom(UpdateRoom {
            room_id: RoomId(id.0),
            expected_version: body.expected_version,
            settings,
        });
        accept(
            conditions,
            &caller,
            Ask::in_department(department, command).named(id.0),
        )
        .await
    }
}
