//! A small hospital, and short ways to say who does what in it.

use crate::invariants::Ledger;
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use medique_contracts::actor::Grants;
use medique_contracts::commands::*;
use medique_contracts::ids::*;
use medique_contracts::vocabulary::*;
use medique_contracts::{Actor, Command, CommandContext, CommandMessage, RejectionCode};
use medique_domain::model::{Department, Doctor, Facility, Room, Visit};
use medique_domain::{Decision, World, decide};
use uuid::Uuid;

pub(crate) const FACILITY: FacilityId = FacilityId(Uuid::from_u128(1));
/// General medicine.
pub(crate) const GM: DepartmentId = DepartmentId(Uuid::from_u128(0x10));
/// X-ray.
pub(crate) const XR: DepartmentId = DepartmentId(Uuid::from_u128(0x11));
/// Emergency, open round the clock: day close leaves it alone.
pub(crate) const ER: DepartmentId = DepartmentId(Uuid::from_u128(0x12));
/// A closed department.
pub(crate) const SHUT: DepartmentId = DepartmentId(Uuid::from_u128(0x13));
/// Doctors of GM; `BOTH` works in XR too, `RAY` in XR only.
pub(crate) const DOC: DoctorId = DoctorId(Uuid::from_u128(0x20));
pub(crate) const BOTH: DoctorId = DoctorId(Uuid::from_u128(0x21));
pub(crate) const RAY: DoctorId = DoctorId(Uuid::from_u128(0x22));
/// Rooms of GM; `WARD` has two places.
pub(crate) const ROOM_1: RoomId = RoomId(Uuid::from_u128(0x30));
pub(crate) const ROOM_2: RoomId = RoomId(Uuid::from_u128(0x31));
pub(crate) const WARD: RoomId = RoomId(Uuid::from_u128(0x32));
/// The room of XR.
pub(crate) const TUBE: RoomId = RoomId(Uuid::from_u128(0x33));
pub(crate) const LINK: LinkId = LinkId(Uuid::from_u128(0x40));

pub(crate) struct Hospital {
    pub(crate) world: World,
    pub(crate) now: DateTime<Utc>,
    pub(crate) ledger: Ledger,
    commands: u128,
}

pub(crate) fn settings(code: &str) -> DepartmentSettings {
    DepartmentSettings {
        code: code.to_owned(),
        name: format!("Department {code}"),
        open: code != "SHUT",
        default_level: 4,
        target_minutes: [0, 10, 60, 120, 240],
        transfer_place: TransferPlace::ByArrival,
        return_place: ReturnPlace::Original,
        no_show_recalls: 1,
        no_show_grace_s: 60,
        exempt_from_day_close: code == "ER",
    }
}

fn room(id: RoomId, department_id: DepartmentId, code: &str, capacity: u16) -> Room {
    let settings = RoomSettings {
        code: code.to_owned(),
        name: format!("Room {code}"),
        open: true,
        capacity,
    };
    Room {
        id,
        department_id,
        version: 1,
        settings,
    }
}

fn doctor(id: DoctorId, departments: &[DepartmentId], capacity: u16) -> Doctor {
    Doctor {
        id,
        facility_id: FACILITY,
        departments: departments.to_vec(),
        status: DoctorStatus::Available,
        last_room_id: None,
        capacity,
        version: 1,
    }
}

pub(crate) fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("a valid instant")
}

impl Hospital {
    pub(crate) fn new() -> Self {
        let mut world = World::default();
        let timezone = chrono_tz::Europe::London;
        world.facilities.insert(
            FACILITY,
            Facility {
                id: FACILITY,
                timezone,
                cutover_hour: 4,
            },
        );
        for (id, code) in [(GM, "GM"), (XR, "XR"), (ER, "ER"), (SHUT, "SHUT")] {
            let settings = settings(code);
            let department = Department {
                id,
                facility_id: FACILITY,
                version: 1,
                settings,
            };
            world.departments.insert(id, department);
        }
        for room in [
            room(ROOM_1, GM, "1", 1),
            room(ROOM_2, GM, "2", 1),
            room(WARD, GM, "9", 2),
            room(TUBE, XR, "1", 1),
        ] {
            world.rooms.insert(room.id, room);
        }
        for doctor in [
            doctor(DOC, &[GM], 1),
            doctor(BOTH, &[GM, XR], 2),
            doctor(RAY, &[XR], 1),
        ] {
            world.doctors.insert(doctor.id, doctor);
        }
        let now = Utc
            .with_ymd_and_hms(2026, 3, 10, 9, 0, 0)
            .single()
            .expect("a valid instant");
        Self {
            world,
            now,
            ledger: Ledger::default(),
            commands: 0,
        }
    }

