//! What the replay showed.

use std::collections::BTreeMap;
use std::fmt;

use super::clinic::Clinic;
use super::convert::Notes;
use super::plan::Plan;
use super::tally::{Counts, Sums};
use super::watch::Seen;
use crate::term;

/// Everything that is said at the end.
#[derive(Debug)]
pub(crate) struct Summary {
    sums: Sums,
    seen: Seen,
    reconnects: u32,
    notes: Notes,
    too_late: u64,
    /// Nobody stopped it and the time sufficed.
    finished: bool,
    missing: usize,
}

impl Summary {
    pub(crate) fn of(clinic: &Clinic, plan: &Plan, finished: bool) -> Self {
        let (sums, seen) = (clinic.tally.sums(), clinic.live.seen());
        let missing = sums
            .transitions
            .iter()
            .filter(|transition| !seen.transitions.contains(transition))
            .count();
        Self {
            missing,
            reconnects: clinic.live.reconnects(),
            notes: plan.notes.clone(),
            too_late: clinic.count_too_late(),
            finished,
            sums,
            seen,
        }
    }

    /// Whether everything was played, decided and seen.
    pub(crate) fn is_complete(&self) -> bool {
        let unknown = self
            .sums
            .by_kind
            .values()
            .any(|counts| !counts.unknown.is_empty());
        self.finished && !unknown && self.missing == 0
    }

    fn commands(&self) -> Vec<Vec<String>> {
        let header = [
            "command",
            "sent",
            "accepted",
            "applied",
            "rejected",
            "not accepted",
            "unknown",
        ];
        let mut rows = vec![header.map(str::to_owned).to_vec()];
        let row = |name: &str, counts: &Counts| {
            let sum = |by: &BTreeMap<String, u64>| by.values().sum::<u64>().to_string();
            vec![
                name.to_owned(),
                counts.sent.to_string(),
                counts.accepted().to_string(),
                counts.applied.to_string(),
                sum(&counts.rejected),
                sum(&counts.refused),
                sum(&counts.unknown),
            ]
        };
        let mut total = Counts::default();
        for (kind, counts) in &self.sums.by_kind {
            rows.push(row(kind.as_str(), counts));
            total.sent += counts.sent;
            total.applied += counts.applied;
            total.put_off += counts.put_off;
            for (whole, part) in [
                (&mut total.rejected, &counts.rejected),
                (&mut total.refused, &counts.refused),
                (&mut total.unknown, &counts.unknown),
            ] {
                add(whole, part);
            }
        }
        rows.push(row("all", &total));
        rows
    }

    /// Why commands did not take effect, by kind.
    fn reasons(&self) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        for (kind, counts) in &self.sums.by_kind {
            for (what, by) in [
                ("rejected", &counts.rejected),
                ("not accepted", &counts.refused),
                ("unknown", &counts.unknown),
            ] {
                rows.extend(by.iter().map(|(reason, count)| {
                    vec![
                        kind.to_string(),
                        what.to_owned(),
                        reason.clone(),
                        count.to_string(),
                    ]
                }));
            }
        }
        rows
    }

    fn states(&self) -> BTreeMap<String, u64> {
        let mut states = BTreeMap::new();
        for (_, state) in self.sums.visits.values() {
            *states.entry(state.clone()).or_default() += 1;
        }
        states
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", term::table(&self.commands()))?;
        section(f, &["not applied", "how", "why", "count"], self.reasons())?;
        section(f, &["live event", "seen"], counted(&self.seen.by_type))?;
        section(
            f,
            &["visits by last known state", "count"],
            counted(&self.states()),
        )?;
        let mut notes: BTreeMap<String, u64> = self
            .notes
            .0
            .iter()
            .map(|(&what, &count)| (what.to_owned(), count))
            .collect();
        if self.too_late > 0 {
            notes.insert(
                "vital signs not sent, the visit was over".to_owned(),
                self.too_late,
            );
        }
        section(
            f,
            &["records not used as written", "count"],
            counted(&notes),
        )?;
        let transitions = self.sums.transitions.len();
        let seen = transitions - self.missing;
        writeln!(
            f,
            "applied transitions seen on the live stream: {seen} of {transitions}, missing {}",
            self.missing
        )?;
        if self.reconnects > 0 {
            writeln!(
                f,
                "the live stream was opened anew {} times",
                self.reconnects
            )?;
        }
        if !self.finished {
            writeln!(f, "stopped before everybody was gone")?;
        }
        Ok(())
    }
}

fn section(f: &mut fmt::Formatter<'_>, header: &[&str], rows: Vec<Vec<String>>) -> fmt::Result {
    if rows.is_empty() {
        return Ok(());
    }
    let header = header.iter().map(|&cell| cell.to_owned()).collect();
    let rows: Vec<Vec<String>> = std::iter::once(header).chain(rows).collect();
    writeln!(f, "{}", term::table(&rows))
}

fn counted(counts: &BTreeMap<String, u64>) -> Vec<Vec<String>> {
    counts
        .iter()
        .map(|(what, count)| vec![what.clone(), count.to_string()])
        .collect()
}

fn add(whole: &mut BTreeMap<String, u64>, part: &BTreeMap<String, u64>) {
    for (reason, count) in part {
        *whole.entry(reason.clone()).or_default() += count;
    }
}
