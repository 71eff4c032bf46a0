//! Sessions: rotated, limited, ended; and what was ended stops working everywhere within seconds.

mod browsers;
mod idle;
mod proof;
mod revoked;

use anyhow::{Result, ensure};
use medique_contracts::vocabulary::Role;
use medique_tests::await_until::until;
use medique_tests::client::Client;
use medique_tests::hospital::Person;
use medique_tests::signing_in::{Session, open, refresh};
use medique_tests::{Hospital, secrets};
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
    refresh(&anonymous, &first.refresh_token, Some("a-guess"))
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
    secrets::write(&old, &hospital.secrets.jwt_signing_key)?;
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
