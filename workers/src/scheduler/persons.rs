//! Erases persons whose visits are older than they may be kept. Like every duty it only sends
//! commands; the worker that decides `erase` destroys the key.

use super::commands::{Place, send};
use anyhow::Context as _;
use chrono::{DateTime, TimeDelta, Utc};
use medique_contracts::Command;
use medique_contracts::commands::Erase;
use medique_contracts::ids::{DepartmentId, FacilityId, VisitId};
use medique_platform::bus::Bus;
use medique_platform::clock;
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

/// Most visits that are looked at in one go.
const VISITS_MAX: i64 = 500;
/// Pause once nothing is due: visits grow old slowly.
const REST: TimeDelta = TimeDelta::hours(1);

/// A finished visit whose person is still known.
#[derive(Debug, Clone, FromRow)]
pub struct Due {
    /// The visit.
    #[sqlx(rename = "id")]
    pub visit_id: Uuid,
    /// Where.
    pub facility_id: Uuid,
    /// Where it ended.
    pub department_id: Uuid,
    /// When it began.
    pub arrived_at: DateTime<Utc>,
}

/// Where a look goes on: behind this arrival and visit.
pub type After = (DateTime<Utc>, Uuid);

/// Before every visit.
pub const BEGINNING: After = (DateTime::<Utc>::UNIX_EPOCH, Uuid::nil());

/// The oldest finished visits that began before `before`.
///
/// # Errors
/// The database does not answer.
pub async fn due(
    pool: &PgPool,
    before: DateTime<Utc>,
    after: After,
) -> Result<Vec<Due>, sqlx::Error> {
    sqlx::query_as(
        "SELECT v.id, v.facility_id, s.department_id, v.arrived_at \
           FROM visit v JOIN stage s ON s.visit_id = v.id AND s.ordinal = v.current_stage \
           LEFT JOIN visit_key k ON k.visit_id = v.id \
          WHERE NOT v.live AND v.arrived_at < $1 AND v.arrived_at >= $2 \
            AND (v.arrived_at, v.id) > ($2, $3) AND k.destroyed_at IS NULL \
          ORDER BY v.arrived_at, v.id LIMIT $4",
    )
    .bind(before)
    .bind(after.0)
    .bind(after.1)
    .bind(VISITS_MAX)
    .fetch_all(pool)
    .await
}

/// Asks for the erasure of these persons.
///
/// # Errors
/// The broker does not take a command; those before it are taken.
pub async fn erase(bus: &Bus, due: &[Due]) -> anyhow::Result<u64> {
    // One that is refused (a visit may come back on its day) is asked for again another day.
    let today = clock::now().date_naive();
    let mut sent = 0;
    for visit in due {
        let place = Place {
            facility: FacilityId(visit.facility_id),
            department: Some(DepartmentId(visit.department_id)),
            visit: Some(VisitId(visit.visit_id)),
        };
        let command = Command::Erase(Erase {
            reason: Some("retention".to_owned()),
        });
        let key = format!("erase {today}");
        if send(bus, place, command, &visit.visit_id.to_string(), &key).await? {
            sent += 1;
        }
    }
    Ok(sent)
}

/// Empties messages that were parked before `before`.
///
/// # Errors
/// The database does not answer.
pub async fn empty_dead_letters(pool: &PgPool, before: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    let emptied =
        sqlx::query("UPDATE dead_letter SET payload = '' WHERE parked_at < $1 AND payload <> ''")
            .bind(before)
            .execute(pool)
            .await?;
    Ok(emptied.rows_affected())
}

/// The duty, with what it remembers between two looks.
#[derive(Debug)]
pub(super) struct Retention {
    keep: TimeDelta,
    after: After,
    rests_until: DateTime<Utc>,
}

impl Retention {
    pub(super) fn new(keep: TimeDelta) -> Self {
        Self {
            keep,
            after: BEGINNING,
            rests_until: DateTime::<Utc>::UNIX_EPOCH,
        }
    }

    /// Looks at the next visits; returns how many erasures were asked for.
    pub(super) async fn run(&mut self, pool: &PgPool, bus: &Bus) -> anyhow::Result<u64> {
        let now = clock::now();
        if now < self.rests_until {
            return Ok(0);
        }
        let before = now - self.keep;
        let found = due(pool, before, self.after)
            .await
            .context("old visits not read")?;
        let sent = erase(bus, &found).await?;
        match found.last() {
            Some(last) => self.after = (last.arrived_at, last.visit_id),
            None => {
                empty_dead_letters(pool, before)
                    .await
                    .context("old dead letters not emptied")?;
                (self.after, self.rests_until) = (BEGINNING, now + REST);
            }
        }
        Ok(sent)
    }
}
