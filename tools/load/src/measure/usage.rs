//! What the processes of a stack use while a run goes on.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::task::JoinHandle;

use super::process;

const SAMPLE_EVERY: Duration = Duration::from_millis(250);
/// Its processes share memory, and most of its work is done by children.
const POSTGRES: &str = "postgres";

/// What one process, with its children, used during a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(crate) struct Usage {
    /// Most resident memory seen, bytes; for Postgres the sum over its processes at the end, shared pages
    /// counted once.
    pub(crate) peak_bytes: u64,
    /// CPU seconds per second of the run.
    pub(crate) cores: f64,
    /// CPU seconds.
    pub(crate) cpu_s: f64,
}

/// Watches processes until it is asked for what they used.
#[derive(Debug)]
pub(crate) struct Watch {
    processes: BTreeMap<String, u32>,
    cpu_before: BTreeMap<String, f64>,
    machine_before: Option<f64>,
    began: Instant,
    peaks: Arc<Mutex<BTreeMap<String, u64>>>,
    sampler: JoinHandle<()>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.sampler.abort();
    }
}

impl Watch {
    /// Begins to watch processes, given by name.
    pub(crate) fn start(processes: &BTreeMap<String, u32>) -> Self {
        let peaks = Arc::new(Mutex::new(BTreeMap::new()));
        let (sampled, seen) = (processes.clone(), Arc::clone(&peaks));
        let sampler = tokio::spawn(async move {
            loop {
                sample(&sampled, &seen);
                tokio::time::sleep(SAMPLE_EVERY).await;
            }
        });
        Self {
            cpu_before: cpu_of(processes),
            machine_before: process::machine_busy_s(),
            processes: processes.clone(),
            began: Instant::now(),
            peaks,
            sampler,
        }
    }

    /// What each process used since the start, and `others`: all the rest of the machine.
    pub(crate) fn finish(self) -> BTreeMap<String, Usage> {
        sample(&self.processes, &self.peaks);
        sample_postgres(&self.processes, &self.peaks);
        let wall_s = self.began.elapsed().as_secs_f64().max(0.001);
        let after = cpu_of(&self.processes);
        let peaks = self
            .peaks
            .lock()
            .map(|peaks| peaks.clone())
            .unwrap_or_default();
        let mut used: BTreeMap<String, Usage> = BTreeMap::new();
        for (name, before) in &self.cpu_before {
            let cpu_s = after.get(name).map_or(0.0, |after| after - before).max(0.0);
            let peak_bytes = peaks.get(name).copied().unwrap_or_default();
            used.insert(
                name.clone(),
                Usage {
                    peak_bytes,
                    cores: cpu_s / wall_s,
                    cpu_s,
                },
            );
        }
        let known: f64 = used.values().map(|usage| usage.cpu_s).sum();
        if let (Some(before), Some(after)) = (self.machine_before, process::machine_busy_s()) {
            let cpu_s = (after - before - known).max(0.0);
            used.insert(
                "others".to_owned(),
                Usage {
                    peak_bytes: 0,
                    cores: cpu_s / wall_s,
                    cpu_s,
                },
            );
        }
        used
    }
}

fn cpu_of(processes: &BTreeMap<String, u32>) -> BTreeMap<String, f64> {
    let seconds = |pid: u32| process::cpu(pid).unwrap_or_default();
    let total = |name: &str, pid: u32| {
        let own = seconds(pid);
        if name != POSTGRES {
            return own.own_s;
        }
        // A child that ends between two samples moves from the second sum to the first.
        let children: f64 = process::children(pid)
            .into_iter()
            .map(|child| seconds(child).own_s)
            .sum();
        own.own_s + own.ended_children_s + children
    };
    processes
        .iter()
        .map(|(name, &pid)| (name.clone(), total(name, pid)))
        .collect()
}

fn sample(processes: &BTreeMap<String, u32>, peaks: &Mutex<BTreeMap<String, u64>>) {
    for (name, &pid) in processes.iter().filter(|(name, _)| *name != POSTGRES) {
        note(
            peaks,
            name,
            process::resident_bytes(pid).unwrap_or_default(),
        );
    }
}

/// Dividing shared pages among processes walks all of their page tables: too dear to do all the time.
fn sample_postgres(processes: &BTreeMap<String, u32>, peaks: &Mutex<BTreeMap<String, u64>>) {
    if let Some(&pid) = processes.get(POSTGRES) {
        let all = process::children(pid).into_iter().chain([pid]);
        note(
            peaks,
            POSTGRES,
            all.filter_map(process::proportional_bytes).sum(),
        );
    }
}

fn note(peaks: &Mutex<BTreeMap<String, u64>>, name: &str, bytes: u64) {
    if let Ok(mut peaks) = peaks.lock() {
        let peak = peaks.entry(name.to_owned()).or_default();
        *peak = bytes.max(*peak);
    }
}
