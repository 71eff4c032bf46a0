//! What is revoked stops working everywhere, on open streams too.

use super::{REVOKED_WITHIN, audited, stops, works};
use anyhow::{Context, Result, ensure};
use medique_contracts::vocabulary::Role;
use medique_tests::client::Answer;
use medique_tests::front::Front;
use medique_tests::hospital::Person;
use medique_tests::signing_in::{Session, ask, open, refresh};
use medique_tests::sse::EventStream;
use medique_tests::{Hospital, forgery, samples};
use reqwest::Method;
use serde_json::{Value, json};

async fn streams(hospital: &Hospital, person: &Person) -> Result<Vec<EventStream>> {
    let path = format!("/departments/{}/events", hospital.department().id);
    let mut streams = Vec::new();
    for api in &hospital.apis {
        let client = person.client.at(&api.url());
        streams.push(EventStream::open(&client, &path, None).await?);
    }
    Ok(streams)
}

/// Requires that tokens and streams of a person end at every replica, and says which reason the
/// streams gave.
async fn all_ends(hospital: &Hospital, person: &Person, streams: Vec<EventStream>) -> Result<()> {
    for (api, mut stream) in hospital.apis.iter().zip(streams) {
        stream.ends("the stream ends", REVOKED_WITHIN).await?;
        ensure!(
            stream.raw().contains("credential_revoked"),
            "{}",
            stream.raw()
        );
        stops(&person.client, &api.url(), "the token ends").await?;
    }
    Ok(())
}

#[tokio::test]
async fn what_is_revoked_stops_everywhere_within_seconds_on_open_streams_too() -> Result<()> {
    let hospital = Hospital::builder()
        .apis(2)
        .departments(2, 1)
        .start()
        .await?;
    let pool = &hospital.database.pool;
    let elsewhere = hospital.departments[1].id;
    for (what, change) in [
        (
            "disabled",
            "UPDATE staff SET disabled_at = now() WHERE id = $1",
        ),
        (
            "another role",
            "UPDATE staff SET role = 'RECEPTION' WHERE id = $1",
        ),
        (
            "a grant less",
            "DELETE FROM staff_department WHERE staff_id = $1",
        ),
    ] {
        let nurse = hospital.local(Role::Nurse).await?;
        let session = open(&hospital.anonymous()?, &nurse).await?;
        let open_streams = streams(&hospital, &nurse).await?;
        sqlx::query(change).bind(nurse.id).execute(pool).await?;
        all_ends(&hospital, &nurse, open_streams)
            .await
            .context(what)?;
        // a session goes on with what the account may do now, unless it may nothing
        let answer = refresh(&hospital.anonymous()?, &session.refresh_token, None).await?;
        match what {
            "disabled" => drop(answer.problem(401, "invalid_session")?),
            _ => {
                let next = Session::of(&hospital.anonymous()?, &answer.expect(200)?)?;
                ensure!(
                    works(&next.client).await?,
                    "{what}: the new token is refused"
                );
                let claims = forgery::claims(next.client.token()?)?;
                let expected = match what {
                    "another role" => claims["role"] == "RECEPTION",
                    _ => claims["departments"] == json!({ "only": [] }),
                };
                ensure!(expected, "{what}: {claims}");
            }
        }
    }
    // a grant more is a change, too: the old token does not know it
    let nurse = hospital.local(Role::Nurse).await?;
    let open_streams = streams(&hospital, &nurse).await?;
    sqlx::query("INSERT INTO staff_department (staff_id, department_id) VALUES ($1, $2)")
        .bind(nurse.id)
        .bind(elsewhere)
        .execute(pool)
        .await?;
    all_ends(&hospital, &nurse, open_streams).await?;
    // signing out at one replica ends the session at the other
    let nurse = hospital.local(Role::Nurse).await?;
    let open_streams = streams(&hospital, &nurse).await?;
    ask(&nurse.client, Method::POST, "/auth/logout")
        .await?
        .expect(204)?;
    all_ends(&hospital, &nurse, open_streams).await?;
    hospital.passes().await?;
    Ok(())
}

fn ids(listed: &Answer) -> Vec<&str> {
    let items = listed.body["items"].as_array().into_iter().flatten();
    items.filter_map(|item| item["id"].as_str()).collect()
}

