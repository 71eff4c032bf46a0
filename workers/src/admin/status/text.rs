//! The same for people.

use super::{Overview, Partition};
use crate::admin::answer::Table;
use medique_platform::clock;

const MIB: f64 = 1_048_576.0;

pub(super) fn of(overview: &Overview) -> String {
    let parts = [
        attention(overview),
        totals(overview),
        versions(overview),
        processes(overview),
        partitions(&overview.partitions),
    ];
    parts.join("\n\n")
}

fn attention(overview: &Overview) -> String {
    if overview.attention.is_empty() {
        return "everything is in order".to_owned();
    }
    let lines = overview.attention.iter().map(|line| format!("! {line}"));
    lines.collect::<Vec<_>>().join("\n")
}

fn totals(overview: &Overview) -> String {
    let totals = &overview.totals;
    let age = totals
        .oldest_outbox
        .map(|at| (clock::now() - at).num_seconds());
    let age = age.map_or_else(String::new, |age| format!(", the oldest for {age} s"));
    let mut table = Table::pairs();
    for (name, value) in [
        ("workers that take part", totals.workers.to_string()),
        ("live visits", totals.live_visits.to_string()),
        ("commands to decide", lag(overview)),
        ("commands parked", totals.parked.to_string()),
        ("events to publish", format!("{}{age}", totals.outbox)),
        ("mails to send", totals.mails_waiting.to_string()),
        ("mails parked", totals.mails_parked.to_string()),
    ] {
        table.row([name.to_owned(), value]);
    }
    table.text()
}

fn lag(overview: &Overview) -> String {
    let lags: Option<Vec<u64>> = overview.partitions.iter().map(|p| p.lag).collect();
    lags.map_or_else(
        || "not known: the broker was not asked, or is away".to_owned(),
        |lags| lags.iter().sum::<u64>().to_string(),
    )
}

fn versions(overview: &Overview) -> String {
    let versions = &overview.versions;
    let found = versions.schema.found;
    let mut table = Table::pairs();
    let mut row = |name: &str, value: String| table.row([name.to_owned(), value]);
    row("this program", versions.admin.to_owned());
    row(
        "schema",
        format!(
            "{} (this program: {})",
            found.map_or_else(|| "none".to_owned(), |found| found.to_string()),
            versions.schema.expected
        ),
    );
    row("database", format!("PostgreSQL {}", versions.database));
    if let Some(broker) = &overview.broker {
        row(
            "broker",
            broker.server.clone().unwrap_or_else(|| "away".to_owned()),
        );
        for stream in &broker.streams {
            let (bytes, messages) = (stream.bytes as f64 / MIB, stream.messages);
            row(
                &format!("stream {}", stream.name),
                format!(
                    "{messages} messages, {bytes:.1} MiB, newest {}",
                    stream.last_seq
                ),
            );
        }
    }
    table.text()
}

fn processes(overview: &Overview) -> String {
    let mut table = Table::new(["process", "role", "version", "schema", "since", "state"]);
    for process in &overview.processes {
        let resting = overview.rests(&process.name);
        let state = match (process.draining, resting) {
            (true, _) => "ending",
            (false, true) => "told to rest",
            (false, false) => "at work",
        };
        table.row([
            process.name.clone(),
            process.role.clone(),
            process.version.clone(),
            process.schema.to_string(),
            process.started_at.format("%Y-%m-%d %H:%M:%S").to_string(),
            state.to_owned(),
        ]);
    }
    table.text_or("no process tells of itself")
}

fn partitions(partitions: &[Partition]) -> String {
    let mut table = Table::new([
        "partition",
        "owner",
        "lag",
        "epoch",
        "last seq",
        "processed",
    ]);
    for partition in partitions {
        let owner = match (&partition.owner, partition.lease_valid) {
            (Some(owner), true) => owner.clone(),
            (Some(owner), false) => format!("{owner} (lease ran out)"),
            (None, _) => "nobody".to_owned(),
        };
        table.row([
            partition.id.to_string(),
            owner,
            partition
                .lag
                .map_or_else(|| "?".to_owned(), |lag| lag.to_string()),
            partition.epoch.to_string(),
            partition.last_seq.to_string(),
            partition.processed.to_string(),
        ]);
    }
    table.text()
}
