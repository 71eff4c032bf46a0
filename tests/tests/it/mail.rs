//! Mails to staff: an outage delays them, a crash neither loses one nor sends it a third time.

use anyhow::{Context as _, Result, ensure};
use medique_platform::clock;
use medique_platform::mail::{self, Mail};
use medique_tests::front::{Authority, Front};
use medique_tests::{Hospital, await_until};
use serde_json::json;
use sqlx::Row as _;
use std::collections::BTreeSet;
use std::time::Duration;
use uuid::Uuid;

/// Longer than a claim and a few delays.
const SOON: Duration = Duration::from_secs(60);
const SECRET: &str = "a-single-use-token";

/// Servers and mails, and nothing that needs either.
async fn mail_only(workers: usize) -> Result<Hospital> {
    let builder = Hospital::builder().apis(0).workers(workers);
    builder.departments(0, 0).mails().start().await
}

fn reset(name: &str) -> Mail {
    Mail::PasswordReset {
        url: format!("https://hospital.example/reset#{SECRET}"),
        name: name.to_owned(),
        expires_at: clock::now(),
        demanded: false,
    }
}

async fn enqueue(hospital: &Hospital, to: &str) -> Result<Uuid> {
    let mut connection = hospital.database.pool.acquire().await?;
    Ok(mail::enqueue(&mut connection, to, &reset("<b>Ada</b>")).await?)
}

/// State, tries without an answer, and why, of one mail.
async fn row(hospital: &Hospital, id: Uuid) -> Result<(String, i32, String)> {
    let query = "SELECT state, unsure, COALESCE(reason, ''), content IS NULL, recipient IS NULL FROM mail_outbox WHERE id = $1";
    let row = sqlx::query(query).bind(id);
    let row = row.fetch_one(&hospital.database.pool).await?;
    let state: String = row.try_get(0)?;
    let (wiped, forgotten): (bool, bool) = (row.try_get(3)?, row.try_get(4)?);
    ensure!(
        wiped == (state != "waiting"),
        "{state} with content: {}",
        !wiped
    );
    ensure!(
        forgotten == (state == "sent"),
        "{state} with a recipient: {}",
        !forgotten
    );
    Ok((state, row.try_get(1)?, row.try_get(2)?))
}

async fn becomes(hospital: &Hospital, id: Uuid, state: &str) -> Result<String> {
    await_until::until(&format!("the mail is {state}"), SOON, || async {
        let (is, _, reason) = row(hospital, id).await?;
        ensure!(is == state, "it is {is}: {reason}");
        Ok(Some(reason))
    })
    .await
}

/// Awaits a try that failed.
async fn is_postponed(hospital: &Hospital, id: Uuid) -> Result<()> {
    await_until::holds("a try fails", SOON, || async {
        let (state, _, reason) = row(hospital, id).await?;
        ensure!(state == "waiting", "it is {state}");
        Ok(!reason.is_empty())
    })
    .await
}

#[tokio::test]
async fn an_outage_delays_and_loses_nothing() -> Result<()> {
    let mut hospital = mail_only(2).await?;
    hospital.mails()?.kill9()?;
    let mut waiting = Vec::new();
    for number in 0..20 {
        let to = format!("staff-{number}@hospital.example");
        waiting.push((enqueue(&hospital, &to).await?, to));
    }
    await_until::holds("tries fail", SOON, || async {
        let tried =
            "SELECT count(*) FROM mail_outbox WHERE reason IS NOT NULL AND state = 'waiting'";
        Ok(hospital.count(tried).await? >= 2)
    })
    .await?;
    let scratch = &hospital.scratch;
    let sink = hospital.mail_sink.as_mut().context("no sink")?;
    sink.restart(scratch).await?;
    for (id, to) in &waiting {
        becomes(&hospital, *id, "sent").await?;
        let caught = hospital.mails()?.mails_to(to).await?;
        ensure!(caught.len() == 1, "{to} got {} mails", caught.len());
    }
    let mails = hospital.mails()?.mails().await?;
    let ids: BTreeSet<_> = mails.iter().map(|mail| &mail.message_id).collect();
    ensure!(
        ids.len() == waiting.len(),
        "{} ids for {} mails",
        ids.len(),
        waiting.len()
    );
    ensure!(mails[0].link()?.ends_with(SECRET), "{:?}", mails[0]);
    ensure!(mails[0].text.contains("<b>Ada</b>"), "{:?}", mails[0]);
    ensure!(
        mails[0].html.contains(SECRET) && !mails[0].html.contains("<b>Ada"),
        "{:?}",
        mails[0]
    );
    for worker in &hospital.workers {
        let log = worker.printed()?;
        ensure!(!log.contains(SECRET), "a link in a log");
        ensure!(!log.contains("hospital.example"), "an address in a log");
    }
    hospital.done();
    Ok(())
}

