//! What came out, as a table for people and as one line for machines.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use medique_domain::model::Floor;
use medique_domain::triage::{Rules, text_in};
use serde_json::{Value, json};

use super::Record;

/// Levels that call for immediate care.
const URGENT: std::ops::RangeInclusive<u8> = 1..=2;

/// Counts over all records.
#[derive(Debug, Default)]
pub(super) struct Report {
    records: u64,
    /// Floor (row) against expert (column), levels 1 to 5.
    matrix: [[u64; 5]; 5],
    nurse_misses: u64,
    nurse_misses_caught: u64,
    /// Per rule: level, fired, of which expert level 1 or 2, of which nobody but this rule said so.
    rules: BTreeMap<String, Yield>,
}

#[derive(Debug, Default)]
struct Yield {
    level: u8,
    fired: u64,
    urgent: u64,
    alone: u64,
}

impl Report {
    pub(super) fn add(&mut self, record: &Record, floor: &Floor) {
        self.records += 1;
        let at = |level: u8| usize::from(level.clamp(1, 5) - 1);
        self.matrix[at(floor.level)][at(record.expert)] += 1;
        let (urgent, flagged) = (
            URGENT.contains(&record.expert),
            URGENT.contains(&floor.level),
        );
        if urgent && !URGENT.contains(&record.nurse) {
            self.nurse_misses += 1;
            self.nurse_misses_caught += u64::from(flagged);
        }
        let raised = floor
            .rules
            .iter()
            .filter(|rule| URGENT.contains(&rule.level));
        let only = raised.count() == 1;
        for rule in &floor.rules {
            let entry = self.rules.entry(rule.id.clone()).or_default();
            entry.level = rule.level;
            entry.fired += 1;
            entry.urgent += u64::from(urgent);
            entry.alone += u64::from(only && URGENT.contains(&rule.level));
        }
    }

    /// Records of the expert levels, and how many of them the floor puts at level 1 or 2.
    fn flagged(&self, expert: std::ops::RangeInclusive<usize>) -> (u64, u64) {
        let sum = |rows: &[[u64; 5]]| -> u64 {
            rows.iter().flat_map(|row| row[expert.clone()].iter()).sum()
        };
        (sum(&self.matrix[..2]), sum(&self.matrix))
    }

    fn sensitivity(&self) -> f64 {
        share(self.flagged(0..=1))
    }

    fn flag_rate(&self) -> f64 {
        share(self.flagged(2..=4))
    }

    /// One line of JSON.
    pub(super) fn json(&self) -> Value {
        let rules: BTreeMap<&str, Value> = (self.rules.iter())
            .map(|(id, of)| {
                let counts = json!({ "level": of.level, "fired": of.fired,
                    "expert_1_2": of.urgent, "alone": of.alone });
                (id.as_str(), counts)
            })
            .collect();
        json!({
            "records": self.records,
            "sensitivity_1_2": self.sensitivity(),
            "expert_1_2": self.flagged(0..=1).1,
            "flag_rate_3_5": self.flag_rate(),
            "expert_3_5": self.flagged(2..=4).1,
            "nurse_misses": self.nurse_misses,
            "nurse_misses_caught": self.nurse_misses_caught,
            "confusion": self.matrix,
            "rules": rules,
        })
    }

    /// Tables for people.
    pub(super) fn table(&self, rules: &Rules, took: Duration) -> String {
        let mut out = String::new();
        let (hit, urgent) = self.flagged(0..=1);
        let (over, others) = self.flagged(2..=4);
        let each = took.as_secs_f64() * 1e6 / self.records.max(1) as f64;
        let lines = [
            format!(
                "{} records, rules of version {}, {each:.1} us per record",
                self.records,
                rules.version()
            ),
            format!(
                "expert level 1-2 that the floor puts at 1-2:   {hit} of {urgent}  {:.1} %",
                100.0 * self.sensitivity()
            ),
            format!(
                "expert level 3-5 that the floor puts at 1-2:   {over} of {others}  {:.1} %",
                100.0 * self.flag_rate()
            ),
            format!(
                "expert level 1-2 that the nurse put at 3-5:    {}, of which the floor catches {}",
                self.nurse_misses, self.nurse_misses_caught
            ),
            String::new(),
            "floor \\ expert      1      2      3      4      5".to_owned(),
        ];
        for line in lines {
            out.push_str(&line);
            out.push('\n');
        }
        for (level, row) in self.matrix.iter().enumerate() {
            let cells: String = row.iter().map(|count| format!("{count:>7}")).collect();
            let name = if level == 4 { "none" } else { "" };
            // Writing to a string cannot fail.
            let _ = writeln!(out, "{:>8} {name:<4}{cells}", level + 1);
        }
        out.push_str("\nlevel  fired  expert 1-2  alone  rule\n");
        let mut rows: Vec<_> = self.rules.iter().collect();
        rows.sort_by_key(|(id, of)| (of.level, std::cmp::Reverse(of.fired), id.as_str()));
        for (id, of) in rows {
            let reason = rules
                .rule(id)
                .map_or("", |rule| text_in(&rule.reason, "en"));
            let _ = writeln!(
                out,
                "{:>5} {:>6} {:>11} {:>6}  {id}: {reason}",
                of.level, of.fired, of.urgent, of.alone
            );
        }
        out
    }
}

fn share((part, whole): (u64, u64)) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    part as f64 / whole as f64
}
