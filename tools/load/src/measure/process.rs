//! What one process uses, read from `/proc`. On other systems nothing is known.

use std::fs;

/// Clock ticks per second in `/proc/PID/stat`: 100 on every Linux that we run on.
const TICKS_PER_SECOND: f64 = 100.0;

/// CPU seconds since the process started, and those of children that have ended.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Cpu {
    pub(crate) own_s: f64,
    pub(crate) ended_children_s: f64,
}

/// CPU time of a process; none when it has ended.
pub(crate) fn cpu(pid: u32) -> Option<Cpu> {
    parse_cpu(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// Resident memory now, bytes.
pub(crate) fn resident_bytes(pid: u32) -> Option<u64> {
    kilobytes(
        &fs::read_to_string(format!("/proc/{pid}/status")).ok()?,
        "VmRSS:",
    )
}

/// Resident memory with shared pages divided among those who share them, bytes.
pub(crate) fn proportional_bytes(pid: u32) -> Option<u64> {
    kilobytes(
        &fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?,
        "Pss:",
    )
}

/// Processes whose parent is `pid`.
pub(crate) fn children(pid: u32) -> Vec<u32> {
    let list = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    list.split_whitespace()
        .filter_map(|child| child.parse().ok())
        .collect()
}

/// CPU time that all processes of the machine together did not idle away, seconds.
pub(crate) fn machine_busy_s() -> Option<f64> {
    parse_busy(&fs::read_to_string("/proc/stat").ok()?)
}

/// Fields 14 to 17 of `/proc/PID/stat`; the name, field 2, may contain anything.
fn parse_cpu(stat: &str) -> Option<Cpu> {
    let (_, rest) = stat.rsplit_once(") ")?;
    let ticks: Vec<f64> = rest
        .split(' ')
        .skip(11)
        .take(4)
        .filter_map(|field| field.parse().ok())
        .collect();
    let &[user, system, child_user, child_system] = ticks.as_slice() else {
        return None;
    };
    let seconds = |ticks: f64| ticks / TICKS_PER_SECOND;
    Some(Cpu {
        own_s: seconds(user + system),
        ended_children_s: seconds(child_user + child_system),
    })
}

/// user, nice, system, irq, softirq and steal of the first line of `/proc/stat`.
fn parse_busy(stat: &str) -> Option<f64> {
    let fields = stat.lines().next()?.strip_prefix("cpu ")?;
    let ticks: Vec<f64> = fields
        .split_whitespace()
        .filter_map(|field| field.parse().ok())
        .collect();
    let &[user, nice, system, _idle, _iowait, irq, softirq, ..] = ticks.as_slice() else {
        return None;
    };
    Some((user + nice + system + irq + softirq) / TICKS_PER_SECOND)
}

fn kilobytes(text: &str, field: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(field))?;
    let number: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(number * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_time_is_read_whatever_the_name_is() {
        let stat = "7 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 150 50 20 5 20 0";
        assert_eq!(
            parse_cpu(stat),
            Some(Cpu {
                own_s: 2.0,
                ended_children_s: 0.25
            })
        );
        assert_eq!(parse_cpu("nonsense"), None);
    }

    #[test]
    fn idle_time_is_not_busy() {
        let stat = "cpu  100 0 50 9999 9999 10 40 0 0 0\ncpu0 1 1 1";
        assert_eq!(parse_busy(stat), Some(2.0));
    }

    #[test]
    fn sizes_are_in_kilobytes() {
        assert_eq!(
            kilobytes("VmPeak: 1 kB\nVmRSS:\t  2048 kB\n", "VmRSS:"),
            Some(2_097_152)
        );
        assert_eq!(kilobytes("nothing", "VmRSS:"), None);
    }
}
