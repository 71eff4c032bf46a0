use super::catalogue::{ALL, COMMANDS_DECIDED, LIVE_LAGGED, PARTITION_LAG, QUEUE_DEPTH};
use super::prometheus::render;
use super::{Collector, Kind};
use opentelemetry_sdk::Resource;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

/// One provider for all tests of the process: the instruments are statics.
fn collector() -> &'static Collector {
    static COLLECTOR: std::sync::OnceLock<Collector> = std::sync::OnceLock::new();
    COLLECTOR.get_or_init(|| {
        let resource = Resource::builder_empty().with_service_name("medique-test");
        Collector::start(resource.build())
    })
}

fn rendered() -> String {
    render(&collector().collect())
}

#[test]
fn names_are_told_once_and_as_prometheus_wants_them() {
    let mut names = BTreeSet::new();
    for instrument in ALL {
        let spec = instrument.spec();
        assert!(names.insert(spec.prometheus_name()), "{} twice", spec.name);
        let counts = spec.kind == Kind::Counter;
        assert_eq!(spec.prometheus_name().ends_with("_total"), counts);
        assert!(!spec.help.is_empty() && !spec.help.ends_with('.'));
    }
    assert!(names.contains("http_server_request_duration_seconds"));
    assert!(names.contains("medique_partition_lag_seconds"));
    assert!(names.contains("medique_outbox_age_seconds"));
    assert!(names.contains("medique_live_lagged_total"));
}

#[test]
fn what_is_recorded_is_read() {
    collector();
    COMMANDS_DECIDED.add(2, ["check_in".into(), "applied".into()]);
    COMMANDS_DECIDED.add(1, ["check_in".into(), "applied".into()]);
    super::catalogue::BATCH_SIZE.record(3.0, []);
    LIVE_LAGGED.add(0, []);
    let text = rendered();
    for line in [
        "# TYPE medique_command_decided_total counter",
        "medique_command_decided_total{outcome=\"applied\",type=\"check_in\"} 3",
        "medique_batch_size_bucket{le=\"2\"} 0",
        "medique_batch_size_bucket{le=\"4\"} 1",
        "medique_batch_size_bucket{le=\"+Inf\"} 1",
        "medique_batch_size_sum 3",
        "medique_batch_size_count 1",
        "medique_live_lagged_total 0",
        "target_info{service_name=\"medique-test\"} 1",
    ] {
        assert!(text.lines().any(|told| told == line), "{line} in\n{text}");
    }
}

#[test]
fn a_gauge_tells_what_is_and_not_what_was() {
    collector();
    PARTITION_LAG.set(5.0, [3_i64.into()]);
    QUEUE_DEPTH.replace([(vec!["F\"1".into(), "GM".into(), "2".into()], 4.0)]);
    let text = rendered();
    assert!(
        text.contains("medique_partition_lag{partition=\"3\"} 5\n"),
        "{text}"
    );
    let queue = "medique_queue_depth{department=\"GM\",facility=\"F\\\"1\",level=\"2\"} 4\n";
    assert!(text.contains(queue), "{text}");
    // another reader in between changes nothing
    assert!(rendered().contains(queue));
    PARTITION_LAG.remove([3_i64.into()]);
    QUEUE_DEPTH.replace([]);
    let text = rendered();
    assert!(!text.contains("medique_partition_lag{"), "{text}");
    assert!(!text.contains("medique_queue_depth{"), "{text}");
}

/// The table in the documentation is the catalogue. `MEDIQUE_TEST_UPDATE=1` writes it.
#[test]
#[expect(clippy::disallowed_methods, reason = "a setting of the test run")]
fn the_documentation_lists_every_metric() {
    const BEGIN: &str = "<!-- metrics: begin -->\n";
    const END: &str = "<!-- metrics: end -->\n";
    let mut table = String::from("| metric | kind | labels | says |\n|---|---|---|---|\n");
    for instrument in ALL {
        let spec = instrument.spec();
        let labels: Vec<_> = spec
            .labels
            .iter()
            .map(|label| format!("`{}`", label.replace('.', "_")))
            .collect();
        writeln!(
            table,
            "| `{}` | {} | {} | {} |",
            spec.prometheus_name(),
            spec.kind.as_str(),
            labels.join(", "),
            spec.help
        )
        .unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operations/observability.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (told, after) = rest.split_once(END).unwrap();
    if std::env::var("MEDIQUE_TEST_UPDATE").is_ok() {
        std::fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
    } else {
        assert_eq!(told, table, "run this test with MEDIQUE_TEST_UPDATE=1");
    }
}
