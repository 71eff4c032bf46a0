//! The hospital itself: departments, rooms, and doctors who take patients or do not.

use super::context::{Context, refuse};
use super::{AuditDetail, Change, Decision, Transition};
use crate::model::{Department, Doctor, Room};
use medique_contracts::actor::Grants;
use medique_contracts::commands::{
    DepartmentSettings, RoomSettings, SetDoctorAvailability, UpdateDepartment, UpdateRoom,
};
use medique_contracts::ids::{DepartmentId, RoomId};
use medique_contracts::{Actor, CommandResult, EventData, EventType, Rejection, RejectionCode};

pub(super) fn create_department(
    context: &Context<'_>,
    settings: &DepartmentSettings,
) -> Result<Decision, Rejection> {
    let id = DepartmentId(context.message.command_id.created());
    if context.world.departments.contains_key(&id) {
        return Err(refuse(
            RejectionCode::AlreadyExists,
            "the department exists already",
        ));
    }
    department(
        context,
        Department {
            id,
            facility_id: context.facility.id,
            version: 1,
            settings: settings.clone(),
        },
    )
}

pub(super) fn update_department(
    context: &Context<'_>,
    payload: &UpdateDepartment,
) -> Result<Decision, Rejection> {
    let old = context.own_department()?;
    same_version(payload.expected_version, old.version)?;
    let settings = payload.settings.clone();
    department(
        context,
        Department {
            version: old.version + 1,
            settings,
            ..old.clone()
        },
    )
}

fn department(context: &Context<'_>, new: Department) -> Result<Decision, Rejection> {
    let mut others = context
        .world
        .departments
        .values()
        .filter(|other| other.id != new.id);
    if others.any(|other| {
        other.facility_id == new.facility_id && other.settings.code == new.settings.code
    }) {
        return Err(refuse(
            RejectionCode::AlreadyTaken,
            "another department has that code",
        ));
    }
    let result = CommandResult {
        department_id: Some(new.id),
        version: Some(new.version),
        ..CommandResult::default()
    };
    let transition = Transition {
        event_type: EventType::DepartmentChanged,
        department_id: Some(new.id),
        facts: EventData::Department {
            version: new.version,
        },
        change: Change::Department(new),
        audit_detail: None,
    };
    Ok(Decision {
        transitions: vec![transition],
        result,
    })
}

pub(super) fn create_room(
    context: &Context<'_>,
    settings: &RoomSettings,
) -> Result<Decision, Rejection> {
    let department = context.own_department()?;
    let id = RoomId(context.message.command_id.created());
    if context.world.rooms.contains_key(&id) {
        return Err(refuse(
            RejectionCode::AlreadyExists,
            "the room exists already",
        ));
    }
    room(
        context,
        Room {
            id,
            department_id: department.id,
            version: 1,
            settings: settings.clone(),
        },
    )
}

pub(super) fn update_room(
    context: &Context<'_>,
    payload: &UpdateRoom,
) -> Result<Decision, Rejection> {
    let department = context.own_department()?;
    let old = context.world.rooms.get(&payload.room_id);
    let old = old
        .filter(|room| room.department_id == department.id)
        .ok_or_else(|| {
            refuse(
                RejectionCode::UnknownRoom,
                "no such room in that department",
            )
        })?;
    same_version(payload.expected_version, old.version)?;
    let settings = payload.settings.clone();
    room(
        context,
        Room {
            version: old.version + 1,
            settings,
            ..old.clone()
        },
    )
}

fn room(context: &Context<'_>, new: Room) -> Result<Decision, Rejection> {
    let mut others = context
        .world
        .rooms
        .values()
        .filter(|other| other.id != new.id);
    if others.any(|other| {
        other.department_id == new.department_id && other.settings.code == new.settings.code
    }) {
        let detail = "another room of the department has that code";
        return Err(refuse(RejectionCode::AlreadyTaken, detail));
    }
    let result = CommandResult {
        department_id: Some(new.department_id),
        room_id: Some(new.id),
        version: Some(new.version),
        ..CommandResult::default()
    };
    let transition = Transition {
        event_type: EventType::RoomChanged,
        department_id: Some(new.department_id),
        facts: EventData::Room {
            room_id: new.id,
            version: new.version,
        },
        change: Change::Room(new),
        audit_detail: None,
    };
    Ok(Decision {
        transitions: vec![transition],
        result,
    })
}

pub(super) fn set_availability(
    context: &Context<'_>,
    payload: &SetDoctorAvailability,
) -> Result<Decision, Rejection> {
    let doctor = context.world.doctors.get(&payload.doctor_id);
    let doctor = doctor
        .filter(|doctor| doctor.facility_id == context.facility.id)
        .ok_or_else(|| refuse(RejectionCode::UnknownDoctor, "no such doctor"))?;
    let own = context.own_doctor() == Some(doctor.id);
    if !own && (context.own_doctor().is_some() || !manages(context, doctor)) {
        return Err(crate::permissions::forbidden());
    }
    let new = Doctor {
        status: payload.status,
        version: doctor.version + 1,
        ..doctor.clone()
    };
    let result = CommandResult {
        version: Some(new.version),
        ..CommandResult::default()
    };
    let named = context.message.context.department_id;
    let transition = Transition {
        event_type: EventType::DoctorAvailabilityChanged,
        department_id: named.filter(|id| new.departments.contains(id)),
        facts: EventData::Doctor {
            doctor_id: new.id,
            status: new.status,
            version: new.version,
        },
        change: Change::Doctor(new),
        audit_detail: payload.reason.clone().map(|reason| AuditDetail {
            reason: Some(reason),
            ..AuditDetail::default()
        }),
    };
    Ok(Decision {
        transitions: vec![transition],
        result,
    })
}

/// Whether the actor is granted a department in which the doctor works.
fn manages(context: &Context<'_>, doctor: &Doctor) -> bool {
    match context.actor() {
        Actor::Staff {
            departments: Grants::All,
            ..
        } => true,
        Actor::Staff { departments, .. } => doctor
            .departments
            .iter()
            .any(|department| departments.covers(*department)),
        _ => false,
    }
}

fn same_version(expected: Option<i64>, current: i64) -> Result<(), Rejection> {
    if expected.is_some_and(|expected| expected != current) {
        return Err(Rejection {
            current_version: Some(current),
            ..refuse(
                RejectionCode::VersionConflict,
                "it has changed in the meantime",
            )
        });
    }
    Ok(())
}
