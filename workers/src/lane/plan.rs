//! What a fold wants written.

use super::batch::{Cursors, Item};
use super::telling::Told;
use chrono::{DateTime, NaiveDate, Utc};
use medique_contracts::commands::{RecordAdvice, Vitals};
use medique_contracts::ids::{
    CommandId, DepartmentId, DoctorId, EventId, FacilityId, LinkId, RoomId, VisitId,
};
use medique_contracts::vocabulary::TriagePolicy;
use medique_contracts::{Outcome, RejectionCode};
use medique_domain::decide::{AdviserSwitch, Notes};
use medique_domain::model::{ClinicianLevel, Department, Doctor, Room, Stage, Visit};
use medique_platform::audit::ChainRow;
use medique_platform::parked::Asked;
use medique_platform::privacy::DataKey;
use medique_platform::trace_context::TraceContext;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// All rows of one batch. Maps are ordered by id, so statements touch rows in one order.
#[derive(Debug, Default)]
pub struct Plan {
    /// Outcomes.
    pub inbox: BTreeMap<CommandId, InboxRow>,
    /// Visits after the batch, and the partition that wrote each last.
    pub visits: BTreeMap<VisitId, (Visit, i16)>,
    /// Version of the visits that existed before the batch.
    pub versions: BTreeMap<VisitId, i64>,
    /// Stages after the batch, with the visit's level.
    pub stages: BTreeMap<(VisitId, i16), (Stage, u8)>,
    /// Last token number taken.
    pub tokens: BTreeMap<(DepartmentId, NaiveDate), i32>,
    /// Single-use links used up.
    pub used_links: Vec<(LinkId, VisitId, DateTime<Utc>)>,
    /// Vital signs: visit, version, when, by whom, what.
    pub vitals: Vec<(VisitId, i64, DateTime<Utc>, String, Vitals)>,
    /// Notes: visit, version, when, by whom, what.
    pub notes: Vec<(VisitId, i64, DateTime<Utc>, String, Notes)>,
    /// Room that each doctor called to last.
    pub last_rooms: BTreeMap<DoctorId, RoomId>,
    /// Doctors changed.
    pub doctors: BTreeMap<DoctorId, Doctor>,
    /// Departments created or changed.
    pub departments: BTreeMap<DepartmentId, Department>,
    /// Rooms created or changed.
    pub rooms: BTreeMap<RoomId, Room>,
    /// Switches of the adviser, in order.
    pub adviser: Vec<AdviserSwitch>,
    /// What the adviser said, taken or refused.
    pub advice: Vec<AdviceRow>,
    /// Levels that people set.
    pub decisions: Vec<DecisionRow>,
    /// Visits and versions whose level was taken back.
    pub taken_back: Vec<(VisitId, i64)>,
    /// Audit rows; their details are in clear until the plan is sealed.
    pub audit: Vec<ChainRow>,
    /// Visits whose person is erased.
    pub erased: BTreeSet<VisitId>,
    /// Data keys of the visits that existed before the batch.
    pub keys: HashMap<VisitId, DataKey>,
    /// Events to publish, in order.
    pub outbox: Vec<OutboxRow>,
    /// Messages to keep for an admin.
    pub dead_letters: Vec<DeadLetter>,
    /// Messages that were kept before and came again: who asked, why, and when the copy was stored.
    pub redriven: BTreeMap<Uuid, (Asked, DateTime<Utc>)>,
    /// Cursors before the batch: the fence.
    pub before: Cursors,
    /// Cursors after the batch.
    pub after: Cursors,
    /// Messages of each partition.
    pub counts: BTreeMap<i16, i64>,
    /// What is told of each command once all this stands.
    pub told: Vec<Told>,
}

/// One row of the inbox.
#[derive(Debug, Clone)]
pub struct InboxRow {
    /// Operation.
    pub kind: String,
    /// Who asked.
    pub actor: String,
    /// Fingerprint of the request.
    pub fingerprint: String,
    /// Partition.
    pub partition: i16,
    /// COMMANDS sequence.
    pub seq: i64,
    /// What became of it.
    pub outcome: Outcome,
    /// The visit concerned.
    pub visit_id: Option<VisitId>,
    /// Trace.
    pub trace_id: Option<String>,
    /// The broker's store time.
    pub accepted_at: DateTime<Utc>,
    /// Whether an API replica waits for it.
    pub awaited: bool,
    /// Whether an admin sent it again: its outcome may stand in for a dead letter's.
    pub redriven: bool,
}

