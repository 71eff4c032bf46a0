//! Random histories: any command by anybody, in any order, with a clock that jumps. After every
//! step the invariants hold, and a world that was loaded for the batch alone decides alike.

mod material;

use crate::fixture::*;
use crate::loader;
use chrono::TimeDelta;
use material::{a_patient, some_link, some_vitals};
use medique_contracts::actor::Grants;
use medique_contracts::commands::*;
use medique_contracts::ids::*;
use medique_contracts::vocabulary::*;
use medique_contracts::{Actor, Command, CommandKind, CommandMessage};
use medique_domain::decide;
use proptest::prelude::*;
use uuid::Uuid;

/// Raw material of one command; every number is taken modulo what it chooses from.
#[derive(Debug, Clone)]
struct Seed {
    kind: usize,
    actor: usize,
    visit: usize,
    department: usize,
    choice: usize,
    seconds: i64,
}

const DEPARTMENTS: [DepartmentId; 4] = [GM, XR, ER, SHUT];
const DOCTORS: [DoctorId; 3] = [DOC, BOTH, RAY];
const ROOMS: [RoomId; 4] = [ROOM_1, ROOM_2, WARD, TUBE];

fn seed() -> impl Strategy<Value = Seed> {
    let seconds = prop_oneof![
        8 => 0_i64..30,
        4 => 30_i64..120,
        1 => -300_i64..0,
        1 => 600_i64..40_000,
    ];
    let any = 0..10_000_usize;
    (
        any.clone(),
        any.clone(),
        any.clone(),
        any.clone(),
        any,
        seconds,
    )
        .prop_map(|(kind, actor, visit, department, choice, seconds)| Seed {
            kind,
            actor,
            visit,
            department,
            choice,
            seconds,
        })
}

/// What happens most in a hospital comes up most here.
const MIX: &[(CommandKind, usize)] = &[
    (CommandKind::CheckIn, 8),
    (CommandKind::Scan, 2),
    (CommandKind::CheckInByLink, 2),
    (CommandKind::FillIntake, 2),
    (CommandKind::RecordVitals, 4),
    (CommandKind::SetAcuity, 4),
    (CommandKind::RecordAdvice, 8),
    (CommandKind::CallNext, 8),
    (CommandKind::Call, 4),
    (CommandKind::Recall, 3),
    (CommandKind::Unclaim, 2),
    (CommandKind::Start, 6),
    (CommandKind::Hold, 4),
    (CommandKind::Resume, 4),
    (CommandKind::Complete, 4),
    (CommandKind::NoShow, 3),
    (CommandKind::Return, 4),
    (CommandKind::Transfer, 4),
    (CommandKind::Cancel, 1),
    (CommandKind::Leave, 2),
    (CommandKind::Reassign, 2),
    (CommandKind::Undo, 6),
    (CommandKind::Erase, 1),
    (CommandKind::ExpireScan, 1),
    (CommandKind::SetDoctorAvailability, 2),
    (CommandKind::CreateDepartment, 1),
    (CommandKind::UpdateDepartment, 1),
    (CommandKind::CreateRoom, 1),
    (CommandKind::UpdateRoom, 1),
    (CommandKind::CloseDay, 1),
    (CommandKind::SwitchAdviser, 1),
];

fn kind(seed: &Seed) -> CommandKind {
    let mut pick = seed.kind % MIX.iter().map(|(_, weight)| weight).sum::<usize>();
    for (kind, weight) in MIX {
        match pick.checked_sub(*weight) {
            Some(rest) => pick = rest,
            None => return *kind,
        }
    }
    CommandKind::CloseDay
}

/// Mostly somebody who may, sometimes anybody.
fn actor(seed: &Seed, kind: CommandKind, visit: Option<VisitId>) -> Actor {
    let doctor = doctor_actor(DOCTORS[seed.actor / 7 % 3]);
    if seed.actor.is_multiple_of(11) {
        let grants = Grants::Only(vec![DEPARTMENTS[seed.actor / 11 % 4]]);
        return staff_in(Role::ALL[seed.actor / 44 % Role::ALL.len()], grants);
    }
    let own = patient(visit.unwrap_or(VisitId(Uuid::nil())));
    let pick = |actors: &[Actor]| actors[seed.actor % actors.len()].clone();
    match kind {
        CommandKind::Scan | CommandKind::CheckInByLink => link(),
        CommandKind::RecordVitals => pick(&[nurse(), doctor]),
        CommandKind::SetAcuity => pick(&[nurse(), doctor, reception(), admin()]),
        CommandKind::Start | CommandKind::Complete => doctor,
        CommandKind::FillIntake | CommandKind::Cancel | CommandKind::Hold | CommandKind::Resume => {
            pick(&[own, reception(), doctor])
        }
        CommandKind::RecordAdvice => adviser(),
        CommandKind::SwitchAdviser => pick(&[system(), admin()]),
        CommandKind::NoShow | CommandKind::ExpireScan | CommandKind::CloseDay => {
            pick(&[system(), admin(), reception()])
        }
        CommandKind::CreateDepartment
        | CommandKind::UpdateDepartment
        | CommandKind::CreateRoom
        | CommandKind::UpdateRoom
        | CommandKind::SetDoctorAvailability => admin(),
        _ => pick(&[doctor, reception(), admin()]),
    }
}

