//! The state machine as one table: which command leads from which state to which.
//!
//! `decide` looks every command on a visit up here before it looks at anything else, and the tests
//! hold every step that it makes against the same table. What is not listed is refused, so a final
//! state is left by `return` (which opens a new stage) and by `undo` only.

use medique_contracts::CommandKind;
use medique_contracts::vocabulary::StageState::{self, *};

/// Where a command leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// `WAITING` or `URGENT`, as the level says.
    Queue,
    /// One state.
    To(StageState),
    /// That state when doctor and room are free, else the queue.
    ToOrQueue(StageState),
    /// The state stays; of the two waiting states, the level picks the label.
    Stay,
    /// Whatever was before the last transition.
    Before,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// The command.
    pub command: CommandKind,
    /// States of the current stage from which it is possible.
    pub from: &'static [StageState],
    /// State of the visit afterwards. A transfer closes the stage as `TRANSFERRED` and leads to
    /// the queue of the next stage.
    pub to: Target,
}

const fn row(command: CommandKind, from: &'static [StageState], to: Target) -> Row {
    Row { command, from, to }
}

const UNSEEN: &[StageState] = &[Waiting, Urgent, Called, OnHold];
const CONFIRMED: &[StageState] = &[Waiting, Urgent, Called, OnHold, InConsultation];

/// States that a command which creates a visit may create it in.
pub const fn created(command: CommandKind) -> Option<Target> {
    match command {
        CommandKind::CheckIn | CommandKind::CheckInByLink => Some(Target::Queue),
        CommandKind::Scan => Some(Target::To(Scanned)),
        _ => None,
    }
}

/// Every transition of a visit that exists.
pub const TABLE: &[Row] = &[
    row(CommandKind::FillIntake, &[Scanned], Target::Queue),
    row(CommandKind::ExpireScan, &[Scanned], Target::To(Expired)),
    row(CommandKind::RecordVitals, CONFIRMED, Target::Stay),
    row(CommandKind::SetAcuity, CONFIRMED, Target::Stay),
    row(CommandKind::RecordAdvice, CONFIRMED, Target::Stay),
    row(
        CommandKind::Reassign,
        &[Scanned, Waiting, Urgent, Called, OnHold],
        Target::Stay,
    ),
    row(
        CommandKind::CallNext,
        &[Waiting, Urgent],
        Target::To(Called),
    ),
    row(
        CommandKind::Call,
        &[Waiting, Urgent, OnHold],
        Target::To(Called),
    ),
    row(CommandKind::Recall, &[Called], Target::Stay),
    row(CommandKind::Unclaim, &[Called], Target::Queue),
    row(
        CommandKind::Start,
        &[Waiting, Urgent, Called],
        Target::To(InConsultation),
    ),
    row(
        CommandKind::Hold,
        &[Waiting, Urgent, InConsultation],
        Target::To(OnHold),
    ),
    row(
        CommandKind::Resume,
        &[OnHold],
        Target::ToOrQueue(InConsultation),
    ),
    row(
        CommandKind::Complete,
        &[InConsultation],
        Target::To(Completed),
    ),
    row(CommandKind::NoShow, &[Called], Target::To(NoShow)),
    row(CommandKind::Return, &[NoShow, Left, Expired], Target::Queue),
    row(CommandKind::Transfer, CONFIRMED, Target::Queue),
    row(
        CommandKind::Cancel,
        &[Scanned, Waiting, Urgent, Called, OnHold],
        Target::To(Cancelled),
    ),
    row(CommandKind::Leave, CONFIRMED, Target::To(Left)),
    row(
        CommandKind::Erase,
        &[Completed, NoShow, Cancelled, Left, Expired],
        Target::Stay,
    ),
    row(CommandKind::Undo, StageState::ALL, Target::Before),
    row(CommandKind::CloseDay, &[Scanned], Target::To(Expired)),
    row(CommandKind::CloseDay, UNSEEN, Target::To(Expired)),
];

/// Where `command` leads from `state`; none when the state does not allow it.
pub fn target(state: StageState, command: CommandKind) -> Option<Target> {
    TABLE
        .iter()
        .find(|row| row.command == command && row.from.contains(&state))
        .map(|row| row.to)
}

impl Target {
    /// Whether a step from `from` that ends in `to` is one that the table means.
    pub fn allows(self, from: StageState, to: StageState) -> bool {
        match self {
            Self::Queue => to.is_waiting(),
            Self::To(state) => to == state,
            Self::ToOrQueue(state) => to == state || to.is_waiting(),
            Self::Stay => to == from || (from.is_waiting() && to.is_waiting()),
            Self::Before => true,
        }
    }
}
