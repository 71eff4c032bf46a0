//! Every audit row is an event of the stream, with the same facts; the first occurrences of each
//! visit's events stand in version order; nothing else is in the stream.

use super::evidence::{AuditRow, Evidence, StoredEvent};
use medique_contracts::EventData;
use medique_contracts::subjects;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

pub(super) fn check(evidence: &Evidence, violations: &mut Vec<String>) {
    let audit: HashMap<Uuid, &AuditRow> = evidence
        .audit
        .iter()
        .map(|row| (row.event_id, row))
        .collect();
    let mut first: HashMap<Uuid, &StoredEvent> = HashMap::new();
    for stored in &evidence.events {
        let id = stored.event.event_id.0;
        first.entry(id).or_insert(stored);
        well_formed(stored, violations);
        match audit.get(&id) {
            None => violations.push(format!(
                "event {id} (message {}) is not in the audit trail",
                stored.seq
            )),
            Some(row) => same_facts(row, stored, violations),
        }
    }
    for row in &evidence.audit {
        if !first.contains_key(&row.event_id) {
            violations.push(format!(
                "{} of command {} (event {}) was never published",
                row.event_type, row.command_id, row.event_id
            ));
        }
    }
    in_version_order(&first, violations);
}

fn well_formed(stored: &StoredEvent, violations: &mut Vec<String>) {
    let (event, body) = (&stored.event, &stored.event.body);
    if stored.message_id != event.event_id.to_string() {
        violations.push(format!(
            "event {} was published with the id {:?}",
            event.event_id, stored.message_id
        ));
    }
    let visit = event.visit().map(|visit| visit.visit_id);
    let expected = subjects::event(
        body.facility_id,
        body.department_id,
        visit,
        event.event_type,
    );
    if stored.subject != expected {
        violations.push(format!(
            "event {} stands on {} instead of {expected}",
            event.event_id, stored.subject
        ));
    }
}

fn same_facts(row: &AuditRow, stored: &StoredEvent, violations: &mut Vec<String>) {
    let event = &stored.event;
    let audited: Option<EventData> = serde_json::from_str(&row.facts).ok();
    let same = audited.as_ref() == Some(&event.body.facts)
        && row.event_type == event.event_type.as_str()
        && row.command_id == event.body.command_id.0
        && row.occurred_at == event.body.occurred_at;
    if !same {
        violations.push(format!(
            "event {} does not say what its audit row says: {row:?}",
            event.event_id
        ));
    }
}

fn in_version_order(first: &HashMap<Uuid, &StoredEvent>, violations: &mut Vec<String>) {
    let mut visits: BTreeMap<Uuid, Vec<(u64, i64)>> = BTreeMap::new();
    for stored in first.values() {
        if let Some(visit) = stored.event.visit() {
            visits
                .entry(visit.visit_id.0)
                .or_default()
                .push((stored.seq, visit.version));
        }
    }
    for (id, mut versions) in visits {
        versions.sort_unstable();
        if !versions.is_sorted_by_key(|(_, version)| *version) {
            violations.push(format!(
                "events of visit {id} stand in the order {versions:?} (message, version)"
            ));
        }
    }
}
