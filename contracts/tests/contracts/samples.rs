//! One full message of each kind: every optional member is there, so that a golden file shows all
//! of the shape.

use chrono::{DateTime, NaiveDate, Utc};
use medique_contracts::actor::Grants;
use medique_contracts::commands::*;
use medique_contracts::events::{EventBody, EventData, EventMessage, EventType, VisitSnapshot};
use medique_contracts::vocabulary::*;
use medique_contracts::{Actor, Command, CommandContext, CommandKind, CommandMessage};
use uuid::Uuid;

pub(crate) const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn id<T: From<Uuid>>(number: u128) -> T {
    Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 + number).into()
}

pub(crate) fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 14).unwrap_or_default()
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

pub(crate) fn vitals() -> Vitals {
    Vitals {
        respiratory_rate: Some(18),
        oxygen_saturation: Some(97),
        on_oxygen: Some(false),
        systolic_bp: Some(124),
        heart_rate: Some(82),
        temperature_c: Some(37.4),
        consciousness: Some(Consciousness::Alert),
        pain: Some(3),
        ..Vitals::default()
    }
}

/// Every member that a set of vital signs can have.
fn all_vitals() -> Vitals {
    Vitals {
        diastolic_bp: Some(80),
        oxygen_scale_2: Some(false),
        glucose_mmol_l: Some(5.4),
        capillary_refill_s: Some(1.5),
        unmeasurable: vec![VitalSign::RespiratoryRate],
        respiratory_rate: None,
        ..vitals()
    }
}

/// Messages with members that came later than their golden file, by the name of their own.
pub(crate) fn later() -> Vec<(String, CommandMessage)> {
    let answered = Intake {
        answers: vec![Answer {
            question: "chest_pain".to_owned(),
            yes: false,
        }],
        vitals: Some(all_vitals()),
        ..intake()
    };
    let commands = [
        Command::CheckIn(CheckIn {
            intake: answered.clone(),
        }),
        Command::CheckInByLink(CheckInByLink {
            link: link(),
            intake: answered.clone(),
        }),
        Command::FillIntake(FillIntake { intake: answered }),
        Command::RecordVitals(RecordVitals {
            vitals: all_vitals(),
        }),
    ];
    let named = commands.into_iter().map(|command| {
        let kind = command.kind();
        let message = CommandMessage {
            command,
            ..command_message(kind)
        };
        let name = format!("command.{kind}.v{}.triage.json", CommandKind::VERSION);
        (name, message)
    });
    named.collect()
}

pub(crate) fn intake() -> Intake {
    Intake {
        patient: Patient {
            name: "Ada Example".to_owned(),
            age_years: Some(36),
            birth_date: NaiveDate::from_ymd_opt(1989, 12, 10),
            sex: Some(Sex::Female),
            phone: some("+44 20 7946 0018"),
            language: some("en"),
        },
        complaint: "ankle sprain".to_owned(),
        symptoms: vec!["swelling".to_owned()],
        answers: Vec::new(),
        vitals: Some(vitals()),
        assigned_doctor_id: Some(id(5)),
        arrival_mode: Some(ArrivalMode::WalkIn),
        allow_duplicate: false,
    }
}

fn link() -> LinkClaims {
    LinkClaims {
        link_id: id(9),
        doctor_id: Some(id(5)),
        single_use: true,
        expires_at: instant("2026-03-14T12:00:00Z"),
        drawn_from: None,
    }
}

fn department() -> DepartmentSettings {
    DepartmentSettings {
        code: "GM".to_owned(),
        name: "General medicine".to_owned(),
        open: true,
        default_level: 4,
        target_minutes: [0, 10, 60, 120, 240],
        transfer_place: TransferPlace::ByArrival,
        return_place: ReturnPlace::Original,
        no_show_recalls: 2,
        no_show_grace_s: 120,
        exempt_from_day_close: false,
        triage_policy: TriagePolicy::RaiseOnly,
    }
}

fn advice() -> RecordAdvice {
    RecordAdvice {
        based_on: 2,
        source: AdviceSource {
            provider: "generic".to_owned(),
            model: "triage-sim-1".to_owned(),
            prompt_version: 1,
            input_hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
                .to_owned(),
            latency_ms: 840,
            attempts: 2,
        },
        result: AdviceResult::Suggested(Suggestion {
            level: 3,
            confidence: 0.75,
            reasons: vec!["swelling after a fall".to_owned()],
            questions: vec!["can the patient put weight on the foot?".to_owned()],
        }),
    }
}

fn room() -> RoomSettings {
    RoomSettings {
        code: "R1".to_owned(),
        name: "Room 1".to_owned(),
        open: true,
        capacity: 1,
    }
}

