use super::*;
use std::io;
use std::sync::{Arc, Mutex};
use tracing_subscriber::layer::SubscriberExt as _;

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The lines that are written while `work` runs.
fn lines_of(work: impl FnOnce()) -> Vec<Value> {
    let out = Shared::default();
    let lines = Lines::start(out.clone()).unwrap();
    let recorder = Recorder {
        lines: Some(lines.clone()),
        records: None,
        reporter: None,
    };
    let subscriber = tracing_subscriber::registry().with(recorder);
    tracing::subscriber::with_default(subscriber, work);
    lines.flush();
    let text = String::from_utf8(out.0.lock().unwrap().clone()).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn every_line_of_a_request_says_where_it_is_in_the_trace() {
    let lines = lines_of(|| {
        let span = tracing::info_span!(
            "request",
            trace_id = "t",
            span_id = "s",
            status = tracing::field::Empty
        );
        span.in_scope(|| tracing::warn!(target: "elsewhere", count = 3, "looked"));
        span.record("status", 200_u16);
        span.in_scope(|| tracing::info!(span_id = "nearer", "done"));
        tracing::error!("outside");
    });
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0]["message"], "looked");
    assert_eq!(lines[0]["target"], "elsewhere");
    assert_eq!(
        (&lines[0]["trace_id"], &lines[0]["span_id"]),
        (&"t".into(), &"s".into())
    );
    assert_eq!(
        (&lines[0]["level"], &lines[0]["count"]),
        (&"WARN".into(), &3.into())
    );
    assert!(lines[0].get("status").is_none(), "not known yet");
    assert_eq!(lines[1]["status"], 200);
    assert_eq!(lines[1]["span_id"], "nearer");
    assert!(lines[2].get("trace_id").is_none());
    assert!(lines[0]["timestamp"].as_str().unwrap().ends_with('Z'));
}

#[test]
fn hostile_text_stays_inside_its_line() {
    let hostile = "a\"}\n{\"level\":\"ERROR\"\u{0}\u{2028}";
    let lines = lines_of(|| tracing::info!(text = hostile, shown = %hostile, "{hostile}"));
    assert_eq!(lines.len(), 1);
    for field in ["text", "shown", "message"] {
        assert_eq!(lines[0][field], hostile, "{field}");
    }
}
