//! The one order of the queue, used by call-next, queue, board and patient page alike.
//!
//! Level 1 stands before all, then patients placed in front. Everybody else earns credit: the
//! share of the level's target time that was waited. The highest credit comes first, so nobody
//! starves: a patient of any level overtakes newcomers of every level but 1 in the end. Equal
//! credit goes by the longer wait, then by id.

use crate::model::{Department, Visit};
use chrono::{DateTime, Utc};
use medique_contracts::ids::{DoctorId, VisitId};
use serde::Serialize;
use std::cmp::Ordering;

/// What the order depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueEntry {
    /// The visit.
    pub visit_id: VisitId,
    /// Effective level, 1 (worst) to 5.
    pub level: u8,
    /// Placed before everybody but level 1.
    pub front: bool,
    /// Instant from which waiting counts.
    pub queued_since: DateTime<Utc>,
    /// Minutes within which a patient of this level should be seen.
    pub target_minutes: u16,
    /// Doctor whose patient it is; none for the pool.
    pub assigned_doctor_id: Option<DoctorId>,
}

/// Why one patient stands before another. No personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// Needs care at once (level 1).
    Immediate,
    /// Was placed in front, as after a transfer or an interrupted consultation.
    PlacedInFront,
    /// Used up a greater share of the target time.
    HigherCredit {
        /// Waited so far, seconds.
        waited_s: i64,
        /// Target, minutes.
        target_minutes: u16,
        /// The other patient's wait, seconds.
        other_waited_s: i64,
        /// The other patient's target, minutes.
        other_target_minutes: u16,
    },
    /// The same share of the target, but joined the queue earlier.
    LongerWait,
    /// Alike in everything; the identifier decides, so that the order is always the same.
    Identifier,
}

impl QueueEntry {
    /// The entry of a visit that waits in `department`.
    pub fn new(visit: &Visit, department: &Department) -> Self {
        let index = usize::from(visit.level.clamp(1, 5)) - 1;
        Self {
            visit_id: visit.id,
            level: visit.level,
            front: visit.stage.front,
            queued_since: visit.stage.queued_since,
            target_minutes: department.settings.target_minutes[index],
            assigned_doctor_id: visit.stage.assigned_doctor_id,
        }
    }

    fn waited_micros(&self, now: DateTime<Utc>) -> i128 {
        let waited = now.timestamp_micros() - self.queued_since.timestamp_micros();
        i128::from(waited.max(0))
    }

    /// Whether `doctor` may be offered this patient: one of the pool or an own one.
    pub fn is_for(&self, doctor: DoctorId) -> bool {
        self.assigned_doctor_id
            .is_none_or(|assigned| assigned == doctor)
    }

    /// Whether the two wait for a doctor who might take either.
    fn competes_with(&self, other: &Self) -> bool {
        match (self.assigned_doctor_id, other.assigned_doctor_id) {
            (Some(one), Some(two)) => one == two,
            _ => true,
        }
    }
}

/// `Less` when `a` is called before `b`. A total order: equal only for the same visit.
pub fn compare(a: &QueueEntry, b: &QueueEntry, now: DateTime<Utc>) -> Ordering {
    let level_1 = (b.level == 1).cmp(&(a.level == 1));
    let front = b.front.cmp(&a.front);
    level_1
        .then(front)
        .then_with(|| compare_credit(b, a, now))
        .then_with(|| a.queued_since.cmp(&b.queued_since))
        .then_with(|| a.visit_id.cmp(&b.visit_id))
}

/// Exact, without division: `waited_a / target_a` against `waited_b / target_b`. A target of zero
/// minutes is overdue at once, whatever was waited.
fn compare_credit(a: &QueueEntry, b: &QueueEntry, now: DateTime<Utc>) -> Ordering {
    match (a.target_minutes, b.target_minutes) {
        (0, 0) => Ordering::Equal,
        (0, _) => Ordering::Greater,
        (_, 0) => Ordering::Less,
        (target_a, target_b) => {
            let left = a.waited_micros(now) * i128::from(target_b);
            let right = b.waited_micros(now) * i128::from(target_a);
            left.cmp(&right)
        }
    }
}

/// Why `a` is called before `b`; none when it is not.
pub fn explain(a: &QueueEntry, b: &QueueEntry, now: DateTime<Utc>) -> Option<Reason> {
    if compare(a, b, now) != Ordering::Less {
        return None;
    }
    Some(if (a.level == 1) != (b.level == 1) {
        Reason::Immediate
    } else if a.front != b.front {
        Reason::PlacedInFront
    } else if compare_credit(a, b, now) != Ordering::Equal {
        let seconds = |entry: &QueueEntry| (now - entry.queued_since).num_seconds().max(0);
        Reason::HigherCredit {
            waited_s: seconds(a),
            target_minutes: a.target_minutes,
            other_waited_s: seconds(b),
            other_target_minutes: b.target_minutes,
        }
    } else if a.queued_since != b.queued_since {
        Reason::LongerWait
    } else {
        Reason::Identifier
    })
}

/// Puts entries into the order in which they would be called at `now`.
pub fn sort(entries: &mut [QueueEntry], now: DateTime<Utc>) {
    entries.sort_unstable_by(|a, b| compare(a, b, now));
}

/// The patient whom call-next would give `doctor` at `now`.
pub fn next_for(
    entries: impl IntoIterator<Item = QueueEntry>,
    doctor: DoctorId,
    now: DateTime<Utc>,
) -> Option<QueueEntry> {
    entries
        .into_iter()
        .filter(|entry| entry.is_for(doctor))
        .min_by(|a, b| compare(a, b, now))
}

/// How many of `others` would be called before `me`: the patients of other doctors do not count
/// for a patient who waits for one doctor.
pub fn people_ahead<'a>(
    me: &QueueEntry,
    others: impl IntoIterator<Item = &'a QueueEntry>,
    now: DateTime<Utc>,
) -> usize {
    others
        .into_iter()
        .filter(|other| other.competes_with(me) && compare(other, me, now) == Ordering::Less)
        .count()
}

#[cfg(test)]
mod tests;
