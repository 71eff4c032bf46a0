//! The part of the hospital that a batch of commands touches, in memory.
//!
//! The worker loads it under locks, the fold changes it command by command, and the worker writes
//! what is marked changed. Loading must be complete for what the batch's commands need:
//! [`crate::decide::needs`] says what that is.

use crate::decide::Transition;
use crate::model::{Department, Doctor, Facility, Room, Visit};
use crate::triage::Rules;
use chrono::{DateTime, NaiveDate, Utc};
use medique_contracts::ids::{DepartmentId, DoctorId, FacilityId, LinkId, RoomId, VisitId};
use std::collections::{BTreeMap, HashMap};

/// Everything that [`crate::decide()`] may look at.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// Facilities by id.
    pub facilities: HashMap<FacilityId, Facility>,
    /// Departments by id.
    pub departments: HashMap<DepartmentId, Department>,
    /// Rooms by id, ordered so that "the first free room" is the same on every replay.
    pub rooms: BTreeMap<RoomId, Room>,
    /// Doctors by id.
    pub doctors: BTreeMap<DoctorId, Doctor>,
    /// Visits by id, ordered so that sweeps run in the same order on every replay.
    pub visits: BTreeMap<VisitId, Visit>,
    /// The last token number taken, per department and service day.
    pub tokens: HashMap<(DepartmentId, NaiveDate), i32>,
    /// Live visit of each patient key of the facility.
    pub live_patients: HashMap<(FacilityId, String), VisitId>,
    /// Single-use links that were used, and by which visit.
    pub used_links: HashMap<LinkId, VisitId>,
    /// Links that were revoked, and when.
    pub revoked_links: HashMap<LinkId, DateTime<Utc>>,
    /// The triage rules that every floor is computed with.
    pub rules: Rules,
}

impl World {
    /// Visits that are called or in consultation with `doctor`, other than `except`.
    pub fn with_doctor(&self, doctor: DoctorId, except: VisitId) -> impl Iterator<Item = &Visit> {
        self.visits.values().filter(move |visit| {
            visit.id != except
                && visit.stage.state.is_with_doctor()
                && visit.stage.doctor_id == Some(doctor)
        })
    }

    /// Visits that are called to or seen in `room`, other than `except`.
    pub fn in_room(&self, room: RoomId, except: VisitId) -> impl Iterator<Item = &Visit> {
        self.visits.values().filter(move |visit| {
            visit.id != except
                && visit.stage.state.is_with_doctor()
                && visit.stage.room_id == Some(room)
        })
    }

    /// Visits that wait in `department`.
    pub fn waiting(&self, department: DepartmentId) -> impl Iterator<Item = &Visit> {
        self.visits.values().filter(move |visit| {
            visit.stage.department_id == department && visit.stage.state.is_waiting()
        })
    }

    /// Makes a decided transition visible to the commands that follow in the same batch.
    pub fn apply(&mut self, transition: &Transition) {
        transition.apply_to(self);
    }
}