fn payload(seed: &Seed, kind: CommandKind) -> Command {
    let choice = seed.choice;
    let room_id = choice.is_multiple_of(3).then_some(ROOMS[choice / 3 % 4]);
    let doctor_id = (!choice.is_multiple_of(4)).then_some(DOCTORS[choice / 4 % 3]);
    let reason = choice.is_multiple_of(2).then(|| "because".to_owned());
    let override_floor = choice.is_multiple_of(3);
    let place = [
        None,
        Some(ReturnPlace::Original),
        Some(ReturnPlace::After),
        Some(ReturnPlace::Back),
    ];
    let target = [None, Some(TransferPlace::Front), Some(TransferPlace::Back)];
    match kind {
        CommandKind::CheckIn => Command::CheckIn(CheckIn {
            intake: a_patient(choice),
        }),
        CommandKind::Scan => Command::Scan(Scan {
            link: some_link(choice),
        }),
        CommandKind::CheckInByLink => Command::CheckInByLink(CheckInByLink {
            link: some_link(choice),
            intake: a_patient(choice / 12),
        }),
        CommandKind::FillIntake => Command::FillIntake(FillIntake {
            intake: a_patient(choice),
        }),
        CommandKind::RecordVitals => vitals(some_vitals(choice)),
        CommandKind::SetAcuity => Command::SetAcuity(SetAcuity {
            level: 1 + u8::try_from(choice % 5).unwrap_or(0),
            reason: reason.unwrap_or_default(),
            override_floor,
        }),
        // `message` says which findings the adviser saw.
        CommandKind::RecordAdvice if choice.is_multiple_of(5) => failed(1),
        CommandKind::RecordAdvice => suggestion(1, 1 + u8::try_from(choice % 5).unwrap_or(0)),
        CommandKind::CallNext => Command::CallNext(CallNext { room_id, doctor_id }),
        CommandKind::Call => Command::Call(Call {
            room_id,
            doctor_id,
            reason,
        }),
        CommandKind::Recall => recall(),
        CommandKind::Unclaim => unclaim(),
        CommandKind::Start => Command::Start(Start { room_id }),
        CommandKind::Hold => hold(),
        CommandKind::Resume => resume(),
        CommandKind::Complete => Command::Complete(Complete {
            notes: reason,
            prescription: None,
        }),
        CommandKind::NoShow => no_show(),
        CommandKind::Return => come_back(place[choice % 4], u8::try_from(1 + choice % 4).ok()),
        CommandKind::Transfer => Command::Transfer(Transfer {
            department_id: DEPARTMENTS[choice % 4],
            reason: "elsewhere".to_owned(),
            place: target[choice / 4 % 3],
            assigned_doctor_id: choice.is_multiple_of(5).then_some(RAY),
        }),
        CommandKind::Cancel => cancel(),
        CommandKind::Leave => leave(),
        CommandKind::Reassign => Command::Reassign(Reassign { doctor_id }),
        CommandKind::Undo => undo(),
        CommandKind::Erase => erase(),
        CommandKind::ExpireScan => Command::ExpireScan(ExpireScan {}),
        CommandKind::SetDoctorAvailability => {
            let status = DoctorStatus::ALL[choice % 3];
            let status = if choice.is_multiple_of(2) {
                DoctorStatus::Available
            } else {
                status
            };
            availability(DOCTORS[choice / 6 % 3], status)
        }
        CommandKind::CreateDepartment => {
            Command::CreateDepartment(settings(["GM", "NEW"][choice % 2]))
        }
        CommandKind::UpdateDepartment => {
            let mut settings = settings(["GM", "XR", "ER", "SHUT"][seed.department % 4]);
            settings.default_level = 1 + u8::try_from(choice % 5).unwrap_or(0);
            settings.triage_policy = TriagePolicy::ALL[choice / 5 % 3];
            settings.transfer_place = TransferPlace::ALL[choice % 3];
            settings.return_place = ReturnPlace::ALL[choice % 3];
            Command::UpdateDepartment(UpdateDepartment {
                expected_version: None,
                settings,
            })
        }
        CommandKind::CreateRoom => Command::CreateRoom(room_settings("5", 1)),
        CommandKind::UpdateRoom => Command::UpdateRoom(UpdateRoom {
            room_id: ROOM_2,
            expected_version: None,
            settings: RoomSettings {
                open: choice.is_multiple_of(2),
                ..room_settings("2", 1)
            },
        }),
        CommandKind::CloseDay => close_day(choice.is_multiple_of(2)),
        CommandKind::SwitchAdviser => switch_adviser(!choice.is_multiple_of(4)),
    }
}

