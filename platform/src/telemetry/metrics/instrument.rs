//! Instruments as statics: declared once with name, unit and labels, recorded anywhere, and free of
//! charge until somebody wants to know them.

use opentelemetry::metrics::Meter;
use opentelemetry::{KeyValue, Value};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

/// What an instrument is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// How often which values were seen.
    Histogram,
    /// As it is now.
    Gauge,
}

impl Kind {
    /// The word in the documentation and on the Prometheus endpoint.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Histogram => "histogram",
            Self::Gauge => "gauge",
        }
    }
}

/// What is told about an instrument.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// Name in OpenTelemetry, with dots.
    pub name: &'static str,
    /// Unit in UCUM's words: `s`, or what is counted in braces.
    pub unit: &'static str,
    /// One sentence.
    pub help: &'static str,
    /// Names of the labels, in the order in which values are given.
    pub labels: &'static [&'static str],
    /// What it is.
    pub kind: Kind,
}

impl Spec {
    /// The name on the Prometheus endpoint.
    pub fn prometheus_name(&self) -> String {
        prometheus_name(self.name, self.unit, self.kind == Kind::Counter)
    }
}

/// A name as OpenTelemetry's rules translate it: no dots, the unit and `_total` behind.
pub(super) fn prometheus_name(name: &str, unit: &str, is_counter: bool) -> String {
    let mut text = name.replace('.', "_");
    if unit == "s" && !text.ends_with("_seconds") {
        text.push_str("_seconds");
    }
    if is_counter {
        text.push_str("_total");
    }
    text
}

/// The value of a label or an attribute. A label's is one of a fixed set of few, never what a
/// stranger sends.
#[derive(Debug, Clone)]
pub struct Label(Value);

impl Label {
    pub(in crate::telemetry) fn into_value(self) -> Value {
        self.0
    }
}

impl From<&'static str> for Label {
    fn from(text: &'static str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Label {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<Arc<str>> for Label {
    fn from(text: Arc<str>) -> Self {
        Self(text.into())
    }
}

impl From<i64> for Label {
    fn from(number: i64) -> Self {
        Self(number.into())
    }
}

/// What the catalogue holds.
pub trait Instrument: Sync {
    /// What is told about it.
    fn spec(&self) -> &Spec;
    /// Begins to record.
    fn register(&'static self, meter: &Meter);
}

fn attributes<const N: usize>(spec: &Spec, labels: [Label; N]) -> [KeyValue; N] {
    let mut names = spec.labels.iter();
    labels.map(|Label(value)| KeyValue::new(names.next().copied().unwrap_or_default(), value))
}

/// Only grows.
pub struct Counter {
    spec: Spec,
    cell: OnceLock<opentelemetry::metrics::Counter<u64>>,
}

impl Counter {
    pub(super) const fn new(
        name: &'static str,
        unit: &'static str,
        labels: &'static [&'static str],
        help: &'static str,
    ) -> Self {
        let kind = Kind::Counter;
        Self {
            spec: Spec {
                name,
                unit,
                help,
                labels,
                kind,
            },
            cell: OnceLock::new(),
        }
    }

    /// Counts; the labels in the order of their declaration.
    pub fn add<const N: usize>(&self, count: u64, labels: [Label; N]) {
        if let Some(counter) = self.cell.get() {
            counter.add(count, &attributes(&self.spec, labels));
        }
    }
}

impl Instrument for Counter {
    fn spec(&self) -> &Spec {
        &self.spec
    }

    fn register(&'static self, meter: &Meter) {
        let counter = meter
            .u64_counter(self.spec.name)
            .with_unit(self.spec.unit)
            .with_description(self.spec.help)
            .build();
        if self.spec.labels.is_empty() {
            // There from the start, so that its first step is seen as one.
            counter.add(0, &[]);
        }
        let _ = self.cell.set(counter);
    }
}

/// How often which values were seen.
pub struct Histogram {
    spec: Spec,
    bounds: &'static [f64],
    cell: OnceLock<opentelemetry::metrics::Histogram<f64>>,
}

impl Histogram {
    pub(super) const fn new(
        name: &'static str,
        unit: &'static str,
        labels: &'static [&'static str],
        bounds: &'static [f64],
        help: &'static str,
    ) -> Self {
        let kind = Kind::Histogram;
        Self {
            spec: Spec {
                name,
                unit,
                help,
                labels,
                kind,
            },
            bounds,
            cell: OnceLock::new(),
        }
    }

    /// Records a value; the labels in the order of their declaration.
    pub fn record<const N: usize>(&self, value: f64, labels: [Label; N]) {
        if let Some(histogram) = self.cell.get() {
            histogram.record(value, &attributes(&self.spec, labels));
        }
    }

    /// Records a time, in seconds.
    pub fn time<const N: usize>(&self, time: Duration, labels: [Label; N]) {
        self.record(time.as_secs_f64(), labels);
    }
}

impl Instrument for Histogram {
    fn spec(&self) -> &Spec {
        &self.spec
    }

    fn register(&'static self, meter: &Meter) {
        let histogram = meter
            .f64_histogram(self.spec.name)
            .with_unit(self.spec.unit)
            .with_description(self.spec.help)
            .with_boundaries(self.bounds.to_vec())
            .build();
        let _ = self.cell.set(histogram);
    }
}

type Values = BTreeMap<Vec<String>, f64>;

/// As it is now. Values live here and are read when somebody looks, so that what was taken away is
/// gone at once.
pub struct Gauge {
    spec: Spec,
    values: Mutex<Values>,
}

impl Gauge {
    pub(super) const fn new(
        name: &'static str,
        unit: &'static str,
        labels: &'static [&'static str],
        help: &'static str,
    ) -> Self {
        let kind = Kind::Gauge;
        Self {
            spec: Spec {
                name,
                unit,
                help,
                labels,
                kind,
            },
            values: Mutex::new(BTreeMap::new()),
        }
    }

    fn values(&self) -> MutexGuard<'_, Values> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets one value; the labels in the order of their declaration.
    pub fn set<const N: usize>(&self, value: f64, labels: [Label; N]) {
        self.values().insert(texts(labels), value);
    }

    /// Changes one value; the labels in the order of their declaration.
    pub fn add<const N: usize>(&self, change: f64, labels: [Label; N]) {
        *self.values().entry(texts(labels)).or_default() += change;
    }

    /// Takes one value away: nobody here knows it any more.
    pub fn remove<const N: usize>(&self, labels: [Label; N]) {
        self.values().remove(&texts(labels));
    }

    /// Sets all values at once: those that are not among them are gone.
    pub fn replace(&self, values: impl IntoIterator<Item = (Vec<String>, f64)>) {
        *self.values() = values.into_iter().collect();
    }
}

fn texts<const N: usize>(labels: [Label; N]) -> Vec<String> {
    labels
        .into_iter()
        .map(|Label(value)| value.to_string())
        .collect()
}

impl Instrument for Gauge {
    fn spec(&self) -> &Spec {
        &self.spec
    }

    fn register(&'static self, meter: &Meter) {
        meter
            .f64_observable_gauge(self.spec.name)
            .with_unit(self.spec.unit)
            .with_description(self.spec.help)
            .with_callback(move |observer| {
                for (values, value) in self.values().iter() {
                    let labels = self.spec.labels.iter().zip(values);
                    let attributes: Vec<_> = labels
                        .map(|(name, value)| KeyValue::new(*name, value.clone()))
                        .collect();
                    observer.observe(*value, &attributes);
                }
            })
            .build();
    }
}
