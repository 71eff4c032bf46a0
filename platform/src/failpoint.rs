//! Named points at which an outage test can stop or kill the process for real.
//!
//! Without the feature `failpoints`, which no shipped build has, a hit does nothing. With it,
//! `MEDIQUE_FAILPOINT` names one point: `applied=kill`, `applied=stop`, `applied=kill@3` (the third
//! hit only). The signals are SIGKILL and SIGSTOP, so that nothing in the process can tidy up.

/// Passes the point `name`.
#[cfg(not(feature = "failpoints"))]
#[expect(
    clippy::unused_async,
    reason = "the same signature with and without the feature"
)]
pub async fn hit(_name: &'static str) {}

#[cfg(feature = "failpoints")]
pub use armed::hit;

#[cfg(feature = "failpoints")]
mod armed {
    use rustix::process::{Signal, getpid, kill_process};
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[derive(Debug, PartialEq)]
    pub(super) struct Point {
        pub(super) name: String,
        pub(super) signal: Signal,
        /// Which hit, from 1; none: every one.
        pub(super) nth: Option<u64>,
    }

    static HITS: AtomicU64 = AtomicU64::new(0);
    #[expect(
        clippy::disallowed_methods,
        reason = "read where it is used: never in a shipped build"
    )]
    static POINT: LazyLock<Option<Point>> = LazyLock::new(|| {
        let value = std::env::var("MEDIQUE_FAILPOINT").ok()?;
        let point = parse(&value);
        if point.is_none() {
            tracing::error!(%value, "MEDIQUE_FAILPOINT is not name=kill or name=stop, with @n or without");
        }
        point
    });

    pub(super) fn parse(value: &str) -> Option<Point> {
        let (name, action) = value.split_once('=')?;
        let (action, nth) = match action.split_once('@') {
            Some((action, nth)) => (action, Some(nth.parse().ok().filter(|n| *n > 0)?)),
            None => (action, None),
        };
        let signal = match action {
            "kill" => Signal::KILL,
            "stop" => Signal::STOP,
            _ => return None,
        };
        Some(Point {
            name: name.to_owned(),
            signal,
            nth,
        })
    }

    /// Passes the point `name`; the process may be killed or stopped here.
    pub async fn hit(name: &'static str) {
        let Some(point) = POINT.as_ref().filter(|point| point.name == name) else {
            return;
        };
        let count = HITS.fetch_add(1, Ordering::SeqCst) + 1;
        if point.nth.is_none_or(|nth| nth == count) {
            tracing::warn!(name, count, "failpoint");
            if let Err(error) = kill_process(getpid(), point.signal) {
                tracing::error!(%error, "failpoint could not signal");
            }
            // The signal is delivered before anything else of this task can run.
            tokio::task::yield_now().await;
        }
    }
}

#[cfg(all(test, feature = "failpoints"))]
mod tests {
    use super::armed::{Point, parse};
    use rustix::process::Signal;

    #[test]
    fn a_point_is_read() {
        let point = |signal, nth| {
            Some(Point {
                name: "applied".to_owned(),
                signal,
                nth,
            })
        };
        assert_eq!(parse("applied=kill"), point(Signal::KILL, None));
        assert_eq!(parse("applied=stop@3"), point(Signal::STOP, Some(3)));
        for wrong in [
            "applied",
            "applied=pause",
            "applied=kill@0",
            "applied=kill@x",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
