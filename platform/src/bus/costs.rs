//! Whether a batch is worth it, from what the broker has cost lately.
//!
//! A broker that syncs before it answers writes to disk once per single message but once per batch;
//! one that does not stores singles for next to nothing. A batch has a price of its own besides: on
//! a stream with one replica nats-server 2.15 stages each in a small store on disk (about five
//! synchronous writes, measured at ten times the price of a single), with three in memory. So
//! neither way is always right, and nobody has to configure it.

use std::time::{Duration, Instant};

/// Until measured. A batch is first tried when as many singles would take longer.
const BATCH_AT_FIRST: Duration = Duration::from_millis(5);
/// A stall says nothing about costs.
const LARGEST: Duration = Duration::from_millis(100);
/// Weight of the newest measurement.
const NEWEST: f64 = 0.2;
/// By which the memory of a batch's price fades each time that it decided against one, so that one
/// bad measurement does not decide for ever.
const FADE: f64 = 0.02;

/// When to publish several messages as one atomic batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Batching {
    /// When it is faster, as measured lately.
    #[default]
    Measured,
    /// Whenever there are several.
    Always,
    /// Not at all.
    Never,
}

/// What a single and a batch cost of the broker's time, seconds.
#[derive(Debug)]
pub(super) struct Costs {
    batching: Batching,
    single: f64,
    batch: f64,
    /// When the broker was last done with something.
    done: Option<Instant>,
}

impl Costs {
    pub(super) fn new(batching: Batching) -> Self {
        Self {
            batching,
            single: 0.0,
            batch: BATCH_AT_FIRST.as_secs_f64(),
            done: None,
        }
    }

    /// Whether `count` messages go faster as one batch.
    pub(super) fn prefer_batch(&mut self, count: usize) -> bool {
        let measured = match self.batching {
            _ if count < 2 => return false,
            Batching::Always => return true,
            Batching::Never => return false,
            Batching::Measured => count as f64 * self.single > self.batch,
        };
        if !measured {
            self.batch += FADE * (BATCH_AT_FIRST.as_secs_f64() - self.batch);
        }
        measured
    }

    /// Whether to send more at once, rather than let messages gather. As long as what is on its way
    /// is little next to a batch, waiting gains nothing.
    pub(super) fn has_room(&self, singles: usize, batches: usize) -> bool {
        batches == 0 && singles as f64 * self.single <= self.batch / 4.0
    }

    pub(super) fn single_done(&mut self, sent: Instant, now: Instant) {
        let cost = self.service(sent, now);
        self.single += NEWEST * (cost - self.single);
    }

    pub(super) fn batch_done(&mut self, sent: Instant, now: Instant) {
        let cost = self.service(sent, now);
        self.batch += NEWEST * (cost - self.batch);
    }

    /// The broker does one thing after another: it began with this one when it got it or was done
    /// with the one before.
    fn service(&mut self, sent: Instant, now: Instant) -> f64 {
        let began = self.done.map_or(sent, |done| done.max(sent));
        self.done = Some(now);
        now.saturating_duration_since(began)
            .min(LARGEST)
            .as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// Costs as learnt from a broker that takes this long.
    fn learnt(single: Duration, batch: Duration) -> Costs {
        let mut costs = Costs::new(Batching::Measured);
        let mut now = Instant::now();
        for _ in 0..50 {
            costs.single_done(now, now + single);
            now += single;
            costs.batch_done(now, now + batch);
            now += batch;
        }
        costs
    }

    #[test]
    fn a_broker_that_syncs_gets_batches_when_they_are_large_enough() {
        let mut costs = learnt(MS, 10 * MS);
        assert!(!costs.prefer_batch(5));
        assert!(costs.prefer_batch(20));
        assert!(costs.has_room(2, 0) && !costs.has_room(3, 0) && !costs.has_room(0, 1));
    }

    #[test]
    fn a_broker_that_does_not_sync_gets_singles() {
        let mut costs = learnt(MS / 50, 10 * MS);
        assert!(!costs.prefer_batch(256));
        assert!(costs.has_room(100, 0));
    }

    #[test]
    fn it_can_be_ruled() {
        assert!(Costs::new(Batching::Always).prefer_batch(2));
        assert!(!Costs::new(Batching::Always).prefer_batch(1));
        assert!(!Costs::new(Batching::Never).prefer_batch(1000));
    }

    #[test]
    fn nothing_is_held_back_before_anything_is_known() {
        let mut costs = Costs::new(Batching::Measured);
        assert!(!costs.prefer_batch(1000));
        assert!(costs.has_room(1000, 0));
    }

    #[test]
    fn messages_in_line_are_not_charged_for_those_before_them() {
        let mut costs = Costs::new(Batching::Measured);
        let sent = Instant::now();
        for n in 1..=100 {
            costs.single_done(sent, sent + n * MS);
        }
        assert!((costs.single - 0.001).abs() < 0.0001, "{costs:?}");
    }

    #[test]
    fn one_stall_does_not_decide_for_ever() {
        let mut costs = learnt(MS, 10 * MS);
        for _ in 0..20 {
            let now = Instant::now();
            costs.batch_done(now, now + 1000 * MS);
        }
        assert!(!costs.prefer_batch(64));
        assert!((0..200).any(|_| costs.prefer_batch(64)));
    }
}
