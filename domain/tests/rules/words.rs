//! Actors, payloads and commands, as briefly as they can be said.

use crate::fixture::{GM, LINK, instant};
use medique_contracts::actor::Grants;
use medique_contracts::commands::*;
use medique_contracts::ids::*;
use medique_contracts::vocabulary::*;
use medique_contracts::{Actor, Command};
use uuid::Uuid;

pub(crate) fn staff(role: Role) -> Actor {
    staff_in(role, Grants::All)
}

pub(crate) fn staff_in(role: Role, departments: Grants) -> Actor {
    let id = StaffId(Uuid::from_u128(0x50 + role as u128));
    Actor::Staff {
        id,
        role,
        departments,
    }
}

pub(crate) fn reception() -> Actor {
    staff(Role::Reception)
}

pub(crate) fn nurse() -> Actor {
    staff(Role::Nurse)
}

pub(crate) fn admin() -> Actor {
    staff(Role::Admin)
}

pub(crate) fn doctor_actor(id: DoctorId) -> Actor {
    Actor::Staff {
        id: StaffId(id.0),
        role: Role::Doctor,
        departments: Grants::All,
    }
}

pub(crate) fn patient(visit_id: VisitId) -> Actor {
    Actor::Patient { visit_id }
}

pub(crate) fn link() -> Actor {
    Actor::Link {
        id: LINK,
        department_id: GM,
    }
}

pub(crate) fn system() -> Actor {
    Actor::System {
        duty: "scheduler".to_owned(),
    }
}

/// The duty that asks the adviser.
pub(crate) fn adviser() -> Actor {
    Actor::System {
        duty: "triage".to_owned(),
    }
}

pub(crate) fn claims() -> LinkClaims {
    let expires_at = instant("2026-03-11T09:00:00Z");
    LinkClaims {
        link_id: LINK,
        doctor_id: None,
        single_use: false,
        expires_at,
        drawn_from: None,
    }
}

pub(crate) fn named(name: &str) -> Patient {
    Patient {
        name: name.to_owned(),
        age_years: Some(40),
        birth_date: None,
        sex: None,
        phone: None,
        language: None,
    }
}

pub(crate) fn intake() -> Intake {
    Intake {
        patient: named("Pat"),
        complaint: "cough".to_owned(),
        symptoms: Vec::new(),
        answers: Vec::new(),
        vitals: None,
        assigned_doctor_id: None,
        arrival_mode: None,
        allow_duplicate: false,
    }
}

/// Normal signs of an adult: NEWS2 of 0.
pub(crate) fn normal_vitals() -> Vitals {
    Vitals {
        respiratory_rate: Some(16),
        oxygen_saturation: Some(98),
        on_oxygen: Some(false),
        systolic_bp: Some(120),
        heart_rate: Some(70),
        temperature_c: Some(37.0),
        consciousness: Some(Consciousness::Alert),
        ..Vitals::default()
    }
}

/// NEWS2 of 9: floor 2.
pub(crate) fn bad_vitals() -> Vitals {
    Vitals {
        respiratory_rate: Some(26),
        oxygen_saturation: Some(90),
        heart_rate: Some(140),
        ..normal_vitals()
    }
}

pub(crate) fn vitals(vitals: Vitals) -> Command {
    Command::RecordVitals(RecordVitals { vitals })
}

pub(crate) fn acuity(level: u8) -> Command {
    let reason = "as assessed".to_owned();
    Command::SetAcuity(SetAcuity {
        level,
        reason,
        override_floor: false,
    })
}

/// The adviser suggests a level, having seen the findings of version `based_on`.
pub(crate) fn suggestion(based_on: i64, level: u8) -> Command {
    let suggestion = Suggestion {
        level,
        confidence: 0.9,
        reasons: vec!["as it says".to_owned()],
        questions: Vec::new(),
    };
    advice(based_on, AdviceResult::Suggested(suggestion))
}

pub(crate) fn failed(based_on: i64) -> Command {
    let kind = AdviceFailure::Timeout;
    advice(based_on, AdviceResult::Failed { kind })
}

pub(crate) fn advice(based_on: i64, result: AdviceResult) -> Command {
    let source = AdviceSource {
        provider: "generic".to_owned(),
        model: "simulated".to_owned(),
        prompt_version: 1,
        input_hash: "0123456789abcdef".repeat(4),
        latency_ms: 900,
        attempts: 1,
    };
    Command::RecordAdvice(RecordAdvice {
        based_on,
        source,
        result,
    })
}

pub(crate) fn switch_adviser(enabled: bool) -> Command {
    Command::SwitchAdviser(SwitchAdviser {
        enabled,
        reason: "as agreed".to_owned(),
    })
}

pub(crate) fn start() -> Command {
    Command::Start(Start { room_id: None })
}

pub(crate) fn call(reason: Option<&str>) -> Command {
    let reason = reason.map(ToOwned::to_owned);
    Command::Call(Call {
        room_id: None,
        doctor_id: None,
        reason,
    })
}

pub(crate) fn hold() -> Command {
    Command::Hold(Hold {
        reason: "x-ray".to_owned(),
        expected_return_minutes: Some(20),
    })
}

pub(crate) fn complete() -> Command {
    Command::Complete(Complete {
        notes: None,
        prescription: None,
    })
}

pub(crate) fn transfer(department_id: DepartmentId) -> Command {
    let reason = "needs an image".to_owned();
    Command::Transfer(Transfer {
        department_id,
        reason,
        place: None,
        assigned_doctor_id: None,
    })
}

pub(crate) fn cancel() -> Command {
    Command::Cancel(Cancel {
        reason: "mistake".to_owned(),
    })
}

pub(crate) fn leave() -> Command {
    Command::Leave(Leave { reason: None })
}

pub(crate) fn come_back(place: Option<ReturnPlace>, after: Option<u8>) -> Command {
    Command::Return(Return {
        place,
        after,
        reason: None,
    })
}

pub(crate) fn recall() -> Command {
    Command::Recall(Recall {})
}

pub(crate) fn no_show() -> Command {
    Command::NoShow(NoShow { reason: None })
}

pub(crate) fn unclaim() -> Command {
    Command::Unclaim(Unclaim { reason: None })
}

pub(crate) fn resume() -> Command {
    Command::Resume(Resume {})
}

pub(crate) fn erase() -> Command {
    Command::Erase(Erase { reason: None })
}

pub(crate) fn undo() -> Command {
    Command::Undo(Undo {})
}

pub(crate) fn close_day(dry_run: bool) -> Command {
    Command::CloseDay(CloseDay { dry_run })
}

pub(crate) fn availability(doctor_id: DoctorId, status: DoctorStatus) -> Command {
    Command::SetDoctorAvailability(SetDoctorAvailability {
        doctor_id,
        status,
        reason: None,
    })
}