fn room_settings(code: &str, capacity: u16) -> RoomSettings {
    RoomSettings {
        code: code.to_owned(),
        name: "Room".to_owned(),
        open: true,
        capacity,
    }
}

/// Visits that exist, and those that the batch creates; and where they were when it began.
fn message(
    hospital: &mut Hospital,
    seed: &Seed,
    known: &mut Vec<(VisitId, DepartmentId)>,
) -> CommandMessage {
    let kind = kind(seed);
    // Somebody who was touched lately, mostly.
    let recent = known.len().saturating_sub(6);
    let from = if seed.visit.is_multiple_of(3) {
        0
    } else {
        recent
    };
    let chosen = known
        .get(from + seed.visit % (known.len() - from).max(1))
        .copied();
    let department = DEPARTMENTS[[0, 0, 0, 1, 1, 2, 3][seed.department % 7]];
    let named = chosen.filter(|_| kind.acts_on_visit());
    let actor = actor(seed, kind, named.map(|(id, _)| id));
    let department = match kind {
        CommandKind::Scan | CommandKind::CheckInByLink => GM,
        CommandKind::UpdateDepartment => DEPARTMENTS[seed.department % 4],
        CommandKind::UpdateRoom => GM,
        _ => named.map_or(department, |(_, department)| department),
    };
    let mut payload = payload(seed, kind);
    if let Command::RecordAdvice(advice) = &mut payload {
        // Mostly what it saw is what is known, sometimes not any more.
        let visit = named.and_then(|(id, _)| hospital.world.visits.get(&id));
        let seen = visit.map_or(1, |visit| visit.findings_version.max(1));
        advice.based_on = seen + i64::from(seed.choice.is_multiple_of(7));
    }
    let mut message = hospital.message(actor, Some(department), named.map(|(id, _)| id), payload);
    if kind.creates_visit() {
        let id = VisitId(message.command_id.created());
        message.context.visit_id = Some(id);
        known.push((id, department));
    }
    message
}

/// A hospital that gives up on patients soon, so that no-shows are not rare.
fn restless() -> Hospital {
    let mut hospital = Hospital::new();
    for department in hospital.world.departments.values_mut() {
        department.settings.no_show_recalls = 0;
        department.settings.no_show_grace_s = 5;
        department.settings.triage_policy = TriagePolicy::RaiseOnly;
    }
    hospital
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn any_history_keeps_every_invariant(
        batches in prop::collection::vec(prop::collection::vec(seed(), 1..8), 1..30),
    ) {
        let mut hospital = restless();
        for batch in batches {
            let mut known: Vec<(VisitId, DepartmentId)> = (hospital.world.visits.values())
                .map(|visit| (visit.id, visit.stage.department_id))
                .collect();
            let mut messages = Vec::new();
            for seed in &batch {
                let mut message = message(&mut hospital, seed, &mut known);
                message.context.not_after = hospital.now + TimeDelta::days(30);
                messages.push((message, TimeDelta::seconds(seed.seconds)));
            }
            let all: Vec<_> = messages.iter().map(|(message, _)| message.clone()).collect();
            let mut part = loader::load(&hospital.world, &all);
            for (message, wait) in messages {
                hospital.now += wait;
                let alone = decide(&part, &message, hospital.now);
                let whole = hospital.give(&message);
                prop_assert_eq!(&whole, &alone.map_err(|rejection| rejection.code));
                for transition in whole.iter().flat_map(|decision| &decision.transitions) {
                    part.apply(transition);
                }
            }
        }
    }
}

/// The histories above are worth something only if they get far.
#[test]
fn random_histories_reach_every_state_and_event() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let (mut states, mut events) = (
        std::collections::BTreeSet::new(),
        std::collections::BTreeSet::new(),
    );
    for _ in 0..40 {
        let seeds = prop::collection::vec(seed(), 120)
            .new_tree(&mut runner)
            .expect("a tree");
        let mut hospital = restless();
        for seed in seeds.current() {
            let mut known: Vec<_> = (hospital.world.visits.values())
                .map(|visit| (visit.id, visit.stage.department_id))
                .collect();
            hospital.now += TimeDelta::seconds(seed.seconds);
            let message = message(&mut hospital, &seed, &mut known);
            for transition in hospital.give(&message).iter().flat_map(|d| &d.transitions) {
                events.insert(transition.event_type);
            }
            states.extend(
                hospital
                    .world
                    .visits
                    .values()
                    .map(|visit| visit.stage.state),
            );
        }
    }
    // `TRANSFERRED` is the state of closed stages only, and dead letters come from elsewhere.
    assert_eq!(states.len(), StageState::ALL.len() - 1, "{states:?}");
    assert_eq!(
        events.len(),
        medique_contracts::EventType::ALL.len() - 1,
        "{events:?}"
    );
}