#[tokio::test]
async fn a_server_that_says_later_gets_it_later_and_one_that_refuses_does_not() -> Result<()> {
    let mut hospital = mail_only(1).await?;
    for at in ["connect", "rcpt", "message"] {
        let later = json!({ "at": at, "fault": { "refuse": 451 } });
        hospital.mails()?.behave(later).await?;
        let to = format!("{at}@hospital.example");
        let id = enqueue(&hospital, &to).await?;
        is_postponed(&hospital, id).await?;
        hospital.mails()?.behave(json!(null)).await?;
        becomes(&hospital, id, "sent").await?;
        let caught = hospital.mails()?.mails_to(&to).await?;
        ensure!(caught.len() == 1, "{to} got {} mails", caught.len());
        ensure!(
            row(&hospital, id).await?.1 <= 1,
            "a refusal counts as unknown"
        );
    }
    for at in ["rcpt", "message"] {
        let never = json!({ "at": at, "fault": { "refuse": 550 } });
        hospital.mails()?.behave(never).await?;
        let to = format!("never-{at}@hospital.example");
        let id = enqueue(&hospital, &to).await?;
        let reason = becomes(&hospital, id, "parked").await?;
        ensure!(reason.contains("550"), "{reason}");
        ensure!(hospital.mails()?.mails_to(&to).await?.is_empty(), "it came");
    }
    // a server that refuses us, and not a mail, is away
    let closed = json!({ "at": "connect", "fault": { "refuse": 554 } });
    hospital.mails()?.behave(closed).await?;
    let id = enqueue(&hospital, "patient@hospital.example").await?;
    is_postponed(&hospital, id).await?;
    hospital.mails()?.behave(json!(null)).await?;
    becomes(&hospital, id, "sent").await?;
    hospital.done();
    Ok(())
}

/// Killed at `point` by its first mail, which is in doubt from then on.
async fn dies(hospital: &mut Hospital, name: &str, point: &str) -> Result<()> {
    hospital.start_worker(name, Some(&format!("{point}=kill")))?;
    let status = hospital.worker(name)?.process().end(SOON).await?;
    ensure!(!status.success(), "{name} ended with {status}");
    Ok(())
}

#[tokio::test]
async fn a_mailer_killed_before_the_mail_went_out_sends_it_once() -> Result<()> {
    let mut hospital = mail_only(0).await?;
    let to = "ada@hospital.example";
    let id = enqueue(&hospital, to).await?;
    dies(&mut hospital, "doomed", "mail_handed_over").await?;
    ensure!(hospital.mails()?.mails().await?.is_empty(), "it went out");
    hospital.start_worker("next", None)?;
    becomes(&hospital, id, "sent").await?;
    let caught = hospital.mails()?.mails_to(to).await?;
    ensure!(caught.len() == 1, "{} mails", caught.len());
    hospital.done();
    Ok(())
}

