//! The event log, replayed from its beginning, gives the table of visits; applying it twice gives
//! the same.

use super::evidence::{Evidence, StoredEvent};
use medique_contracts::VisitSnapshot;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use uuid::Uuid;

type Table = BTreeMap<Uuid, VisitSnapshot>;

pub(super) fn check(evidence: &Evidence, violations: &mut Vec<String>) {
    let rows: Table = evidence
        .visits
        .iter()
        .map(|(id, row)| (*id, row.snapshot.clone()))
        .collect();
    let mut replayed = Table::new();
    apply(&mut replayed, &evidence.events);
    if checksum(&replayed) != checksum(&rows) {
        differences(&rows, &replayed, violations);
    }
    let once = checksum(&replayed);
    apply(&mut replayed, &evidence.events);
    if checksum(&replayed) != once {
        violations.push("applying the event log twice gives another table than once".to_owned());
    }
}

/// What a consumer does: it drops what it has seen, and keeps the last state.
fn apply(table: &mut Table, events: &[StoredEvent]) {
    for stored in events {
        let Some(visit) = stored.event.visit() else {
            continue;
        };
        let seen = table
            .get(&visit.visit_id.0)
            .map_or(0, |known| known.version);
        if visit.version > seen {
            // told once, on the way; not part of the state
            let state = VisitSnapshot {
                from_department_id: None,
                ..visit.clone()
            };
            table.insert(visit.visit_id.0, state);
        }
    }
}

fn checksum(table: &Table) -> u64 {
    let mut hasher = DefaultHasher::new();
    for visit in table.values() {
        format!("{visit:?}").hash(&mut hasher);
    }
    hasher.finish()
}

fn differences(rows: &Table, replayed: &Table, violations: &mut Vec<String>) {
    for (id, row) in rows {
        match replayed.get(id) {
            Some(told) if told == row => {}
            Some(told) => violations.push(format!(
                "visit {id}: the table has {row:?}, the events give {told:?}"
            )),
            None => violations.push(format!("visit {id} is in the table and in no event")),
        }
    }
    for id in replayed.keys().filter(|id| !rows.contains_key(id)) {
        violations.push(format!("visit {id} is in the events and not in the table"));
    }
}
