//! A change of a visit in the making: everything that each transition of a visit has in common.

use super::context::Context;
use super::{AuditDetail, Change, Decision, Transition, VisitChange};
use crate::model::{Stage, UndoRecord, Visit};
use chrono::{DateTime, Utc};
use medique_contracts::ids::{DepartmentId, DoctorId};
use medique_contracts::vocabulary::StageState;
use medique_contracts::{CommandResult, EventData, EventType};

/// A visit on its way from one version to the next.
pub(super) struct Draft {
    change: VisitChange,
    detail: AuditDetail,
    undo: Option<UndoRecord>,
    came_from: Option<DepartmentId>,
}

/// The waiting state of a level.
pub(super) fn queue_state(level: u8) -> StageState {
    if level <= 2 {
        StageState::Urgent
    } else {
        StageState::Waiting
    }
}

impl Stage {
    /// `now`, or the latest time of the stage when the broker's clock went backwards.
    pub(super) fn tick(&mut self, now: DateTime<Utc>) -> DateTime<Utc> {
        let times = [
            self.called_at,
            self.last_called_at,
            self.started_at,
            self.ended_at,
        ];
        let latest = times
            .into_iter()
            .flatten()
            .fold(self.entered_at, DateTime::max);
        self.clock_clamped |= now < latest;
        now.max(latest)
    }

    /// Ends the stage.
    pub(super) fn end(&mut self, state: StageState, now: DateTime<Utc>) {
        self.ended_at = Some(self.tick(now));
        self.state = state;
        self.hold = None;
    }

    /// Joins the queue without a doctor or room. What was announced in error is forgotten, unless
    /// a consultation had begun.
    pub(super) fn back_to_queue(&mut self) {
        self.doctor_id = None;
        self.doctor_slot = 0;
        self.room_id = None;
        self.room_slot = 0;
        self.recall_count = 0;
        self.hold = None;
        if self.started_at.is_none() {
            self.called_at = None;
            self.last_called_at = None;
        }
    }
}

/// Where and how a stage begins.
pub(super) struct Opening {
    pub(super) ordinal: i16,
    pub(super) department_id: DepartmentId,
    pub(super) state: StageState,
    pub(super) assigned_doctor_id: Option<DoctorId>,
    pub(super) front: bool,
    pub(super) queued_since: DateTime<Utc>,
    pub(super) entered_at: DateTime<Utc>,
}

impl Opening {
    pub(super) fn stage(self) -> Stage {
        Stage {
            ordinal: self.ordinal,
            department_id: self.department_id,
            state: self.state,
            assigned_doctor_id: self.assigned_doctor_id,
            doctor_id: None,
            doctor_slot: 0,
            room_id: None,
            room_slot: 0,
            front: self.front,
            queued_since: self.queued_since,
            entered_at: self.entered_at,
            called_at: None,
            last_called_at: None,
            started_at: None,
            ended_at: None,
            recall_count: 0,
            hold: None,
            inaccurate: false,
            clock_clamped: false,
        }
    }
}

impl Draft {
    /// The next version of a visit that exists. Can be undone unless said otherwise.
    pub(super) fn of(context: &Context<'_>, before: &Visit) -> Self {
        let undo = UndoRecord {
            actor: context.actor().key(),
            at: context.now,
            clinician: before.clinician.clone(),
            stage: before.stage.clone(),
        };
        let visit = Visit {
            version: before.version + 1,
            undo: None,
            ..before.clone()
        };
        let detail = AuditDetail {
            from_state: Some(before.stage.state),
            from_level: Some(before.level),
            ..AuditDetail::default()
        };
        Self {
            change: change(visit),
            detail,
            undo: Some(undo),
            came_from: None,
        }
    }

    /// The first version of a visit. Cannot be undone.
    pub(super) fn first(visit: Visit) -> Self {
        Self {
            change: change(visit),
            detail: AuditDetail::default(),
            undo: None,
            came_from: None,
        }
    }

    pub(super) fn visit(&mut self) -> &mut Visit {
        &mut self.change.visit
    }

    pub(super) fn stage(&mut self) -> &mut Stage {
        &mut self.change.visit.stage
    }

    pub(super) fn change(&mut self) -> &mut VisitChange {
        &mut self.change
    }

    /// Takes the level that follows from floor and clinician, and its label while waiting.
    pub(super) fn relabel(&mut self, context: &Context<'_>) {
        let visit = &mut self.change.visit;
        visit.level = context.level(visit);
        if visit.stage.state.is_waiting() {
            visit.stage.state = queue_state(visit.level);
        }
    }

    /// Puts `stage` in the place of the present one, whose row changes too.
    pub(super) fn replace_stage(&mut self, stage: Stage) {
        let visit = &mut self.change.visit;
        visit.last_ordinal = visit.last_ordinal.max(stage.ordinal);
        let old = std::mem::replace(&mut visit.stage, stage);
        if old.department_id != visit.stage.department_id {
            self.came_from = Some(old.department_id);
        }
        self.change.other_stages.push(old);
    }

    pub(super) fn because(mut self, reason: Option<&str>) -> Self {
        self.detail.reason = reason
            .filter(|text| !text.is_empty())
            .map(ToOwned::to_owned);
        self
    }

    pub(super) fn overriding_floor(mut self, overriding: bool) -> Self {
        self.detail.floor_overridden = overriding;
        self
    }

    pub(super) fn final_step(mut self) -> Self {
        self.undo = None;
        self
    }

    /// Leaves what could be taken back before as it is: the step is nobody's.
    pub(super) fn keeping_undo(mut self, before: &Visit) -> Self {
        self.undo.clone_from(&before.undo);
        self
    }

    /// The transition, under the name that its event has.
    pub(super) fn done(mut self, event_type: EventType) -> Transition {
        self.change.visit.undo = self.undo;
        let visit = &self.change.visit;
        Transition {
            event_type,
            department_id: Some(visit.stage.department_id),
            facts: EventData::Visit(Box::new(visit.snapshot(self.came_from))),
            change: Change::Visit(Box::new(self.change)),
            audit_detail: Some(self.detail),
        }
    }
}

fn change(visit: Visit) -> VisitChange {
    VisitChange {
        visit,
        other_stages: Vec::new(),
        token_taken: None,
        link_used: None,
        vitals: None,
        notes: None,
        doctor_last_room: None,
        triage: None,
    }
}

impl From<Transition> for Decision {
    fn from(transition: Transition) -> Self {
        Self::from(vec![transition])
    }
}

impl From<Vec<Transition>> for Decision {
    /// Transitions of one visit: the answer is its state after the last of them.
    fn from(transitions: Vec<Transition>) -> Self {
        let visit = transitions
            .last()
            .and_then(|transition| match &transition.facts {
                EventData::Visit(snapshot) => Some((**snapshot).clone()),
                _ => None,
            });
        Self {
            transitions,
            result: CommandResult {
                visit,
                ..CommandResult::default()
            },
        }
    }
}
