//! Where messages are published. One place for every subject, and for the hash that spreads
//! departments over partitions.

use crate::commands::CommandKind;
use crate::events::EventType;
use crate::ids::{DepartmentId, FacilityId, VisitId};

/// Number of partitions. Fixed: changing it means draining the stream first (docs/operations).
pub const PARTITIONS: u16 = 16;
/// Stands for "no department" or "no visit" in a subject.
pub const NONE: &str = "_";

/// Stream of accepted commands.
pub const COMMANDS_STREAM: &str = "COMMANDS";
/// Subjects that the API publishes commands on.
pub const COMMANDS_PUBLISHED: &str = "cmd.v1.*.*.*";
/// Stream of events.
pub const EVENTS_STREAM: &str = "EVENTS";
/// Every event.
pub const EVENTS_ALL: &str = "evt.v1.>";
/// Core NATS subject on which workers tell API replicas what was just decided (best effort).
pub const DECIDED: &str = "medique.decided.v1";
/// Core NATS subject on which every process says again and again whether it sees the database, so
/// that one which does not knows whether others do (best effort).
pub const SIGHT: &str = "medique.sight.v1";

/// Header with the request's fingerprint.
pub const HEADER_FINGERPRINT: &str = "Medique-Fingerprint";
/// Header of a command that an admin sent again: the id of its dead letter.
pub const HEADER_REDRIVE: &str = "Medique-Redrive";
/// Header of a command that was sent again through the api: who asked and why, JSON. The worker
/// that reads the command writes it into the dead letter.
pub const HEADER_REDRIVE_ASKED: &str = "Medique-Redrive-Asked";
/// Header that asks the worker to include the outcome in its notice: somebody waits for it.
pub const HEADER_AWAITED: &str = "Medique-Awaited";
/// Header: the step that sent the message, W3C trace context. What caused it stands in the envelope.
pub const HEADER_TRACEPARENT: &str = "traceparent";

/// `cmd.v1.<facility>.<department>.<command>`; the stream puts `p.<partition>.` before it.
pub fn command(
    facility: FacilityId,
    department: Option<DepartmentId>,
    kind: CommandKind,
) -> String {
    match department {
        Some(department) => format!("cmd.v1.{facility}.{department}.{kind}"),
        None => format!("cmd.v1.{facility}.{NONE}.{kind}"),
    }
}

/// `evt.v1.<facility>.<department>.<visit>.<type>`.
pub fn event(
    facility: FacilityId,
    department: Option<DepartmentId>,
    visit: Option<VisitId>,
    event_type: EventType,
) -> String {
    let department = department.map_or_else(|| NONE.to_owned(), |id| id.to_string());
    let visit = visit.map_or_else(|| NONE.to_owned(), |id| id.to_string());
    format!("evt.v1.{facility}.{department}.{visit}.{event_type}")
}

/// Every event of one type.
pub fn events_of(event_type: EventType) -> String {
    format!("evt.v1.*.*.*.{event_type}")
}

/// Destination of the stream's subject transform, for nats-server's configuration.
pub fn transform_destination() -> String {
    format!(
        "p.{{{{partition({PARTITIONS},1,2)}}}}.cmd.v1.{{{{wildcard(1)}}}}.{{{{wildcard(2)}}}}.{{{{wildcard(3)}}}}"
    )
}

/// Every command of one partition, as stored.
pub fn partition_filter(partition: u16) -> String {
    format!("p.{partition}.cmd.v1.>")
}

/// The partition that nats-server's `partition(16,1,2)` picks: FNV-1a (32 bits) over the two
/// tokens, modulo the number of partitions. A test holds it against a real server.
pub fn partition_of(facility: FacilityId, department: Option<DepartmentId>) -> u16 {
    let department = department.map_or_else(|| NONE.to_owned(), |id| id.to_string());
    let mut hash: u32 = 0x811c_9dc5;
    for byte in facility.to_string().bytes().chain(department.bytes()) {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    (hash % u32::from(PARTITIONS)) as u16
}
