//! The board of a department: tokens and rooms for a waiting room full of strangers.

use crate::app::Shared;
use crate::auth::Caller;
use crate::live::projection::shown_on_board;
use crate::problem::Problem;
use crate::read::access;
use crate::read::page::{Fresh, fresh};
use crate::read::places::{self, Place};
use crate::read::time::Instant;
use crate::routes::Group;
use crate::schema::Word;
use medique_contracts::ids::DepartmentId;
use medique_contracts::vocabulary::StageState;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use std::cmp::Reverse;
use uuid::Uuid;

/// One line of a board.
#[derive(Debug, Clone, PartialEq, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct BoardLine {
    /// Token such as `GM-042`.
    pub token: String,
    /// `WAITING` (also for urgent patients), `CALLED`, `IN_CONSULTATION` or `ON_HOLD`.
    pub state: Word<StageState>,
    /// Code of the room, while called or in consultation.
    pub room: Option<String>,
}

/// A board.
#[derive(Debug, Object)]
pub struct Board {
    /// Whose board.
    pub department_id: Uuid,
    /// When it was read; what happened until then is in it.
    pub as_of: Instant,
    /// Called first, latest call on top; then the rest by arrival, which says nothing of urgency.
    pub lines: Vec<BoardLine>,
}

/// The visits that a board shows, in its order, with the states that it shows.
pub fn shown(mut places: Vec<Place>) -> Vec<(Place, StageState)> {
    places.sort_by_key(|place| {
        let visit = &place.snapshot;
        let called = if visit.state.is_with_doctor() {
            visit.called_at
        } else {
            None
        };
        (Reverse(called), visit.arrived_at, visit.visit_id)
    });
    places
        .into_iter()
        .filter(|place| place.snapshot.token.is_some())
        .filter_map(|place| shown_on_board(place.snapshot.state).map(|state| (place, state)))
        .collect()
}

fn line((place, state): (Place, StageState)) -> Option<BoardLine> {
    let room = if state.is_with_doctor() {
        place.room
    } else {
        None
    };
    Some(BoardLine {
        token: place.snapshot.token?,
        state: Word(state),
        room,
    })
}

/// Boards.
pub struct BoardApi;

#[OpenApi(prefix_path = "/api/v1", tag = "Group::Reads")]
impl BoardApi {
    /// The board of a department
    ///
    /// Tokens, rooms and states only.
    #[oai(
        path = "/departments/:department_id/board",
        method = "get",
        operation_id = "read_board"
    )]
    async fn read(
        &self,
        Data(app): Data<&Shared>,
        caller: Caller,
        department_id: Path<Uuid>,
    ) -> Result<Fresh<Board>, Problem> {
        let department = DepartmentId(department_id.0);
        access::to_board(&app.pool, &caller, department).await?;
        let as_of = medique_platform::clock::now().into();
        let places = places::live_of(&app.pool, department).await?;
        let lines = shown(places).into_iter().filter_map(line).collect();
        Ok(fresh(Board {
            department_id: department.0,
            as_of,
            lines,
        }))
    }
}
