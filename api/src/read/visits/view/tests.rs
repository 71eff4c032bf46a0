use super::*;
use crate::read::fields::tests::is_exactly;
use crate::read::places::Place;
use medique_contracts::VisitSnapshot;
use medique_contracts::vocabulary::TriageSource;
use medique_domain::advice::Advice;
use medique_domain::model::{ClinicianLevel, Floor, HoldRecord, IntakeRecord};
use serde_json::json;

/// A visit in which everything is known that can be.
fn full() -> Record {
    let now = medique_platform::clock::now();
    let id = Uuid::from_u128(1);
    let snapshot: VisitSnapshot = serde_json::from_value(json!({
        "visit_id": id, "version": 3, "token": "GM-001", "service_day": "2026-03-14",
        "state": "IN_CONSULTATION", "stage": 1, "department_id": id, "level": 2,
        "assigned_doctor_id": id, "doctor_id": id, "room_id": id, "front": true,
        "queued_since": now, "arrived_at": now, "called_at": now, "started_at": now,
        "ended_at": now, "recall_count": 0, "inaccurate": false,
    }))
    .unwrap();
    let intake: IntakeRecord = serde_json::from_value(json!({
        "patient": { "name": "Ann", "age_years": 40, "birth_date": "1986-01-02", "sex": "FEMALE",
                     "phone": "+4412345678", "language": "en" },
        "complaint": "cough", "symptoms": ["fever"], "arrival_mode": "WALK_IN",
    }))
    .unwrap();
    Record {
        place: Place {
            snapshot,
            room: Some("R1".to_owned()),
        },
        facility_id: id,
        erased: true,
        intake: Some(intake),
        vitals: serde_json::from_value(json!({ "heart_rate": 80 })).unwrap(),
        floor: Floor {
            level: 2,
            rules_version: 1,
            fired: Vec::new(),
            news2: Some(7),
            rules: Vec::new(),
            score: None,
        },
        clinician: Some(ClinicianLevel {
            level: 2,
            overrides_floor: false,
            version: 2,
            ..ClinicianLevel::default()
        }),
        findings_version: 1,
        raised: None,
        advice: Some(advice()),
        history: Vec::new(),
        hold: Some(HoldRecord {
            reason: "out".to_owned(),
            expected_back_at: Some(now),
            resume_to: StageState::Waiting,
        }),
        last_called_at: Some(now),
        notes: vec![NoteRecord {
            version: 3,
            written_by: "staff:x".to_owned(),
            written_at: now,
            notes: Some("rest".to_owned()),
            prescription: None,
        }],
    }
}

#[test]
fn every_role_sees_its_fields_and_no_others() {
    for role in Role::ALL.iter().filter(|role| **role != Role::Display) {
        is_exactly(VISIT, *role, &of(full(), *role, &Rules::default()));
    }
}

fn advice() -> Advice {
    serde_json::from_value(json!({
        "version": 3, "based_on": 1, "at": "2026-03-14T09:00:00Z",
        "source": { "provider": "generic", "model": "m-1", "prompt_version": 1, "input_hash": "00",
                    "latency_ms": 900, "attempts": 1 },
        "result": { "status": "suggested", "level": 1, "confidence": 0.5, "reasons": ["why"],
                    "questions": [] },
    }))
    .unwrap()
}

#[test]
fn what_a_machine_says_is_marked_as_such() {
    let view = of(full(), Role::Nurse, &Rules::default()).triage;
    assert_eq!(view.needs_review, Some(true), "more urgent than the level");
    assert_eq!(view.triage_source, Some(Word(TriageSource::Clinician)));
    let shown = view.suggestion.unwrap();
    assert_eq!((shown.source.as_str(), shown.level), ("ai", Some(1)));
    assert!(!shown.notice.is_empty() && shown.shown_before_own_level && !shown.outdated);
    let mut record = full();
    if let Some(clinician) = &mut record.clinician {
        clinician.version = 4;
    }
    record.findings_version = 4;
    let view = of(record, Role::Doctor, &Rules::default()).triage;
    assert_eq!(view.needs_review, Some(false));
    let shown = view.suggestion.unwrap();
    assert!(!shown.shown_before_own_level && shown.outdated);
}
