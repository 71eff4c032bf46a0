//! The invariants of DOMAIN.md 1 and the constraints of the schema, checked after every step.

use chrono::{DateTime, NaiveDate, Utc};
use medique_contracts::ids::*;
use medique_contracts::vocabulary::{Role, StageState};
use medique_contracts::{Actor, Command, CommandKind, CommandMessage, EventData, EventType};
use medique_domain::decide::{Change, VisitChange};
use medique_domain::model::{Stage, Visit};
use medique_domain::transitions::{self, Target};
use medique_domain::{Decision, Transition, World, queue_order, service_day};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What the database would hold beside the world: every stage row, and the last tokens.
#[derive(Default)]
pub(crate) struct Ledger {
    stages: BTreeMap<(VisitId, i16), Stage>,
    tokens: HashMap<(DepartmentId, NaiveDate), i32>,
}

impl Ledger {
    /// Applies a decision, holding every invariant against it.
    pub(crate) fn record(
        &mut self,
        world: &mut World,
        message: &CommandMessage,
        decision: &Decision,
        now: DateTime<Utc>,
    ) {
        fair_choice(world, message, decision, now);
        no_timer_removes_the_urgent(world, message, decision);
        for transition in &decision.transitions {
            if let Change::Visit(change) = &transition.change {
                self.step(world, message, transition, change);
            }
            world.apply(transition);
        }
        self.all(world);
    }

    fn step(
        &mut self,
        world: &World,
        message: &CommandMessage,
        transition: &Transition,
        change: &VisitChange,
    ) {
        let after = &change.visit;
        let before = world.visits.get(&after.id);
        // 7: one step of one version each.
        assert_eq!(
            after.version,
            before.map_or(0, |visit| visit.version) + 1,
            "{message:?}"
        );
        assert_eq!(transition.facts, facts(transition, after));
        edge(message, transition, before, after);
        advised(message, before, after);
        overridden(message, before, after);
        if let Some(before) = before {
            assert_eq!(
                (before.service_day, before.arrived_at),
                (after.service_day, after.arrived_at)
            );
            assert!(
                before.token.is_none() || before.token == after.token,
                "a token stays"
            );
        } else {
            // 6
            let facility = &world.facilities[&after.facility_id];
            let day = service_day::service_day(
                after.arrived_at,
                facility.timezone,
                facility.cutover_hour,
            );
            assert_eq!(after.service_day, day);
        }
        // 5: monotone, hence unique.
        if let Some((department, day, number)) = change.token_taken {
            let last = self.tokens.insert((department, day), number).unwrap_or(0);
            assert!(number > last, "tokens are monotone");
            assert_eq!(
                (after.token_number, after.token_department_id),
                (Some(number), Some(department))
            );
        }
        for stage in change.other_stages.iter().chain([&after.stage]) {
            let row = self.stages.insert((after.id, stage.ordinal), stage.clone());
            let known = row.is_some() || stage.ordinal == after.last_ordinal;
            assert!(known, "a new stage takes the next ordinal");
        }
        let rows: Vec<_> = self
            .stages
            .range((after.id, i16::MIN)..=(after.id, i16::MAX))
            .collect();
        // 1: at most one live stage, and it is the one that the visit shows.
        let live: Vec<_> = rows
            .iter()
            .filter(|(_, stage)| stage.ended_at.is_none())
            .collect();
        assert!(live.len() <= 1, "{rows:?}");
        assert!(live.iter().all(|(_, stage)| **stage == after.stage));
        assert_eq!(
            rows.last().map(|((_, ordinal), _)| *ordinal),
            Some(after.last_ordinal)
        );
    }

