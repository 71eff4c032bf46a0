//! Who looks at a live stream, and which part of the hospital that is.

use medique_contracts::events::{EventData, EventMessage};
use medique_contracts::ids::{DepartmentId, FacilityId, VisitId};

/// Who looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Staff of one department.
    Staff {
        /// The facility of the department; facility-wide events go to each of its departments.
        facility: FacilityId,
        /// The department.
        department: DepartmentId,
    },
    /// A board in the waiting room of one department.
    Board {
        /// The department.
        department: DepartmentId,
    },
    /// The patient of one visit.
    Patient {
        /// The visit.
        visit: VisitId,
    },
}

/// What an event is about and a client can listen to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Everything of one department.
    Department(DepartmentId),
    /// What belongs to a facility but to no department of it.
    Facility(FacilityId),
    /// Everything of one visit.
    Visit(VisitId),
}

impl Audience {
    /// What this audience listens to.
    pub fn topics(&self) -> Vec<Topic> {
        match *self {
            Self::Staff {
                facility,
                department,
            } => {
                vec![Topic::Department(department), Topic::Facility(facility)]
            }
            Self::Board { department } => vec![Topic::Department(department)],
            Self::Patient { visit } => vec![Topic::Visit(visit)],
        }
    }
}

/// What an event is about. A visit that changes department concerns both; no two topics of one
/// event belong to the same audience, so nobody gets an event twice.
pub fn topics(event: &EventMessage) -> Vec<Topic> {
    match &event.body.facts {
        EventData::Visit(visit) => {
            let mut topics = vec![Topic::Department(visit.department_id)];
            if let Some(from) = visit.from_department_id
                && from != visit.department_id
            {
                topics.push(Topic::Department(from));
            }
            topics.push(Topic::Visit(visit.visit_id));
            topics
        }
        _ => vec![match event.body.department_id {
            Some(department) => Topic::Department(department),
            None => Topic::Facility(event.body.facility_id),
        }],
    }
}
