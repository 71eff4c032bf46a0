//! Sampling: what the caller decided is kept, and what failed is always sent.

use super::{Ear, SOON, names};
use anyhow::{Result, ensure};
use medique_tests::{Hospital, await_until, samples};
use serde_json::json;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4737";

#[tokio::test]
async fn errors_are_sent_whatever_the_ratio_and_callers_decide_for_themselves() -> Result<()> {
    let ear = Ear::open().await?;
    let hospital = Hospital::builder()
        .adviser()
        .both("MEDIQUE_OTLP_ENDPOINT", &ear.sink.url())
        .both("MEDIQUE_TRACE_SAMPLE_RATIO", "0")
        .worker("MEDIQUE_TRIAGE_GIVE_UP_S", "1")
        .start()
        .await?;
    hospital
        .adviser()?
        .fault(json!({ "status": { "code": 500 } }))
        .await?;
    let (department, admin) = (hospital.department().id, &hospital.admin);
    // nobody asked for this one, and nothing of it is told but what fails
    hospital.check_in(admin, department, "unsampled").await?;
    await_until::holds("the failure is told", SOON, || async {
        let spans = ear.sink.spans()?;
        Ok(spans
            .iter()
            .any(|span| span.name == "ask adviser" && span.failed))
    })
    .await?;
    let spans = ear.sink.spans()?;
    ensure!(spans.iter().all(|span| span.failed), "{:?}", names(&spans));

    let traceparent = format!("00-{TRACE}-00f067aa0ba902b7-01");
    let asked_for = admin.post("/visits", &samples::visit(department, "sampled"));
    asked_for
        .header("traceparent", &traceparent)
        .applied()
        .await?;
    await_until::holds("the caller's trace is told", SOON, || async {
        let spans = ear.sink.spans()?;
        let of_trace = spans.iter().filter(|span| span.trace_id == TRACE);
        let told: Vec<_> = of_trace.map(|span| span.name.as_str()).collect();
        Ok(
            ["POST /api/v1/visits", "process COMMANDS", "publish EVENTS"]
                .iter()
                .all(|name| told.contains(name)),
        )
    })
    .await?;
    await_until::holds(
        "what the adviser could not say is recorded",
        SOON,
        || async {
            let recorded = "SELECT count(*) FROM visit WHERE version >= 2";
            let unsent = "SELECT count(*) FROM outbox";
            Ok(hospital.count(recorded).await? == 2 && hospital.count(unsent).await? == 0)
        },
    )
    .await?;
    hospital.passes().await?;
    ear.done();
    Ok(())
}
