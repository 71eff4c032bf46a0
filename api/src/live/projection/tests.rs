use super::*;
use crate::live::samples::*;
use serde_json::{Value, json};

const STAFF: Audience = Audience::Staff {
    facility: FACILITY,
    department: MEDICINE,
};
const BOARD: Audience = Audience::Board {
    department: MEDICINE,
};
const PATIENT: Audience = Audience::Patient { visit: VISIT };

fn shown(event: &EventMessage, audience: Audience) -> Option<(&'static str, Value)> {
    let projected = project(event, Some("R3"), &audience)?;
    assert!(!projected.data.contains(['\n', '\r']), "one line");
    Some((
        projected.name,
        serde_json::from_str(&projected.data).unwrap(),
    ))
}

fn keys(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[test]
fn staff_see_the_whole_public_state() {
    let snapshot = visit(StageState::Called);
    let event = visit_event(EventType::VisitCalled, snapshot.clone());
    let (name, data) = shown(&event, STAFF).unwrap();
    assert_eq!(name, "visit_called");
    let mut expected = serde_json::to_value(&snapshot).unwrap();
    expected["command_id"] = json!(event.body.command_id);
    expected["occurred_at"] = json!(time());
    expected["trace_id"] = json!(TRACE);
    assert_eq!(data, expected);
}

/// The lists are the contract: a field that is added to the events must not show up here by itself.
#[test]
fn boards_and_patients_see_their_fields_and_no_other() {
    let fields = [
        "department_id",
        "occurred_at",
        "room",
        "room_id",
        "state",
        "token",
        "trace_id",
        "version",
        "visit_id",
    ];
    for audience in [BOARD, PATIENT] {
        for state in StageState::ALL
            .iter()
            .filter(|state| state.is_with_doctor())
        {
            let event = visit_event(EventType::VisitCalled, visit(*state));
            let (_, data) = shown(&event, audience).unwrap();
            assert_eq!(keys(&data), fields, "{audience:?} {state}");
        }
    }
}

#[test]
fn no_audience_but_staff_sees_level_doctor_or_urgency_on_a_board() {
    for event_type in EventType::ALL
        .iter()
        .filter(|kind| kind.as_str().starts_with("visit_"))
    {
        for state in StageState::ALL {
            let event = visit_event(*event_type, visit(*state));
            for audience in [BOARD, PATIENT] {
                let Some(projected) = project(&event, Some("R3"), &audience) else {
                    continue;
                };
                for secret in [
                    "level",
                    "doctor",
                    "front",
                    "acuity",
                    "vitals",
                    "triage",
                    "advis",
                    &DOCTOR.to_string(),
                ] {
                    let found = projected.data.contains(secret) || projected.name.contains(secret);
                    assert!(
                        !found,
                        "{audience:?} {event_type} {state}: {secret} in {projected:?}"
                    );
                }
                assert!(audience == PATIENT || !projected.data.contains("URGENT"));
            }
        }
    }
}

#[test]
fn whoever_leaves_a_board_is_removed_without_a_reason() {
    for state in StageState::ALL
        .iter()
        .filter(|state| shown_on_board(**state).is_none())
    {
        for event_type in EventType::ALL {
            let event = visit_event(*event_type, visit(*state));
            let (name, data) = shown(&event, BOARD).unwrap();
            assert_eq!(name, REMOVED);
            assert_eq!(
                keys(&data),
                [
                    "department_id",
                    "occurred_at",
                    "token",
                    "trace_id",
                    "version",
                    "visit_id"
                ],
                "{event_type} {state}"
            );
        }
    }
}

#[test]
fn a_scan_without_token_never_shows_on_a_board() {
    let mut scanned = visit(StageState::Scanned);
    scanned.token = None;
    assert_eq!(
        shown(
            &visit_event(EventType::VisitScanned, scanned.clone()),
            BOARD
        ),
        None
    );
    scanned.state = StageState::Expired;
    assert_eq!(
        shown(&visit_event(EventType::VisitExpired, scanned), BOARD),
        None
    );
}

#[test]
fn measurements_do_not_show_on_a_board_and_are_an_update_for_the_patient() {
    for event_type in [
        EventType::VisitVitalsRecorded,
        EventType::VisitAcuitySet,
        EventType::VisitTriageAdvised,
        EventType::VisitReassigned,
    ] {
        let event = visit_event(event_type, visit(StageState::Waiting));
        assert_eq!(shown(&event, BOARD), None);
        assert_eq!(shown(&event, PATIENT).unwrap().0, UPDATED);
    }
}

#[test]
fn a_transfer_removes_here_and_shows_there() {
    let mut moved = visit(StageState::Waiting);
    moved.department_id = SURGERY;
    moved.from_department_id = Some(MEDICINE);
    let event = visit_event(EventType::VisitTransferred, moved);
    let (name, data) = shown(&event, BOARD).unwrap();
    assert_eq!((name, &data["department_id"]), (REMOVED, &json!(MEDICINE)));
    assert!(
        !data.to_string().contains(&SURGERY.to_string()),
        "where to is nobody's business"
    );
    let (name, data) = shown(
        &event,
        Audience::Board {
            department: SURGERY,
        },
    )
    .unwrap();
    assert_eq!(
        (name, &data["state"]),
        ("visit_transferred", &json!("WAITING"))
    );
}

#[test]
fn a_room_is_shown_only_while_somebody_is_called_to_it() {
    let (_, data) = shown(
        &visit_event(EventType::VisitUnclaimed, visit(StageState::Waiting)),
        PATIENT,
    )
    .unwrap();
    assert_eq!((data.get("room"), data.get("room_id")), (None, None));
}

#[test]
fn a_patient_sees_no_other_visit() {
    let mut other = visit(StageState::Called);
    other.visit_id = medique_contracts::ids::VisitId(uuid::Uuid::from_u128(99));
    assert_eq!(
        shown(&visit_event(EventType::VisitCalled, other), PATIENT),
        None
    );
}

#[test]
fn events_that_are_not_about_visits_are_for_staff_only_and_hold_no_internal_text() {
    let facts = [
        EventData::Doctor {
            doctor_id: DOCTOR,
            status: medique_contracts::vocabulary::DoctorStatus::Paused,
            version: 2,
        },
        EventData::Department { version: 3 },
        EventData::Room {
            room_id: ROOM,
            version: 4,
        },
        EventData::DayClosed {
            service_day: time().date_naive(),
            expired: 1,
            in_consultation: 0,
        },
        EventData::DeadLetter {
            reason: "canary-internal-text".to_owned(),
        },
    ];
    for facts in facts {
        let event = event(EventType::CommandDeadLettered, facts);
        assert_eq!(shown(&event, BOARD), None);
        assert_eq!(shown(&event, PATIENT), None);
        let (_, data) = shown(&event, STAFF).unwrap();
        assert!(!data.to_string().contains("canary"));
        for field in ["command_id", "occurred_at", "trace_id"] {
            assert!(
                data.get(field).is_some_and(Value::is_string),
                "{field} in {data}"
            );
        }
    }
}
