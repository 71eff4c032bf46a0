//! The role `triage` killed, stopped, and looked at.

use super::role::{SOON, advised, answers, asked, builder, check_in};
use anyhow::{Context as _, Result, ensure};
use medique_contracts::vocabulary::Role;
use medique_tests::Hospital;
use medique_tests::await_until;
use serde_json::json;
use uuid::Uuid;

const SECRET: &str = "key-canary-4711";

/// One answer took effect, whatever happened on the way.
async fn is_advised_once(hospital: &Hospital, visit: Uuid) -> Result<()> {
    let rows = answers(hospital, visit).await?;
    ensure!(rows.len() == 1 && rows[0].1 == Some(2), "{rows:?}");
    let query =
        "SELECT count(*) FROM audit WHERE visit_id = $1 AND event_type = 'visit_triage_advised'";
    let count: i64 = sqlx::query_scalar(query)
        .bind(visit)
        .fetch_one(&hospital.database.pool)
        .await?;
    ensure!(count == 1, "{count} transitions");
    Ok(())
}

#[tokio::test]
async fn a_worker_killed_while_it_asks_is_followed_by_one_that_asks_again() -> Result<()> {
    let mut hospital = builder().start().await?;
    let nurse = hospital.local(Role::Nurse).await?.client;
    hospital.adviser()?.fault(json!("hang")).await?;
    let visit = check_in(&hospital, "killed", "chest pain").await?;
    asked(hospital.adviser()?, 1).await?;
    hospital.worker("worker-1")?.process().kill9()?;
    hospital.adviser()?.behave(json!({})).await?;
    hospital.start_worker("next", None)?;
    advised(&nurse, visit, 1).await?;
    is_advised_once(&hospital, visit).await?;
    ensure!(
        hospital.adviser()?.stats().await?.received >= 2,
        "not asked again"
    );
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn a_worker_killed_with_the_answer_in_hand_loses_the_answer_and_nothing_else() -> Result<()> {
    // before it is published it is asked for again; after that it stands
    for (point, questions) in [("advice_given", 2), ("advice_recorded", 1)] {
        let mut hospital = builder().start().await?;
        let nurse = hospital.local(Role::Nurse).await?.client;
        let healthy = hospital.worker("worker-1")?.process();
        healthy.term()?;
        healthy.end(SOON).await?;
        hospital.start_worker("doomed", Some(&format!("{point}=kill")))?;
        let visit = check_in(&hospital, point, "chest pain").await?;
        let status = hospital.worker("doomed")?.process().end(SOON).await?;
        ensure!(!status.success(), "{point}: it ended with {status}");
        hospital.start_worker("next", None)?;
        advised(&nurse, visit, 1).await?;
        is_advised_once(&hospital, visit).await?;
        let received = hospital.adviser()?.stats().await?.received;
        ensure!(received == questions, "{point}: {received} questions");
        hospital.passes().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_stop_finishes_what_is_begun_and_gives_the_rest_back() -> Result<()> {
    let mut hospital = builder()
        .worker("MEDIQUE_AI_CONCURRENCY", "1")
        .worker("MEDIQUE_TRIAGE_GIVE_UP_S", "120")
        .start()
        .await?;
    let nurse = hospital.local(Role::Nurse).await?.client;
    hospital.adviser()?.fault(json!("hang")).await?;
    let mut visits = Vec::new();
    for number in 0..4 {
        visits.push(check_in(&hospital, &format!("stop-{number}"), "chest pain").await?);
    }
    asked(hospital.adviser()?, 1).await?;
    let worker = hospital.worker("worker-1")?.process();
    worker.term()?;
    let status = worker.end(SOON).await?;
    ensure!(status.success(), "it ended with {status}");
    hospital.adviser()?.behave(json!({})).await?;
    hospital.start_worker("next", None)?;
    for visit in visits {
        advised(&nurse, visit, 1).await?;
        is_advised_once(&hospital, visit).await?;
    }
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn the_breaker_shows_in_health_in_the_database_and_in_the_log() -> Result<()> {
    let mut hospital = builder()
        .worker("MEDIQUE_AI_BREAKER_CALLS_MIN", "2")
        .worker("MEDIQUE_AI_BREAKER_OPEN_MS", "1000")
        .worker("MEDIQUE_TRIAGE_GIVE_UP_S", "120")
        .start()
        .await?;
    let nurse = hospital.local(Role::Nurse).await?.client;
    let healthy = hospital.worker("worker-1")?.detail().await?;
    ensure!(
        healthy["ready"] == true && healthy["adviser"]["breaker"]["state"] == "closed",
        "{healthy}"
    );
    hospital
        .adviser()?
        .fault(json!({ "status": { "code": 500 } }))
        .await?;
    let visit = check_in(&hospital, "breaker", "chest pain").await?;
    let written = |state: &'static str| {
        let pool = hospital.database.pool.clone();
        async move {
            let query = "SELECT count(*) FROM adviser_state WHERE worker_id = 'worker-1' AND breaker = $1 \
                          AND provider = 'generic' AND model = 'stand-in'";
            let count: i64 = sqlx::query_scalar(query)
                .bind(state)
                .fetch_one(&pool)
                .await?;
            Ok(count == 1)
        }
    };
    await_until::holds("the breaker is open", SOON, || written("open")).await?;
    await_until::holds("it is open in health too", SOON, || async {
        let detail = hospital.workers[0].detail().await?;
        let adviser = &detail["adviser"];
        Ok(detail["ready"] == true
            && adviser["breaker"]["state"] != "closed"
            && adviser["counts"]["failed"]["http_status"].as_u64() > Some(0))
    })
    .await?;
    hospital.adviser()?.behave(json!({})).await?;
    advised(&nurse, visit, 1).await?;
    await_until::holds("the breaker is closed", SOON, || written("closed")).await?;
    let log = hospital.worker("worker-1")?.printed()?;
    ensure!(
        log.contains("the adviser fails and is left alone")
            && log.contains("the adviser answers again"),
        "{log}"
    );
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn logs_hold_neither_the_key_nor_what_was_said() -> Result<()> {
    let mut hospital = builder()
        .both("MEDIQUE_AI_KEY", SECRET)
        .both(
            "MEDIQUE_LOG",
            "trace,async_nats=info,sqlx=info,hyper=trace,reqwest=trace",
        )
        .start()
        .await?;
    let nurse = hospital.local(Role::Nurse).await?.client;
    let faults = [
        json!({}),
        json!({ "fault": "reset" }),
        json!({ "fault": { "status": { "code": 401 } } }),
        json!({ "fault": { "body": { "text": "answer-canary-4713" } } }),
        json!({ "fault": { "redirect": { "to": "http://127.0.0.1:9/" } } }),
    ];
    for (number, behaviour) in faults.into_iter().enumerate() {
        hospital.adviser()?.behave(behaviour).await?;
        let visit = check_in(&hospital, &format!("log-{number}"), "complaint-canary-4712").await?;
        advised(&nurse, visit, 1).await?;
    }
    hospital.adviser()?.behave(json!({})).await?;
    hospital
        .admin
        .ask(reqwest::Method::POST, "/admin/insights", &json!({}))
        .await?
        .expect(200)?;
    let seen = hospital.adviser()?.requests().await?;
    let first = seen.first().context("nothing was asked")?;
    ensure!(
        first.headers["authorization"].contains(SECRET),
        "the key was not sent"
    );
    let mut logs = hospital.worker("worker-1")?.printed()?;
    logs.push_str(&hospital.apis[0].printed()?);
    ensure!(
        logs.contains("reqwest") || logs.contains("hyper"),
        "the log is not verbose"
    );
    for canary in [SECRET, "complaint-canary-4712", "answer-canary-4713"] {
        ensure!(!logs.contains(canary), "{canary} is in a log");
    }
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn without_a_service_nobody_is_asked_and_it_is_said_once() -> Result<()> {
    let mut hospital = Hospital::start().await?;
    let nurse = hospital.local(Role::Nurse).await?.client;
    let visit = check_in(&hospital, "alone", "chest pain").await?;
    let read = super::role::look(&nurse, visit).await?;
    ensure!(read.body.get("suggestion").is_none(), "{read}");
    let log = hospital.worker("worker-1")?.printed()?;
    ensure!(
        log.matches("MEDIQUE_AI_URL is not set").count() == 1,
        "{log}"
    );
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn a_report_is_labelled_as_a_machines_and_missing_in_so_many_words() -> Result<()> {
    let hospital = builder().start().await?;
    check_in(&hospital, "reportcanary", "chest pain").await?;
    let nothing = json!({});
    let ask = || {
        let path = "/admin/insights";
        hospital.admin.ask(reqwest::Method::POST, path, &nothing)
    };
    let told = ask().await?.expect(200)?;
    ensure!(
        told.body["report_source"] == "ai:stand-in"
            && told.body["report"]
                .as_str()
                .is_some_and(|text| text.contains("stand-in"))
            && told.body["note"]
                .as_str()
                .is_some_and(|note| note.contains("machine")),
        "{told}"
    );
    let seen = hospital.adviser()?.requests().await?;
    let sent = seen.iter().find(|seen| seen.path.ends_with("/v1/report"));
    let sent = sent.context("no report was asked for")?;
    ensure!(
        !sent.body.contains("reportcanary") && sent.body.contains("stays"),
        "{}",
        sent.body
    );
    let figures = json!({ "report": false });
    let told = (hospital.admin)
        .ask(reqwest::Method::POST, "/admin/insights", &figures)
        .await?
        .expect(200)?;
    ensure!(
        told.body["report"].is_null() && told.body["statistics"]["total"]["stays"] == 1,
        "{told}"
    );
    let asked = hospital.adviser()?.requests().await?;
    let reports = asked
        .iter()
        .filter(|seen| seen.path.ends_with("/v1/report"));
    ensure!(reports.count() == 1, "the service was asked for figures");
    hospital.adviser()?.fault(json!("wrong_schema")).await?;
    let told = ask().await?.expect(200)?;
    ensure!(
        told.body["report"].is_null()
            && told.body["report_source"] == "none"
            && told.body["note"]
                .as_str()
                .is_some_and(|note| note.contains("invalid_answer"))
            && told.body["statistics"]["total"]["stays"] == 1,
        "{told}"
    );
    hospital.passes().await?;
    Ok(())
}
