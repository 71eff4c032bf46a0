//! Where a visit is: its facility and the department whose partition decides on it.

use super::gather::{Gatherer, Unavailable};
use medique_contracts::ids::{DepartmentId, FacilityId, VisitId};
use sqlx::PgPool;
use std::collections::HashMap;
use uuid::Uuid;

/// Facility and department of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Location {
    /// Facility.
    pub facility_id: FacilityId,
    /// Department of the newest stage.
    pub department_id: DepartmentId,
}

const SELECT: &str = "
    SELECT v.id, v.facility_id, s.department_id
    FROM visit v JOIN stage s ON s.visit_id = v.id AND s.ordinal = v.current_stage
    WHERE v.id = ANY($1)";

/// Looks visits up, many at a time.
pub struct Locations(Gatherer<Uuid, Location>);

impl Locations {
    /// Starts reading.
    pub fn start(pool: PgPool) -> Self {
        Self(Gatherer::start(move |ids| {
            let pool = pool.clone();
            Box::pin(async move {
                let rows: Vec<(Uuid, Uuid, Uuid)> =
                    sqlx::query_as(SELECT).bind(ids).fetch_all(&pool).await?;
                let location = |(id, facility, department)| {
                    let facility_id = FacilityId(facility);
                    (
                        id,
                        Location {
                            facility_id,
                            department_id: DepartmentId(department),
                        },
                    )
                };
                Ok(rows.into_iter().map(location).collect::<HashMap<_, _>>())
            })
        }))
    }

    /// Where the visit is; none when there is no such visit (yet).
    ///
    /// # Errors
    /// The database did not answer.
    pub async fn get(&self, visit: VisitId) -> Result<Option<Location>, Unavailable> {
        self.0.get(visit.0).await
    }
}
