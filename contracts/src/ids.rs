//! Identifiers. Every id is a UUID; a newtype per noun keeps them from being mixed up.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
        )]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    };
}

id!(
    /// A hospital or clinic: the scope of time zone, service day and token codes.
    FacilityId
);
id!(
    /// A department: one queue, one token code, one writer at a time.
    DepartmentId
);
id!(
    /// A consulting room or counter of a department.
    RoomId
);
id!(
    /// A doctor; equal to the [`StaffId`] of the person.
    DoctorId
);
id!(
    /// A member of staff, or a board, that signs in.
    StaffId
);
id!(
    /// One attendance of one patient, from arrival to leaving.
    VisitId
);
id!(
    /// One client action; a UUIDv5 of actor, operation, resource and idempotency key.
    CommandId
);
id!(
    /// One published fact; also the id of its audit row and its outbox row.
    EventId
);
id!(
    /// A signed check-in link.
    LinkId
);

/// Namespace of every name-based id that MediQue derives (a random UUID, fixed for ever).
const NAMESPACE: Uuid = Uuid::from_u128(0x6d65_6469_7175_4e61_8d65_7370_6163_6501);

impl CommandId {
    /// Derives the id that every replica computes alike for one intent of one actor.
    ///
    /// The parts are length-prefixed, so no choice of key can imitate another resource.
    pub fn derive(actor: &str, operation: &str, resource: &str, key: &str) -> Self {
        let mut name =
            Vec::with_capacity(actor.len() + operation.len() + resource.len() + key.len() + 16);
        for part in [actor, operation, resource, key] {
            name.extend_from_slice(&(part.len() as u32).to_be_bytes());
            name.extend_from_slice(part.as_bytes());
        }
        Self(Uuid::new_v5(&NAMESPACE, &name))
    }

    /// The id of the resource (visit, department, room) that this command creates.
    pub fn created(self) -> Uuid {
        Uuid::new_v5(&self.0, b"created")
    }

    /// The id of the `index`-th event that this command causes.
    pub fn event(self, index: u32) -> EventId {
        EventId(Uuid::new_v5(&self.0, &index.to_be_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moving_a_character_between_parts_changes_the_command_id() {
        assert_ne!(
            CommandId::derive("staff:1", "ab", "c", "k"),
            CommandId::derive("staff:1", "a", "bc", "k")
        );
        assert_eq!(
            CommandId::derive("staff:1", "a", "b", "k"),
            CommandId::derive("staff:1", "a", "b", "k")
        );
    }
}
