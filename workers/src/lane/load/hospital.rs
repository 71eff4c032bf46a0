//! Facilities, departments, tokens and links.

use super::LoadError;
use crate::lane::batch::Item;
use medique_contracts::ids::{DepartmentId, FacilityId, LinkId, VisitId};
use medique_domain::World;
use medique_domain::decide::Needs;
use medique_domain::model::{Adviser, Department, Facility};
use medique_domain::service_day::service_day;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, Row};
use std::collections::BTreeSet;

/// Loads facilities and departments. Every department of a facility is loaded where codes must be
/// compared or a day is closed.
pub(super) async fn departments(
    connection: &mut PgConnection,
    wanted: &Needs,
    world: &mut World,
) -> Result<(), LoadError> {
    let whole: Vec<_> = wanted
        .sweeps
        .iter()
        .chain(wanted.department_codes.iter().map(|(facility, _)| facility))
        .map(|id| id.0)
        .collect();
    let ids: Vec<_> = wanted.departments.iter().map(|id| id.0).collect();
    let rows = sqlx::query(
        "SELECT d.id, d.facility_id, d.version, d.settings, f.timezone, f.cutover_hour, \
                f.adviser_enabled, f.adviser_version \
           FROM department d JOIN facility f ON f.id = d.facility_id \
          WHERE d.id = ANY($1) OR d.facility_id = ANY($2)",
    )
    .bind(&ids)
    .bind(&whole)
    .fetch_all(&mut *connection)
    .await?;
    for row in rows {
        insert_department(&row, world)?;
        let id = FacilityId(row.try_get("facility_id")?);
        if wanted.facilities.contains(&id) && !world.facilities.contains_key(&id) {
            insert_facility(id, &row, world)?;
        }
    }
    more_facilities(connection, wanted, world).await
}

/// Loads facilities that came with no department: commands that name none, or a wrong one.
async fn more_facilities(
    connection: &mut PgConnection,
    wanted: &Needs,
    world: &mut World,
) -> Result<(), LoadError> {
    let missing: Vec<_> = wanted
        .facilities
        .iter()
        .filter(|id| !world.facilities.contains_key(id))
        .map(|id| id.0)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let rows = sqlx::query(
        "SELECT id, timezone, cutover_hour, adviser_enabled, adviser_version FROM facility \
          WHERE id = ANY($1)",
    )
    .bind(&missing)
    .fetch_all(connection)
    .await?;
    for row in rows {
        insert_facility(FacilityId(row.try_get("id")?), &row, world)?;
    }
    Ok(())
}

fn insert_facility(id: FacilityId, row: &PgRow, world: &mut World) -> Result<(), LoadError> {
    let timezone: String = row.try_get("timezone")?;
    let timezone = timezone.parse().map_err(|_| LoadError::Inconsistent {
        table: "facility",
        cause: format!("{id} has an unknown time zone"),
    })?;
    let cutover_hour = u8::try_from(row.try_get::<i16, _>("cutover_hour")?).unwrap_or_default();
    let facility = Facility {
        id,
        timezone,
        cutover_hour,
        adviser: Adviser {
            enabled: row.try_get("adviser_enabled")?,
            version: row.try_get("adviser_version")?,
        },
    };
    world.facilities.insert(id, facility);
    Ok(())
}

/// Loads departments that turned out to be needed: those in which the visits now are.
pub(super) async fn more_departments(
    connection: &mut PgConnection,
    ids: &BTreeSet<DepartmentId>,
    world: &mut World,
) -> Result<(), LoadError> {
    let missing: Vec<_> = ids
        .iter()
        .filter(|id| !world.departments.contains_key(id))
        .map(|id| id.0)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let rows =
        sqlx::query("SELECT id, facility_id, version, settings FROM department WHERE id = ANY($1)")
            .bind(&missing)
            .fetch_all(connection)
            .await?;
    for row in rows {
        insert_department(&row, world)?;
    }
    Ok(())
}

fn insert_department(row: &PgRow, world: &mut World) -> Result<(), LoadError> {
    let id = DepartmentId(row.try_get(0)?);
    let Json(settings) = row.try_get(3)?;
    world.departments.insert(
        id,
        Department {
            id,
            facility_id: FacilityId(row.try_get(1)?),
            version: row.try_get(2)?,
            settings,
        },
    );
    Ok(())
}

/// Loads the last token numbers of the departments and days for which the batch takes tokens.
pub(super) async fn tokens(
    connection: &mut PgConnection,
    items: &[Item],
    wanted: &Needs,
    world: &mut World,
) -> Result<(), LoadError> {
    let mut pairs = BTreeSet::new();
    for item in items {
        let Ok(message) = &item.content else { continue };
        let Some(facility) = world.facilities.get(&message.context.facility_id) else {
            continue;
        };
        let day = service_day(item.stored_at(), facility.timezone, facility.cutover_hour);
        pairs.extend(wanted.tokens.iter().map(|department| (*department, day)));
    }
    // A scanned visit takes its token for the day on which it was scanned.
    for visit in world
        .visits
        .values()
        .filter(|visit| visit.token_number.is_none())
    {
        pairs.insert((visit.stage.department_id, visit.service_day));
    }
    if pairs.is_empty() {
        return Ok(());
    }
    let (departments, days): (Vec<_>, Vec<_>) = pairs
        .iter()
        .map(|(department, day)| (department.0, *day))
        .unzip();
    let rows = sqlx::query(
        "SELECT t.department_id, t.service_day, t.last_number FROM token_counter t \
           JOIN unnest($1::uuid[], $2::date[]) AS x(d, s) ON t.department_id = x.d AND t.service_day = x.s",
    )
    .bind(departments)
    .bind(days)
    .fetch_all(connection)
    .await?;
    for row in rows {
        world.tokens.insert(
            (DepartmentId(row.try_get(0)?), row.try_get(1)?),
            row.try_get(2)?,
        );
    }
    Ok(())
}

/// Loads which of the links were used, and which are revoked.
pub(super) async fn links(
    connection: &mut PgConnection,
    wanted: &Needs,
    world: &mut World,
) -> Result<(), LoadError> {
    if wanted.links.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = wanted.links.iter().map(|id| id.0).collect();
    let rows = sqlx::query("SELECT link_id, visit_id FROM used_link WHERE link_id = ANY($1)")
        .bind(&ids)
        .fetch_all(&mut *connection)
        .await?;
    for row in rows {
        world
            .used_links
            .insert(LinkId(row.try_get(0)?), VisitId(row.try_get(1)?));
    }
    let rows = sqlx::query(
        "SELECT id, revoked_at FROM check_in_link WHERE id = ANY($1) AND revoked_at IS NOT NULL",
    )
    .bind(&ids)
    .fetch_all(connection)
    .await?;
    for row in rows {
        world
            .revoked_links
            .insert(LinkId(row.try_get(0)?), row.try_get(1)?);
    }
    Ok(())
}
