//! Facts that no command caused: who may append them, and which reads are among them.

use anyhow::{Context as _, Result, ensure};
use medique_contracts::ids::FacilityId;
use medique_contracts::vocabulary::Role;
use medique_platform::audit::{self, ANONYMOUS, FACT_CHAINS, Fact, FactKind};
use medique_tests::Hospital;
use reqwest::Method;
use serde_json::json;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, PgPool};

/// The database as the api sees it.
async fn as_api(hospital: &Hospital) -> Result<PgPool> {
    let options = PgPoolOptions::new().max_connections(8);
    Ok(options.connect(&hospital.database.api_url).await?)
}

fn fact(hospital: &Hospital, actor: &str) -> Fact {
    let facility = Some(FacilityId(hospital.facility));
    Fact::new(FactKind::LoginFailed, facility, actor)
}

/// A hospital comes with facts: who made it.
const ROWS: &str = "SELECT count(*) FROM audit";

#[tokio::test]
async fn many_at_once_make_whole_chains() -> Result<()> {
    let builder = Hospital::builder().apis(0).workers(0);
    let hospital = builder.departments(0, 0).start().await?;
    let before = hospital.count(ROWS).await?;
    let pool = as_api(&hospital).await?;
    let appended = (0..200).map(|number| {
        let (pool, actor) = (pool.clone(), format!("staff:{}", number % 5));
        let actor = if number % 2 == 0 {
            ANONYMOUS.to_owned()
        } else {
            actor
        };
        let fact = fact(&hospital, &actor);
        async move {
            let mut connection = pool.acquire().await?;
            // alone in its transaction
            sqlx::query("BEGIN").execute(&mut *connection).await?;
            audit::append(&mut connection, &fact).await?;
            sqlx::query("COMMIT").execute(&mut *connection).await?;
            anyhow::Ok(())
        }
    });
    futures::future::try_join_all(appended).await?;
    let told = hospital.command_line.json(&["audit", "verify"], "")?;
    ensure!(told["rows"] == before + 200, "{told}");
    let chains = "SELECT count(DISTINCT partition) FROM audit WHERE partition >= 100";
    let used = hospital.count(chains).await?;
    ensure!(used == FACT_CHAINS.count() as i64, "{used} chains");
    hospital.done();
    Ok(())
}

/// The database holds this, whatever the api's code does.
#[tokio::test]
async fn the_api_appends_facts_and_changes_nothing() -> Result<()> {
    let builder = Hospital::builder().apis(0).workers(0);
    let hospital = builder.departments(0, 0).start().await?;
    let before = hospital.count(ROWS).await?;
    let pool = as_api(&hospital).await?;
    let mut connection = pool.acquire().await?;
    audit::append(&mut connection, &fact(&hospital, ANONYMOUS)).await?;
    let copy = "INSERT INTO audit SELECT 3, chain_seq, gen_random_uuid(), prev_hash, hash, facility_id, \
        department_id, visit_id, version, event_type, actor, command_id, occurred_at, trace_id, facts, detail \
        FROM audit";
    for forbidden in [
        copy,
        "UPDATE audit SET facts = '{}'",
        "DELETE FROM audit",
        "UPDATE audit_chain SET chain_seq = 0",
        "DELETE FROM audit_chain",
        "INSERT INTO audit_chain (id) VALUES (200)",
        "UPDATE partition SET chain_seq = 0",
        "SELECT * FROM mail_outbox",
        "UPDATE mail_outbox SET recipient = ''",
        "DELETE FROM mail_outbox",
    ] {
        let done = sqlx::query(AssertSqlSafe(forbidden))
            .execute(&mut *connection)
            .await;
        ensure!(done.is_err(), "{forbidden}");
    }
    let told = hospital.command_line.json(&["audit", "verify"], "")?;
    ensure!(told["rows"] == before + 1, "{told}");
    hospital.done();
    Ok(())
}

#[tokio::test]
async fn reads_of_a_record_are_facts_once_in_a_while() -> Result<()> {
    let mut hospital = Hospital::start().await?;
    let second = hospital.start_api("second")?;
    hospital.apis[second].ready().await?;
    let department = hospital.department().id;
    let (visit, _) = hospital
        .check_in(&hospital.admin, department, "read")
        .await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let doctor = hospital.local(Role::Doctor).await?;
    let path = format!("/visits/{visit}");
    let elsewhere = nurse.client.at(&hospital.apis[second].url());
    for client in [
        &nurse.client,
        &elsewhere,
        &nurse.client,
        &elsewhere,
        &doctor.client,
    ] {
        client.get(&path).await?.expect(200)?;
    }
    let display = hospital.local(Role::Display).await?;
    display.client.get(&path).await?.expect(403)?;
    let trail = hospital
        .admin
        .get(&format!("/audit?visit_id={visit}"))
        .await?;
    let trail: serde_json::Value = serde_json::from_str(&trail.expect(200)?.text)?;
    let reads: Vec<_> = trail["items"]
        .as_array()
        .context("no items")?
        .iter()
        .filter(|item| item["event_type"] == "visit_record_read")
        .collect();
    // a window may end between two looks, so the nurse has one or two
    let of = |id: uuid::Uuid| {
        let actor = json!(format!("staff:{id}"));
        reads.iter().filter(|item| item["actor"] == actor).count()
    };
    ensure!((1..=2).contains(&of(nurse.id)), "{trail}");
    ensure!(of(doctor.id) == 1 && of(display.id) == 0, "{trail}");
    ensure!(
        reads.iter().all(|item| item.get("command_id").is_none()),
        "{trail}"
    );
    ensure!(reads[0]["department_id"] == json!(department), "{trail}");
    hospital.passes().await?;
    Ok(())
}

