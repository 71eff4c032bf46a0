//! Who sees which members of an answer about a visit: no more than the work of the role needs. The
//! tables are the rule, and a test holds the answers against them: a member that stands in no row
//! cannot be answered.

use medique_contracts::vocabulary::Role::{self, Admin, Doctor, Nurse, Patient, Reception};

/// Members that are seen together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Token, state, place and times.
    Place,
    /// Urgency, doctors, and whether somebody was erased.
    Work,
    /// Who.
    Person,
    /// Why the patient came, or is away.
    Reason,
    /// What was measured and what follows from it.
    Findings,
    /// What doctors wrote.
    Notes,
    /// What the audit trail has to say.
    Audit,
}

/// One row: a part, its members, and who sees it.
pub type Row = (Part, &'static [&'static str], &'static [Role]);

const STAFF: &[Role] = &[Admin, Reception, Nurse, Doctor];

/// A visit. Boards are not asked here: they have answers of their own, without anybody's name.
pub const VISIT: &[Row] = &[
    (
        Part::Place,
        &[
            "visit_id",
            "version",
            "token",
            "state",
            "stage",
            "department_id",
            "service_day",
            "arrived_at",
            "queued_since",
            "called_at",
            "last_called_at",
            "recall_count",
            "started_at",
            "ended_at",
            "room_id",
            "room",
        ],
        &[Patient, Admin, Reception, Nurse, Doctor],
    ),
    (
        Part::Work,
        &[
            "level",
            "front",
            "assigned_doctor_id",
            "doctor_id",
            "inaccurate",
            "erased",
            "triage_source",
            "needs_review",
        ],
        STAFF,
    ),
    (Part::Person, &["patient"], STAFF),
    (
        Part::Reason,
        &["complaint", "symptoms", "answers", "arrival_mode", "hold"],
        STAFF,
    ),
    (
        Part::Findings,
        &["vitals", "floor", "clinician", "suggestion", "decisions"],
        &[Nurse, Doctor],
    ),
    (Part::Notes, &["notes"], &[Doctor]),
];

/// A row of a queue.
pub const QUEUE: &[Row] = &[
    (
        Part::Place,
        &[
            "position",
            "visit_id",
            "version",
            "token",
            "state",
            "arrived_at",
            "queued_since",
            "room_id",
            "room",
            "called_at",
            "started_at",
            "recall_count",
        ],
        STAFF,
    ),
    (
        Part::Work,
        &[
            "level",
            "needs_review",
            "assessed_at",
            "front",
            "target_minutes",
            "credit",
            "why",
            "assigned_doctor_id",
            "doctor_id",
        ],
        STAFF,
    ),
    (Part::Person, &["name"], STAFF),
    (Part::Reason, &["complaint"], STAFF),
];

/// A row of the audit trail.
pub const AUDIT: &[Row] = &[(
    Part::Audit,
    &[
        "event_id",
        "event_type",
        "occurred_at",
        "actor",
        "command_id",
        "department_id",
        "visit_id",
        "version",
        "trace_id",
        "facts",
        "detail",
        "partition",
        "chain_seq",
        "hash",
    ],
    &[Admin],
)];

/// Whether `role` sees a part.
pub fn sees(table: &[Row], part: Part, role: Role) -> bool {
    table
        .iter()
        .any(|(row, _, roles)| *row == part && roles.contains(&role))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use poem_openapi::types::ToJSON;
    use std::collections::BTreeSet;

    /// The members that a role may see, in all.
    fn members(table: &[Row], role: Role) -> BTreeSet<&'static str> {
        table
            .iter()
            .filter(|(_, _, roles)| roles.contains(&role))
            .flat_map(|(_, members, _)| members.iter().copied())
            .collect()
    }

    /// Holds an answer in which everything is filled in against what the role may see.
    pub(in crate::read) fn is_exactly(table: &[Row], role: Role, answer: &impl ToJSON) {
        let json = answer.to_json().expect("an object");
        let has: BTreeSet<&str> = json
            .as_object()
            .expect("an object")
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(has, members(table, role), "{role}");
    }

    #[test]
    fn boards_see_nothing_of_a_person() {
        for table in [VISIT, QUEUE, AUDIT] {
            assert!(members(table, Role::Display).is_empty());
        }
        let patient = members(VISIT, Patient);
        for member in ["patient", "complaint", "notes", "level", "erased"] {
            assert!(!patient.contains(member), "{member}");
        }
        // What a machine says of somebody is for clinicians, who can judge it.
        for role in [Patient, Admin, Reception] {
            for member in ["suggestion", "decisions"] {
                assert!(!members(VISIT, role).contains(member), "{role} {member}");
            }
        }
        for member in ["triage_source", "needs_review"] {
            assert!(!patient.contains(member), "{member}");
        }
    }
}
