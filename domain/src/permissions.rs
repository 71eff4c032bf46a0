//! Who may do what, and see what.

use medique_contracts::ids::{DepartmentId, VisitId};
use medique_contracts::vocabulary::Role;
use medique_contracts::{Actor, CommandKind, Rejection, RejectionCode};

/// The duty that does what time alone causes.
pub const SCHEDULER: &str = "scheduler";
/// The duty that asks the adviser. It may say what the adviser answered, and nothing else.
pub const TRIAGE: &str = "triage";

/// In which departments a command must be granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// In the department that it acts in.
    Department,
    /// In every department of the facility.
    Facility,
    /// It concerns a person, not a department: `decide` compares persons.
    Person,
}

/// Who may give a command.
struct Rule {
    staff: &'static [Role],
    patient: bool,
    link: bool,
    /// The duty of MediQue itself that may.
    system: Option<&'static str>,
    reach: Reach,
}

const fn staff(roles: &'static [Role]) -> Rule {
    Rule {
        staff: roles,
        patient: false,
        link: false,
        system: None,
        reach: Reach::Department,
    }
}

impl Rule {
    const fn or_patient(self) -> Self {
        Self {
            patient: true,
            ..self
        }
    }

    const fn or_link(self) -> Self {
        Self { link: true, ..self }
    }

    const fn or_system(self, duty: &'static str) -> Self {
        Self {
            system: Some(duty),
            ..self
        }
    }

    const fn reaching(self, reach: Reach) -> Self {
        Self { reach, ..self }
    }
}

/// The rule of each command. Exhaustive: a new command does not compile without one.
const fn rule(kind: CommandKind) -> Rule {
    use Role::{Admin, Doctor, Nurse, Reception};
    match kind {
        CommandKind::CheckIn => staff(&[Reception, Nurse, Admin]),
        CommandKind::Scan | CommandKind::CheckInByLink => staff(&[]).or_link(),
        CommandKind::FillIntake => staff(&[Reception, Admin]).or_patient(),
        CommandKind::RecordVitals => staff(&[Nurse, Doctor]),
        CommandKind::SetAcuity => staff(&[Nurse, Doctor, Reception, Admin]),
        CommandKind::RecordAdvice => staff(&[]).or_system(TRIAGE),
        CommandKind::CallNext
        | CommandKind::Call
        | CommandKind::Recall
        | CommandKind::Unclaim
        | CommandKind::Return
        | CommandKind::Transfer => staff(&[Doctor, Reception, Admin]),
        CommandKind::NoShow => staff(&[Doctor, Reception, Admin]).or_system(SCHEDULER),
        CommandKind::Start | CommandKind::Complete => staff(&[Doctor]),
        CommandKind::Hold | CommandKind::Resume | CommandKind::Leave => {
            staff(&[Doctor, Reception, Admin]).or_patient()
        }
        CommandKind::Cancel => staff(&[Reception, Admin]).or_patient(),
        CommandKind::Reassign => staff(&[Reception, Admin]),
        CommandKind::Undo => staff(&[Doctor, Reception, Nurse, Admin])
            .or_patient()
            .reaching(Reach::Person),
        CommandKind::Erase => staff(&[Admin]).or_system(SCHEDULER),
        CommandKind::ExpireScan => staff(&[]).or_system(SCHEDULER),
        CommandKind::SetDoctorAvailability => staff(&[Doctor, Admin]).reaching(Reach::Person),
        CommandKind::UpdateDepartment | CommandKind::CreateRoom | CommandKind::UpdateRoom => {
            staff(&[Admin])
        }
        CommandKind::CreateDepartment => staff(&[Admin]).reaching(Reach::Facility),
        CommandKind::CloseDay | CommandKind::SwitchAdviser => staff(&[Admin])
            .or_system(SCHEDULER)
            .reaching(Reach::Facility),
    }
}

/// Whether `actor` may give a command of this kind in `department` on `visit`: the part that
/// needs no state. A department of `None` leaves the grants to be checked where the visit is known.
///
/// # Errors
/// `forbidden`.
pub fn check(
    actor: &Actor,
    kind: CommandKind,
    department: Option<DepartmentId>,
    visit: Option<VisitId>,
) -> Result<(), Rejection> {
    let rule = rule(kind);
    let allowed = match actor {
        Actor::Staff {
            role, departments, ..
        } => {
            rule.staff.contains(role)
                && match rule.reach {
                    Reach::Department => department.is_none_or(|id| departments.covers(id)),
                    Reach::Facility => *departments == medique_contracts::actor::Grants::All,
                    Reach::Person => true,
                }
        }
        Actor::Patient { visit_id } => rule.patient && visit == Some(*visit_id),
        Actor::Link { department_id, .. } => {
            rule.link && department.is_none_or(|id| id == *department_id)
        }
        Actor::System { duty } => rule.system == Some(duty.as_str()),
    };
    if allowed { Ok(()) } else { Err(forbidden()) }
}

/// The refusal that says no more than it must.
pub(crate) fn forbidden() -> Rejection {
    Rejection::new(RejectionCode::Forbidden, "not allowed for this account")
}

/// Whether `actor` may look into the queue and the visits of `department`.
pub fn sees_department(actor: &Actor, department: DepartmentId) -> bool {
    match actor {
        Actor::Staff {
            role: Role::Display | Role::Patient,
            ..
        } => false,
        Actor::Staff { departments, .. } => departments.covers(department),
        Actor::Patient { .. } | Actor::Link { .. } | Actor::System { .. } => false,
    }
}

/// Whether `actor` may see the board of `department`: tokens, rooms and states only.
pub fn sees_board(actor: &Actor, department: DepartmentId) -> bool {
    match actor {
        Actor::Staff {
            role: Role::Display,
            departments,
            ..
        } => departments.covers(department),
        _ => sees_department(actor, department),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use medique_contracts::actor::Grants;
    use uuid::Uuid;

    fn staff(role: Role, departments: Grants) -> Actor {
        Actor::Staff {
            id: Uuid::nil().into(),
            role,
            departments,
        }
    }

    #[test]
    fn who_sees_what() {
        let (own, other) = (Uuid::from_u128(1).into(), Uuid::from_u128(2).into());
        let visit = Uuid::from_u128(3).into();
        let only = || Grants::Only(vec![own]);
        for role in Role::ALL {
            let actor = staff(*role, only());
            assert!(!sees_department(&actor, other) && !sees_board(&actor, other));
            assert_eq!(sees_board(&actor, own), *role != Role::Patient);
            let looks = !matches!(role, Role::Display | Role::Patient);
            assert_eq!(sees_department(&actor, own), looks);
        }
        let patient = Actor::Patient { visit_id: visit };
        assert!(!sees_board(&patient, own));
    }
}
