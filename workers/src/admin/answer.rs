//! How commands answer: tables for people, JSON for programs, progress for whoever waits.

use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table as Cells};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use std::time::Duration;

/// What a command has to say.
#[derive(Debug)]
pub struct Answer {
    /// For people.
    pub text: String,
    /// For programs.
    pub json: Value,
    /// Whether what was looked at is in order; an error is none of these answers.
    pub in_order: bool,
}

impl Answer {
    pub(super) fn ok(text: impl Into<String>, json: Value) -> Self {
        Self {
            text: text.into(),
            json,
            in_order: true,
        }
    }
}

/// Columns that stand under each other, on a terminal and in a file alike: lines are never broken.
#[derive(Debug)]
pub(super) struct Table(Cells);

impl Table {
    pub(super) fn new<const N: usize>(head: [&str; N]) -> Self {
        let mut table = Self::pairs();
        table.0.set_header(head.map(str::to_uppercase));
        table
    }

    /// Without a head.
    pub(super) fn pairs() -> Self {
        let mut cells = Cells::new();
        cells
            .load_preset(NOTHING)
            .set_content_arrangement(ContentArrangement::Disabled);
        Self(cells)
    }

    pub(super) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.0.add_row(cells);
    }

    pub(super) fn text(&self) -> String {
        let lines: Vec<_> = self
            .0
            .lines()
            .map(|line| line.trim_end().to_owned())
            .collect();
        lines.join("\n")
    }

    /// The table, or a word when it has no rows.
    pub(super) fn text_or(&self, nothing: &str) -> String {
        match self.0.row_count() {
            0 => nothing.to_owned(),
            _ => self.text(),
        }
    }
}

/// Shows on a terminal how far a long command is; says nothing elsewhere.
#[derive(Debug)]
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// Something that is counted.
    pub(super) fn of(what: &'static str) -> Self {
        let bar = ProgressBar::new(0).with_message(what);
        if let Ok(style) =
            ProgressStyle::with_template("{bar:30} {human_pos} of {human_len} {msg}, {elapsed}")
        {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    /// Something that is waited for.
    pub(super) fn waiting() -> Self {
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(bar)
    }

    pub(super) fn set(&self, done: u64, of: u64) {
        self.0.set_length(of.max(done));
        self.0.set_position(done);
    }

    pub(super) fn say(&self, what: String) {
        self.0.set_message(what);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other_and_lines_are_whole() {
        let mut table = Table::new(["id", "what it is"]);
        assert_eq!(table.text_or("none"), "none");
        table.row(["1".to_owned(), "short".to_owned()]);
        table.row(["12345".to_owned(), "long ".repeat(60)]);
        let text = table.text_or("none");
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        let column = lines[0].find("WHAT IT IS");
        assert_eq!(column, lines[1].find("short"));
        assert_eq!(column, lines[2].find("long"));
        assert!(lines.iter().all(|line| !line.ends_with(' ')));
    }
}
