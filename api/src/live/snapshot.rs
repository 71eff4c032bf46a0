//! The whole state that an audience may see, for the start of a live stream.

use crate::live::audience::Audience;
use crate::read::board;
use crate::read::patient::PatientView;
use crate::read::places::{self, Place};
use chrono::{DateTime, Utc};
use medique_contracts::VisitSnapshot;
use medique_contracts::ids::{DepartmentId, RoomId, VisitId};
use medique_contracts::vocabulary::StageState;
use serde::Serialize;
use sqlx::PgPool;
use std::collections::HashMap;

/// What stands in a `snapshot` or `resync` event.
#[derive(Debug)]
pub struct Snapshot {
    /// Compact JSON.
    pub data: String,
    /// Version of every visit in it.
    pub versions: HashMap<VisitId, i64>,
}

/// Visits of a department, each as events of the same stream show it.
#[derive(Debug, Serialize)]
struct DepartmentData<T> {
    department_id: DepartmentId,
    as_of: DateTime<Utc>,
    /// Whether the department has more live visits than fit.
    truncated: bool,
    visits: Vec<T>,
}

#[derive(Debug, Serialize)]
struct BoardVisit {
    visit_id: VisitId,
    version: i64,
    department_id: DepartmentId,
    token: Option<String>,
    state: StageState,
    #[serde(skip_serializing_if = "Option::is_none")]
    room_id: Option<RoomId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    room: Option<String>,
}

/// The own visit; null while a check-in that was accepted has not been applied.
#[derive(Debug, Serialize)]
struct PatientData {
    as_of: DateTime<Utc>,
    visit: Option<PatientView>,
}

impl Snapshot {
    /// Reads the state as of now.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn read(pool: &PgPool, audience: Audience) -> Result<Self, sqlx::Error> {
        let as_of = medique_platform::clock::now();
        match audience {
            Audience::Staff { department, .. } => Ok(Self::staff(
                department,
                places::live_of(pool, department).await?,
                as_of,
            )),
            Audience::Board { department } => Ok(Self::board(
                department,
                places::live_of(pool, department).await?,
                as_of,
            )),
            Audience::Patient { visit } => {
                let view = PatientView::read(pool, visit, as_of).await?;
                let versions = view.iter().map(|view| (visit, view.version)).collect();
                Ok(Self {
                    data: json(&PatientData { as_of, visit: view }),
                    versions,
                })
            }
        }
    }

    fn staff(department_id: DepartmentId, places: Vec<Place>, as_of: DateTime<Utc>) -> Self {
        let truncated = places.len() >= places::LIVE_MAX;
        let visits: Vec<VisitSnapshot> = places.into_iter().map(|place| place.snapshot).collect();
        let versions = visits
            .iter()
            .map(|visit| (visit.visit_id, visit.version))
            .collect();
        Self {
            data: json(&DepartmentData {
                department_id,
                as_of,
                truncated,
                visits,
            }),
            versions,
        }
    }

    fn board(department_id: DepartmentId, places: Vec<Place>, as_of: DateTime<Utc>) -> Self {
        let truncated = places.len() >= places::LIVE_MAX;
        let visits: Vec<BoardVisit> = board::shown(places).into_iter().map(board_visit).collect();
        let versions = visits
            .iter()
            .map(|visit| (visit.visit_id, visit.version))
            .collect();
        Self {
            data: json(&DepartmentData {
                department_id,
                as_of,
                truncated,
                visits,
            }),
            versions,
        }
    }
}

fn board_visit(
    (
        Place {
            snapshot: visit,
            room,
        },
        state,
    ): (Place, StageState),
) -> BoardVisit {
    let has_room = state.is_with_doctor();
    BoardVisit {
        visit_id: visit.visit_id,
        version: visit.version,
        department_id: visit.department_id,
        token: visit.token,
        state,
        room_id: visit.room_id.filter(|_| has_room),
        room: room.filter(|_| has_room),
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("snapshots have string keys and finite numbers only")
}
