//! Metrics as Prometheus reads them: text format 0.0.4.

use super::instrument::prometheus_name;
use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::data::{
    AggregatedMetrics, HistogramDataPoint, Metric, MetricData, ResourceMetrics,
};
use std::fmt::{Display, Write as _};

/// Media type of [`render`]'s text.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Everything that was collected.
pub fn render(collected: &ResourceMetrics) -> String {
    let mut text = String::with_capacity(16 * 1024);
    target(&mut text, collected.resource());
    let metrics = collected.scope_metrics().flat_map(|scope| scope.metrics());
    for metric in metrics {
        match metric.data() {
            AggregatedMetrics::F64(data) => family(&mut text, metric, data),
            AggregatedMetrics::U64(data) => family(&mut text, metric, data),
            AggregatedMetrics::I64(data) => family(&mut text, metric, data),
        }
    }
    text
}

/// Who is asked.
fn target(text: &mut String, resource: &Resource) {
    let attributes: Vec<_> = resource
        .iter()
        .map(|(key, value)| KeyValue::new(key.clone(), value.clone()))
        .collect();
    head(text, "target_info", "gauge", "This process");
    sample(text, "target_info", "", attributes.iter(), None, 1);
}

fn family<T: Display + Copy>(text: &mut String, metric: &Metric, data: &MetricData<T>) {
    let is_counter = matches!(data, MetricData::Sum(sum) if sum.is_monotonic());
    let name = prometheus_name(metric.name(), metric.unit(), is_counter);
    match data {
        MetricData::Gauge(gauge) => {
            head(text, &name, "gauge", metric.description());
            for point in gauge.data_points() {
                sample(text, &name, "", point.attributes(), None, point.value());
            }
        }
        MetricData::Sum(sum) => {
            let kind = if is_counter { "counter" } else { "gauge" };
            head(text, &name, kind, metric.description());
            for point in sum.data_points() {
                sample(text, &name, "", point.attributes(), None, point.value());
            }
        }
        MetricData::Histogram(histogram) => {
            head(text, &name, "histogram", metric.description());
            for point in histogram.data_points() {
                buckets(text, &name, point);
            }
        }
        // Nothing of ours is one.
        MetricData::ExponentialHistogram(_) => {}
    }
}

fn buckets<T: Display + Copy>(text: &mut String, name: &str, point: &HistogramDataPoint<T>) {
    let mut below = 0;
    let bounds = point
        .bounds()
        .map(|bound| bound.to_string())
        .chain(std::iter::once("+Inf".to_owned()));
    for (bound, count) in bounds.zip(point.bucket_counts()) {
        below += count;
        sample(
            text,
            name,
            "_bucket",
            point.attributes(),
            Some(&bound),
            below,
        );
    }
    sample(text, name, "_sum", point.attributes(), None, point.sum());
    sample(
        text,
        name,
        "_count",
        point.attributes(),
        None,
        point.count(),
    );
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn sample<'a>(
    text: &mut String,
    name: &str,
    suffix: &str,
    attributes: impl Iterator<Item = &'a KeyValue>,
    bound: Option<&str>,
    value: impl Display,
) {
    let _ = write!(text, "{name}{suffix}");
    // The library keeps them in any order; told in one, a line can be searched for.
    let mut attributes: Vec<_> = attributes.collect();
    attributes.sort_by(|one, other| one.key.cmp(&other.key));
    let mut separator = '{';
    for attribute in attributes {
        let label = attribute.key.as_str().replace('.', "_");
        let _ = write!(text, "{separator}{label}=\"");
        escape(text, &attribute.value);
        text.push('"');
        separator = ',';
    }
    if let Some(bound) = bound {
        let _ = write!(text, "{separator}le=\"{bound}\"");
        separator = ',';
    }
    if separator == ',' {
        text.push('}');
    }
    let _ = writeln!(text, " {value}");
}

fn escape(text: &mut String, value: &Value) {
    for character in value.as_str().chars() {
        match character {
            '\\' => text.push_str("\\\\"),
            '"' => text.push_str("\\\""),
            '\n' => text.push_str("\\n"),
            other => text.push(other),
        }
    }
}
