//! Commands: what clients ask for. One payload per operation; [`Command`] lists them all.
//!
//! The wire name of a command is `medique.command.<kind>.v<version>` (the CloudEvents `type`).
//! A change that old readers cannot read gets a new version and a new golden file.

mod payloads;

pub use payloads::*;

use crate::actor::Actor;
use crate::ids::{CommandId, DepartmentId, FacilityId, VisitId};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A command as it travels: who asks for what, where, and under which conditions.
#[derive(Debug, Clone, PartialEq)]
pub struct CommandMessage {
    /// Identity of the intent; also the `Nats-Msg-Id` and the key of the inbox.
    pub command_id: CommandId,
    /// W3C trace context of the request.
    pub traceparent: Option<String>,
    /// Who asks, where, and under which conditions.
    pub context: CommandContext,
    /// What is asked for.
    pub command: Command,
}

/// What every command says beside its payload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CommandContext {
    /// Who asks.
    pub actor: Actor,
    /// The facility in which the command acts.
    pub facility_id: FacilityId,
    /// The department whose partition carries the command; none for facility-wide commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department_id: Option<DepartmentId>,
    /// The visit that the command is about, or that it creates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit_id: Option<VisitId>,
    /// The version of the visit that the client saw; another version is a `version_conflict`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_version: Option<i64>,
    /// SHA-256 of the canonical request, 64 lower-case hexadecimal digits.
    pub fingerprint: String,
    /// When the API sent the message, by the API's clock; informative only.
    pub sent_at: DateTime<Utc>,
    /// A message that the broker stored later than this has no effect (rejected as `expired`).
    pub not_after: DateTime<Utc>,
}

macro_rules! commands {
    ($($(#[doc = $doc:literal])* $variant:ident($payload:ty) = $kind:literal),+ $(,)?) => {
        /// Every operation of MediQue, with its payload.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Command { $($(#[doc = $doc])* $variant($payload)),+ }

        /// The name of an operation, without its payload.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum CommandKind { $($(#[doc = $doc])* $variant),+ }

        impl Command {
            /// The name of the operation.
            pub const fn kind(&self) -> CommandKind {
                match self { $(Self::$variant(_) => CommandKind::$variant),+ }
            }

            /// Reads the payload of a command of the given kind.
            ///
            /// # Errors
            /// The payload does not have the shape of that kind.
            pub fn decode(kind: CommandKind, payload: &str) -> Result<Self, serde_json::Error> {
                match kind { $(CommandKind::$variant => serde_json::from_str(payload).map(Self::$variant)),+ }
            }

            /// Writes the payload alone.
            ///
            /// # Errors
            /// Never for the payloads of this crate, which hold no map with keys other than strings.
            pub fn encode(&self) -> Result<String, serde_json::Error> {
                match self { $(Self::$variant(payload) => serde_json::to_string(payload)),+ }
            }
        }

        impl CommandKind {
            /// Every operation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name as it stands in subjects, the inbox and the audit trail.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $kind),+ }
            }

            /// What the operation does, in one sentence: its documentation above.
            pub fn description(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),*).trim_start()),+ }
            }

            /// Adds the payload to the definitions of `generator` and returns a reference to it.
            pub fn payload_schema(self, generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                match self { $(Self::$variant => generator.subschema_for::<$payload>()),+ }
            }
        }

        impl std::str::FromStr for CommandKind {
            type Err = crate::vocabulary::UnknownWord;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text { $($kind => Ok(Self::$variant),)+ _ => Err(Self::Err { kind: "CommandKind" }) }
            }
        }
    };
}

