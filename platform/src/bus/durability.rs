//! Whether the broker writes to disk before it answers.

use super::{Bus, BusError};
use serde::Deserialize;
use std::path::Path;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(2);

#[derive(Deserialize)]
struct Jsz {
    config: JszConfig,
}

#[derive(Deserialize)]
struct JszConfig {
    /// Left out by the server when false.
    #[serde(default)]
    sync_always: bool,
}

impl Bus {
    /// Asks the broker's monitoring port (`http://host:port`, or `https://host:port` with the file
    /// of the authorities that vouch for it) whether `sync_interval: always` is set. With several
    /// brokers, ask each.
    ///
    /// # Errors
    /// It is not set, or there is no answer.
    pub async fn check_sync_always(monitor_url: &str, ca: Option<&Path>) -> Result<(), BusError> {
        let unavailable = |error: reqwest::Error| BusError::Unavailable(error.to_string());
        let mut builder = reqwest::Client::builder()
            .timeout(TIMEOUT)
            // A proxy of the environment has no business between us and the broker.
            .no_proxy();
        if let Some(ca) = ca {
            let pem =
                std::fs::read(ca).map_err(|error| BusError::Unavailable(error.to_string()))?;
            let vouching = reqwest::Certificate::from_pem_bundle(&pem).map_err(unavailable)?;
            builder = builder.tls_certs_only(vouching);
        }
        let client = builder.build().map_err(unavailable)?;
        let url = format!("{}/jsz", monitor_url.trim_end_matches('/'));
        let answer = client
            .get(url)
            .send()
            .await
            .and_then(|answer| answer.error_for_status());
        let body = answer
            .map_err(unavailable)?
            .bytes()
            .await
            .map_err(unavailable)?;
        let jsz: Jsz = serde_json::from_slice(&body)
            .map_err(|error| BusError::Malformed(error.to_string()))?;
        if jsz.config.sync_always {
            Ok(())
        } else {
            Err(BusError::NotSynced)
        }
    }

    /// Checks it when the configuration asks for it, for readiness.
    ///
    /// # Errors
    /// As [`Bus::check_sync_always`].
    pub async fn check_durability(&self) -> Result<(), BusError> {
        match &self.config.monitor_url {
            Some(url) if self.config.require_sync_always => {
                Self::check_sync_always(url, self.config.tls.ca.as_deref()).await
            }
            _ => Ok(()),
        }
    }
}
