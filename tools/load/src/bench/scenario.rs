//! Which runs there are.

use std::fmt;
use std::time::Duration;

use anyhow::Result;

use crate::drive::engine::Plan;
use crate::drive::pace::Load;
use crate::measure::report::Report;
use crate::measure::run::{self, Target};

/// As other systems were measured.
const CONNECTIONS: u16 = 64;
/// Enough for every batch to be full.
const CONNECTIONS_MANY: u16 = 256;
const MANY: usize = 50;

/// Who does the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum System {
    /// MediQue.
    Pipeline,
    /// The same transaction inside the request.
    Control,
}

/// When NATS makes what it acknowledged durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sync {
    /// Every two minutes.
    Default,
    /// Before it acknowledges.
    Always,
}

/// Over how many departments check-ins are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spread {
    /// Over many.
    Many,
    /// All at one.
    Hot,
}

/// One run.
#[derive(Debug, Clone)]
pub(crate) struct Scenario {
    pub(crate) system: System,
    pub(crate) sync: Sync,
    pub(crate) spread: Spread,
    load: Load,
    connections: u16,
    duration: Duration,
    warm_up: Option<Duration>,
}

impl Scenario {
    /// The stacks that are started, one after the other.
    pub(crate) fn stacks() -> [(Sync, Spread); 4] {
        [
            (Sync::Default, Spread::Many),
            (Sync::Default, Spread::Hot),
            (Sync::Always, Spread::Many),
            (Sync::Always, Spread::Hot),
        ]
    }

    /// Every run. The control does not use NATS, so it runs beside one of its settings only.
    pub(crate) fn all(quick: bool) -> Vec<Self> {
        let seconds = |full: u64| Duration::from_secs(if quick { 2 } else { full });
        let mut all = Vec::new();
        for (sync, spread) in Self::stacks() {
            for system in [System::Pipeline, System::Control] {
                if system == System::Control && sync == Sync::Always {
                    continue;
                }
                // The small ones first: what a run leaves in the tables is there in the next.
                for (load, connections, full) in [
                    (Load::Open(200.0), CONNECTIONS, 10),
                    (Load::Open(2_000.0), CONNECTIONS, 8),
                    (Load::Closed, CONNECTIONS, 8),
                    (Load::Closed, CONNECTIONS_MANY, 8),
                ] {
                    all.push(Self {
                        system,
                        sync,
                        spread,
                        load,
                        connections,
                        duration: seconds(full),
                        warm_up: Some(seconds(2)),
                    });
                }
            }
        }
        all
    }

    pub(crate) fn name(&self) -> String {
        let system = match self.system {
            System::Pipeline => self.sync.to_string(),
            System::Control => "control".to_owned(),
        };
        let load = match self.load {
            Load::Closed => format!("saturation x{}", self.connections),
            Load::Open(rate) => format!("{rate}/s"),
        };
        format!("{system}, {}, {load}", self.spread)
    }

    /// Warms up, which is forgotten, and measures.
    pub(crate) async fn run(&self, target: &Target) -> Result<Report> {
        let mut plan = Plan {
            load: self.load,
            duration: self.duration,
            connections: self.connections,
        };
        if let Some(warm_up) = self.warm_up {
            run::measure(
                target,
                "warm-up",
                Plan {
                    duration: warm_up,
                    ..plan
                },
            )
            .await?;
        }
        plan.duration = self.duration;
        target.database.checkpoint().await;
        run::measure(target, &self.name(), plan).await
    }
}

impl Spread {
    pub(crate) fn departments(self) -> usize {
        match self {
            Self::Many => MANY,
            Self::Hot => 1,
        }
    }
}

impl fmt::Display for Sync {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Default => "default",
            Self::Always => "always",
        })
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Many => "50 departments",
            Self::Hot => "hot",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_has_a_name_of_its_own() {
        let mut names: Vec<String> = Scenario::all(false).iter().map(Scenario::name).collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!((names.len(), count), (24, 24));
        assert!(names.contains(&"always, hot, 2000/s".to_owned()));
        assert!(names.contains(&"control, 50 departments, saturation x256".to_owned()));
    }
}