commands! {
    /// Reception checks a patient in; creates the visit.
    CheckIn(CheckIn) = "check_in",
    /// A phone scanned a link; creates the visit without a token.
    Scan(Scan) = "scan",
    /// A phone checks in by link in one step; creates the visit.
    CheckInByLink(CheckInByLink) = "check_in_by_link",
    /// Fills the intake of a scanned visit; assigns the token.
    FillIntake(FillIntake) = "fill_intake",
    /// Records vital signs.
    RecordVitals(RecordVitals) = "record_vitals",
    /// Sets the clinician's acuity level.
    SetAcuity(SetAcuity) = "set_acuity",
    /// Records what the adviser says of a visit (triage worker).
    RecordAdvice(RecordAdvice) = "record_advice",
    /// Calls the head of a department's queue.
    CallNext(CallNext) = "call_next",
    /// Calls one chosen patient.
    Call(Call) = "call",
    /// Announces a called patient again.
    Recall(Recall) = "recall",
    /// Puts a called patient back in the old place.
    Unclaim(Unclaim) = "unclaim",
    /// Starts the consultation.
    Start(Start) = "start",
    /// Parks a patient who is away for a while.
    Hold(Hold) = "hold",
    /// Takes a parked patient back.
    Resume(Resume) = "resume",
    /// Finishes the consultation and the visit.
    Complete(Complete) = "complete",
    /// The called patient did not come.
    NoShow(NoShow) = "no_show",
    /// A patient who left or was missed comes back.
    Return(Return) = "return",
    /// Moves the visit to another department.
    Transfer(Transfer) = "transfer",
    /// Cancels the visit.
    Cancel(Cancel) = "cancel",
    /// The patient leaves before care is finished.
    Leave(Leave) = "leave",
    /// Assigns the visit to a doctor, or to nobody in particular.
    Reassign(Reassign) = "reassign",
    /// Takes back the last transition.
    Undo(Undo) = "undo",
    /// Makes what is known of the person of a finished visit unreadable, for ever.
    Erase(Erase) = "erase",
    /// Expires a scan that was never confirmed (scheduler).
    ExpireScan(ExpireScan) = "expire_scan",
    /// Sets whether a doctor takes patients.
    SetDoctorAvailability(SetDoctorAvailability) = "set_doctor_availability",
    /// Creates a department.
    CreateDepartment(DepartmentSettings) = "create_department",
    /// Changes a department.
    UpdateDepartment(UpdateDepartment) = "update_department",
    /// Creates a room.
    CreateRoom(RoomSettings) = "create_room",
    /// Changes a room.
    UpdateRoom(UpdateRoom) = "update_room",
    /// Sweeps what is left of the day.
    CloseDay(CloseDay) = "close_day",
    /// Switches the adviser off or on for the whole facility.
    SwitchAdviser(SwitchAdviser) = "switch_adviser",
}

impl CommandKind {
    /// Version of the payload that this build writes.
    pub const VERSION: u32 = 1;

    /// The CloudEvents `type`.
    pub fn wire_type(self) -> String {
        format!("medique.command.{}.v{}", self.as_str(), Self::VERSION)
    }

    /// Reads a CloudEvents `type` that this build understands.
    pub fn from_wire_type(text: &str) -> Option<Self> {
        let (kind, version) = text.strip_prefix("medique.command.")?.rsplit_once(".v")?;
        (version.parse() == Ok(Self::VERSION)).then(|| kind.parse().ok())?
    }

    /// Whether the command creates the visit that it names.
    pub const fn creates_visit(self) -> bool {
        matches!(self, Self::CheckIn | Self::Scan | Self::CheckInByLink)
    }

    /// Whether the command acts on a visit that exists.
    pub const fn acts_on_visit(self) -> bool {
        matches!(
            self,
            Self::FillIntake
                | Self::RecordVitals
                | Self::SetAcuity
                | Self::RecordAdvice
                | Self::Call
                | Self::Recall
                | Self::Unclaim
                | Self::Start
                | Self::Hold
                | Self::Resume
                | Self::Complete
                | Self::NoShow
                | Self::Return
                | Self::Transfer
                | Self::Cancel
                | Self::Leave
                | Self::Reassign
                | Self::Undo
                | Self::Erase
                | Self::ExpireScan
        )
    }
}

impl std::fmt::Display for CommandKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
