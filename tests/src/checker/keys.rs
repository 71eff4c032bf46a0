//! Every visit has one data key, destroyed exactly when the trail says that the person was erased.

use super::evidence::Evidence;
use medique_contracts::EventType;
use std::collections::HashSet;
use uuid::Uuid;

pub(super) fn check(evidence: &Evidence, violations: &mut Vec<String>) {
    let erased: HashSet<Uuid> = evidence
        .audit
        .iter()
        .filter(|row| row.event_type == EventType::PersonErased.as_str())
        .filter_map(|row| row.visit_id)
        .collect();
    for id in evidence.visits.keys() {
        match evidence.keys.get(id) {
            None => violations.push(format!("visit {id} has no data key")),
            Some(destroyed) if *destroyed != erased.contains(id) => violations.push(format!(
                "visit {id}: its key is destroyed: {destroyed}, its person is erased: {}",
                erased.contains(id)
            )),
            Some(_) => {}
        }
    }
    for id in evidence.keys.keys() {
        if !evidence.visits.contains_key(id) {
            violations.push(format!("the key of visit {id} has no visit"));
        }
    }
}
