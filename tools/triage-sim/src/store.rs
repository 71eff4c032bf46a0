//! What came, and how to behave.

use crate::behaviour::{Behaviour, Fault};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Requests that are remembered; the oldest go.
const REQUESTS_MAX: usize = 500;

/// A request as it came.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Seen {
    /// From 1, in the order of arrival.
    pub(crate) number: u64,
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

/// Counts since the start; each only grows but for `open`.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Stats {
    /// Questions that came.
    pub(crate) received: u64,
    /// Questions that were answered to the last byte, whatever the answer was.
    pub(crate) answered: u64,
    /// Questions whose client left, or was thrown out, before that.
    pub(crate) abandoned: u64,
    /// Questions that wait now.
    pub(crate) open: u64,
    /// Most that ever waited at a time.
    pub(crate) open_max: u64,
    /// Faults that were played, by name.
    pub(crate) faults: BTreeMap<&'static str, u64>,
}

/// What is to happen to a question.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plan {
    pub(crate) wait: Duration,
    pub(crate) fault: Option<Fault>,
}

#[derive(Debug)]
struct State {
    lots: StdRng,
    behaviour: Behaviour,
    requests: VecDeque<Seen>,
    stats: Stats,
}

/// Shared by all connections.
#[derive(Debug, Clone)]
pub(crate) struct Store(Arc<Mutex<State>>);

impl Store {
    pub(crate) fn new(seed: u64, behaviour: Behaviour) -> Self {
        Self(Arc::new(Mutex::new(State {
            lots: StdRng::seed_from_u64(seed),
            behaviour,
            requests: VecDeque::new(),
            stats: Stats::default(),
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // no code that holds the lock can leave it half changed
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn behave(&self, behaviour: Behaviour) {
        self.state().behaviour = behaviour;
    }

    /// Remembers a question and says what is to happen to it.
    pub(crate) fn receive(
        &self,
        path: String,
        headers: BTreeMap<String, String>,
        body: String,
    ) -> Plan {
        let mut state = self.state();
        let stats = &mut state.stats;
        stats.received += 1;
        stats.open += 1;
        stats.open_max = stats.open_max.max(stats.open);
        let number = stats.received;
        state.requests.push_back(Seen {
            number,
            path,
            headers,
            body,
        });
        if state.requests.len() > REQUESTS_MAX {
            state.requests.pop_front();
        }
        state.plan()
    }

    /// The question is over.
    pub(crate) fn over(&self, answered: bool) {
        let stats = &mut self.state().stats;
        stats.open -= 1;
        let counter = if answered {
            &mut stats.answered
        } else {
            &mut stats.abandoned
        };
        *counter += 1;
    }

    pub(crate) fn requests(&self) -> Vec<Seen> {
        self.state().requests.iter().cloned().collect()
    }

    pub(crate) fn forget(&self) {
        self.state().requests.clear();
    }

    pub(crate) fn stats(&self) -> Stats {
        self.state().stats.clone()
    }
}

impl State {
    fn plan(&mut self) -> Plan {
        // the same lots are drawn whatever is made of them, so that a seed stands for a course
        let (lot, normal) = (self.lots.random_range(0..100_u8), self.normal());
        let behaviour = &mut self.behaviour;
        let hit = behaviour.percent.is_none_or(|percent| lot < percent);
        let fault = behaviour.fault.clone().filter(|_| hit);
        let fault = match (&mut behaviour.times, fault) {
            (Some(0), _) => None,
            (Some(left), Some(fault)) => {
                *left -= 1;
                Some(fault)
            }
            (_, fault) => fault,
        };
        let wait = behaviour.latency.map(|latency| latency.at(normal));
        if let Some(fault) = &fault {
            *self.stats.faults.entry(fault.name()).or_default() += 1;
        }
        Plan {
            wait: wait.unwrap_or_default(),
            fault,
        }
    }

    /// Standard normal, as the sum of twelve uniform numbers is.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.lots.random::<f64>()).sum::<f64>() - 6.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::behaviour::Latency;

    fn plans(seed: u64, behaviour: &Behaviour, count: usize) -> Vec<Plan> {
        let store = Store::new(seed, behaviour.clone());
        let receive = |_| store.receive(String::new(), BTreeMap::new(), String::new());
        (0..count).map(receive).collect()
    }

    #[test]
    fn a_seed_stands_for_a_course() {
        let behaviour = Behaviour {
            fault: Some(Fault::Reset),
            percent: Some(30),
            latency: Some(Latency {
                median_ms: 40.0,
                p99_ms: 900.0,
            }),
            ..Behaviour::default()
        };
        let course = plans(7, &behaviour, 400);
        assert_eq!(course, plans(7, &behaviour, 400));
        assert_ne!(course, plans(8, &behaviour, 400));
        let faults = course.iter().filter(|plan| plan.fault.is_some()).count();
        assert!((80..=160).contains(&faults), "{faults} of 400");
        let mut waits: Vec<_> = course.iter().map(|plan| plan.wait.as_millis()).collect();
        waits.sort_unstable();
        assert!((25..=60).contains(&waits[200]), "median {} ms", waits[200]);
    }

    #[test]
    fn a_burst_ends() {
        let behaviour = Behaviour {
            fault: Some(Fault::Hang),
            times: Some(3),
            ..Behaviour::default()
        };
        let faults: Vec<_> = plans(1, &behaviour, 5)
            .into_iter()
            .map(|plan| plan.fault.is_some())
            .collect();
        assert_eq!(faults, [true, true, true, false, false]);
    }
}