    fn all(&self, world: &World) {
        let (mut keys, mut tokens) = (BTreeSet::new(), BTreeSet::new());
        let (mut with_doctor, mut in_room) = (BTreeMap::new(), BTreeMap::new());
        for visit in world.visits.values() {
            visit_row(visit);
            if visit.stage.state.is_live()
                && let Some(key) = &visit.patient_key
            {
                assert!(keys.insert(key), "1: one live visit per patient");
                let live = world.live_patients.get(&(visit.facility_id, key.clone()));
                assert_eq!(live, Some(&visit.id));
            }
            if let Some(number) = visit.token_number {
                let token = (visit.token_department_id, visit.service_day, number);
                assert!(tokens.insert(token), "5: one token per department and day");
            }
            if visit.stage.state.is_with_doctor() {
                // 3
                let doctor = &world.doctors[&visit.stage.doctor_id.expect("a doctor")];
                let room = &world.rooms[&visit.stage.room_id.expect("a room")];
                assert!(doctor.departments.contains(&visit.stage.department_id));
                assert_eq!(room.department_id, visit.stage.department_id);
                with_doctor.entry(doctor.id).or_insert_with(BTreeSet::new);
                in_room.entry(room.id).or_insert_with(BTreeSet::new);
                // 2: each place is taken once, and there are no more than the capacity.
                let places = with_doctor.get_mut(&doctor.id).expect("inserted above");
                assert!(places.insert(visit.stage.doctor_slot));
                assert!(places.len() <= usize::from(doctor.capacity));
                let places = in_room.get_mut(&room.id).expect("inserted above");
                assert!(places.insert(visit.stage.room_slot));
                assert!(places.len() <= usize::from(room.settings.capacity));
            }
        }
        self.stages.values().for_each(stage_row);
    }
}

fn facts(transition: &Transition, visit: &Visit) -> EventData {
    let came_from = match &transition.facts {
        EventData::Visit(snapshot) => snapshot.from_department_id,
        _ => None,
    };
    EventData::Visit(Box::new(visit.snapshot(came_from)))
}

/// Every step is an edge of the table.
fn edge(message: &CommandMessage, transition: &Transition, before: Option<&Visit>, after: &Visit) {
    let kind = message.command.kind();
    let to = after.stage.state;
    let Some(before) = before else {
        let target = transitions::created(kind).expect("a command that creates");
        assert!(target.allows(to, to), "{kind} created {to}");
        return;
    };
    let from = before.stage.state;
    let direct = kind == CommandKind::Start && transition.event_type == EventType::VisitCalled;
    let target = if direct {
        Target::To(StageState::Called)
    } else {
        transitions::target(from, kind).expect("an edge of the table")
    };
    assert!(target.allows(from, to), "{kind}: {from} to {to}");
}

/// Above the floor stands whom a clinician put there with a reason: no other command, order or role
/// brings anybody there, but for taking back what ended it.
fn overridden(message: &CommandMessage, before: Option<&Visit>, after: &Visit) {
    let is_above = |visit: &Visit| visit.level > visit.floor.level;
    if !is_above(after) || before.is_some_and(is_above) {
        return;
    }
    match &message.command {
        Command::SetAcuity(payload) => {
            assert!(payload.override_floor && !payload.reason.is_empty());
            let Actor::Staff { role, .. } = &message.context.actor else {
                unreachable!("{message:?}")
            };
            assert!(matches!(role, Role::Nurse | Role::Doctor), "{message:?}");
        }
        other => assert!(matches!(other, Command::Undo(_)), "{message:?}"),
    }
}

/// What the adviser says lowers nobody's urgency, and raises it under `raise_only` alone and only
/// where no clinician has decided. Nobody loses the chance to take something back by it.
fn advised(message: &CommandMessage, before: Option<&Visit>, after: &Visit) {
    let (Command::RecordAdvice(payload), Some(before)) = (&message.command, before) else {
        return;
    };
    let advice = after.advice.as_ref().expect("an advice");
    assert_eq!(before.findings_version, payload.based_on, "{message:?}");
    assert_eq!(
        (advice.version, advice.based_on),
        (after.version, payload.based_on)
    );
    assert!(after.level <= before.level);
    let rest = |visit: &Visit| {
        (
            visit.floor.clone(),
            visit.clinician.clone(),
            visit.undo.clone(),
        )
    };
    assert_eq!(rest(before), rest(after));
    if after.level < before.level {
        let suggested = advice.suggestion().map(|suggestion| suggestion.level);
        assert_eq!(
            (suggested, before.is_assessed()),
            (Some(after.level), false)
        );
        assert_eq!(after.raised, Some(after.level));
    }
}

