//! Versions of a visit are 1..n, with one audit row and one event each.

use super::evidence::Evidence;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

pub(super) fn check(evidence: &Evidence, violations: &mut Vec<String>) {
    let mut audited: BTreeMap<Uuid, Vec<i64>> = BTreeMap::new();
    for row in &evidence.audit {
        if let (Some(visit), Some(version)) = (row.visit_id, row.version) {
            audited.entry(visit).or_default().push(version);
        }
    }
    for (id, visit) in &evidence.visits {
        let expected: Vec<i64> = (1..=visit.snapshot.version).collect();
        let mut versions = audited.remove(id).unwrap_or_default();
        versions.sort_unstable();
        if versions != expected {
            violations.push(format!(
                "visit {id} is at version {}, its audit rows are {versions:?}",
                visit.snapshot.version
            ));
        }
    }
    for (id, versions) in audited {
        violations.push(format!(
            "visit {id} is not there, but audited with versions {versions:?}"
        ));
    }
    one_event_each(evidence, violations);
}

fn one_event_each(evidence: &Evidence, violations: &mut Vec<String>) {
    let mut events: HashMap<(Uuid, i64), Uuid> = HashMap::new();
    for stored in &evidence.events {
        let Some(visit) = stored.event.visit() else {
            continue;
        };
        let key = (visit.visit_id.0, visit.version);
        let id = stored.event.event_id.0;
        if *events.entry(key).or_insert(id) != id {
            violations.push(format!(
                "visit {} has two events for version {}",
                key.0, key.1
            ));
        }
    }
    for row in &evidence.audit {
        let (Some(visit), Some(version)) = (row.visit_id, row.version) else {
            continue;
        };
        if events.get(&(visit, version)) != Some(&row.event_id) {
            violations.push(format!("version {version} of visit {visit} has no event"));
        }
    }
}
