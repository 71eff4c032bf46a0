//! Metrics: recorded in one place of memory, read by Prometheus and sent by OTLP.
//!
//! Record with the statics of [`catalogue`]. Recording costs nothing while nobody wants to know
//! (neither `MEDIQUE_METRICS_LISTEN` nor `MEDIQUE_OTLP_ENDPOINT` is set), and never waits.

pub mod catalogue;
mod instrument;
pub(super) mod prometheus;
pub(super) mod serve;

pub use instrument::{Counter, Gauge, Histogram, Instrument, Kind, Label, Spec};

use opentelemetry::metrics::MeterProvider as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::reader::MetricReader;
use opentelemetry_sdk::metrics::{
    InstrumentKind, ManualReader, Pipeline, SdkMeterProvider, Temporality,
};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Reads what was recorded.
#[derive(Debug, Clone)]
pub(super) struct Collector {
    reader: Reader,
    /// What the reader reads lives as long as this.
    _provider: SdkMeterProvider,
}

impl Collector {
    /// Makes all instruments record.
    pub(super) fn start(resource: Resource) -> Self {
        let reader = Reader(Arc::new(ManualReader::builder().build()));
        let provider = SdkMeterProvider::builder()
            .with_resource(resource)
            .with_reader(reader.clone())
            .build();
        let meter = provider.meter("medique");
        for instrument in catalogue::ALL {
            instrument.register(&meter);
        }
        Self {
            reader,
            _provider: provider,
        }
    }

    /// What was recorded until now.
    pub(super) fn collect(&self) -> ResourceMetrics {
        let mut collected = ResourceMetrics::default();
        if let Err(error) = self.reader.collect(&mut collected) {
            tracing::debug!(%error, "metrics not collected");
        }
        collected
    }
}

/// One reader for both ways out, so that each measurement is recorded once.
#[derive(Debug, Clone)]
struct Reader(Arc<ManualReader>);

impl MetricReader for Reader {
    fn register_pipeline(&self, pipeline: Weak<Pipeline>) {
        self.0.register_pipeline(pipeline);
    }

    fn collect(&self, collected: &mut ResourceMetrics) -> OTelSdkResult {
        self.0.collect(collected)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn temporality(&self, kind: InstrumentKind) -> Temporality {
        self.0.temporality(kind)
    }
}

#[cfg(test)]
mod tests;