/// What a clinician decided against the rules stands in the trail, with why.
#[tokio::test]
async fn an_override_of_the_safety_floor_is_in_the_trail() -> Result<()> {
    let hospital = Hospital::start().await?;
    let department = hospital.department().id;
    let (visit, _) = hospital
        .check_in(&hospital.admin, department, "floor")
        .await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let vitals = json!({ "respiratory_rate": 36, "oxygen_saturation": 80, "on_oxygen": true,
        "systolic_bp": 80, "heart_rate": 140, "temperature_c": 39.5, "consciousness": "ALERT" });
    let path = format!("/visits/{visit}/vitals");
    nurse
        .client
        .post(&path, &vitals)
        .applied()
        .await?
        .expect(200)?;
    let level = json!({ "level": 5, "reason": "sensor fell off", "override_floor": true });
    let path = format!("/visits/{visit}/acuity");
    nurse
        .client
        .post(&path, &level)
        .applied()
        .await?
        .expect(200)?;
    let trail = hospital
        .admin
        .get(&format!("/audit?visit_id={visit}"))
        .await?;
    let trail: serde_json::Value = serde_json::from_str(&trail.expect(200)?.text)?;
    let items = trail["items"].as_array().context("no items")?;
    let set = items
        .iter()
        .find(|item| item["event_type"] == "visit_acuity_set");
    let set = set.with_context(|| format!("no acuity in {trail}"))?;
    ensure!(
        set["actor"] == json!(format!("staff:{}", nurse.id)),
        "{set}"
    );
    let text = set.to_string();
    ensure!(
        text.contains("sensor fell off") && text.contains("overrid"),
        "{set}"
    );
    hospital.passes().await?;
    Ok(())
}

/// Kinds of facts about an actor, or about somebody whom the facts name.
async fn kinds(hospital: &Hospital, filter: &str) -> Result<Vec<String>> {
    let query = "SELECT event_type FROM audit WHERE partition >= 100 AND (actor LIKE '%' || $1 OR facts LIKE '%' || $1 || '%')
                 ORDER BY occurred_at, partition, chain_seq";
    Ok(sqlx::query_scalar(query)
        .bind(filter)
        .fetch_all(&hospital.database.pool)
        .await?)
}

/// Every login, failure, lockout, grant, link, export and read stands in the trail, whoever caused
/// it: at the api, or at a terminal.
#[tokio::test]
async fn what_happens_to_accounts_and_records_is_in_the_trail() -> Result<()> {
    let hospital = Hospital::builder()
        .departments(2, 1)
        .api("MEDIQUE_LOGIN_PAIR_FAILURES", "2")
        .start()
        .await?;
    let (here, there) = (hospital.departments[0].id, hospital.departments[1].id);
    let admin = &hospital.admin;
    let nurse = hospital.person(Role::Nurse, &[here]).await?;
    for _ in 0..2 {
        let wrong = admin
            .try_login(&nurse.email, "Wrong-7 under the gravel")
            .await?;
        wrong.problem(401, "invalid_credentials")?;
    }
    let path = format!("/departments/{here}/queue");
    for _ in 0..3 {
        nurse.client.get(&path).await?.expect(200)?;
    }
    let path = format!("/staff/{}", nurse.id);
    let body = json!({ "name": "Ada", "role": "NURSE", "departments": [here, there] });
    admin.ask(Method::PUT, &path, &body).await?.expect(200)?;
    let path = format!("{path}/disable");
    admin
        .ask(Method::POST, &path, &json!({}))
        .await?
        .expect(200)?;
    let told = kinds(&hospital, &nurse.id.to_string()).await?;
    for (kind, count) in [
        ("staff_created", 1),
        ("login_succeeded", 1),
        ("login_failed", 1),
        ("login_locked", 1),
        ("queue_read", 1),
        ("grants_changed", 1),
        ("staff_disabled", 1),
        ("session_ended", 1),
    ] {
        let found = told.iter().filter(|told| *told == kind).count();
        // a quarter of an hour may end between two looks
        ensure!(
            found == count || kind == "queue_read" && found == 2,
            "{kind}: {told:?}"
        );
    }
    let (visit, _) = hospital.check_in(admin, here, "trail").await?;
    admin
        .get(&format!("/visits/{visit}/export"))
        .await?
        .expect(200)?;
    let body = json!({ "department_id": here, "kind": "single_use", "ttl_minutes": 60 });
    let link = admin
        .ask(Method::POST, "/links", &body)
        .await?
        .expect(201)?;
    let path = format!("/links/{}", link.id("/link/link_id")?);
    admin
        .ask(Method::DELETE, &path, &json!({}))
        .await?
        .expect(204)?;
    hospital.link(here, &[])?;
    admin.get("/audit").await?.expect(200)?;
    let all = kinds(&hospital, "").await?;
    for kind in [
        "personal_data_exported",
        "link_created",
        "link_revoked",
        "audit_read",
    ] {
        ensure!(all.iter().any(|told| told == kind), "{kind}: {all:?}");
    }
    let at_the_terminal = kinds(&hospital, "system:operator").await?;
    for kind in ["staff_created", "link_created"] {
        ensure!(
            at_the_terminal.iter().any(|told| told == kind),
            "{kind}: {at_the_terminal:?}"
        );
    }
    hospital.passes().await?;
    Ok(())
}
