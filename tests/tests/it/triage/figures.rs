//! What the adviser was worth, the trip, and figures of the queues.

use super::*;

#[tokio::test]
async fn quality_is_what_clinicians_made_of_it_and_outlives_the_person() -> Result<()> {
    let hospital = Hospital::builder().departments(2, 1).start().await?;
    let nurse = hospital.local(Role::Nurse).await?.client;
    let doctor = hospital.local(Role::Doctor).await?.client;
    let department = hospital.department();
    let mut visits = Vec::new();
    // Suggested and set: the same, less urgent, more urgent, and one that is taken back.
    for (mark, suggested, set) in [("a", 3, 3), ("b", 4, 2), ("c", 1, 3), ("d", 5, 1)] {
        let (visit, _) = hospital
            .check_in(&hospital.admin, department.id, mark)
            .await?;
        suggests(&hospital, visit, 1, suggested, CANARY).await?;
        let body = json!({ "level": set, "reason": "seen" });
        nurse
            .post(&format!("/visits/{visit}/acuity"), &body)
            .applied()
            .await?;
        visits.push(visit);
    }
    nurse
        .post(&format!("/visits/{}/undo", visits[3]), &json!({}))
        .applied()
        .await?;
    let (failing, _) = hospital
        .check_in(&hospital.admin, department.id, "e")
        .await?;
    let body = json!({ "level": 2, "reason": "seen first" });
    nurse
        .post(&format!("/visits/{failing}/acuity"), &body)
        .applied()
        .await?;
    let kind = AdviceFailure::RateLimited;
    advise(&hospital, failing, 1, AdviceResult::Failed { kind }).await?;
    suggests(&hospital, failing, 1, 3, "after the nurse").await?;

    let total = |quality: &Answer| quality.body["total"].clone();
    let quality = hospital
        .admin
        .get("/admin/triage/quality")
        .await?
        .expect(200)?;
    says_so(&total(&quality)).with_context(|| quality.text.clone())?;
    let model = &quality.body["models"][0];
    ensure!(
        model["model"] == "simulated" && model["figures"] == total(&quality),
        "{quality}"
    );
    ensure!(
        quality.body["days"][0]["figures"] == total(&quality),
        "{quality}"
    );

    // Of another model, of another department, and before all that: nothing.
    let elsewhere = hospital.departments[1].id;
    for query in [
        "model=other".to_owned(),
        format!("department_id={elsewhere}"),
        "from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z".to_owned(),
    ] {
        let path = format!("/admin/triage/quality?{query}");
        let empty = hospital.admin.get(&path).await?.expect(200)?;
        ensure!(empty.body["total"]["suggested"] == 0, "{query}: {empty}");
        ensure!(empty.body["days"] == json!([]), "{query}: {empty}");
    }
    let foreign = hospital.person(Role::Admin, &[elsewhere]).await?.client;
    let granted = foreign.get("/admin/triage/quality").await?.expect(200)?;
    ensure!(granted.body["total"]["suggested"] == 0, "{granted}");
    let path = "/admin/triage/quality?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z";
    hospital.admin.get(path).await?.expect(400)?;

    // The person goes; figures stay, the hash of what was sent does not.
    let visit = visits[0];
    for (verb, body) in [
        ("start", json!({ "room_id": department.rooms[0] })),
        ("complete", json!({})),
    ] {
        doctor
            .post(&format!("/visits/{visit}/{verb}"), &body)
            .applied()
            .await?;
    }
    let why = json!({ "reason": "request 4" });
    hospital
        .admin
        .post(&format!("/visits/{visit}/erase"), &why)
        .applied()
        .await?;
    let read = look(&nurse, visit).await?;
    ensure!(
        !read.text.contains(CANARY) && read.body.get("suggestion").is_none(),
        "{read}"
    );
    ensure!(read.body["decisions"][1]["level"] == 3, "{read}");
    let hashes = "SELECT count(*) FROM triage_advice WHERE input_hash IS NULL";
    ensure!(hospital.count(hashes).await? == 1);
    let after = hospital
        .admin
        .get("/admin/triage/quality")
        .await?
        .expect(200)?;
    ensure!(total(&after) == total(&quality), "{after}");
    hospital.passes().await?;
    Ok(())
}

fn says_so(total: &Value) -> Result<()> {
    for (member, expected) in [
        ("/suggested", json!(5)),
        ("/failed", json!(1)),
        ("/failures", json!([{ "kind": "rate_limited", "count": 1 }])),
        ("/stale_refused", json!(0)),
        ("/clinicians/compared", json!(3)),
        ("/clinicians/agreed", json!(1)),
        ("/clinicians/under_triaged", json!(1)),
        ("/clinicians/over_triaged", json!(1)),
        ("/clinicians/under_triage", json!(0.3333)),
        ("/independent/compared", json!(1)),
        ("/independent/under_triaged", json!(1)),
        ("/override_rate", json!(1.0)),
        ("/floor_override_rate", json!(0.0)),
        ("/latency_p50_ms", json!(800.0)),
    ] {
        let told = total.pointer(member);
        ensure!(told == Some(&expected), "{member}: {told:?}");
    }
    Ok(())
}

