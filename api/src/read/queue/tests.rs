use super::*;
use crate::read::fields::tests::is_exactly;
use medique_contracts::VisitSnapshot;
use serde_json::json;

/// Somebody in the queue of whom everything is known that can be.
fn line(now: DateTime<Utc>) -> Line {
    let id = Uuid::from_u128(1);
    let snapshot: VisitSnapshot = serde_json::from_value(json!({
        "visit_id": id, "version": 3, "token": "GM-001", "service_day": "2026-03-14",
        "state": "WAITING", "stage": 1, "department_id": id, "level": 4,
        "assigned_doctor_id": id, "doctor_id": id, "room_id": id, "front": true,
        "queued_since": now, "arrived_at": now, "called_at": now, "started_at": now,
        "ended_at": null, "recall_count": 0, "inaccurate": false,
    }))
    .unwrap();
    let place = Place {
        snapshot,
        room: Some("R1".to_owned()),
    };
    let entry = place.queue_entry(&[0, 10, 60, 120, 240]);
    let ahead = QueueEntry {
        visit_id: Uuid::from_u128(2).into(),
        level: 1,
        ..entry
    };
    Line {
        place,
        entry,
        position: Some(2),
        ahead: Some(ahead),
    }
}

#[test]
fn every_role_sees_its_fields_and_no_others() {
    let now = medique_platform::clock::now();
    let intake: IntakeRecord = serde_json::from_value(json!({
        "patient": { "name": "Ann" }, "complaint": "cough", "symptoms": [], "arrival_mode": null,
    }))
    .unwrap();
    let person = Person {
        intake: Some(intake),
        needs_review: true,
        assessed_at: Some(now),
    };
    for role in [Role::Admin, Role::Reception, Role::Nurse, Role::Doctor] {
        is_exactly(
            QUEUE,
            role,
            &item(line(now), Some(person.clone()), role, now),
        );
    }
    let board = item(line(now), Some(person), Role::Display, now);
    assert_eq!((board.name, board.complaint), (None, None));
}
