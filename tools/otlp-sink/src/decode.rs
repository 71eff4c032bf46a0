//! From OTLP's messages to objects that people and tests read.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{NumberDataPoint, number_data_point};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use serde_json::{Map, Value, json};

const KINDS: [&str; 6] = [
    "unspecified",
    "internal",
    "server",
    "client",
    "producer",
    "consumer",
];

/// One object per span.
pub(crate) fn spans(body: &[u8]) -> Option<Vec<Value>> {
    let request = ExportTraceServiceRequest::decode(body).ok()?;
    let mut objects = Vec::new();
    for of_resource in request.resource_spans {
        let resource = resource(of_resource.resource);
        for span in of_resource.scope_spans.into_iter().flat_map(|of| of.spans) {
            objects.push(with(&resource, object(span)));
        }
    }
    Some(objects)
}

fn object(span: Span) -> Map<String, Value> {
    let kind = usize::try_from(span.kind).ok();
    let kind = kind.and_then(|kind| KINDS.get(kind)).unwrap_or(&KINDS[0]);
    let links: Vec<_> = span
        .links
        .iter()
        .map(|link| json!({ "trace_id": hex(&link.trace_id), "span_id": hex(&link.span_id) }))
        .collect();
    let status = span.status.unwrap_or_default();
    fields(json!({
        "trace_id": hex(&span.trace_id),
        "span_id": hex(&span.span_id),
        "parent_id": (!span.parent_span_id.is_empty()).then(|| hex(&span.parent_span_id)),
        "name": span.name,
        "kind": kind,
        "start_us": span.start_time_unix_nano / 1000,
        "end_us": span.end_time_unix_nano / 1000,
        "attributes": attributes(span.attributes),
        "links": links,
        "failed": status.code == 2,
        "status": status.message,
    }))
}

/// One object per record.
pub(crate) fn logs(body: &[u8]) -> Option<Vec<Value>> {
    let request = ExportLogsServiceRequest::decode(body).ok()?;
    let mut objects = Vec::new();
    for of_resource in request.resource_logs {
        let resource = resource(of_resource.resource);
        let records = of_resource
            .scope_logs
            .into_iter()
            .flat_map(|of| of.log_records);
        for record in records {
            let object = json!({
                "at_us": record.time_unix_nano / 1000,
                "severity": record.severity_text,
                "body": record.body.map(value),
                "trace_id": hex(&record.trace_id),
                "span_id": hex(&record.span_id),
                "attributes": attributes(record.attributes),
            });
            objects.push(with(&resource, fields(object)));
        }
    }
    Some(objects)
}

/// One object per data point.
pub(crate) fn metrics(body: &[u8]) -> Option<Vec<Value>> {
    let request = ExportMetricsServiceRequest::decode(body).ok()?;
    let mut objects = Vec::new();
    for of_resource in request.resource_metrics {
        let resource = resource(of_resource.resource);
        let metrics = of_resource
            .scope_metrics
            .into_iter()
            .flat_map(|of| of.metrics);
        for metric in metrics {
            let name = Value::from(metric.name);
            for mut point in points(metric.data) {
                point.insert("name".to_owned(), name.clone());
                objects.push(with(&resource, point));
            }
        }
    }
    Some(objects)
}

fn points(data: Option<Data>) -> Vec<Map<String, Value>> {
    match data {
        Some(Data::Gauge(gauge)) => gauge.data_points.into_iter().map(number).collect(),
        Some(Data::Sum(sum)) => sum.data_points.into_iter().map(number).collect(),
        Some(Data::Histogram(histogram)) => histogram
            .data_points
            .into_iter()
            .map(|point| {
                fields(json!({
                    "attributes": attributes(point.attributes),
                    "count": point.count,
                    "sum": point.sum,
                }))
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn number(point: NumberDataPoint) -> Map<String, Value> {
    let value = match point.value {
        Some(number_data_point::Value::AsDouble(value)) => json!(value),
        Some(number_data_point::Value::AsInt(value)) => json!(value),
        None => Value::Null,
    };
    fields(json!({ "attributes": attributes(point.attributes), "value": value }))
}

fn resource(resource: Option<Resource>) -> Value {
    attributes(resource.unwrap_or_default().attributes)
}

fn with(resource: &Value, mut object: Map<String, Value>) -> Value {
    for (name, key) in [
        ("service", "service.name"),
        ("instance", "service.instance.id"),
    ] {
        object.insert(name.to_owned(), resource[key].clone());
    }
    Value::Object(object)
}

fn fields(object: Value) -> Map<String, Value> {
    match object {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn attributes(attributes: Vec<KeyValue>) -> Value {
    let pairs = attributes
        .into_iter()
        .map(|pair| (pair.key, pair.value.map_or(Value::Null, value)));
    Value::Object(pairs.collect())
}

fn value(any: AnyValue) -> Value {
    match any.value {
        Some(Any::StringValue(text)) => text.into(),
        Some(Any::BoolValue(is)) => is.into(),
        Some(Any::IntValue(number)) => number.into(),
        Some(Any::DoubleValue(number)) => number.into(),
        Some(other) => format!("{other:?}").into(),
        None => Value::Null,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
