//! Says what was done to a chain, from what does not fit in it.
//!
//! A row's hash covers its position, so a row that was moved with everything it holds still hashes
//! to its hash at the place where it stood. Rows that trade places were reordered; a run of rows
//! that all stand too low closed the gap of dropped ones; a run that stands too high made room for
//! inserted ones.

use super::scan::{Gap, Scan};
use super::{Chain, Finding, Stored, Tampering};
use medique_platform::audit::ChainRow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// How far from its place a row is looked for, beside the places of other suspects.
const REACH: i64 = 64;

/// Everything that was done to the chain, by position.
pub(super) fn explain(chain: &Chain, scan: &Scan) -> Vec<Finding> {
    let origins = origins(scan);
    let traded = traded(&origins);
    let mut told = Told::new(chain);
    for (seq, origin) in origins.iter().filter(|(seq, _)| traded.contains(*seq)) {
        let problem = format!("the row stood at {origin}");
        told.tell(Tampering::Reordered, *seq, problem);
    }
    let shift = told.shifts(origins.iter().filter(|(seq, _)| !traded.contains(*seq)));
    for gap in &scan.gaps {
        told.dropped(gap);
    }
    let beyond = scan.outside.iter().filter(|seq| !origins.contains_key(seq));
    for seq in beyond {
        let problem = if *seq < 1 {
            "the row stands before the first one"
        } else {
            "the row stands beyond the head: it was inserted, or the head was set back"
        };
        told.tell(Tampering::Inserted, *seq, problem.to_owned());
    }
    for row in &scan.suspects {
        let seq = row.content.chain_seq;
        if !origins.contains_key(&seq) {
            told.tell(Tampering::Changed, seq, "the row was changed".to_owned());
        }
    }
    for seq in &scan.forsaken {
        let problem = "the row was changed and hashed anew: the next one follows another row";
        told.tell(Tampering::Changed, *seq, problem.to_owned());
    }
    if !scan.is_cut {
        told.end(scan, shift);
    }
    told.findings.into_values().collect()
}

/// Where rows that do not fit stood, of those of which it can be told.
fn origins(scan: &Scan) -> BTreeMap<i64, i64> {
    let suspects: BTreeSet<i64> = scan
        .suspects
        .iter()
        .map(|row| row.content.chain_seq)
        .collect();
    let mut origins = BTreeMap::new();
    let mut shift = 0;
    for row in &scan.suspects {
        let seq = row.content.chain_seq;
        let near = (1..=REACH).flat_map(|step| [seq - step, seq + step]);
        let found = std::iter::once(seq - shift)
            .chain(near)
            .chain(suspects.iter().copied())
            .find(|origin| *origin != seq && stood_at(row, *origin));
        if let Some(origin) = found {
            shift = seq - origin;
            origins.insert(seq, origin);
        }
    }
    let left: Vec<&Stored> = scan
        .suspects
        .iter()
        .filter(|row| !origins.contains_key(&row.content.chain_seq))
        .collect();
    for row in &left {
        let other = left.iter().find(|other| holds_content_of(row, other));
        if let Some(other) = other {
            origins.insert(row.content.chain_seq, other.content.chain_seq);
        }
    }
    origins
}

/// Whether the whole row, its hashes included, stood at `origin`.
fn stood_at(row: &Stored, origin: i64) -> bool {
    let content = ChainRow {
        chain_seq: origin,
        ..row.content.clone()
    };
    content.hash(&row.prev_hash) == row.hash
}

/// Whether the content of `row`, but for its place and some of its hashes, is that of the place of
/// `other`.
fn holds_content_of(row: &Stored, other: &Stored) -> bool {
    if row.content.chain_seq == other.content.chain_seq {
        return false;
    }
    let content = ChainRow {
        chain_seq: other.content.chain_seq,
        ..row.content.clone()
    };
    [&other.prev_hash, &row.prev_hash].into_iter().any(|prev| {
        let hash = content.hash(prev);
        hash == other.hash || hash == row.hash
    })
}

/// Positions whose rows trade places among each other.
fn traded(origins: &BTreeMap<i64, i64>) -> BTreeSet<i64> {
    let mut traded = BTreeSet::new();
    for start in origins.keys() {
        let mut path = vec![*start];
        let mut at = origins[start];
        while at != *start && path.len() <= origins.len() {
            path.push(at);
            match origins.get(&at) {
                Some(next) => at = *next,
                None => break,
            }
        }
        if at == *start {
            traded.extend(path);
        }
    }
    traded
}

/// What was told so far: one finding per position, the first one.
struct Told<'a> {
    chain: &'a Chain,
    findings: BTreeMap<i64, Finding>,
}

impl<'a> Told<'a> {
    fn new(chain: &'a Chain) -> Self {
        Self {
            chain,
            findings: BTreeMap::new(),
        }
    }

    fn tell(&mut self, tampering: Tampering, seq: i64, problem: String) {
        self.findings.entry(seq).or_insert(Finding {
            tampering,
            partition: Some(self.chain.id),
            chain_seq: Some(seq),
            event_id: None,
            problem,
        });
    }

    /// Tells of rows that were dropped or inserted with everything behind them renumbered; returns
    /// how far the last row is from its place.
    fn shifts<'b>(&mut self, displaced: impl Iterator<Item = (&'b i64, &'b i64)>) -> i64 {
        let mut shift = 0;
        for (seq, origin) in displaced {
            let (was, now) = (shift, seq - origin);
            shift = now;
            if now < was {
                let count = was - now;
                let problem = format!("{count} dropped before this row, the rest renumbered");
                self.tell(Tampering::Dropped, *seq, problem);
            }
            for inserted in seq - (now - was).clamp(0, REACH)..*seq {
                let problem = "the row was inserted, the rest renumbered";
                self.tell(Tampering::Inserted, inserted, problem.to_owned());
            }
        }
        shift
    }

    fn dropped(&mut self, gap: &Gap) {
        let count = gap.to - gap.from + 1;
        let mut problem = format!("{count} dropped, the last with hash ");
        for byte in &gap.hash {
            // writing to a String does not fail
            let _ = write!(problem, "{byte:02x}");
        }
        self.tell(Tampering::Dropped, gap.from, problem);
    }

    /// Compares the end of the rows with the head.
    fn end(&mut self, scan: &Scan, shift: i64) {
        let (head, newest) = (self.chain.chain_seq, self.chain.newest.unwrap_or(0));
        let renumbered = shift != 0 && newest - shift == head;
        if newest < head && !renumbered {
            let count = head - newest;
            let problem = format!("{count} dropped from the end of the chain");
            self.tell(Tampering::Dropped, newest + 1, problem);
        }
        let at_head = scan.at_head.as_ref().filter(|_| shift == 0);
        if at_head.is_some_and(|hash| *hash != self.chain.chain_head) {
            let problem = "the row was changed and hashed anew: the head remembers another one";
            self.tell(Tampering::Changed, head, problem.to_owned());
        }
    }
}