/// A full payload of each kind. The match is exhaustive, so a new command cannot go without.
pub(crate) fn command(kind: CommandKind) -> Command {
    let reason = "said so at the desk";
    match kind {
        CommandKind::CheckIn => Command::CheckIn(CheckIn { intake: intake() }),
        CommandKind::Scan => Command::Scan(Scan { link: link() }),
        CommandKind::CheckInByLink => Command::CheckInByLink(CheckInByLink {
            link: link(),
            intake: intake(),
        }),
        CommandKind::FillIntake => Command::FillIntake(FillIntake { intake: intake() }),
        CommandKind::RecordVitals => Command::RecordVitals(RecordVitals { vitals: vitals() }),
        CommandKind::SetAcuity => Command::SetAcuity(SetAcuity {
            level: 2,
            reason: reason.to_owned(),
            override_floor: true,
        }),
        CommandKind::RecordAdvice => Command::RecordAdvice(advice()),
        CommandKind::CallNext => Command::CallNext(CallNext {
            room_id: Some(id(4)),
            doctor_id: Some(id(5)),
        }),
        CommandKind::Call => Command::Call(Call {
            room_id: Some(id(4)),
            doctor_id: Some(id(5)),
            reason: some(reason),
        }),
        CommandKind::Recall => Command::Recall(Recall {}),
        CommandKind::Unclaim => Command::Unclaim(Unclaim {
            reason: some(reason),
        }),
        CommandKind::Start => Command::Start(Start {
            room_id: Some(id(4)),
        }),
        CommandKind::Hold => Command::Hold(Hold {
            reason: "X-ray".to_owned(),
            expected_return_minutes: Some(30),
        }),
        CommandKind::Resume => Command::Resume(Resume {}),
        CommandKind::Complete => Command::Complete(Complete {
            notes: some("no fracture"),
            prescription: some("rest, ice"),
        }),
        CommandKind::NoShow => Command::NoShow(NoShow {
            reason: some(reason),
        }),
        CommandKind::Return => Command::Return(Return {
            place: Some(ReturnPlace::After),
            after: Some(3),
            reason: some(reason),
        }),
        CommandKind::Transfer => Command::Transfer(Transfer {
            department_id: id(3),
            reason: reason.to_owned(),
            place: Some(TransferPlace::Front),
            assigned_doctor_id: Some(id(5)),
        }),
        CommandKind::Cancel => Command::Cancel(Cancel {
            reason: reason.to_owned(),
        }),
        CommandKind::Leave => Command::Leave(Leave {
            reason: some(reason),
        }),
        CommandKind::Reassign => Command::Reassign(Reassign {
            doctor_id: Some(id(5)),
        }),
        CommandKind::Undo => Command::Undo(Undo {}),
        CommandKind::Erase => Command::Erase(Erase {
            reason: some("request of 1 March"),
        }),
        CommandKind::ExpireScan => Command::ExpireScan(ExpireScan {}),
        CommandKind::SetDoctorAvailability => {
            Command::SetDoctorAvailability(SetDoctorAvailability {
                doctor_id: id(5),
                status: DoctorStatus::Paused,
                reason: some("lunch"),
            })
        }
        CommandKind::CreateDepartment => Command::CreateDepartment(department()),
        CommandKind::UpdateDepartment => Command::UpdateDepartment(UpdateDepartment {
            expected_version: Some(3),
            settings: department(),
        }),
        CommandKind::CreateRoom => Command::CreateRoom(room()),
        CommandKind::UpdateRoom => Command::UpdateRoom(UpdateRoom {
            room_id: id(4),
            expected_version: Some(3),
            settings: room(),
        }),
        CommandKind::CloseDay => Command::CloseDay(CloseDay { dry_run: true }),
        CommandKind::SwitchAdviser => Command::SwitchAdviser(SwitchAdviser {
            enabled: false,
            reason: "under-triage seen in the emergency department".to_owned(),
        }),
    }
}

pub(crate) fn command_message(kind: CommandKind) -> CommandMessage {
    CommandMessage {
        command_id: id(7),
        traceparent: some(TRACEPARENT),
        context: CommandContext {
            actor: Actor::Staff {
                id: id(6),
                role: Role::Reception,
                departments: Grants::Only(vec![id(2)]),
            },
            facility_id: id(1),
            department_id: Some(id(2)),
            visit_id: Some(id(8)),
            expected_version: Some(4),
            fingerprint: "a".repeat(64),
            sent_at: instant("2026-03-14T09:26:53.589793Z"),
            not_after: instant("2026-03-14T09:27:53.589793Z"),
        },
        command: command(kind),
    }
}

pub(crate) fn snapshot() -> VisitSnapshot {
    VisitSnapshot {
        visit_id: id(8),
        version: 5,
        token: some("GM-042"),
        service_day: day(),
        state: StageState::InConsultation,
        stage: 2,
        department_id: id(2),
        from_department_id: Some(id(3)),
        level: 3,
        assigned_doctor_id: Some(id(5)),
        doctor_id: Some(id(5)),
        room_id: Some(id(4)),
        front: false,
        queued_since: instant("2026-03-14T09:00:00Z"),
        arrived_at: instant("2026-03-14T08:40:00.123456Z"),
        called_at: Some(instant("2026-03-14T09:20:00Z")),
        started_at: Some(instant("2026-03-14T09:22:00Z")),
        ended_at: Some(instant("2026-03-14T09:40:00Z")),
        recall_count: 1,
        inaccurate: false,
    }
}

fn facts(event_type: EventType) -> EventData {
    match event_type {
        EventType::DoctorAvailabilityChanged => EventData::Doctor {
            doctor_id: id(5),
            status: DoctorStatus::Paused,
            version: 3,
        },
        EventType::DepartmentChanged => EventData::Department { version: 3 },
        EventType::RoomChanged => EventData::Room {
            room_id: id(4),
            version: 3,
        },
        EventType::DayClosed => EventData::DayClosed {
            service_day: day(),
            expired: 12,
            in_consultation: 1,
        },
        EventType::AdviserSwitched => EventData::Adviser {
            enabled: false,
            version: 3,
        },
        EventType::CommandDeadLettered => EventData::DeadLetter {
            reason: "unknown message type".to_owned(),
        },
        _ => EventData::Visit(Box::new(snapshot())),
    }
}

pub(crate) fn event_message(event_type: EventType) -> EventMessage {
    EventMessage {
        event_id: id(10),
        event_type,
        traceparent: some(TRACEPARENT),
        body: EventBody {
            facility_id: id(1),
            department_id: Some(id(2)),
            occurred_at: instant("2026-03-14T09:26:53.601Z"),
            command_id: id(7),
            facts: facts(event_type),
        },
    }
}