    pub(crate) fn later(&mut self, seconds: i64) -> &mut Self {
        self.now += TimeDelta::seconds(seconds);
        self
    }

    pub(crate) fn message(
        &mut self,
        actor: Actor,
        department_id: Option<DepartmentId>,
        visit_id: Option<VisitId>,
        command: Command,
    ) -> CommandMessage {
        self.commands += 1;
        CommandMessage {
            command_id: CommandId(Uuid::from_u128(0xc0_0000 + self.commands)),
            traceparent: None,
            context: CommandContext {
                actor,
                facility_id: FACILITY,
                department_id,
                visit_id,
                expected_version: None,
                fingerprint: String::new(),
                sent_at: self.now,
                not_after: self.now + TimeDelta::minutes(5),
            },
            command,
        }
    }

    /// Decides twice, applies once, and holds every invariant against the step.
    pub(crate) fn give(&mut self, message: &CommandMessage) -> Result<Decision, RejectionCode> {
        let decision = decide(&self.world, message, self.now);
        assert_eq!(
            decision,
            decide(&self.world, message, self.now),
            "the same answer twice"
        );
        let decision = decision.map_err(|rejection| rejection.code)?;
        self.ledger
            .record(&mut self.world, message, &decision, self.now);
        Ok(decision)
    }

    /// `actor` gives a command on a visit, addressed to the department in which it is.
    pub(crate) fn on(
        &mut self,
        actor: Actor,
        visit: VisitId,
        command: Command,
    ) -> Result<Visit, RejectionCode> {
        let department = self
            .world
            .visits
            .get(&visit)
            .map(|visit| visit.stage.department_id);
        let message = self.message(actor, department, Some(visit), command);
        self.give(&message)?;
        Ok(self.visit(visit))
    }

    /// `actor` gives a command in a department, or in the facility.
    pub(crate) fn at(
        &mut self,
        actor: Actor,
        department: Option<DepartmentId>,
        command: Command,
    ) -> Result<Decision, RejectionCode> {
        let message = self.message(actor, department, None, command);
        self.give(&message)
    }

    pub(crate) fn visit(&self, id: VisitId) -> Visit {
        self.world
            .visits
            .get(&id)
            .expect("a visit that exists")
            .clone()
    }

    pub(crate) fn state(&self, id: VisitId) -> StageState {
        self.visit(id).stage.state
    }

    pub(crate) fn check_in_at(&mut self, department: DepartmentId, intake: Intake) -> VisitId {
        let command = Command::CheckIn(CheckIn { intake });
        let decision = self
            .at(reception(), Some(department), command)
            .expect("a check-in");
        decision.result.visit.expect("a visit").visit_id
    }

    /// A patient of the default level, checked in to GM by reception.
    pub(crate) fn check_in(&mut self) -> VisitId {
        self.check_in_at(GM, intake())
    }

    pub(crate) fn scan(&mut self) -> VisitId {
        let decision = self.at(link(), Some(GM), Command::Scan(Scan { link: claims() }));
        decision
            .expect("a scan")
            .result
            .visit
            .expect("a visit")
            .visit_id
    }

    pub(crate) fn call_next(&mut self, doctor: DoctorId) -> Result<VisitId, RejectionCode> {
        let command = Command::CallNext(CallNext {
            room_id: None,
            doctor_id: None,
        });
        let decision = self.at(doctor_actor(doctor), Some(GM), command)?;
        Ok(decision.result.visit.expect("a visit").visit_id)
    }

    /// A visit in consultation with `DOC`.
    pub(crate) fn in_consultation(&mut self) -> VisitId {
        let id = self.check_in();
        self.on(doctor_actor(DOC), id, start()).expect("a start");
        id
    }
}

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

pub(crate) fn claims() -> LinkClaims {
    let expires_at = instant("2026-03-11T09:00:00Z");
    LinkClaims {
        link_id: LINK,
        doctor_id: None,
        single_use: false,
        expires_at,
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
        pain: None,
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
