//! The whole state that an audience may see, for the start of a live stream.

use crate::live::audience::Audience;
use crate::read::board::BoardView;
use crate::read::patient::PatientView;
use crate::read::places::{self, Place};
use crate::schema::time::Instant;
use chrono::{DateTime, Utc};
use medique_contracts::VisitSnapshot;
use medique_contracts::ids::{DepartmentId, VisitId};
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

/// For staff: every live visit of the department, as events show it.
#[derive(Debug, Serialize)]
struct StaffView {
    department_id: DepartmentId,
    as_of: Instant,
    /// Whether the department has more live visits than fit; read the rest from the queue.
    truncated: bool,
    visits: Vec<VisitSnapshot>,
}

impl Snapshot {
    /// Reads the state as of now.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn read(pool: &PgPool, audience: Audience) -> Result<Self, sqlx::Error> {
        let now = medique_platform::clock::now();
        match audience {
            Audience::Staff { department, .. } => {
                Ok(Self::staff(department, places::live_of(pool, department).await?, now))
            }
            Audience::Board { department } => {
                let view = BoardView::new(department, places::live_of(pool, department).await?, now);
                let versions = view.visits.iter().map(|visit| (VisitId(visit.visit_id), visit.version)).collect();
                Ok(Self { data: json(&view), versions })
            }
            Audience::Patient { visit } => {
                let view = PatientView::read(pool, visit, now).await?.ok_or(sqlx::Error::RowNotFound)?;
                Ok(Self { data: json(&view), versions: HashMap::from([(visit, view.version)]) })
            }
        }
    }

    fn staff(department_id: DepartmentId, places: Vec<Place>, now: DateTime<Utc>) -> Self {
        let view = StaffView {
            department_id,
            as_of: Instant(now),
            truncated: places.len() >= places::LIVE_MAX,
            visits: places.iter().map(|place| place.snapshot.clone()).collect(),
        };
        let versions = view.visits.iter().map(|visit| (visit.visit_id, visit.version)).collect();
        Self { data: json(&view), versions }
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("snapshots have string keys and finite numbers only")
}
