//! What was asked for and what became of it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use medique_contracts::CommandKind;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::http::api::{Fate, Submitted};

/// Commands of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) sent: u64,
    pub(crate) applied: u64,
    /// Refused by a rule after acceptance, by code.
    pub(crate) rejected: BTreeMap<String, u64>,
    /// Not accepted, by code.
    pub(crate) refused: BTreeMap<String, u64>,
    /// Nobody knows, by reason.
    pub(crate) unknown: BTreeMap<String, u64>,
    /// Answers "not now", after which the command was repeated.
    pub(crate) put_off: u64,
}

/// What an applied command says of its visit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Visit {
    pub(crate) visit_id: Uuid,
    pub(crate) version: i64,
    pub(crate) state: String,
}

/// All commands.
#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<Sums>);

/// The state of a [`Tally`].
#[derive(Debug, Clone, Default)]
pub(crate) struct Sums {
    pub(crate) by_kind: BTreeMap<CommandKind, Counts>,
    /// Every transition that took effect: visit and version.
    pub(crate) transitions: Vec<(Uuid, i64)>,
    /// Newest known version and state of each visit.
    pub(crate) visits: HashMap<Uuid, (i64, String)>,
}

impl Tally {
    /// Counts a command; gives the visit when it took effect on one.
    pub(crate) fn note(&self, kind: CommandKind, submitted: &Submitted) -> Option<Visit> {
        let mut sums = self.0.lock().ok()?;
        let counts = sums.by_kind.entry(kind).or_default();
        counts.sent += 1;
        counts.put_off += u64::from(submitted.put_off);
        let (by_reason, reason) = match &submitted.fate {
            Fate::Applied(answer) => {
                counts.applied += 1;
                return sums.transition(answer);
            }
            Fate::Rejected(code) => (&mut counts.rejected, code),
            Fate::Refused(code) => (&mut counts.refused, code),
            Fate::Unknown(reason) => (&mut counts.unknown, reason),
        };
        *by_reason.entry(reason.clone()).or_default() += 1;
        None
    }

    /// Everything so far.
    pub(crate) fn sums(&self) -> Sums {
        self.0.lock().map(|sums| sums.clone()).unwrap_or_default()
    }
}

impl Sums {
    fn transition(&mut self, answer: &Value) -> Option<Visit> {
        let visit = answer.pointer("/result/visit")?;
        let visit: Visit = serde_json::from_value(visit.clone()).ok()?;
        self.transitions.push((visit.visit_id, visit.version));
        let newest = self.visits.entry(visit.visit_id).or_default();
        if newest.0 < visit.version {
            *newest = (visit.version, visit.state.clone());
        }
        Some(visit)
    }
}

impl Counts {
    /// Commands that the API accepted.
    pub(crate) fn accepted(&self) -> u64 {
        self.applied + self.rejected.values().sum::<u64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn submitted(fate: Fate) -> Submitted {
        Submitted { fate, put_off: 0 }
    }

    #[test]
    fn every_fate_is_counted_once() {
        let tally = Tally::default();
        let id = Uuid::from_u128(1);
        let answer = |version| json!({ "result": { "visit": { "visit_id": id, "version": version, "state": format!("S{version}") } } });
        let kind = CommandKind::RecordVitals;
        assert_eq!(
            tally
                .note(kind, &submitted(Fate::Applied(answer(2))))
                .map(|visit| visit.version),
            Some(2)
        );
        tally.note(kind, &submitted(Fate::Applied(answer(1))));
        tally.note(
            kind,
            &submitted(Fate::Rejected("invalid_transition".to_owned())),
        );
        tally.note(kind, &submitted(Fate::Refused("forbidden".to_owned())));
        tally.note(kind, &submitted(Fate::Unknown("no answer".to_owned())));
        let sums = tally.sums();
        let counts = &sums.by_kind[&kind];
        assert_eq!((counts.sent, counts.accepted(), counts.applied), (5, 3, 2));
        assert_eq!(counts.rejected["invalid_transition"], 1);
        assert_eq!(
            sums.visits[&id],
            (2, "S2".to_owned()),
            "an older answer that comes late changes nothing"
        );
        assert_eq!(sums.transitions, [(id, 2), (id, 1)]);
    }
}
