//! Events for the tests of this module.

use chrono::{DateTime, Utc};
use medique_contracts::events::{EventBody, EventData, EventMessage, EventType, VisitSnapshot};
use medique_contracts::ids::{
    CommandId, DepartmentId, DoctorId, EventId, FacilityId, RoomId, VisitId,
};
use medique_contracts::vocabulary::StageState;
use uuid::Uuid;

pub(super) const FACILITY: FacilityId = FacilityId(Uuid::from_u128(1));
pub(super) const MEDICINE: DepartmentId = DepartmentId(Uuid::from_u128(2));
pub(super) const SURGERY: DepartmentId = DepartmentId(Uuid::from_u128(3));
pub(super) const VISIT: VisitId = VisitId(Uuid::from_u128(4));
pub(super) const DOCTOR: DoctorId = DoctorId(Uuid::from_u128(5));
pub(super) const ROOM: RoomId = RoomId(Uuid::from_u128(6));
pub(super) const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

pub(super) fn time() -> DateTime<Utc> {
    DateTime::from_timestamp(1_770_000_000, 123_456_000).unwrap()
}

/// A visit in medicine, level 2, with every field filled.
pub(super) fn visit(state: StageState) -> VisitSnapshot {
    VisitSnapshot {
        visit_id: VISIT,
        version: 7,
        token: Some("GM-042".to_owned()),
        service_day: time().date_naive(),
        state,
        stage: 1,
        department_id: MEDICINE,
        from_department_id: None,
        level: 2,
        assigned_doctor_id: Some(DOCTOR),
        doctor_id: Some(DOCTOR),
        room_id: Some(ROOM),
        front: true,
        queued_since: time(),
        arrived_at: time(),
        called_at: Some(time()),
        started_at: Some(time()),
        ended_at: None,
        recall_count: 1,
        inaccurate: false,
    }
}

pub(super) fn event(event_type: EventType, facts: EventData) -> EventMessage {
    let department_id = match &facts {
        EventData::Visit(visit) => Some(visit.department_id),
        EventData::DayClosed { .. } => None,
        _ => Some(MEDICINE),
    };
    EventMessage {
        event_id: EventId(Uuid::from_u128(8)),
        event_type,
        traceparent: Some(format!("00-{TRACE}-00f067aa0ba902b7-01")),
        body: EventBody {
            facility_id: FACILITY,
            department_id,
            occurred_at: time(),
            command_id: CommandId(Uuid::from_u128(9)),
            facts,
        },
    }
}

pub(super) fn visit_event(event_type: EventType, visit: VisitSnapshot) -> EventMessage {
    event(event_type, EventData::Visit(Box::new(visit)))
}
