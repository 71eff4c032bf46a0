//! How the service is to behave.
//!
//! ```json
//! {"fault": "hang"}
//! {"fault": {"status": {"code": 503, "retry_after": "2"}}, "times": 3}
//! {"fault": "reset", "percent": 30, "latency": {"median_ms": 40, "p99_ms": 900}}
//! ```

use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

/// Until it is told otherwise.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Behaviour {
    /// What goes wrong; nothing when it is absent.
    #[serde(default)]
    pub(crate) fault: Option<Fault>,
    /// It goes wrong for so many requests, and then no more.
    #[serde(default)]
    pub(crate) times: Option<u32>,
    /// It goes wrong for so many requests of a hundred, by lot.
    #[serde(default)]
    pub(crate) percent: Option<u8>,
    /// Time before each answer.
    #[serde(default)]
    pub(crate) latency: Option<Latency>,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Fault {
    /// Takes the request and never answers.
    Hang,
    /// Answers well, one byte at a time.
    Drip {
        /// Between two bytes.
        every_ms: u64,
    },
    /// Answers with another status.
    Status {
        /// Such as 429 or 503.
        code: u16,
        /// As it stands in the header.
        #[serde(default)]
        retry_after: Option<String>,
    },
    /// Resets the connection instead of answering.
    Reset,
    /// Closes it in the middle of the answer.
    Cut,
    /// Says that it answers JSON, and does not.
    NotJson,
    /// Answers with a page for people.
    Html,
    /// Answers JSON of another shape.
    WrongSchema,
    /// Answers far too much.
    Oversized {
        /// How much.
        bytes: usize,
        /// Whether it says so before.
        declared: bool,
    },
    /// Answers well, so late.
    Late {
        /// How late.
        ms: u64,
    },
    /// Gives this answer instead of its own, in the usual wrapping: what a model says that was
    /// talked into something.
    Answer {
        /// Any JSON.
        json: Value,
    },
    /// Sends this as the whole body.
    Body {
        /// Any text.
        text: String,
    },
    /// Sends elsewhere.
    Redirect {
        /// Where.
        to: String,
    },
}

impl Fault {
    /// The word for counts.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Hang => "hang",
            Self::Drip { .. } => "drip",
            Self::Status { .. } => "status",
            Self::Reset => "reset",
            Self::Cut => "cut",
            Self::NotJson => "not_json",
            Self::Html => "html",
            Self::WrongSchema => "wrong_schema",
            Self::Oversized { .. } => "oversized",
            Self::Late { .. } => "late",
            Self::Answer { .. } => "answer",
            Self::Body { .. } => "body",
            Self::Redirect { .. } => "redirect",
        }
    }
}

/// A distribution of times with a long tail (log-normal).
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Latency {
    /// Half are faster.
    pub(crate) median_ms: f64,
    /// One of a hundred is slower.
    pub(crate) p99_ms: f64,
}

impl Latency {
    /// The time at a point of the standard normal distribution.
    pub(crate) fn at(self, normal: f64) -> Duration {
        /// Where 99 of 100 are below.
        const P99: f64 = 2.326;
        const LONGEST_MS: f64 = 600_000.0;
        let median = self.median_ms.max(0.001);
        let spread = (self.p99_ms.max(median) / median).ln() / P99;
        let ms = median * (spread * normal).exp();
        Duration::from_secs_f64(ms.clamp(0.0, LONGEST_MS) / 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behaviours_are_written_as_the_documentation_says() {
        let read = |text: &str| serde_json::from_str::<Behaviour>(text);
        assert_eq!(read("{}").unwrap(), Behaviour::default());
        assert_eq!(
            read(r#"{"fault":"hang"}"#).unwrap().fault,
            Some(Fault::Hang)
        );
        let burst =
            read(r#"{"fault":{"status":{"code":503,"retry_after":"2"}},"times":3}"#).unwrap();
        let status = Fault::Status {
            code: 503,
            retry_after: Some("2".to_owned()),
        };
        assert_eq!((burst.fault, burst.times), (Some(status), Some(3)));
        for bad in [r#"{"fault":"explode"}"#, r#"{"faults":"hang"}"#, "null"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn latency_has_the_median_and_the_tail_that_it_says() {
        let latency = Latency {
            median_ms: 40.0,
            p99_ms: 900.0,
        };
        assert_eq!(latency.at(0.0).as_millis(), 40);
        assert_eq!(latency.at(2.326).as_millis(), 900);
        assert!(latency.at(-2.0) < latency.at(0.0));
    }
}
