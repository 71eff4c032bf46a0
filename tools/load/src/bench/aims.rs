//! What we aim at, beside what was reached.

use crate::measure::report::Report;
use crate::term::thousands;

/// Numbers of connections at saturation: as the peers were measured, and enough for full batches.
const CONNECTIONS: [u16; 2] = [64, 256];
const LIMIT_MB: f64 = 100.0;

/// Header and one row per aim that these runs can speak about.
pub(crate) fn compared(reports: &[Report]) -> Vec<Vec<String>> {
    let find = |name: &str| reports.iter().find(|report| report.name == name);
    let rate = |name: &str| find(name).map(|report| report.throughput.applied_per_s);
    let mut rows = vec![row("", "aim", "reached")];
    let mut add = |what: &str, aim: &str, reached: Option<String>| {
        rows.extend(reached.map(|reached| row(what, aim, &reached)));
    };
    for connections in CONNECTIONS {
        let saturation = |of: &str| rate(&format!("{of}, saturation x{connections}"));
        let many = saturation("default, 50 departments");
        let ratio = |part: Option<f64>, whole: Option<f64>| {
            let pair = part.zip(whole);
            pair.map(|(part, whole)| format!("{:.2} x", part / whole))
        };
        let mut add = |what: &str, aim: &str, reached: Option<String>| {
            add(&format!("{what}, {connections} connections"), aim, reached);
        };
        add("applied/s at saturation", ">= 6,000", many.map(thousands));
        add(
            "against the control",
            ">= 2.4 x",
            ratio(many, saturation("control, 50 departments")),
        );
        add(
            "one hot department against 50",
            ">= 1 x",
            ratio(saturation("default, hot"), many),
        );
        add(
            "applied/s with `always`",
            ">= 5,000",
            saturation("always, 50 departments").map(thousands),
        );
    }
    let at_200 = find("default, 50 departments, 200/s");
    let ms = |ms: f64| format!("{ms:.1} ms");
    add(
        "accept p99 at 200/s",
        "<= 5 ms",
        at_200.and_then(|run| run.accept).map(|it| ms(it.p99_ms)),
    );
    add(
        "applied p99 at 200/s",
        "<= 12 ms",
        at_200.and_then(|run| run.apply).map(|it| ms(it.p99_ms)),
    );
    add(
        "live p99 at 200/s",
        "<= 20 ms",
        at_200.and_then(|run| run.event).map(|it| ms(it.p99_ms)),
    );
    let at_2000 = find("default, 50 departments, 2000/s").and_then(|run| run.apply);
    add(
        "applied p99 at 2,000/s",
        "<= 25 ms",
        at_2000.map(|it| ms(it.p99_ms)),
    );
    for process in ["api", "worker"] {
        let peaks = reports
            .iter()
            .flat_map(|report| &report.usage)
            .filter(|(name, _)| name.starts_with(process));
        let most = peaks.map(|(_, used)| used.peak_bytes).max();
        let megabytes = most.map(|bytes| format!("{:.0} MB", bytes as f64 / 1_000_000.0));
        add(
            &format!("{process}, most memory"),
            &format!("< {LIMIT_MB:.0} MB"),
            megabytes,
        );
    }
    rows
}

fn row(what: &str, aim: &str, reached: &str) -> Vec<String> {
    [what, aim, reached].map(str::to_owned).to_vec()
}
