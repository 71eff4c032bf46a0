//! What the system tells about itself: one visit is one trace, telemetry that is away or slow holds
//! up nobody, and nothing tells of persons.

mod away;
mod metrics;
mod protected;
mod reports;
mod sampling;
mod visit;

use anyhow::Result;
use medique_tests::collector::{SeenSpan, Sink};
use medique_tests::scratch::Scratch;
use medique_tests::settings::Settings;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(30);

/// A sink with a folder of its own: it outlives the hospital that tells it things.
struct Ear {
    sink: Sink,
    scratch: Scratch,
    settings: Settings,
}

impl Ear {
    async fn open() -> Result<Self> {
        let (settings, scratch) = (Settings::from_process()?, Scratch::new()?);
        let sink = Sink::start(&settings, &scratch).await?;
        Ok(Self {
            sink,
            scratch,
            settings,
        })
    }

    fn done(&self) {
        self.scratch.passed().set();
    }
}

fn names(spans: &[SeenSpan]) -> Vec<&str> {
    spans.iter().map(|span| span.name.as_str()).collect()
}
