//! Health of both binaries: what strangers learn, what operators learn, and when each word changes.

use anyhow::{Context as _, Result, ensure};
use medique_tests::client::http_client;
use medique_tests::processes::Replica;
use medique_tests::sse::EventStream;
use medique_tests::{Hospital, await_until};
use reqwest::{Method, Response, StatusCode};
use serde_json::Value;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);
const NEWEST: &str = "SELECT max(version) FROM _sqlx_migrations";

async fn ask(
    replica: &Replica,
    method: Method,
    path: &str,
    token: Option<&str>,
) -> Result<Response> {
    let request = http_client()?.request(method, format!("{}{path}", replica.url()));
    let request = match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    Ok(request.send().await?)
}

async fn status(replica: &Replica, path: &str) -> Result<StatusCode> {
    Ok(ask(replica, Method::GET, path, None).await?.status())
}

async fn becomes(replica: &Replica, path: &str, wanted: StatusCode) -> Result<()> {
    let what = format!("{path} of {} is {wanted}", replica.name());
    await_until::holds(&what, SOON, || async {
        Ok(status(replica, path).await? == wanted)
    })
    .await
}

#[tokio::test]
async fn strangers_learn_one_word_and_operators_how_the_parts_stand() -> Result<()> {
    let hospital = Hospital::start().await?;
    let admin = hospital.admin.token()?.to_owned();
    for replica in [&hospital.apis[0], &hospital.workers[0]] {
        for path in ["/health/live", "/health/ready", "/health/startup"] {
            let answer = ask(replica, Method::GET, path, None).await?;
            ensure!(answer.status() == 200, "{path}: {}", answer.status());
            let body: Value = answer.json().await?;
            let fields = body.as_object().context("no object")?;
            ensure!(
                fields.len() == 1 && fields.contains_key("status"),
                "{path}: {body}"
            );
        }
        // not even who administers the hospital: it is about the process
        for token in [
            None,
            Some("0123456789abcdef0123456789abcdef"),
            Some(admin.as_str()),
        ] {
            let answer = ask(replica, Method::GET, "/health/detail", token).await?;
            let (status, text) = (answer.status(), answer.text().await?);
            ensure!(status == 401, "{status} {text}");
            ensure!(
                !text.contains("PostgreSQL") && !text.contains("dependencies"),
                "{text}"
            );
        }
        let detail = replica.detail().await?;
        let (database, broker) = (
            &detail["dependencies"]["database"],
            &detail["dependencies"]["broker"],
        );
        ensure!(
            detail["ready"] == true && detail["draining"] == false,
            "{detail}"
        );
        ensure!(
            database["answers"] == true && database["version"].is_string(),
            "{detail}"
        );
        let newest = hospital.count(NEWEST).await?;
        ensure!(
            database["schema"]["expected"] == newest && database["schema"]["found"] == newest,
            "{detail}"
        );
        ensure!(
            broker["connected"] == true && broker["server"].is_string(),
            "{detail}"
        );
        let url = &hospital.database.worker_url;
        let password = url
            .split([':', '@'])
            .nth(2)
            .context("a URL without a password")?;
        ensure!(
            !detail.to_string().contains(password),
            "a password: {detail}"
        );
    }
    hospital.done();
    Ok(())
}

#[tokio::test]
async fn uptime_monitors_get_a_status_and_a_word() -> Result<()> {
    let mut hospital = Hospital::builder().rate("ADDRESS", 1).start().await?;
    for _ in 0..20 {
        let answer = ask(&hospital.apis[0], Method::GET, "/api/health", None).await?;
        ensure!(answer.status() == 200, "{}", answer.status());
        ensure!(!answer.headers().contains_key("ratelimit"), "it is charged");
        let kind = answer.headers().get("content-type").context("no type")?;
        ensure!(kind.to_str()?.starts_with("text/plain"), "{kind:?}");
        ensure!(answer.text().await? == "ok");
    }
    let head = ask(&hospital.apis[0], Method::HEAD, "/api/health", None).await?;
    ensure!(head.status() == 200, "{}", head.status());
    hospital.nats.process().stop()?;
    becomes(
        &hospital.apis[0],
        "/api/health",
        StatusCode::SERVICE_UNAVAILABLE,
    )
    .await?;
    hospital.nats.process().cont()?;
    becomes(&hospital.apis[0], "/api/health", StatusCode::OK).await?;
    hospital.done();
    Ok(())
}

