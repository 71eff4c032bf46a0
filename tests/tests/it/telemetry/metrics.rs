//! The Prometheus endpoints of both binaries, over real visits.

use super::SOON;
use anyhow::{Context as _, Result, ensure};
use medique_tests::sse::EventStream;
use medique_tests::{Hospital, await_until};

/// The value of a sample whose line begins so; none when it is not there.
fn value(text: &str, begins: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.starts_with(begins))?;
    line.rsplit(' ').next()?.parse().ok()
}

/// Awaits that a sample has a value.
async fn tells(
    replica: &medique_tests::processes::Replica,
    begins: &str,
    wanted: f64,
) -> Result<()> {
    let what = format!("{} says {begins} {wanted}", replica.name());
    await_until::holds(&what, SOON, || async {
        let text = replica.metrics().await?;
        let told = value(&text, begins);
        ensure!(told == Some(wanted), "it says {told:?}");
        Ok(true)
    })
    .await
}

#[tokio::test]
async fn both_binaries_tell_how_they_are() -> Result<()> {
    let hospital = Hospital::builder().workers(2).start().await?;
    let department = hospital.department().clone();
    let path = format!("/departments/{}/events", department.id);
    let mut stream = EventStream::open(&hospital.admin, &path, None).await?;
    for number in 0..3 {
        let mark = format!("patient {number}");
        let (visit, _) = hospital
            .check_in(&hospital.admin, department.id, &mark)
            .await?;
        let came = stream.until("it comes", SOON, |event| {
            event.data["visit_id"] == visit.to_string()
        });
        came.await?;
    }
    let api = &hospital.apis[0];
    let route = "http_server_request_duration_seconds_count{http_request_method=\"POST\",\
                 http_response_status_code=\"201\",http_route=\"/api/v1/visits\"";
    tells(api, route, 3.0).await?;
    tells(
        api,
        "medique_command_accepted_total{type=\"check_in\"}",
        3.0,
    )
    .await?;
    tells(api, "medique_live_streams{kind=\"staff\"}", 1.0).await?;
    tells(api, "medique_event_publish_to_sse_seconds_count", 3.0).await?;
    tells(api, "medique_broker_connected", 1.0).await?;
    tells(api, "medique_database_connected", 1.0).await?;
    tells(api, "medique_db_pool_connections{state=\"max\"}", 6.0).await?;
    let text = api.metrics().await?;
    ensure!(
        text.contains("target_info{") && text.contains("service_name=\"medique-api\""),
        "{text}"
    );
    drop(stream);
    tells(api, "medique_live_streams{kind=\"staff\"}", 0.0).await?;
    hospital
        .admin
        .post("/visits", &serde_json::json!({}))
        .send()
        .await?
        .expect(400)?;

    await_until::holds("the workers share the partitions", SOON, || async {
        let mut owned = Vec::new();
        for worker in &hospital.workers {
            owned
                .push(value(&worker.metrics().await?, "medique_partitions_owned").context("none")?);
        }
        ensure!(owned == [8.0, 8.0], "{owned:?}");
        Ok(true)
    })
    .await?;
    let mut decided = 0.0;
    for worker in &hospital.workers {
        let text = worker.metrics().await?;
        let kind = "medique_command_decided_total{outcome=\"applied\",type=\"check_in\"}";
        decided += value(&text, kind).unwrap_or_default();
        await_until::holds("the lag of each partition is told", SOON, || async {
            let text = worker.metrics().await?;
            let lags = text
                .lines()
                .filter(|line| line.starts_with("medique_partition_lag{"));
            Ok(lags.count() == 8)
        })
        .await?;
        // both run the scheduler, and say the same
        let levels = (1..=5).map(|level| {
            format!(
                "medique_queue_depth{{department=\"{}\",facility=\"GH\",level=\"{level}\"}}",
                department.code
            )
        });
        let names: Vec<_> = levels.collect();
        await_until::holds("the queue is told", SOON, || async {
            let text = worker.metrics().await?;
            let depths = names.iter().filter_map(|name| value(&text, name));
            Ok(depths.sum::<f64>() == 3.0)
        })
        .await?;
        tells(worker, "medique_parked_commands", 0.0).await?;
        tells(worker, "medique_outbox_depth", 0.0).await?;
        tells(worker, "medique_commands_undecided", 0.0).await?;
    }
    ensure!(decided == 3.0, "{decided} check-ins were decided");
    hospital.passes().await?;
    Ok(())
}
