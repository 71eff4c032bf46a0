//! Whom and where a patient is called to: a free place with a doctor and one in a room.

use super::context::{Context, refuse};
use crate::model::{Department, Doctor, Room, Stage, Visit};
use chrono::{DateTime, Utc};
use medique_contracts::ids::{DoctorId, RoomId, VisitId};
use medique_contracts::vocabulary::{DoctorStatus, StageState};
use medique_contracts::{Rejection, RejectionCode};
use std::collections::BTreeSet;

/// A place with a doctor and one in a room.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) doctor_id: DoctorId,
    doctor_slot: i16,
    pub(super) room_id: RoomId,
    room_slot: i16,
}

impl Place {
    /// Calls the patient of `stage` here.
    pub(super) fn call(self, stage: &mut Stage, now: DateTime<Utc>) {
        let now = stage.tick(now);
        self.occupy(stage);
        stage.state = StageState::Called;
        stage.called_at = stage.called_at.or(Some(now));
        stage.last_called_at = Some(now);
        stage.recall_count = 0;
        stage.hold = None;
    }

    /// Only takes the places.
    pub(super) fn occupy(self, stage: &mut Stage) {
        stage.doctor_id = Some(self.doctor_id);
        stage.doctor_slot = self.doctor_slot;
        stage.room_id = Some(self.room_id);
        stage.room_slot = self.room_slot;
    }
}

/// The doctor to call for: the actor, or the one whom reception names.
pub(super) fn doctor<'a>(
    context: &Context<'a>,
    department: &Department,
    named: Option<DoctorId>,
) -> Result<&'a Doctor, Rejection> {
    let id = match (context.own_doctor(), named) {
        (Some(own), Some(other)) if own != other => return Err(crate::permissions::forbidden()),
        (Some(own), _) => own,
        (None, Some(named)) => named,
        (None, None) => {
            return Err(refuse(
                RejectionCode::DoctorRequired,
                "name the doctor to call for",
            ));
        }
    };
    let doctor = context.doctor_in(id, department.id)?;
    if doctor.status != DoctorStatus::Available {
        return Err(refuse(
            RejectionCode::DoctorNotAvailable,
            "the doctor is not available",
        ));
    }
    Ok(doctor)
}

/// A place for a patient who is called now: with `doctor`, in the room that was asked for, or in
/// the doctor's last room, or in the first free one by code.
pub(super) fn find(
    context: &Context<'_>,
    department: &Department,
    doctor: &Doctor,
    asked_for: Option<RoomId>,
    except: VisitId,
) -> Result<Place, Rejection> {
    let doctor_slot = doctor_slot(context, doctor, except).ok_or_else(doctor_busy)?;
    let in_department = |room: &&Room| room.department_id == department.id;
    let free = |room: &Room| {
        let slot = room_slot(context, room, except).filter(|_| room.settings.open);
        slot.map(|slot| (room.id, slot))
    };
    let rooms = &context.world.rooms;
    let (room_id, room_slot) = match asked_for {
        Some(id) => {
            let room = rooms.get(&id).filter(in_department).ok_or_else(|| {
                refuse(
                    RejectionCode::UnknownRoom,
                    "no such room in that department",
                )
            })?;
            free(room).ok_or_else(room_busy)?
        }
        None => {
            let last = doctor
                .last_room_id
                .and_then(|id| rooms.get(&id))
                .filter(in_department);
            let mut others: Vec<&Room> = rooms.values().filter(in_department).collect();
            others.sort_by(|a, b| (&a.settings.code, a.id).cmp(&(&b.settings.code, b.id)));
            last.into_iter()
                .chain(others)
                .find_map(free)
                .ok_or_else(|| {
                    refuse(
                        RejectionCode::RoomRequired,
                        "no room is free; name one or wait",
                    )
                })?
        }
    };
    Ok(Place {
        doctor_id: doctor.id,
        doctor_slot,
        room_id,
        room_slot,
    })
}

/// The places that `stage` had, for a patient who comes back to them, if they are still free.
pub(super) fn again(
    context: &Context<'_>,
    visit: &Visit,
    stage: &Stage,
) -> Result<Place, Rejection> {
    let doctor = stage
        .doctor_id
        .and_then(|id| context.world.doctors.get(&id));
    let room = stage.room_id.and_then(|id| context.world.rooms.get(&id));
    let doctor = doctor.ok_or_else(doctor_busy)?;
    let room = room.ok_or_else(room_busy)?;
    Ok(Place {
        doctor_id: doctor.id,
        doctor_slot: doctor_slot(context, doctor, visit.id).ok_or_else(doctor_busy)?,
        room_id: room.id,
        room_slot: room_slot(context, room, visit.id).ok_or_else(room_busy)?,
    })
}

fn doctor_slot(context: &Context<'_>, doctor: &Doctor, except: VisitId) -> Option<i16> {
    let taken = context
        .world
        .with_doctor(doctor.id, except)
        .map(|visit| visit.stage.doctor_slot);
    lowest_free(taken.collect(), doctor.capacity)
}

fn room_slot(context: &Context<'_>, room: &Room, except: VisitId) -> Option<i16> {
    let taken = context
        .world
        .in_room(room.id, except)
        .map(|visit| visit.stage.room_slot);
    lowest_free(taken.collect(), room.settings.capacity)
}

/// Counts as well as looks: after a capacity was lowered, patients may sit beyond it.
fn lowest_free(taken: BTreeSet<i16>, capacity: u16) -> Option<i16> {
    if taken.len() >= usize::from(capacity) {
        return None;
    }
    (0..=i16::MAX).find(|slot| !taken.contains(slot))
}

fn doctor_busy() -> Rejection {
    refuse(RejectionCode::DoctorBusy, "the doctor has another patient")
}

fn room_busy() -> Rejection {
    refuse(RejectionCode::RoomBusy, "the room is not free")
}
