//! A trace as a tree: who did what, when, and for how long.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::spans::Span;

/// What of a step is worth a word, besides its name.
const WORDS: [&str; 9] = [
    "http.response.status_code",
    "medique.command.type",
    "medique.command.outcome",
    "medique.rejection.code",
    "medique.event.type",
    "medique.live.kind",
    "messaging.destination.partition.id",
    "medique.adviser.attempts",
    "error.type",
];

/// Draws one trace.
pub(crate) fn draw(spans: &[Span]) -> String {
    let known: BTreeSet<&str> = spans.iter().map(|span| span.span_id.as_str()).collect();
    let mut below: BTreeMap<&str, Vec<&Span>> = BTreeMap::new();
    let mut tops = Vec::new();
    for span in spans {
        match span.parent_id.as_deref().filter(|id| known.contains(id)) {
            Some(parent) => below.entry(parent).or_default().push(span),
            None => tops.push(span),
        }
    }
    let in_order = |spans: &mut Vec<&Span>| spans.sort_by_key(|span| (span.start_us, span.end_us));
    below.values_mut().for_each(in_order);
    in_order(&mut tops);
    let start = tops.first().map_or(0, |span| span.start_us);
    let end = spans.iter().map(|span| span.end_us).max().unwrap_or(start);
    let id = tops.first().map_or("", |span| span.trace_id.as_str());
    let mut text = format!(
        "trace {id}: {} steps in {}\n      at       took\n",
        spans.len(),
        millis(end - start)
    );
    for (index, top) in tops.iter().enumerate() {
        let is_last = index + 1 == tops.len();
        let mut drawing = Drawing {
            start,
            below: &below,
            text: &mut text,
        };
        drawing.step(top, "", is_last, true);
    }
    text.push('\n');
    text
}

struct Drawing<'a> {
    start: i64,
    below: &'a BTreeMap<&'a str, Vec<&'a Span>>,
    text: &'a mut String,
}

impl Drawing<'_> {
    fn step(&mut self, span: &Span, indent: &str, is_last: bool, is_top: bool) {
        let (branch, further) = match (is_top, is_last) {
            (true, _) => ("", ""),
            (false, true) => ("└─ ", "   "),
            (false, false) => ("├─ ", "│  "),
        };
        let mut words = Vec::new();
        for key in WORDS {
            if let Some(value) = span.attribute(key) {
                let name = key.rsplit('.').next().unwrap_or(key);
                words.push(match key {
                    "messaging.destination.partition.id" => format!("partition {value}"),
                    "medique.adviser.attempts" | "error.type" => format!("{name} {value}"),
                    _ => value,
                });
            }
        }
        let failed = if span.failed { "FAILED " } else { "" };
        let service = span.service.as_deref().unwrap_or("?");
        let instance: String = span
            .instance
            .iter()
            .flat_map(|id| id.chars())
            .take(12)
            .collect();
        // Writing to a String cannot fail.
        let _ = writeln!(
            self.text,
            "{:>10} {:>10}  {indent}{branch}{failed}{}  [{}]  {service} {instance}",
            millis(span.start_us - self.start),
            millis(span.end_us - span.start_us),
            span.name,
            words.join(", "),
        );
        let children = self.below.get(span.span_id.as_str());
        let children = children.map_or(&[][..], Vec::as_slice);
        let indent = format!("{indent}{further}");
        for (index, child) in children.iter().enumerate() {
            self.step(child, &indent, index + 1 == children.len(), false);
        }
    }
}

fn millis(us: i64) -> String {
    format!("{}.{:02} ms", us / 1000, us.unsigned_abs() % 1000 / 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(id: &str, parent: Option<&str>, name: &str, from: i64, to: i64) -> Span {
        Span {
            trace_id: "t".to_owned(),
            span_id: id.to_owned(),
            parent_id: parent.map(str::to_owned),
            name: name.to_owned(),
            start_us: from,
            end_us: to,
            service: Some("medique-api".to_owned()),
            instance: None,
            attributes: serde_json::Map::new(),
            failed: false,
        }
    }

    #[test]
    fn steps_stand_below_what_caused_them_in_the_order_of_time() {
        let spans = [
            span("c", Some("a"), "second", 3_000, 4_000),
            span("d", Some("b"), "deeper", 2_500, 2_600),
            span("a", Some("of the client"), "first", 1_000, 5_000),
            span("b", Some("a"), "earlier", 2_000, 2_700),
        ];
        let drawn = draw(&spans);
        let lines: Vec<_> = drawn.lines().skip(2).map(str::trim_end).collect();
        assert_eq!(
            lines[..4],
            [
                "   0.00 ms    4.00 ms  first  []  medique-api",
                "   1.00 ms    0.70 ms  ├─ earlier  []  medique-api",
                "   1.50 ms    0.10 ms  │  └─ deeper  []  medique-api",
                "   2.00 ms    1.00 ms  └─ second  []  medique-api",
            ]
        );
    }

    #[test]
    fn a_step_whose_cause_is_unknown_is_shown_all_the_same() {
        let drawn = draw(&[
            span("a", None, "first", 0, 1),
            span("x", Some("lost"), "orphan", 5, 6),
        ]);
        assert!(
            drawn.contains("first") && drawn.contains("orphan"),
            "{drawn}"
        );
    }
}