/// SIGTERM turns readiness first. Whoever is connected, and whoever has not noticed yet and comes
/// anew, is served on until the grace is over.
#[tokio::test]
async fn readiness_goes_before_connections_do() -> Result<()> {
    let mut hospital = Hospital::start().await?;
    hospital.tell_apis("MEDIQUE_DRAIN_GRACE_S", "4");
    let second = hospital.start_api("api-2")?;
    hospital.apis[second].ready().await?;
    let department = hospital.department().id;
    let there = hospital.admin.at(&hospital.apis[second].url());
    let path = format!("/departments/{department}/events");
    let mut stream = EventStream::open(&there, &path, None).await?;
    hospital.check_in(&there, department, "before").await?;

    hospital.apis[second].process().term()?;
    becomes(
        &hospital.apis[second],
        "/health/ready",
        StatusCode::SERVICE_UNAVAILABLE,
    )
    .await?;
    becomes(
        &hospital.apis[second],
        "/api/health",
        StatusCode::SERVICE_UNAVAILABLE,
    )
    .await?;
    ensure!(status(&hospital.apis[second], "/health/live").await? == 200);
    let detail = hospital.apis[second].detail().await?;
    ensure!(
        detail["draining"] == true && detail["why_not_ready"][0] == "it is ending",
        "{detail}"
    );
    // on the connection of before, which is kept alive, and on one that is opened now
    let (visit, _) = hospital.check_in(&there, department, "during").await?;
    ensure!(
        ask(&hospital.apis[second], Method::GET, "/openapi.json", None)
            .await?
            .status()
            == 200
    );
    let visit = visit.to_string();
    stream
        .until("the event of a check-in while draining", SOON, |event| {
            event.data["visit_id"] == visit
        })
        .await?;
    ensure!(
        hospital.apis[second].process().ended()?.is_none(),
        "it ended too early for this test"
    );

    let ended = hospital.apis[second].process().end(SOON).await?;
    ensure!(ended.success(), "it ended with {ended}");
    stream
        .ends("the live stream of a draining api ends", SOON)
        .await?;
    hospital.apis.pop();
    hospital.passes().await?;
    Ok(())
}

/// A worker answers health checks to the last: not ready, and alive.
#[tokio::test]
async fn a_worker_answers_while_it_drains() -> Result<()> {
    let mut hospital = Hospital::start().await?;
    let mut held = hospital.database.pool.acquire().await?;
    // signing off has to wait for this
    for statement in ["BEGIN", "LOCK TABLE worker IN ACCESS EXCLUSIVE MODE"] {
        sqlx::query(statement).execute(&mut *held).await?;
    }
    hospital.workers[0].process().term()?;
    becomes(
        &hospital.workers[0],
        "/health/ready",
        StatusCode::SERVICE_UNAVAILABLE,
    )
    .await?;
    ensure!(status(&hospital.workers[0], "/health/live").await? == 200);
    ensure!(hospital.workers[0].detail().await?["draining"] == true);
    sqlx::query("ROLLBACK").execute(&mut *held).await?;
    let ended = hospital.workers[0].process().end(SOON).await?;
    ensure!(ended.success(), "it ended with {ended}");
    hospital.done();
    Ok(())
}

/// Started means: the schema is the one that the build was made for. Until then a process is alive
/// and does nothing.
#[tokio::test]
async fn nothing_starts_before_its_migrations_were_run() -> Result<()> {
    let mut hospital = Hospital::start().await?;
    sqlx::query("UPDATE _sqlx_migrations SET success = false WHERE version = 20")
        .execute(&hospital.database.pool)
        .await?;
    let (api, worker) = (
        hospital.start_api("early-api")?,
        hospital.start_worker("early", None)?,
    );
    for replica in [&hospital.apis[api], &hospital.workers[worker]] {
        becomes(replica, "/health/live", StatusCode::OK).await?;
        await_until::holds("it says what is missing", SOON, || async {
            Ok(replica.printed()?.contains("medique-worker migrate"))
        })
        .await?;
        for path in ["/health/startup", "/health/ready"] {
            ensure!(
                status(replica, path).await? == 503,
                "{path} of {}",
                replica.name()
            );
        }
        let detail = replica.detail().await?;
        let missing = &detail["dependencies"]["database"]["schema"]["missing"];
        ensure!(*missing == serde_json::json!([20]), "{detail}");
    }
    let owners = hospital.owners().await?;
    ensure!(!owners.values().any(|owner| owner == "early"), "{owners:?}");
    // those that were there before go on
    ensure!(status(&hospital.apis[0], "/health/ready").await? == 200);
    sqlx::query("UPDATE _sqlx_migrations SET success = true")
        .execute(&hospital.database.pool)
        .await?;
    for replica in [&hospital.apis[api], &hospital.workers[worker]] {
        becomes(replica, "/health/startup", StatusCode::OK).await?;
        becomes(replica, "/health/ready", StatusCode::OK).await?;
    }
    hospital.passes().await?;
    Ok(())
}