/// One event to publish.
#[derive(Debug, Clone)]
pub struct OutboxRow {
    /// Id of the event, its audit row and its message.
    pub event_id: EventId,
    /// Partition that wrote it.
    pub partition: i16,
    /// The visit concerned.
    pub visit_id: Option<VisitId>,
    /// The visit's version.
    pub version: Option<i64>,
    /// Subject.
    pub subject: String,
    /// The whole envelope.
    pub payload: Vec<u8>,
    /// Another partition wrote the visit's previous event; it must be published first.
    pub waits_for_others: bool,
    /// The step that caused it.
    pub cause: Option<TraceContext>,
    /// When it was committed; none when a process before this one did that.
    pub committed_at: Option<DateTime<Utc>>,
}

/// One answer of the adviser, for statistics. Nothing in it tells of a person, but the hash of
/// what was sent, which is emptied with the person.
#[derive(Debug, Clone)]
pub struct AdviceRow {
    /// The command that brought it.
    pub command_id: CommandId,
    /// Of whom.
    pub visit_id: VisitId,
    /// Where.
    pub facility_id: FacilityId,
    /// Where the visit was.
    pub department_id: DepartmentId,
    /// The broker's store time.
    pub at: DateTime<Utc>,
    /// What it says.
    pub advice: RecordAdvice,
    /// Why it was refused; none when it was recorded.
    pub refused: Option<RejectionCode>,
    /// Version of the visit that it made.
    pub version: Option<i64>,
    /// What the department does with the adviser.
    pub policy: Option<TriagePolicy>,
    /// Safety floor.
    pub floor_level: u8,
    /// Effective level before.
    pub level_before: u8,
    /// Effective level after.
    pub level_after: u8,
    /// The clinician's level that stood already.
    pub standing_level: Option<u8>,
}

/// One level that somebody set, for statistics.
#[derive(Debug, Clone)]
pub struct DecisionRow {
    /// Of whom.
    pub visit_id: VisitId,
    /// Version of the visit that it made.
    pub version: i64,
    /// Where.
    pub facility_id: FacilityId,
    /// Where the visit was.
    pub department_id: DepartmentId,
    /// The broker's store time.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: String,
    /// What was set.
    pub clinician: ClinicianLevel,
    /// Safety floor.
    pub floor_level: u8,
    /// Effective level before.
    pub level_before: u8,
    /// Effective level after.
    pub level_after: u8,
    /// Version that recorded the advice to which this is the first answer.
    pub answers: Option<i64>,
    /// What was suggested there.
    pub suggested_level: Option<u8>,
}

/// One message that could not be processed.
#[derive(Debug, Clone)]
pub struct DeadLetter {
    /// Identity.
    pub id: Uuid,
    /// The command, when the message says.
    pub command_id: Option<CommandId>,
    /// The visit, when the message names one.
    pub visit_id: Option<VisitId>,
    /// The facility, when the message or its subject says.
    pub facility_id: Option<FacilityId>,
    /// Partition.
    pub partition: i16,
    /// COMMANDS sequence.
    pub seq: i64,
    /// Subject as stored.
    pub subject: String,
    /// Headers, JSON object.
    pub headers: String,
    /// Payload as stored.
    pub payload: Vec<u8>,
    /// Why.
    pub reason: String,
    /// The broker's store time.
    pub parked_at: DateTime<Utc>,
}

impl DeadLetter {
    /// The id of the dead letter that a message would become: one per stored message.
    pub fn id_of(item: &Item) -> Uuid {
        const NAMESPACE: Uuid = Uuid::from_u128(0x6d65_6469_7175_4e61_8d65_7370_6163_6502);
        Uuid::new_v5(
            &NAMESPACE,
            format!("{}:{}", item.partition, item.seq()).as_bytes(),
        )
    }

    /// Keeps `item` with the reason.
    pub fn new(
        item: &Item,
        command_id: Option<CommandId>,
        facility_id: Option<FacilityId>,
        reason: &str,
    ) -> Self {
        let headers: serde_json::Map<_, _> = item
            .stored
            .headers()
            .map(|(name, value)| (name.to_owned(), value.to_owned().into()))
            .collect();
        Self {
            id: Self::id_of(item),
            command_id,
            visit_id: item.content.as_ref().ok().and_then(|m| m.context.visit_id),
            facility_id,
            partition: item.partition,
            seq: item.seq(),
            subject: item.stored.subject.clone(),
            headers: serde_json::Value::Object(headers).to_string(),
            payload: item.stored.payload.to_vec(),
            reason: reason.to_owned(),
            parked_at: item.stored_at(),
        }
    }
}
