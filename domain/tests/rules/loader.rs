//! The loader as `decide::needs` describes it, over a whole world instead of a database: what it
//! leaves out must not change any decision.

use medique_contracts::CommandMessage;
use medique_contracts::ids::VisitId;
use medique_domain::World;
use medique_domain::decide::{Needs, needs, needs_of_visit};
use medique_domain::model::Visit;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) fn load(all: &World, batch: &[CommandMessage]) -> World {
    let mut wanted = Needs::default();
    batch.iter().for_each(|message| needs(message, &mut wanted));
    let named: Vec<&Visit> = wanted
        .visits
        .clone()
        .iter()
        .filter_map(|id| all.visits.get(id))
        .collect();
    named
        .iter()
        .for_each(|visit| needs_of_visit(visit, &mut wanted));
    let mut part = World::default();
    let mut visits: BTreeSet<VisitId> = named.iter().map(|visit| visit.id).collect();
    part.facilities = keep(&all.facilities, |id| wanted.facilities.contains(id));
    part.departments = (all.departments.iter())
        .filter(|(id, department)| {
            let code = (department.facility_id, department.settings.code.clone());
            wanted.departments.contains(id)
                || wanted.sweeps.contains(&department.facility_id)
                || wanted.department_codes.contains(&code)
        })
        .map(|(id, department)| (*id, department.clone()))
        .collect();
    part.doctors = keep(&all.doctors, |id| wanted.doctors.contains(id));
    part.rooms = (all.rooms.iter())
        .filter(|(id, room)| {
            wanted.rooms.contains(id) || wanted.rooms_of.contains(&room.department_id)
        })
        .map(|(id, room)| (*id, room.clone()))
        .collect();
    part.tokens = keep(&all.tokens, |(department, _)| {
        wanted.tokens.contains(department)
    });
    part.live_patients = keep(&all.live_patients, |key| wanted.patient_keys.contains(key));
    part.used_links = keep(&all.used_links, |link| wanted.links.contains(link));
    part.revoked_links = keep(&all.revoked_links, |link| wanted.links.contains(link));
    visits.extend(all.visits.values().filter_map(|visit| {
        let stage = &visit.stage;
        let with_doctor = stage
            .doctor_id
            .is_some_and(|id| part.doctors.contains_key(&id));
        let in_room = stage.room_id.is_some_and(|id| part.rooms.contains_key(&id));
        let swept = wanted.sweeps.contains(&visit.facility_id) && stage.state.is_live();
        (stage.state.is_with_doctor() && (with_doctor || in_room) || swept).then_some(visit.id)
    }));
    visits.extend(heads(all, &wanted));
    part.visits = keep(&all.visits, |id| visits.contains(id));
    part
}

/// The first `n + 1` of each level and line.
fn heads(all: &World, wanted: &Needs) -> Vec<VisitId> {
    let mut heads = Vec::new();
    for (department, moves) in &wanted.queue_heads {
        let mut lines: BTreeMap<_, Vec<&Visit>> = BTreeMap::new();
        for visit in all.waiting(*department) {
            lines
                .entry((visit.level, visit.stage.assigned_doctor_id))
                .or_default()
                .push(visit);
        }
        for line in lines.values_mut() {
            line.sort_by_key(|visit| (!visit.stage.front, visit.stage.queued_since, visit.id));
            let count = usize::try_from(*moves).expect("a small number") + 1;
            heads.extend(line.iter().take(count).map(|visit| visit.id));
        }
    }
    heads
}

fn keep<K, V, M>(map: &M, wanted: impl Fn(&K) -> bool) -> M
where
    K: Clone + 'static,
    V: Clone + 'static,
    for<'a> &'a M: IntoIterator<Item = (&'a K, &'a V)>,
    M: FromIterator<(K, V)>,
{
    map.into_iter()
        .filter(|(key, _)| wanted(key))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

#[test]
fn a_visit_that_comes_back_brings_its_patient_key() {
    use crate::fixture::*;
    let mut hospital = Hospital::new();
    let mut known = intake();
    known.patient.birth_date = chrono::NaiveDate::from_ymd_opt(1980, 1, 2);
    let first = hospital.check_in_at(GM, known.clone());
    hospital
        .on(patient(first), first, leave())
        .expect("leaving");
    hospital.check_in_at(XR, known);
    for command in [come_back(None, None), undo()] {
        let message = hospital.message(admin(), Some(GM), Some(first), command);
        let part = load(&hospital.world, std::slice::from_ref(&message));
        let refusal = medique_domain::decide(&part, &message, hospital.now).expect_err("a refusal");
        assert_eq!(
            refusal.code,
            medique_contracts::RejectionCode::AlreadyInQueue
        );
    }
}
