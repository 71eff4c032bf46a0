//! Who asks. The actor travels inside the command, so that the worker can check the same
//! permissions as the API did: a message that was put into the stream by other means gets no more.

use crate::ids::{DepartmentId, LinkId, StaffId, VisitId};
use crate::vocabulary::Role;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The credential behind a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Actor {
    /// A member of staff, acting in the departments that were granted.
    Staff {
        /// The account.
        id: StaffId,
        /// The one role of the account.
        role: Role,
        /// Departments in which the role acts.
        departments: Grants,
    },
    /// The patient of one visit, holding its visit token.
    Patient {
        /// The only visit this actor can touch.
        visit_id: VisitId,
    },
    /// Whoever holds a valid check-in link.
    Link {
        /// The link.
        id: LinkId,
        /// The department it admits to.
        department_id: DepartmentId,
    },
    /// MediQue itself: the scheduler.
    System {
        /// The duty that acts, such as `scheduler`.
        duty: String,
    },
}

/// Departments in which a role acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Grants {
    /// Every department of the facility, also those created later.
    All,
    /// These departments only.
    Only(Vec<DepartmentId>),
}

impl Grants {
    /// Whether the grant covers `department`.
    pub fn covers(&self, department: DepartmentId) -> bool {
        match self {
            Self::All => true,
            Self::Only(list) => list.contains(&department),
        }
    }
}

impl Actor {
    /// A short stable name: the scope of idempotency keys, and what the audit trail records.
    pub fn key(&self) -> String {
        match self {
            Self::Staff { id, .. } => format!("staff:{id}"),
            Self::Patient { visit_id } => format!("visit:{visit_id}"),
            Self::Link { id, .. } => format!("link:{id}"),
            Self::System { duty } => format!("system:{duty}"),
        }
    }
}
