//! What every decision starts from: the command, its actor, the time, and checked look-ups.

use super::check_in::age;
use crate::model::{Department, Doctor, Facility, Floor, IntakeRecord, Visit};
use crate::permissions;
use crate::triage::{self, Findings};
use crate::world::World;
use chrono::{DateTime, NaiveDate, Utc};
use medique_contracts::commands::{CommandMessage, Vitals};
use medique_contracts::ids::{DepartmentId, DoctorId};
use medique_contracts::vocabulary::Role;
use medique_contracts::{Actor, CommandKind, Rejection, RejectionCode};

/// One command against the world.
pub(super) struct Context<'a> {
    pub(super) world: &'a World,
    pub(super) message: &'a CommandMessage,
    pub(super) facility: &'a Facility,
    pub(super) now: DateTime<Utc>,
}

pub(super) fn refuse(code: RejectionCode, detail: &str) -> Rejection {
    Rejection::new(code, detail)
}

impl<'a> Context<'a> {
    pub(super) fn kind(&self) -> CommandKind {
        self.message.command.kind()
    }

    pub(super) fn actor(&self) -> &'a Actor {
        &self.message.context.actor
    }

    /// The role of a member of staff.
    pub(super) fn role(&self) -> Option<Role> {
        match self.actor() {
            Actor::Staff { role, .. } => Some(*role),
            Actor::Patient { .. } | Actor::Link { .. } | Actor::System { .. } => None,
        }
    }

    /// The actor as a doctor.
    pub(super) fn own_doctor(&self) -> Option<DoctorId> {
        match self.actor() {
            Actor::Staff {
                id,
                role: Role::Doctor,
                ..
            } => Some(DoctorId(id.0)),
            _ => None,
        }
    }

    pub(super) fn is_patient(&self) -> bool {
        matches!(self.actor(), Actor::Patient { .. })
    }

    pub(super) fn is_system(&self) -> bool {
        matches!(self.actor(), Actor::System { .. })
    }

    /// The service day in progress.
    pub(super) fn today(&self) -> NaiveDate {
        crate::service_day::service_day(
            self.now,
            self.facility.timezone,
            self.facility.cutover_hour,
        )
    }

    /// A department of the facility.
    pub(super) fn department(&self, id: DepartmentId) -> Result<&'a Department, Rejection> {
        let known = self.world.departments.get(&id);
        known
            .filter(|department| department.facility_id == self.facility.id)
            .ok_or_else(|| refuse(RejectionCode::UnknownDepartment, "no such department"))
    }

    /// The department that the message names, in which the actor may act.
    pub(super) fn own_department(&self) -> Result<&'a Department, Rejection> {
        let id = self.message.context.department_id;
        let id = id.ok_or_else(|| {
            refuse(
                RejectionCode::UnknownDepartment,
                "the command names no department",
            )
        })?;
        let department = self.department(id)?;
        permissions::check(
            self.actor(),
            self.kind(),
            Some(id),
            self.message.context.visit_id,
        )?;
        Ok(department)
    }

    /// The visit that the message names: known here, granted where it is now, and unchanged since
    /// the client read it.
    pub(super) fn visit(&self) -> Result<&'a Visit, Rejection> {
        let context = &self.message.context;
        let visit = context.visit_id.and_then(|id| self.world.visits.get(&id));
        let visit = visit
            .filter(|visit| visit.facility_id == self.facility.id)
            .ok_or_else(|| refuse(RejectionCode::UnknownVisit, "no such visit"))?;
        let department = Some(visit.stage.department_id);
        permissions::check(self.actor(), self.kind(), department, Some(visit.id))?;
        if context
            .expected_version
            .is_some_and(|expected| expected != visit.version)
        {
            return Err(Rejection {
                current_version: Some(visit.version),
                ..refuse(
                    RejectionCode::VersionConflict,
                    "the visit has changed in the meantime",
                )
            });
        }
        Ok(visit)
    }

    /// The department in which the visit is.
    pub(super) fn department_of(&self, visit: &Visit) -> Result<&'a Department, Rejection> {
        self.department(visit.stage.department_id)
    }

    /// The department in which the visit is, for commands that read its queue, rooms or tokens:
    /// those were loaded for the department that the message names, so the visit must not have
    /// moved since the client saw it.
    pub(super) fn addressed_department(&self, visit: &Visit) -> Result<&'a Department, Rejection> {
        if self.message.context.department_id != Some(visit.stage.department_id) {
            return Err(Rejection {
                current_version: Some(visit.version),
                ..refuse(
                    RejectionCode::VersionConflict,
                    "the visit is in another department now",
                )
            });
        }
        self.department_of(visit)
    }

    /// A doctor who works in `department`.
    pub(super) fn doctor_in(
        &self,
        id: DoctorId,
        department: DepartmentId,
    ) -> Result<&'a Doctor, Rejection> {
        let known = self.world.doctors.get(&id);
        known
            .filter(|doctor| {
                doctor.facility_id == self.facility.id && doctor.departments.contains(&department)
            })
            .ok_or_else(|| {
                refuse(
                    RejectionCode::UnknownDoctor,
                    "no such doctor in that department",
                )
            })
    }

    /// The level of somebody whom nobody has assessed: that of the department that admitted the
    /// patient, so that a transfer carries it along.
    pub(super) fn default_level(&self, visit: &Visit) -> u8 {
        let admitted = visit
            .token_department_id
            .unwrap_or(visit.stage.department_id);
        (self.world.departments.get(&admitted))
            .or_else(|| self.world.departments.get(&visit.stage.department_id))
            .map_or(visit.level, |department| department.settings.default_level)
    }

    /// The level that follows from what is known of the visit. What the adviser raised it to counts
    /// as long as no clinician has decided.
    pub(super) fn level(&self, visit: &Visit) -> u8 {
        let default = self.default_level(visit);
        let level = triage::effective_level(&visit.floor, visit.clinician.as_ref(), default);
        match visit.raised {
            Some(raised) if !visit.is_assessed() => level.min(raised),
            _ => level,
        }
    }

    /// The safety floor that follows from an intake and vital signs.
    pub(super) fn floor(
        &self,
        intake: Option<&IntakeRecord>,
        vitals: Option<&Vitals>,
        day: NaiveDate,
    ) -> Result<Floor, Rejection> {
        let mut findings = Findings {
            vitals,
            ..Findings::default()
        };
        if let Some(intake) = intake {
            findings.age_years = age(&intake.patient, day)?;
            findings.age_days = intake
                .patient
                .birth_date
                .and_then(|born| u32::try_from(day.signed_duration_since(born).num_days()).ok());
            findings.sex = intake.patient.sex;
            findings.complaint = &intake.complaint;
            findings.symptoms = &intake.symptoms;
            findings.answers = &intake.answers;
        }
        Ok(triage::floor(&self.world.rules, &findings))
    }

    /// A patient must not get a second live visit.
    pub(super) fn only_live_visit(&self, visit: &Visit) -> Result<(), Rejection> {
        let Some(key) = &visit.patient_key else {
            return Ok(());
        };
        let live = self
            .world
            .live_patients
            .get(&(visit.facility_id, key.clone()));
        if live.is_some_and(|id| *id != visit.id) {
            let detail = "the patient already has a visit that is not finished";
            return Err(refuse(RejectionCode::AlreadyInQueue, detail));
        }
        Ok(())
    }
}