#[tokio::test]
async fn a_mailer_killed_before_it_wrote_the_end_down_sends_it_again_as_the_same() -> Result<()> {
    let mut hospital = mail_only(0).await?;
    let to = "ada@hospital.example";
    let id = enqueue(&hospital, to).await?;
    dies(&mut hospital, "doomed", "mail_accepted").await?;
    ensure!(hospital.mails()?.mails_to(to).await?.len() == 1, "not one");
    let (state, unsure, _) = row(&hospital, id).await?;
    ensure!(
        (state.as_str(), unsure) == ("waiting", 1),
        "{state} {unsure}"
    );
    hospital.start_worker("next", None)?;
    becomes(&hospital, id, "sent").await?;
    let caught = hospital.mails()?.mails_to(to).await?;
    ensure!(caught.len() == 2, "{} mails", caught.len());
    ensure!(caught[0].message_id == caught[1].message_id, "{caught:?}");
    hospital.done();
    Ok(())
}

#[tokio::test]
async fn a_mail_is_never_handed_over_a_third_time() -> Result<()> {
    let mut hospital = mail_only(0).await?;
    let to = "ada@hospital.example";
    let id = enqueue(&hospital, to).await?;
    dies(&mut hospital, "doomed-1", "mail_accepted").await?;
    // the second time the server takes it and breaks off instead of answering
    let close = json!({ "at": "message", "fault": "close" });
    hospital.mails()?.behave(close).await?;
    hospital.start_worker("next", None)?;
    let reason = becomes(&hospital, id, "parked").await?;
    ensure!(reason.contains("without an answer"), "{reason}");
    let caught = hospital.mails()?.mails_to(to).await?;
    ensure!(caught.len() == 2, "{} mails", caught.len());
    ensure!(caught[0].message_id == caught[1].message_id, "{caught:?}");
    hospital.done();
    Ok(())
}

/// Nothing goes to a server that is not the one which was meant.
#[tokio::test]
async fn a_server_is_believed_by_its_certificate_only() -> Result<()> {
    let mut hospital = mail_only(0).await?;
    let (authority, unknown) = (Authority::new()?, Authority::new()?);
    let file = hospital.scratch.join("authority.pem");
    authority.write(&file)?;
    hospital.tell_workers("SSL_CERT_FILE", &file.to_string_lossy());
    let sink = hospital.mails()?.smtp();
    let to = "ada@hospital.example";
    let id = enqueue(&hospital, to).await?;
    for (worker, certificate) in [
        ("deceived", unknown.certificate("127.0.0.1")?),
        ("misled", authority.certificate("mail.example")?),
    ] {
        let front = Front::tls(sink, certificate).await?;
        let url = format!("smtps://user:password@127.0.0.1:{}", front.port());
        hospital.tell_workers("MEDIQUE_SMTP_URL", &url);
        hospital.start_worker(worker, None)?;
        is_postponed(&hospital, id).await?;
        ensure!(hospital.mails()?.mails().await?.is_empty(), "it went out");
        hospital.worker(worker)?.process().kill9()?;
        let forgotten = "UPDATE mail_outbox SET reason = NULL, next_attempt_at = now()";
        sqlx::query(forgotten)
            .execute(&hospital.database.pool)
            .await?;
    }
    let front = Front::tls(sink, authority.certificate("127.0.0.1")?).await?;
    let url = format!("smtps://127.0.0.1:{}", front.port());
    hospital.tell_workers("MEDIQUE_SMTP_URL", &url);
    hospital.start_worker("right", None)?;
    becomes(&hospital, id, "sent").await?;
    ensure!(hospital.mails()?.mails_to(to).await?.len() == 1, "not one");
    hospital.done();
    Ok(())
}

#[tokio::test]
async fn without_a_server_mails_wait_and_the_worker_says_so() -> Result<()> {
    let builder = Hospital::builder().apis(0).departments(0, 0);
    let mut hospital = builder.start().await?;
    let id = enqueue(&hospital, "ada@hospital.example").await?;
    let log = hospital.worker("worker-1")?.printed()?;
    ensure!(log.contains("MEDIQUE_SMTP_URL is not set"), "{log}");
    let (state, _, reason) = row(&hospital, id).await?;
    ensure!(
        (state.as_str(), reason.as_str()) == ("waiting", ""),
        "{state} {reason}"
    );
    hospital.done();
    Ok(())
}
