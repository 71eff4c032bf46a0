//! How the safety floor does on recorded triage: one file in the KTAS layout, read by what was known
//! at triage, held against what experts said afterwards.

mod records;
mod report;

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use medique_domain::triage::{Findings, Rules, floor};

use crate::cli::{TriageEvalArgs, Unusable};
pub(crate) use records::Record;
use report::Report;

/// Judges every record of the file and prints the report.
pub(crate) fn run(args: &TriageEvalArgs) -> Result<u8> {
    let rules = match &args.rules {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            Rules::parse(&text).map_err(|error| Unusable(error.to_string()))?
        }
        None => Rules::default(),
    };
    let file = std::fs::File::open(&args.file)
        .map_err(|error| Unusable(format!("cannot read {}: {error}", args.file.display())))?;
    let records = records::read(file)
        .map_err(|error| Unusable(format!("{}: {error:#}", args.file.display())))?;
    let (report, took) = judge(&rules, &records);
    if args.json {
        println!("{}", report.json());
    } else {
        print!("{}", report.table(&rules, took));
    }
    Ok(0)
}

/// The floor of every record against its expert level.
fn judge(rules: &Rules, records: &[Record]) -> (Report, Duration) {
    let mut report = Report::default();
    let mut took = Duration::ZERO;
    for record in records {
        let findings = Findings {
            age_years: record.age_years,
            sex: record.sex,
            complaint: &record.complaint,
            answers: &record.answers,
            vitals: Some(&record.vitals),
            ..Findings::default()
        };
        let begin = Instant::now();
        let floor = floor(rules, &findings);
        took += begin.elapsed();
        report.add(record, &floor);
    }
    (report, took)
}

#[cfg(test)]
mod tests;
