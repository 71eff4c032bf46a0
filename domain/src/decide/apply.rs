//! Making a decided transition visible in the world.

use super::{Change, Transition, VisitChange};
use crate::world::World;

impl Transition {
    /// Puts the new state into `world`: the next command of the batch sees it.
    pub fn apply_to(&self, world: &mut World) {
        match &self.change {
            Change::Visit(change) => apply_visit(change, world),
            Change::Doctor(doctor) => {
                world.doctors.insert(doctor.id, doctor.clone());
            }
            Change::Department(department) => {
                world.departments.insert(department.id, department.clone());
            }
            Change::Room(room) => {
                world.rooms.insert(room.id, room.clone());
            }
            Change::Adviser(switch) => {
                if let Some(facility) = world.facilities.get_mut(&switch.facility_id) {
                    facility.adviser = switch.adviser;
                }
            }
            Change::Nothing => {}
        }
    }
}

fn apply_visit(change: &VisitChange, world: &mut World) {
    let visit = &change.visit;
    if let Some((department, day, number)) = change.token_taken {
        world.tokens.insert((department, day), number);
    }
    if let Some(link) = change.link_used {
        world.used_links.insert(link, visit.id);
    }
    if let Some((doctor, room)) = change.doctor_last_room
        && let Some(doctor) = world.doctors.get_mut(&doctor)
    {
        doctor.last_room_id = Some(room);
    }
    if let Some(key) = &visit.patient_key {
        let key = (visit.facility_id, key.clone());
        if visit.stage.state.is_live() {
            world.live_patients.insert(key, visit.id);
        } else if world.live_patients.get(&key) == Some(&visit.id) {
            world.live_patients.remove(&key);
        }
    }
    world.visits.insert(visit.id, visit.clone());
}
