//! One line per step: a spinner on a terminal, plain lines elsewhere.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};

/// Runs `work` under the name `label`, which reads as an ongoing action ("starting Postgres").
pub(crate) fn step<T>(label: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let started = Instant::now();
    let bar = spinner(label);
    let result = work();
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    let mark = if result.is_ok() { "✓" } else { "✗" };
    eprintln!("{mark} {label} ({:.1} s)", started.elapsed().as_secs_f32());
    result
}

/// Announces work that prints its own progress, such as a build.
pub(crate) fn say(line: &str) {
    eprintln!("• {line}");
}

fn spinner(label: &str) -> Option<ProgressBar> {
    if !std::io::stderr().is_terminal() {
        eprintln!("  {label} ...");
        return None;
    }
    let bar = ProgressBar::new_spinner().with_message(label.to_owned());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    Some(bar)
}
