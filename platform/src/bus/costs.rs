//! Whether a batch is worth it, from what the broker has cost lately.
//!
//! A broker that syncs before it answers writes to disk once per single message but once per batch;
//! one that does not stores singles for next to nothing. A batch has a price of its own besides: on
//! a stream with one replica nats-server 2.15 stages each in a small store on disk (about five
//! synchronous writes, measured at ten times the price of a single), with three in memory. So
//! neither way is always right, and nobody has to configure it.

use std::time::Instant;

/// Until measured. A batch is first tried when as many singles would take longer.
const BATCH_AT_FIRST: f64 = 0.010;
/// Longest time taken for a cost, seconds: a stall says nothing.
const STALL_SINGLE: f64 = 0.020;
const STALL_BATCH: f64 = 0.200;
/// The broker's time, in seconds, over which the price of a single is averaged: answers come in
/// bursts, so neither one nor a few of them say anything.
const WINDOW: f64 = 0.050;
/// Weight of the newest window, and of the newest batch.
const NEWEST_WINDOW: f64 = 0.5;
const NEWEST_BATCH: f64 = 0.2;
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
    /// Time and number of the singles of the window that is not yet full.
    window: (f64, f64),
    /// When the broker was last done with something.
    done: Option<Instant>,
}

impl Costs {
    pub(super) fn new(batching: Batching) -> Self {
        Self {
            batching,
            single: 0.0,
            batch: BATCH_AT_FIRST,
            window: (0.0, 0.0),
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
            self.batch += FADE * (BATCH_AT_FIRST - self.batch);
        }
        measured
    }

    /// How many more singles to send at once; the others gather. As long as what is on its way is
    /// little next to a batch, to hold it back would gain nothing.
    pub(super) fn room(&self, singles: usize, batches: usize) -> usize {
        let all = match self.batching {
            Batching::Never => usize::MAX,
            // Where a batch is not dear, one at least. A float too large for an integer is its
            // largest value.
            Batching::Measured | Batching::Always => {
                ((self.batch / 8.0 / self.single) as usize).max(1)
            }
        };
        if batches > 0 {
            0
        } else {
            all.saturating_sub(singles)
        }
    }

    pub(super) fn single_done(&mut self, sent: Instant, now: Instant) {
        let (time, count) = self.window;
        let (time, count) = (
            time + self.service(sent, now).min(STALL_SINGLE),
            count + 1.0,
        );
        self.window = (time, count);
        if time >= WINDOW {
            self.single += NEWEST_WINDOW * (time / count - self.single);
            self.window = (0.0, 0.0);
        }
    }

    pub(super) fn batch_done(&mut self, sent: Instant, now: Instant) {
        let time = self.service(sent, now).min(STALL_BATCH);
        self.batch += NEWEST_BATCH * (time - self.batch);
    }

    /// The broker does one thing after another: it began with this one when it got it or was done
    /// with the one before.
    fn service(&mut self, sent: Instant, now: Instant) -> f64 {
        let began = self.done.map_or(sent, |done| done.max(sent));
        self.done = Some(now);
        now.saturating_duration_since(began).as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const MS: Duration = Duration::from_millis(1);

    /// Costs as learnt from a broker that takes this long.
    fn learnt(single: Duration, batch: Duration) -> Costs {
        let mut costs = Costs::new(Batching::Measured);
        let mut now = Instant::now();
        for _ in 0..30_000 {
            costs.single_done(now, now + single);
            now += single;
        }
        for _ in 0..50 {
            costs.batch_done(now, now + batch);
            now += batch;
        }
        costs
    }

    #[test]
    fn a_broker_that_syncs_gets_batches_when_they_are_large_enough() {
        let mut costs = learnt(MS, 30 * MS);
        assert!(!costs.prefer_batch(20));
        assert!(costs.prefer_batch(40));
        assert_eq!(
            [
                costs.room(0, 0),
                costs.room(2, 0),
                costs.room(5, 0),
                costs.room(0, 1)
            ],
            [3, 1, 0, 0]
        );
    }

    #[test]
    fn a_broker_that_does_not_sync_gets_singles() {
        let mut costs = learnt(MS / 50, 20 * MS);
        assert!(!costs.prefer_batch(256));
        assert!(costs.room(50, 0) > 50);
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
        assert!(costs.room(1000, 0) > 1000);
    }

    #[test]
    fn answers_in_bursts_are_charged_on_the_average() {
        let mut costs = Costs::new(Batching::Measured);
        let sent = Instant::now();
        for burst in 1..=20 {
            for _ in 0..100 {
                costs.single_done(sent, sent + burst * 100 * MS / 10);
            }
        }
        // 100 answers every 10 ms.
        assert!((0.000_09..0.000_11).contains(&costs.single), "{costs:?}");
    }

    #[test]
    fn one_stall_does_not_decide_for_ever() {
        let mut costs = learnt(MS, 10 * MS);
        let mut now = Instant::now();
        for _ in 0..20 {
            costs.batch_done(now, now + 1000 * MS);
            now += 1000 * MS;
        }
        assert!(!costs.prefer_batch(64));
        assert!((0..200).any(|_| costs.prefer_batch(64)));
    }
}
