//! Sessions: rotated, limited, ended; and what was ended stops working everywhere within seconds.

use anyhow::{Context, Result, ensure};
use medique_contracts::vocabulary::Role;
use medique_tests::await_until::until;
use medique_tests::client::{Answer, Client};
use medique_tests::hospital::Person;
use medique_tests::signing_in::{
    Browser, CSRF_COOKIE, REFRESH_COOKIE, Session, ask, open, refresh,
};
use medique_tests::sse::EventStream;
use medique_tests::{Hospital, forgery, secrets};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// What was revoked must have stopped working by then.
const REVOKED_WITHIN: Duration = Duration::from_secs(30);

async fn works(client: &Client) -> Result<bool> {
    Ok(client.get("/departments").await?.status == 200)
}

/// Awaits that a token stops working at this replica.
async fn stops(client: &Client, base: &str, what: &str) -> Result<()> {
    let client = &client.at(base);
    until(what, REVOKED_WITHIN, || async move {
        let answer = client.get("/departments").await?;
        Ok((answer.status == 401).then_some(()))
    })
    .await
}

/// How often the audit has this fact about a person.
async fn audited(hospital: &Hospital, kind: &str, person: &Person) -> Result<i64> {
    let query = "SELECT count(*) FROM audit WHERE event_type = $1 AND facts LIKE '%' || $2 || '%'
                 OR event_type = $1 AND actor = 'staff:' || $2";
    let count = sqlx::query_scalar(query)
        .bind(kind)
        .bind(person.id.to_string())
        .fetch_one(&hospital.database.pool)
        .await?;
    Ok(count)
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_a_copy_ends_the_session() -> Result<()> {
    let hospital = Hospital::start().await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let anonymous = hospital.anonymous()?;
    let first = open(&anonymous, &nurse).await?;
    let answer = refresh(&anonymous, &first.refresh_token, None)
        .await?
        .expect(200)?;
    let second = Session::of(&anonymous, &answer)?;
    ensure!(second.id == first.id, "another session: {answer}");
    ensure!(second.refresh_token != first.refresh_token, "not rotated");
    ensure!(
        works(&second.client).await?,
        "the new access token is refused"
    );

    // the copy comes: the family ends, for the owner and for the thief
    refresh(&anonymous, &first.refresh_token, None)
        .await?
        .problem(401, "invalid_session")?;
    refresh(&anonymous, &second.refresh_token, None)
        .await?
        .problem(401, "invalid_session")?;
    let base = anonymous.base();
    stops(&second.client, base, "the access token of the session ends").await?;
    ensure!(works(&nurse.client).await?, "another session ended, too");
    ensure!(audited(&hospital, "refresh_reused", &nurse).await? == 1);
    ensure!(audited(&hospital, "session_ended", &nurse).await? == 1);

    for hostile in [
        "",
        "garbage",
        "mqr_",
        &first.refresh_token[..20],
        "\u{1F980}",
    ] {
        refresh(&anonymous, hostile, None)
            .await?
            .problem(401, "invalid_session")?;
    }
    let other: i64 =
        sqlx::query_scalar("SELECT count(*) FROM refresh_token WHERE octet_length(hash) <> 32")
            .fetch_one(&hospital.database.pool)
            .await?;
    ensure!(other == 0, "something else than a hash is kept");
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_under_its_key() -> Result<()> {
    let hospital = Hospital::start().await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let anonymous = hospital.anonymous()?;
    let first = open(&anonymous, &nurse).await?;
    let key = secrets::password();
    let mut tokens = Vec::new();
    for _ in 0..3 {
        let answer = refresh(&anonymous, &first.refresh_token, Some(&key)).await?;
        tokens.push(Session::of(&anonymous, &answer.expect(200)?)?);
    }
    let second = &tokens[0];
    ensure!(
        tokens
            .iter()
            .all(|next| next.refresh_token == second.refresh_token),
        "a repetition got another token"
    );
    // once the next token was used, the exchange before is over: only a copy comes back to it
    let answer = refresh(&anonymous, &second.refresh_token, Some("another")).await?;
    let third = Session::of(&anonymous, &answer.expect(200)?)?;
    refresh(&anonymous, &first.refresh_token, Some(&key))
        .await?
        .problem(401, "invalid_session")?;
    refresh(&anonymous, &third.refresh_token, None)
        .await?
        .problem(401, "invalid_session")?;
    ensure!(audited(&hospital, "refresh_reused", &nurse).await? == 1);

    // a copy of the token without the key is a copy
    let first = open(&anonymous, &nurse).await?;
    refresh(&anonymous, &first.refresh_token, Some(&key))
        .await?
        .expect(200)?;
    refresh(&anonymous, &first.refresh_token, Some("a guess"))
        .await?
        .problem(401, "invalid_session")?;
    ensure!(audited(&hospital, "refresh_reused", &nurse).await? == 2);
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn of_two_exchanges_at_once_one_wins_and_the_copy_is_noticed() -> Result<()> {
    let hospital = Hospital::builder().apis(2).start().await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let anonymous = hospital.anonymous()?;
    let other = anonymous.at(&hospital.apis[1].url());
    for _ in 0..5 {
        let session = open(&anonymous, &nurse).await?;
        let (one, two) = tokio::try_join!(
            refresh(&anonymous, &session.refresh_token, None),
            refresh(&other, &session.refresh_token, None),
        )?;
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        ensure!(statuses == [200, 401], "{one} {two}");
    }
    ensure!(audited(&hospital, "refresh_reused", &nurse).await? == 5);
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn too_many_sessions_end_the_one_that_rests_longest() -> Result<()> {
    let hospital = Hospital::builder()
        .api("MEDIQUE_SESSION_PER_ACCOUNT", "3")
        .start()
        .await?;
    let anonymous = hospital.anonymous()?;
    // signs in once itself
    let nurse = hospital.local(Role::Nurse).await?;
    let rests = open(&anonymous, &nurse).await?;
    let busy = open(&anonymous, &nurse).await?;
    // the first of all is used again, so that it is not the next to go
    let listed = nurse.client.get("/auth/sessions").await?.expect(200)?;
    ensure!(
        listed.body["items"].as_array().map(Vec::len) == Some(3),
        "{listed}"
    );
    let newest = open(&anonymous, &nurse).await?;
    let base = anonymous.base();
    stops(&nurse.client, base, "the oldest session ends").await?;
    for session in [&rests, &busy, &newest] {
        ensure!(works(&session.client).await?, "the wrong session ended");
    }
    let answer = refresh(&anonymous, &rests.refresh_token, None).await?;
    let used = Session::of(&anonymous, &answer.expect(200)?)?;
    open(&anonymous, &nurse).await?;
    stops(&busy.client, base, "the session that rests longest ends").await?;
    ensure!(
        works(&used.client).await?,
        "the session that was used ended"
    );
    // many at once do not get past the limit
    let opening: Vec<_> = (0..6).map(|_| open(&anonymous, &nurse)).collect();
    futures::future::try_join_all(opening).await?;
    let live: i64 =
        sqlx::query_scalar("SELECT count(*) FROM session WHERE staff_id = $1 AND ended_at IS NULL")
            .bind(nurse.id)
            .fetch_one(&hospital.database.pool)
            .await?;
    ensure!(live == 3, "{live} sessions");
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn sessions_end_by_idleness_and_by_age() -> Result<()> {
    let hospital = Hospital::start().await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let anonymous = hospital.anonymous()?;
    for (what, change) in [
        (
            "idle",
            "UPDATE session SET idle_until = now() WHERE id = $1",
        ),
        (
            "expired",
            "UPDATE session SET idle_until = now(), expires_at = now() WHERE id = $1",
        ),
    ] {
        let session = open(&anonymous, &nurse).await?;
        let done = sqlx::query(change)
            .bind(session.id)
            .execute(&hospital.database.pool)
            .await?;
        ensure!(done.rows_affected() == 1);
        refresh(&anonymous, &session.refresh_token, None)
            .await?
            .problem(401, "invalid_session")?;
        let reason: Option<String> =
            sqlx::query_scalar("SELECT end_reason FROM session WHERE id = $1")
                .bind(session.id)
                .fetch_one(&hospital.database.pool)
                .await?;
        ensure!(reason.as_deref() == Some(what), "{reason:?}");
        stops(&session.client, anonymous.base(), what).await?;
    }
    // no refresh moves the end of the whole session
    let session = open(&anonymous, &nurse).await?;
    let ends = "SELECT expires_at::text FROM session WHERE id = $1";
    let pool = &hospital.database.pool;
    let before: String = sqlx::query_scalar(ends)
        .bind(session.id)
        .fetch_one(pool)
        .await?;
    refresh(&anonymous, &session.refresh_token, None)
        .await?
        .expect(200)?;
    let after: String = sqlx::query_scalar(ends)
        .bind(session.id)
        .fetch_one(pool)
        .await?;
    ensure!(before == after, "{before} {after}");
    hospital.passes().await?;
    Ok(())
}

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

#[tokio::test]
async fn a_cookie_works_from_our_own_pages_only() -> Result<()> {
    let hospital = Hospital::start().await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let anonymous = hospital.anonymous()?;
    let mut browser = Browser::at(&anonymous);
    let answer = browser.sign_in(&nurse).await?;
    ensure!(
        answer.body["refresh_token"].is_null(),
        "the token is in the body, too"
    );
    ensure!(answer.body["csrf_token"].as_str() == browser.csrf_token.as_deref());
    for header in answer.headers.get_all("set-cookie") {
        let text = header.to_str()?;
        for part in ["__Host-", "; Path=/", "; Secure", "; SameSite=Strict"] {
            ensure!(text.contains(part), "{part}: {text}");
        }
        ensure!(!text.contains("Domain"), "{text}");
        ensure!(
            text.starts_with(CSRF_COOKIE) || text.contains("; HttpOnly"),
            "{text}"
        );
    }
    let other_session = {
        let mut other = Browser::at(&anonymous);
        other.sign_in(&nurse).await?;
        other
    };
    let genuine = browser.clone();
    let hostile: [(&str, fn(&mut Browser)); 5] = [
        ("no token", |browser| browser.csrf_token = None),
        ("another origin", |browser| {
            browser.origin = Some("https://evil.example".to_owned())
        }),
        ("no origin", |browser| browser.origin = None),
        ("a made-up token", |browser| {
            browser.csrf_token = Some("x".repeat(64));
            browser
                .cookies
                .insert(CSRF_COOKIE.to_owned(), "x".repeat(64));
        }),
        ("no cookie to repeat", |browser| {
            drop(browser.cookies.remove(CSRF_COOKIE))
        }),
    ];
    for what in ["refresh", "logout"] {
        for (name, spoil) in hostile {
            let mut browser = genuine.clone();
            spoil(&mut browser);
            let answer = browser.post(what).await?;
            answer.problem(403, "csrf_refused").context(name)?;
        }
        let mut mixed = genuine.clone();
        mixed.csrf_token.clone_from(&other_session.csrf_token);
        let token = other_session.cookies.get(CSRF_COOKIE).context("a cookie")?;
        mixed.cookies.insert(CSRF_COOKIE.to_owned(), token.clone());
        mixed
            .post(what)
            .await?
            .problem(403, "csrf_refused")
            .context("another session's token")?;
    }
    // a cookie's token is no good in a body
    let token = genuine.cookies.get(REFRESH_COOKIE).context("a cookie")?;
    refresh(&anonymous, token, None)
        .await?
        .problem(401, "invalid_session")?;
    // nothing of that used the token up
    let answer = browser.post("refresh").await?.expect(200)?;
    ensure!(answer.body["refresh_token"].is_null(), "{answer}");
    ensure!(
        browser.cookies.get(REFRESH_COOKIE) != Some(token),
        "not rotated"
    );
    let access = answer.body["access_token"]
        .as_str()
        .context("no access token")?;
    let client = anonymous.with_token(access);
    ensure!(works(&client).await?);
    browser.post("logout").await?.expect(204)?;
    ensure!(
        browser.cookies.is_empty(),
        "cookies stay: {:?}",
        browser.cookies
    );
    ensure!(!works(&client).await?, "the access token goes on");
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn keys_are_published_and_change_without_a_gap() -> Result<()> {
    let mut hospital = Hospital::start().await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let anonymous = hospital.anonymous()?;
    let answer = anonymous
        .get_root("/.well-known/jwks.json")
        .await?
        .expect(200)?;
    let cached = answer.header("cache-control").unwrap_or_default();
    ensure!(cached.contains("max-age"), "{cached}");
    ensure!(answer.body["keys"][0]["kty"] == "OKP", "{answer}");
    ensure!(
        answer.body["keys"][0].get("d").is_none(),
        "a private key: {answer}"
    );

    // a replica with a new key, and the old one in its list
    let old = hospital.scratch.join("old-key.pem");
    std::fs::write(&old, &hospital.secrets.jwt_signing_key)?;
    hospital.secrets.jwt_signing_key = secrets::ed25519_pem();
    hospital.tell_apis("MEDIQUE_JWT_PREVIOUS_KEYS", &old.to_string_lossy());
    let index = hospital.start_api("api-new-key")?;
    hospital.apis[index].ready().await?;
    let there = anonymous.at(&hospital.apis[index].url());
    let keys = there
        .get_root("/.well-known/jwks.json")
        .await?
        .expect(200)?;
    ensure!(
        keys.body["keys"].as_array().map(Vec::len) == Some(2),
        "{keys}"
    );
    ensure!(
        works(&nurse.client.at(there.base())).await?,
        "a token of the old key is refused"
    );
    let session = open(&there, &nurse).await?;
    ensure!(works(&session.client).await?);
    let first = works(&session.client.at(anonymous.base())).await?;
    ensure!(!first, "a key that was never announced is accepted");
    hospital.passes().await?;
    Ok(())
}