/// Records what clinicians made of suggestions, as workers would have.
async fn record(hospital: &Hospital, count: i32, suggested: i16, set: i16) -> Result<()> {
    sqlx::query(
        "INSERT INTO triage_decision (visit_id, version, facility_id, department_id, at, actor, \
                                      by_desk, level, overrides_floor, floor_level, level_before, \
                                      level_after, answers, suggested_level) \
         SELECT gen_random_uuid(), 3, $1, $2, now(), 'staff:x', false, $3, false, 5, 4, $3, 2, $4 \
           FROM generate_series(1, $5)",
    )
    .bind(hospital.facility)
    .bind(hospital.department().id)
    .bind(set)
    .bind(suggested)
    .bind(count)
    .execute(&hospital.database.pool)
    .await?;
    Ok(())
}

#[tokio::test]
async fn an_adviser_that_suggests_too_little_urgency_is_switched_off_once() -> Result<()> {
    let hospital = Hospital::start().await?;
    let quality = || async {
        let read = hospital.admin.get("/admin/triage/quality").await?;
        read.expect(200)
    };
    record(&hospital, 26, 3, 3).await?;
    record(&hospital, 4, 4, 2).await?;
    await_until::holds("the adviser is switched off", SOON, || async {
        Ok(quality().await?.body["adviser"]["enabled"] == false)
    })
    .await?;
    let read = quality().await?;
    let adviser = &read.body["adviser"];
    ensure!(adviser["by"] == "system:scheduler", "{read}");
    let reason = adviser["reason"].as_str().context("no reason")?;
    ensure!(reason.contains("4 of the last 30"), "{read}");
    let switched = "SELECT count(*) FROM audit WHERE event_type = 'adviser_switched'";
    ensure!(hospital.count(switched).await? == 1);

    // On again: what it did before is forgiven, what it does from now on is not.
    let on = json!({ "enabled": true, "reason": "another model" });
    hospital
        .admin
        .put("/admin/triage/adviser", &on)
        .applied()
        .await?;
    record(&hospital, 60, 5, 4).await?;
    await_until::holds("the adviser is switched off again", SOON, || async {
        Ok(quality().await?.body["adviser"]["version"] == 4)
    })
    .await?;
    let reason = quality().await?.body["adviser"]["reason"].clone();
    ensure!(
        reason
            .as_str()
            .is_some_and(|text| text.contains("60 of the last 60")),
        "{reason}"
    );
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn insights_are_figures_of_nobody_in_particular() -> Result<()> {
    let hospital = Hospital::builder().departments(2, 1).start().await?;
    let department = hospital.department();
    let doctor = hospital.local(Role::Doctor).await?.client;
    let mut visits = Vec::new();
    for mark in ["insightcanary", "left", "stays"] {
        let (visit, _) = hospital
            .check_in(&hospital.admin, department.id, mark)
            .await?;
        visits.push(visit);
    }
    for (visit, verb, body) in [
        (
            visits[0],
            "start",
            json!({ "room_id": department.rooms[0] }),
        ),
        (visits[0], "complete", json!({ "notes": "insightcanary" })),
        (visits[1], "leave", json!({})),
    ] {
        doctor
            .post(&format!("/visits/{visit}/{verb}"), &body)
            .applied()
            .await?;
    }
    let path = "/admin/insights";
    let ask = |client: &Client, body: Value| {
        let client = client.clone();
        async move { client.ask(reqwest::Method::POST, path, &body).await }
    };
    let told = ask(&hospital.admin, json!({})).await?.expect(200)?;
    ensure!(
        told.body["report"].is_null() && told.body["report_source"] == "none",
        "{told}"
    );
    ensure!(
        told.body["note"]
            .as_str()
            .is_some_and(|note| note.contains("no provider")),
        "{told}"
    );
    let total = &told.body["statistics"]["total"];
    for (member, expected) in [
        ("/stays", json!(3)),
        ("/levels", json!([0, 0, 0, 3, 0])),
        ("/completed", json!(1)),
        ("/left_unseen", json!(1)),
        ("/left_unseen_share", json!(0.5)),
        ("/open", json!(1)),
        ("/targets_breached", json!(0)),
    ] {
        ensure!(total.pointer(member) == Some(&expected), "{member}: {told}");
    }
    ensure!(total["wait_p50_minutes"].is_number(), "{told}");
    let departments = told.body["statistics"]["departments"].as_array();
    ensure!(departments.is_some_and(|list| list.len() == 1), "{told}");
    for word in [
        "insightcanary",
        "Pat ",
        "sore throat",
        &visits[0].to_string(),
    ] {
        ensure!(!told.text.contains(word), "{word}: {told}");
    }
    let told_of = "SELECT count(*) FROM visit WHERE triage IS NOT NULL";
    ensure!(
        hospital.count(told_of).await? == 0,
        "a visit without advice pays for it"
    );
    let foreign = hospital
        .person(Role::Admin, &[hospital.departments[1].id])
        .await?;
    let granted = ask(&foreign.client, json!({})).await?.expect(200)?;
    ensure!(
        granted.body["statistics"]["total"]["stays"] == 0,
        "{granted}"
    );
    ask(&doctor, json!({})).await?.expect(403)?;
    hospital.passes().await?;
    Ok(())
}
