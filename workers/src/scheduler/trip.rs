//! Switches the adviser off when it would have under-triaged too many.

use super::commands::{Place, send};
use anyhow::Context as _;
use medique_contracts::Command;
use medique_contracts::commands::SwitchAdviser;
use medique_contracts::ids::FacilityId;
use medique_platform::bus::Bus;
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

/// How many of the last suggestions are looked at.
const WINDOW: i64 = 100;
/// Fewer say nothing.
const SAMPLE_MIN: i64 = 30;

/// How the adviser of a facility did, against the first level that a clinician set after each
/// suggestion. What came before it was last switched on does not count against it again.
const SELECT_RECORD: &str = "
    SELECT f.id AS facility_id, f.adviser_version, r.compared, r.under_triaged
    FROM facility f
    CROSS JOIN LATERAL (
        SELECT count(*) AS compared,
               count(*) FILTER (WHERE last.suggested_level > last.level) AS under_triaged
        FROM (SELECT d.suggested_level, d.level
              FROM triage_decision d
              WHERE d.facility_id = f.id AND d.suggested_level IS NOT NULL AND NOT d.taken_back
                AND NOT d.by_desk AND d.at > COALESCE(f.adviser_since, '-infinity')
              ORDER BY d.at DESC LIMIT $1) AS last) AS r
    WHERE f.adviser_enabled";

#[derive(Debug, Clone, FromRow)]
struct Record {
    facility_id: Uuid,
    adviser_version: i64,
    compared: i64,
    under_triaged: i64,
}

impl Record {
    fn is_too_bad(&self, percent: u8) -> bool {
        self.compared >= SAMPLE_MIN && self.under_triaged * 100 > self.compared * i64::from(percent)
    }
}

/// Sends `switch_adviser` for each facility whose adviser suggested too little urgency too often:
/// once for each time that it was switched on.
pub(super) async fn trip(pool: &PgPool, bus: &Bus, percent: u8) -> anyhow::Result<u64> {
    let records: Vec<Record> = sqlx::query_as(SELECT_RECORD)
        .bind(WINDOW)
        .fetch_all(pool)
        .await
        .context("record of the adviser not read")?;
    let mut sent = 0;
    for record in records.iter().filter(|record| record.is_too_bad(percent)) {
        let place = Place {
            facility: FacilityId(record.facility_id),
            department: None,
            visit: None,
        };
        let reason = format!(
            "switched off by itself: {} of the last {} suggestions were less urgent than the \
             clinician's level, more than {percent} percent",
            record.under_triaged, record.compared
        );
        let command = Command::SwitchAdviser(SwitchAdviser {
            enabled: false,
            reason,
        });
        let key = format!("trip {}", record.adviser_version);
        if send(bus, place, command, &record.facility_id.to_string(), &key).await? {
            tracing::warn!(
                facility = %record.facility_id,
                compared = record.compared,
                under_triaged = record.under_triaged,
                "the adviser suggests too little urgency, switching it off"
            );
            sent += 1;
        }
    }
    Ok(sent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_the_share_of_enough_suggestions() {
        let record = |compared, under_triaged| Record {
            facility_id: Uuid::nil(),
            adviser_version: 1,
            compared,
            under_triaged,
        };
        for (compared, under, percent, bad) in [
            (29, 29, 10, false),
            (30, 3, 10, false),
            (30, 4, 10, true),
            (100, 10, 10, false),
            (100, 11, 10, true),
            (100, 1, 0, true),
            (100, 100, 100, false),
        ] {
            let record = record(compared, under);
            assert_eq!(record.is_too_bad(percent), bad, "{record:?} {percent}");
        }
    }
}