#[tokio::test]
async fn people_see_and_end_their_own_sessions_and_admins_anybodys() -> Result<()> {
    let hospital = Hospital::start().await?;
    let (nurse, doctor) =
        tokio::try_join!(hospital.local(Role::Nurse), hospital.local(Role::Doctor))?;
    let anonymous = hospital.anonymous()?;
    let other = open(&anonymous, &nurse).await?;
    let third = open(&anonymous, &nurse).await?;
    let listed = nurse.client.get("/auth/sessions").await?.expect(200)?;
    ensure!(ids(&listed).len() == 3, "{listed}");
    let current: Vec<_> = listed.body["items"]
        .as_array()
        .into_iter()
        .flatten()
        .collect();
    ensure!(
        current
            .iter()
            .filter(|item| item["current"] == Value::Bool(true))
            .count()
            == 1
    );
    ensure!(
        current.iter().all(|item| item["address"] == "127.0.0.1"),
        "{listed}"
    );

    // not somebody else's, not one that is not there
    let path = format!("/auth/sessions/{}", other.id);
    ask(&doctor.client, Method::DELETE, &path)
        .await?
        .problem(404, "unknown_session")?;
    ask(&nurse.client, Method::DELETE, &path)
        .await?
        .expect(204)?;
    ask(&nurse.client, Method::DELETE, &path)
        .await?
        .problem(404, "unknown_session")?;
    ensure!(!works(&other.client).await?, "this replica knows at once");
    let ended = ask(&nurse.client, Method::DELETE, "/auth/sessions")
        .await?
        .expect(200)?;
    ensure!(ended.body["ended"] == 1, "{ended}");
    stops(&third.client, anonymous.base(), "the others end").await?;
    ensure!(works(&nurse.client).await?, "this one goes on");

    let sessions = format!("/staff/{}/sessions", nurse.id);
    for (method, path) in [
        (Method::GET, sessions.clone()),
        (Method::DELETE, sessions.clone()),
        (Method::DELETE, format!("{sessions}/{}", other.id)),
    ] {
        let answer = ask(&doctor.client, method, &path).await?;
        answer.problem(403, "forbidden")?;
    }
    let listed = hospital.admin.get(&sessions).await?.expect(200)?;
    let id = *ids(&listed)
        .first()
        .with_context(|| format!("none: {listed}"))?;
    let path = format!("{sessions}/{id}");
    ask(&hospital.admin, Method::DELETE, &path)
        .await?
        .expect(204)?;
    stops(&nurse.client, anonymous.base(), "an admin ends it").await?;
    let again = open(&anonymous, &nurse).await?;
    let ended = ask(&hospital.admin, Method::DELETE, &sessions)
        .await?
        .expect(200)?;
    ensure!(ended.body["ended"] == 1, "{ended}");
    stops(&again.client, anonymous.base(), "an admin ends all").await?;
    let nobody = format!("/staff/{}/sessions", uuid::Uuid::new_v4());
    hospital
        .admin
        .get(&nobody)
        .await?
        .problem(404, "unknown_staff")?;
    ensure!(audited(&hospital, "session_ended", &nurse).await? == 4);
    ensure!(audited(&hospital, "login_succeeded", &nurse).await? == 4);
    hospital.passes().await?;
    Ok(())
}

/// A replica that alone has lost the database does not see what others revoke: it stops trusting what
/// it knows within the same 30 seconds, on open streams too.
#[tokio::test]
async fn a_replica_that_alone_is_blind_soon_lets_no_staff_in() -> Result<()> {
    let mut hospital = Hospital::start().await?;
    let database: reqwest::Url = hospital.database.api_url.parse()?;
    let target = (
        database.host_str().context("no host")?,
        database.port().unwrap_or(5432),
    );
    let target = tokio::net::lookup_host(target)
        .await?
        .next()
        .context("no address")?;
    let front = Front::plain(target).await?;
    let mut behind = database.clone();
    let renamed =
        behind.set_host(Some("127.0.0.1")).is_ok() && behind.set_port(Some(front.port())).is_ok();
    ensure!(renamed, "{database}");
    hospital.tell_apis("MEDIQUE_DATABASE_URL", behind.as_str());
    let blind = hospital.start_api("blind")?;
    hospital.apis[blind].ready().await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let there = nurse.client.at(&hospital.apis[blind].url());
    let department = hospital.department().id;
    let path = format!("/departments/{department}/events");
    let mut stream = EventStream::open(&there, &path, None).await?;
    // what needs no read is accepted, with and without the database
    let checks_in = |mark: &'static str| {
        let posted = there.post("/visits", &samples::visit(department, mark));
        async move { Ok::<_, anyhow::Error>(posted.send().await?.status) }
    };
    ensure!(checks_in("before").await? == 202);
    front.cut();
    ensure!(checks_in("just after").await? == 202);
    let path = format!("/staff/{}/sessions", nurse.id);
    ask(&hospital.admin, Method::DELETE, &path)
        .await?
        .expect(200)?;
    stream.ends("the stream ends", REVOKED_WITHIN).await?;
    ensure!(checks_in("revoked").await? == 503);
    hospital.passes().await?;
    Ok(())
}
