//! Lines of a queue: who waits in the order of calling, and behind them who is in hand.

use super::Why;
use crate::read::places::Place;
use chrono::{DateTime, Utc};
use medique_contracts::ids::{DoctorId, VisitId};
use medique_contracts::vocabulary::StageState;
use medique_domain::queue_order::{QueueEntry, Reason, compare, explain};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// A patient with the place in the queue.
pub(super) struct Line {
    /// Where the visit stands.
    pub place: Place,
    /// What the order depends on.
    pub entry: QueueEntry,
    /// From 1, among the waiting; none for others.
    pub position: Option<u32>,
    /// The one in front.
    pub ahead: Option<QueueEntry>,
}

/// The lines in the given states, of all doctors or as offered to one, as of `now`.
pub(super) fn lines(
    places: Vec<Place>,
    states: &[StageState],
    doctor: Option<DoctorId>,
    target_minutes: &[u16; 5],
    now: DateTime<Utc>,
) -> Vec<Line> {
    let mut lines: Vec<Line> = places
        .into_iter()
        .map(|place| Line {
            entry: place.queue_entry(target_minutes),
            place,
            position: None,
            ahead: None,
        })
        .filter(|line| doctor.is_none_or(|doctor| line.entry.is_for(doctor)))
        .collect();
    lines.sort_by(|a, b| key(a).compare(&key(b), now));
    // Positions count everybody who waits, whether or not their state was asked for.
    let mut ahead: Option<QueueEntry> = None;
    for (index, line) in lines
        .iter_mut()
        .enumerate()
        .take_while(|(_, line)| waits(line))
    {
        line.position = Some(index as u32 + 1);
        line.ahead = ahead.replace(line.entry);
    }
    lines.retain(|line| states.contains(&line.place.snapshot.state));
    lines
}

/// Keeps a page; whether there was more.
pub(super) fn cut(lines: &mut Vec<Line>, limit: u16) -> bool {
    let limit = usize::from(limit);
    let has_more = lines.len() > limit;
    lines.truncate(limit);
    has_more
}

fn waits(line: &Line) -> bool {
    line.place.snapshot.state.is_waiting()
}

/// Where a line stands: the waiting first.
struct Key {
    waits: bool,
    entry: QueueEntry,
    arrived_at: DateTime<Utc>,
}

fn key(line: &Line) -> Key {
    Key {
        waits: waits(line),
        entry: line.entry,
        arrived_at: line.place.snapshot.arrived_at,
    }
}

impl Key {
    fn compare(&self, other: &Self, now: DateTime<Utc>) -> Ordering {
        let group = other.waits.cmp(&self.waits);
        group.then_with(|| {
            if self.waits {
                compare(&self.entry, &other.entry, now)
            } else {
                (self.arrived_at, self.entry.visit_id)
                    .cmp(&(other.arrived_at, other.entry.visit_id))
            }
        })
    }
}

/// The last line of a page. It holds all that the order depends on, so the next page starts at the
/// right place even when that patient was called meanwhile.
#[derive(Serialize, Deserialize)]
pub(super) struct After {
    /// The instant that the order holds for.
    pub as_of: DateTime<Utc>,
    waits: bool,
    id: VisitId,
    level: u8,
    front: bool,
    since: DateTime<Utc>,
    target: u16,
    arrived: DateTime<Utc>,
}

impl After {
    /// The cursor behind a line.
    pub(super) fn new(line: &Line, as_of: DateTime<Utc>) -> Self {
        Self {
            as_of,
            waits: waits(line),
            id: line.entry.visit_id,
            level: line.entry.level,
            front: line.entry.front,
            since: line.entry.queued_since,
            target: line.entry.target_minutes,
            arrived: line.place.snapshot.arrived_at,
        }
    }

    /// Whether a line comes after the cursor.
    pub(super) fn is_before(&self, line: &Line) -> bool {
        let entry = QueueEntry {
            visit_id: self.id,
            level: self.level,
            front: self.front,
            queued_since: self.since,
            target_minutes: self.target,
            assigned_doctor_id: None,
        };
        let own = Key {
            waits: self.waits,
            entry,
            arrived_at: self.arrived,
        };
        own.compare(&key(line), self.as_of) == Ordering::Less
    }
}

/// Why `ahead` stands before `entry`.
pub(super) fn why(ahead: &QueueEntry, entry: &QueueEntry, now: DateTime<Utc>) -> Option<Why> {
    let mut why = Why {
        ahead_visit_id: ahead.visit_id.0,
        reason: String::new(),
        ahead_waited_s: None,
        ahead_target_minutes: None,
        waited_s: None,
        target_minutes: None,
    };
    why.reason = match explain(ahead, entry, now)? {
        Reason::Immediate => "immediate",
        Reason::PlacedInFront => "placed_in_front",
        Reason::HigherCredit {
            waited_s,
            target_minutes,
            other_waited_s,
            other_target_minutes,
        } => {
            why.ahead_waited_s = Some(waited_s);
            why.ahead_target_minutes = Some(target_minutes);
            why.waited_s = Some(other_waited_s);
            why.target_minutes = Some(other_target_minutes);
            "higher_credit"
        }
        Reason::LongerWait => "longer_wait",
        Reason::Identifier => "identifier",
    }
    .to_owned();
    Some(why)
}
