//! When a lane waits for a batch to grow.
//!
//! Most of what a transaction costs does not depend on its size. A lane that takes whatever is there
//! as soon as it is free spends the machine on small transactions just when there is much to do, and
//! starves those who would fill the next one.

use tokio::sync::mpsc;
use tokio::time::{Duration, Instant, timeout_at};

/// Size of a batch from which a lane counts as busy.
const BUSY_FROM: usize = 6;
/// Size of a batch from which the lane waits as long as the batch took; after a smaller one shorter,
/// in proportion.
const BUSY: f64 = 32.0;
/// Longest wait for a batch to grow: what a command waits more at most, where thousands come in a
/// second. Longer waits gain a little at saturation and cost much below it.
const WAIT_MAX: Duration = Duration::from_millis(6);

/// What the last batch was like.
#[derive(Debug)]
pub struct Pace {
    began: Instant,
    wait: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            wait: Duration::ZERO,
        }
    }
}

impl Pace {
    /// Lets `batch` grow to at most `max`, if the lane is busy.
    pub async fn gather<T>(
        &mut self,
        input: &mut mpsc::Receiver<T>,
        batch: &mut Vec<T>,
        max: usize,
    ) {
        let until = Instant::now() + self.wait;
        while !self.wait.is_zero() && batch.len() < max {
            match timeout_at(until, input.recv_many(batch, max - batch.len())).await {
                Ok(received) if received > 0 => {}
                _ => break,
            }
        }
        self.began = Instant::now();
    }

    /// The batch of this size, begun when [`Pace::gather`] ended, is done.
    pub fn applied(&mut self, size: usize) {
        self.wait = if size < BUSY_FROM {
            Duration::ZERO
        } else {
            let factor = (size as f64 / BUSY).min(1.0);
            self.began.elapsed().mul_f64(factor).min(WAIT_MAX)
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A lane whose last batch had `size` messages and took `took`.
    async fn after(size: usize, took: Duration) -> Pace {
        let mut pace = Pace::default();
        let (_sender, mut input) = mpsc::channel::<u8>(1);
        pace.gather(&mut input, &mut Vec::new(), 128).await;
        tokio::time::advance(took).await;
        pace.applied(size);
        pace
    }

    #[tokio::test(start_paused = true)]
    async fn a_lone_message_is_never_held() {
        let mut pace = after(1, Duration::from_millis(5)).await;
        let (_sender, mut input) = mpsc::channel::<u8>(8);
        let (began, mut batch) = (Instant::now(), vec![1]);
        pace.gather(&mut input, &mut batch, 128).await;
        assert_eq!((batch, began.elapsed()), (vec![1], Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_lane_waits_longer_the_more_its_last_batch_held_within_bounds() {
        for (size, took, waited) in [(16, 4, 2), (32, 4, 4), (64, 4, 4), (200, 500, 6)] {
            let mut pace = after(size, Duration::from_millis(took)).await;
            let (sender, mut input) = mpsc::channel::<u8>(8);
            sender.try_send(2).expect("room");
            let (began, mut batch) = (Instant::now(), vec![1]);
            pace.gather(&mut input, &mut batch, 128).await;
            assert_eq!(batch, vec![1, 2]);
            assert_eq!(began.elapsed().as_millis(), waited);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_batch_goes_at_once() {
        let mut pace = after(50, Duration::from_millis(5)).await;
        let (sender, mut input) = mpsc::channel::<u8>(8);
        for message in [2, 3] {
            sender.try_send(message).expect("room");
        }
        let (began, mut batch) = (Instant::now(), vec![1]);
        pace.gather(&mut input, &mut batch, 3).await;
        assert_eq!((batch.len(), began.elapsed()), (3, Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn an_input_that_ends_ends_the_wait() {
        let mut pace = after(50, Duration::from_millis(5)).await;
        let (_, mut input) = mpsc::channel::<u8>(1);
        let (began, mut batch) = (Instant::now(), vec![1]);
        pace.gather(&mut input, &mut batch, 128).await;
        assert_eq!(began.elapsed(), Duration::ZERO);
    }
}
