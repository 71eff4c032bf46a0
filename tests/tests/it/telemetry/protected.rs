//! Telemetry over TLS.

use super::{Ear, SOON};
use anyhow::{Result, ensure};
use medique_tests::front::{Authority, Front};
use medique_tests::{Hospital, await_until};
use std::net::SocketAddr;

#[tokio::test]
async fn a_collector_is_believed_by_its_certificate_only() -> Result<()> {
    let ear = Ear::open().await?;
    let target: SocketAddr = ear.sink.url().trim_start_matches("http://").parse()?;
    let (authority, stranger) = (Authority::new()?, Authority::new()?);
    let front = Front::tls(target, authority.certificate("127.0.0.1")?).await?;
    let (good, bad) = (ear.scratch.join("good.pem"), ear.scratch.join("bad.pem"));
    authority.write(&good)?;
    stranger.write(&bad)?;
    let hospital = Hospital::builder()
        .both(
            "MEDIQUE_OTLP_ENDPOINT",
            &format!("https://127.0.0.1:{}", front.port()),
        )
        .api("MEDIQUE_OTLP_CA", &good.to_string_lossy())
        .worker("MEDIQUE_OTLP_CA", &bad.to_string_lossy())
        .start()
        .await?;
    let department = hospital.department().id;
    hospital
        .check_in(&hospital.admin, department, "told")
        .await?;
    await_until::holds("the api is heard", SOON, || async {
        let spans = ear.sink.spans()?;
        Ok(spans.iter().any(|span| span.service == "medique-api"))
    })
    .await?;
    await_until::holds("the worker drops what it has to say", SOON, || async {
        let figures = hospital.workers[0].metrics().await?;
        Ok(figures.contains("medique_telemetry_dropped_total{"))
    })
    .await?;
    let spans = ear.sink.spans()?;
    let of_worker = spans.iter().any(|span| span.service == "medique-worker");
    ensure!(!of_worker, "the worker believed a stranger");
    hospital.done();
    ear.done();
    Ok(())
}
