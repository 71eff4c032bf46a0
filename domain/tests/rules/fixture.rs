//! A small hospital, and short ways to say who does what in it.

use crate::invariants::Ledger;
pub(crate) use crate::words::*;
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use medique_contracts::commands::*;
use medique_contracts::ids::*;
use medique_contracts::vocabulary::*;
use medique_contracts::{Actor, Command, CommandContext, CommandMessage, RejectionCode};
use medique_domain::model::{Adviser, Department, Doctor, Facility, Room, Visit};
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
        triage_policy: TriagePolicy::Suggest,
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
                adviser: Adviser::default(),
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

    /// What a department does with the adviser from now on.
    pub(crate) fn policy(&mut self, department: DepartmentId, policy: TriagePolicy) {
        let department = self.world.departments.get_mut(&department);
        department.expect("a department").settings.triage_policy = policy;
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