/// The constraints of the table `visit`.
fn visit_row(visit: &Visit) {
    assert!((1..=5).contains(&visit.level) && (1..=5).contains(&visit.floor.level));
    // 4
    let overridden = visit
        .clinician
        .as_ref()
        .is_some_and(|clinician| clinician.overrides_floor);
    assert!(visit.level <= visit.floor.level || overridden, "{visit:?}");
    let raised = visit.raised.filter(|_| !visit.is_assessed()).unwrap_or(5);
    assert!(
        visit.level <= raised,
        "a raise stands until somebody decides"
    );
    if let Some(clinician) = &visit.clinician {
        let effective = if overridden {
            clinician.level
        } else {
            clinician.level.min(visit.floor.level)
        };
        assert_eq!(visit.level, effective.min(raised));
        assert!(!overridden || clinician.level > visit.floor.level);
    }
    assert_eq!(visit.token_number.is_some(), visit.token.is_some());
    assert!(visit.findings_version <= visit.version);
    assert_eq!(visit.findings_version > 0, visit.token.is_some());
    if visit.erased {
        assert!(visit.advice.is_none());
        assert!(visit.intake.is_none() && visit.patient_key.is_none() && visit.undo.is_none());
        assert!(!visit.stage.state.is_live());
    } else {
        assert_eq!(visit.token_number.is_some(), visit.intake.is_some());
    }
    match visit.stage.state {
        StageState::Waiting => assert!(visit.level >= 3),
        StageState::Urgent => assert!(visit.level <= 2),
        StageState::Scanned => assert!(visit.token.is_none()),
        _ => {}
    }
}

/// The constraints of the table `stage`.
fn stage_row(stage: &Stage) {
    let Stage {
        entered_at,
        called_at,
        last_called_at,
        started_at,
        ended_at,
        ..
    } = stage;
    if stage.state.is_with_doctor() {
        assert!(stage.doctor_id.is_some() && stage.room_id.is_some() && called_at.is_some());
    }
    if stage.state == StageState::InConsultation {
        assert!(started_at.is_some());
    }
    assert_eq!(stage.state == StageState::OnHold, stage.hold.is_some());
    assert_eq!(ended_at.is_some(), !stage.state.is_live());
    // 8
    let times = [
        Some(entered_at),
        called_at.as_ref(),
        started_at.as_ref(),
        ended_at.as_ref(),
    ];
    assert!(times.iter().flatten().is_sorted(), "{stage:?}");
    assert_eq!(called_at.is_some(), last_called_at.is_some());
    assert!(called_at <= last_called_at);
    assert!(stage.recall_count <= i16::MAX.unsigned_abs());
}

/// 9: call-next takes the first by the comparator among those who wait for that doctor.
fn fair_choice(world: &World, message: &CommandMessage, decision: &Decision, now: DateTime<Utc>) {
    if !matches!(message.command, Command::CallNext(_)) {
        return;
    }
    let Some(Change::Visit(change)) = decision.transitions.first().map(|step| &step.change) else {
        return;
    };
    let taken = &world.visits[&change.visit.id];
    assert!(taken.stage.state.is_waiting());
    let department = &world.departments[&taken.stage.department_id];
    let doctor = change.visit.stage.doctor_id.expect("a doctor");
    let taken = queue_order::QueueEntry::new(taken, department);
    for other in world
        .visits
        .values()
        .filter(|visit| visit.stage.department_id == department.id)
    {
        let entry = queue_order::QueueEntry::new(other, department);
        if other.stage.state.is_waiting() && other.id != change.visit.id && entry.is_for(doctor) {
            assert!(queue_order::compare(&taken, &entry, now).is_lt());
            assert!(queue_order::explain(&taken, &entry, now).is_some());
        }
    }
}

/// 14
fn no_timer_removes_the_urgent(world: &World, message: &CommandMessage, decision: &Decision) {
    if !matches!(message.context.actor, Actor::System { .. }) {
        return;
    }
    for transition in &decision.transitions {
        if let Change::Visit(change) = &transition.change {
            let before = &world.visits[&change.visit.id];
            let state = before.stage.state;
            let stays = change.visit.stage.state.is_live();
            assert!(stays || before.level > 2 || state == StageState::Scanned || !state.is_live());
        }
    }
}
