//! Tokens per department and day are 1..n, without repeat, in the order in which the commands that
//! took them were accepted.

use super::evidence::Evidence;
use medique_contracts::{CommandKind, Outcome};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// A token number, the sequence of the command that took it, and the visit.
type Taken = (i32, Option<u64>, Uuid);

pub(super) fn check(evidence: &Evidence, violations: &mut Vec<String>) {
    let taken_at = sequences_of_takers(evidence);
    let mut series: BTreeMap<(Uuid, chrono::NaiveDate), Vec<Taken>> = BTreeMap::new();
    for (id, visit) in &evidence.visits {
        if let (Some(department), Some(number)) = (visit.token_department, visit.token_number) {
            let seq = taken_at.get(id).copied();
            series
                .entry((department, visit.snapshot.service_day))
                .or_default()
                .push((number, seq, *id));
        }
    }
    for ((department, day), mut tokens) in series {
        tokens.sort_unstable();
        let numbers: Vec<i32> = tokens.iter().map(|(number, _, _)| *number).collect();
        let expected: Vec<i32> = (1..).take(numbers.len()).collect();
        if numbers != expected {
            violations.push(format!(
                "tokens of department {department} on {day} are {numbers:?}"
            ));
        }
        if evidence.counters.get(&(department, day)).copied() != numbers.last().copied() {
            violations.push(format!(
                "the counter of department {department} on {day} is not at its last token"
            ));
        }
        for pair in tokens.windows(2) {
            if let [(first, Some(first_seq), _), (second, Some(second_seq), _)] = pair
                && first_seq >= second_seq
            {
                violations.push(format!(
                    "department {department} on {day}: token {first} (message {first_seq}) before \
                     token {second} (message {second_seq})"
                ));
            }
        }
        for (number, seq, visit) in &tokens {
            if seq.is_none() {
                violations.push(format!(
                    "token {number} of visit {visit} was taken by no command"
                ));
            }
        }
    }
}

/// COMMANDS sequence of the command that took the token of each visit.
fn sequences_of_takers(evidence: &Evidence) -> HashMap<Uuid, u64> {
    let takes = |kind: &str| {
        matches!(
            kind.parse(),
            Ok(CommandKind::CheckIn | CommandKind::CheckInByLink | CommandKind::FillIntake)
        )
    };
    evidence
        .inbox
        .values()
        .filter(|row| takes(&row.kind))
        .filter_map(|row| match &row.outcome {
            Outcome::Applied { result } => Some((result.visit.as_ref()?.visit_id.0, row.seq)),
            _ => None,
        })
        .collect()
}
