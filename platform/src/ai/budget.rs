//! A budget for repetitions: however the service fails, attempts after the first are at most a
//! share of the calls, so that we never multiply an overload.

use std::sync::{Mutex, PoisonError};

/// Repetitions that a quiet time saves up.
const SAVED_MAX: u32 = 5;
const CENT: u32 = 100;

/// A token bucket in hundredths of a repetition. Every call pays in, every repetition takes out.
#[derive(Debug)]
pub(super) struct Budget {
    percent: u32,
    saved: Mutex<u32>,
}

impl Budget {
    /// `percent`: repetitions per hundred calls.
    pub(super) fn new(percent: u32) -> Self {
        // none at all means none, not a few to begin with
        let saved = if percent == 0 { 0 } else { SAVED_MAX * CENT };
        Self {
            percent,
            saved: Mutex::new(saved),
        }
    }

    /// A call was made.
    pub(super) fn pay_in(&self) {
        let mut saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner);
        *saved = (*saved + self.percent).min(SAVED_MAX * CENT);
    }

    /// Whether one more attempt may be made.
    pub(super) fn take(&self) -> bool {
        let mut saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner);
        match saved.checked_sub(CENT) {
            Some(left) => {
                *saved = left;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions_are_a_share_of_the_calls() {
        for percent in [0, 10, 20, 100] {
            let budget = Budget::new(percent);
            let mut repeated = 0;
            for _ in 0..1000 {
                budget.pay_in();
                repeated += u32::from(budget.take());
                repeated += u32::from(budget.take());
            }
            let share = 1000 * percent / 100;
            let saved = if percent == 0 { 0 } else { SAVED_MAX };
            assert!(
                (share..=share + saved).contains(&repeated),
                "{percent} %: {repeated}"
            );
        }
    }

    #[test]
    fn a_long_good_time_saves_up_only_a_few() {
        let budget = Budget::new(50);
        (0..10_000).for_each(|_| budget.pay_in());
        let repeated = (0..100).filter(|_| budget.take()).count();
        assert_eq!(repeated, SAVED_MAX as usize);
    }
}
