//! No accepted command without an outcome; no command with two effects.

use super::evidence::{AuditRow, Evidence, InboxRow, StoredCommand};
use medique_contracts::events::EventType;
use medique_contracts::ids::CommandId;
use medique_contracts::{CommandKind, Outcome};
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

pub(super) fn check(evidence: &Evidence, violations: &mut Vec<String>) {
    let parked: HashSet<u64> = evidence
        .dead_letters
        .iter()
        .filter_map(|row| row.seq.try_into().ok())
        .collect();
    let mut first_stored: HashMap<Uuid, u64> = HashMap::new();
    for command in &evidence.commands {
        every_message_has_an_outcome(evidence, &parked, command, &mut first_stored, violations);
    }
    for (id, row) in &evidence.inbox {
        if evidence
            .commands
            .iter()
            .any(|command| command.seq == row.seq)
            && !first_stored.contains_key(id)
        {
            // a parked message without a readable command may still carry its id
            if !parked.contains(&row.seq) {
                violations.push(format!(
                    "command {id} has an outcome but message {} is another one",
                    row.seq
                ));
            }
        }
    }
    every_effect_has_one_command(evidence, violations);
}

fn every_message_has_an_outcome(
    evidence: &Evidence,
    parked: &HashSet<u64>,
    command: &StoredCommand,
    first_stored: &mut HashMap<Uuid, u64>,
    violations: &mut Vec<String>,
) {
    let seq = command.seq;
    let Some(message) = &command.message else {
        if !parked.contains(&seq) {
            violations.push(format!("message {seq} cannot be read and is not parked"));
        }
        return;
    };
    let id = message.command_id.0;
    let repeated = first_stored.contains_key(&id);
    let first = *first_stored.entry(id).or_insert(seq);
    match evidence.inbox.get(&id) {
        // parked as a message, because it is not to be believed what it says of itself
        None if parked.contains(&seq) => {}
        None => violations.push(format!(
            "command {id} ({}, message {seq}) has no outcome",
            message.command.kind()
        )),
        Some(row) if row.seq != first && !command.redriven && !repeated => {
            // a redriven copy moves the row to its own message
            let moved = evidence
                .commands
                .iter()
                .any(|other| other.seq == row.seq && other.redriven);
            if !moved {
                violations.push(format!(
                    "command {id}: the outcome is of message {}, stored first as {first}",
                    row.seq
                ));
            }
        }
        Some(_) => {}
    }
}

fn every_effect_has_one_command(evidence: &Evidence, violations: &mut Vec<String>) {
    let mut effects: BTreeMap<Uuid, Vec<&AuditRow>> = BTreeMap::new();
    let dead_lettered = EventType::CommandDeadLettered.as_str();
    for row in evidence
        .audit
        .iter()
        .filter(|row| row.event_type != dead_lettered)
    {
        effects.entry(row.command_id).or_default().push(row);
    }
    for (id, rows) in &effects {
        match evidence.inbox.get(id) {
            Some(InboxRow {
                outcome: Outcome::Applied { .. },
                ..
            }) => {}
            other => {
                let outcome = other.map(|row| &row.outcome);
                violations.push(format!(
                    "command {id} has {} effects, but its outcome is {outcome:?}",
                    rows.len()
                ));
            }
        }
        one_effect(*id, rows, violations);
    }
    for (id, row) in &evidence.inbox {
        applied_and_visible(
            evidence,
            *id,
            row,
            effects.get(id).map_or(0, Vec::len),
            violations,
        );
    }
}

/// The events of a command are numbered from 0, each once: a second effect would have to reuse a
/// number, which the database refuses, or leave the row.
fn one_effect(id: Uuid, rows: &[&AuditRow], violations: &mut Vec<String>) {
    let expected: HashSet<Uuid> = (0..)
        .take(rows.len())
        .map(|index| CommandId(id).event(index).0)
        .collect();
    let found: HashSet<Uuid> = rows.iter().map(|row| row.event_id).collect();
    if found != expected {
        violations.push(format!(
            "command {id}: its {} events are not numbered 0..{}",
            rows.len(),
            rows.len()
        ));
    }
}

fn applied_and_visible(
    evidence: &Evidence,
    id: Uuid,
    row: &InboxRow,
    effects: usize,
    violations: &mut Vec<String>,
) {
    let Outcome::Applied { result } = &row.outcome else {
        if effects > 0 {
            violations.push(format!(
                "command {id} was not applied and has {effects} effects"
            ));
        }
        return;
    };
    let kind: Option<CommandKind> = row.kind.parse().ok();
    let single = matches!(
        kind,
        Some(CommandKind::CheckIn | CommandKind::CheckInByLink | CommandKind::Scan)
    );
    if single && effects != 1 {
        violations.push(format!(
            "command {id} ({}) has {effects} effects instead of one",
            row.kind
        ));
    }
    if let Some(told) = &result.visit {
        match evidence.visits.get(&told.visit_id.0) {
            None => violations.push(format!(
                "command {id} tells of a visit {} that is not there",
                told.visit_id
            )),
            Some(visit) if visit.snapshot.version < told.version => violations.push(format!(
                "command {id} tells of version {} of visit {}, which has {}",
                told.version, told.visit_id, visit.snapshot.version
            )),
            Some(_) => {}
        }
    }
    if row.decided_at < row.accepted_at - chrono::TimeDelta::seconds(5) {
        violations.push(format!("command {id} was decided before it was accepted"));
    }
}
