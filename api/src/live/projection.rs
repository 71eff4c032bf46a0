//! What each audience may see of an event. Pure, and the only place where an event turns into
//! bytes for a client.
//!
//! | audience | sees | never sees |
//! |---|---|---|
//! | staff | the whole public state of the visit, other events of the department | names, reasons (events have none) |
//! | board | token, room, state; leaving the board as `visit_removed` | level, urgency, doctor, why somebody left, scans |
//! | patient | token, room, state of the own visit | level, doctor, other visits |
//!
//! Clients must drop an event on a visit whose `version` is not above the last one they saw of it.

use crate::live::audience::Audience;
use chrono::{DateTime, Utc};
use medique_contracts::events::{EventData, EventMessage, EventType, VisitSnapshot};
use medique_contracts::ids::{CommandId, DepartmentId, RoomId, VisitId};
use medique_contracts::vocabulary::StageState;
use serde::Serialize;

/// Event name on a board: the token is to disappear.
pub const REMOVED: &str = "visit_removed";
/// Event name for a patient: a new version whose change is not the patient's to see.
pub const UPDATED: &str = "visit_updated";

/// An event as one audience sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Projected {
    /// The `event:` line.
    pub name: &'static str,
    /// The `data:` line, compact JSON.
    pub data: String,
}

/// What an audience sees of an event; none when the event is not its business.
///
/// `room` is the code of the room in the event, such as `R3`, when it is known.
pub fn project(event: &EventMessage, room: Option<&str>, audience: &Audience) -> Option<Projected> {
    match *audience {
        Audience::Staff { .. } => Some(staff(event)),
        Audience::Board { department } => board(event, room, department),
        Audience::Patient { visit } => patient(event, room, visit),
    }
}

#[derive(Serialize)]
struct About<'a> {
    occurred_at: DateTime<Utc>,
    trace_id: Option<&'a str>,
}

#[derive(Serialize)]
struct StaffData<'a, T> {
    #[serde(flatten)]
    facts: T,
    command_id: CommandId,
    #[serde(flatten)]
    about: About<'a>,
}

fn staff(event: &EventMessage) -> Projected {
    let data = match &event.body.facts {
        EventData::Visit(visit) => staff_data(event, visit.as_ref()),
        EventData::Doctor {
            doctor_id,
            status,
            version,
        } => staff_data(
            event,
            serde_json::json!({ "department_id": event.body.department_id, "doctor_id": doctor_id, "status": status, "version": version }),
        ),
        EventData::Department { version } => staff_data(
            event,
            serde_json::json!({ "department_id": event.body.department_id, "version": version }),
        ),
        EventData::Room { room_id, version } => staff_data(
            event,
            serde_json::json!({ "department_id": event.body.department_id, "room_id": room_id, "version": version }),
        ),
        EventData::DayClosed {
            service_day,
            expired,
            in_consultation,
        } => staff_data(
            event,
            serde_json::json!({ "department_id": event.body.department_id, "service_day": service_day, "expired": expired, "in_consultation": in_consultation }),
        ),
        EventData::Adviser { enabled, version } => staff_data(
            event,
            serde_json::json!({ "enabled": enabled, "version": version }),
        ),
        // The reason may quote a library's error text, which is not for clients.
        EventData::DeadLetter { .. } => staff_data(
            event,
            serde_json::json!({ "department_id": event.body.department_id }),
        ),
    };
    Projected {
        name: event.event_type.as_str(),
        data,
    }
}

fn staff_data(event: &EventMessage, facts: impl Serialize) -> String {
    json(&StaffData {
        facts,
        command_id: event.body.command_id,
        about: about(event),
    })
}

#[derive(Serialize)]
struct PublicData<'a> {
    visit_id: VisitId,
    version: i64,
    department_id: DepartmentId,
    token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<StageState>,
    #[serde(skip_serializing_if = "Option::is_none")]
    room_id: Option<RoomId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    room: Option<&'a str>,
    #[serde(flatten)]
    about: About<'a>,
}

fn board(event: &EventMessage, room: Option<&str>, department: DepartmentId) -> Option<Projected> {
    let visit = event.visit()?;
    let token = visit.token.as_deref()?;
    let mut data = PublicData {
        visit_id: visit.visit_id,
        version: visit.version,
        department_id: department,
        token: Some(token),
        state: None,
        room_id: None,
        room: None,
        about: about(event),
    };
    let name = match shown_on_board(visit.state) {
        Some(state) if visit.department_id == department => {
            if board_unchanged(event.event_type) {
                return None;
            }
            data.state = Some(state);
            (data.room_id, data.room) = room_of(visit, room);
            event.event_type.as_str()
        }
        _ => REMOVED,
    };
    Some(Projected {
        name,
        data: json(&data),
    })
}

fn patient(event: &EventMessage, room: Option<&str>, own: VisitId) -> Option<Projected> {
    let visit = event.visit().filter(|visit| visit.visit_id == own)?;
    let (room_id, room) = room_of(visit, room);
    let data = PublicData {
        visit_id: visit.visit_id,
        version: visit.version,
        department_id: visit.department_id,
        token: visit.token.as_deref(),
        state: Some(visit.state),
        room_id,
        room,
        about: about(event),
    };
    let name = if board_unchanged(event.event_type) {
        UPDATED
    } else {
        event.event_type.as_str()
    };
    Some(Projected {
        name,
        data: json(&data),
    })
}

/// The state as a board shows it; none for whoever is not on the board. `URGENT` would tell the
/// waiting room somebody's level, so it reads as `WAITING`.
pub fn shown_on_board(state: StageState) -> Option<StageState> {
    match state {
        StageState::Urgent => Some(StageState::Waiting),
        StageState::Waiting
        | StageState::Called
        | StageState::InConsultation
        | StageState::OnHold => Some(state),
        StageState::Scanned
        | StageState::Completed
        | StageState::NoShow
        | StageState::Cancelled
        | StageState::Left
        | StageState::Transferred
        | StageState::Expired => None,
    }
}

/// Events that change nothing a board shows. Their names alone would say that somebody was
/// measured, re-assessed, or a case for the adviser.
fn board_unchanged(event_type: EventType) -> bool {
    matches!(
        event_type,
        EventType::VisitVitalsRecorded
            | EventType::VisitAcuitySet
            | EventType::VisitTriageAdvised
            | EventType::VisitReassigned
    )
}

/// A room is shown while somebody is called to it or is in it, not after.
fn room_of<'a>(visit: &VisitSnapshot, room: Option<&'a str>) -> (Option<RoomId>, Option<&'a str>) {
    if visit.state.is_with_doctor() {
        (visit.room_id, room)
    } else {
        (None, None)
    }
}

fn about(event: &EventMessage) -> About<'_> {
    About {
        occurred_at: event.body.occurred_at,
        trace_id: event
            .traceparent
            .as_deref()
            .and_then(|text| text.split('-').nth(1)),
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("projections have string keys and finite numbers only")
}

#[cfg(test)]
mod tests;
