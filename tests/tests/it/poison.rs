//! What cannot be processed is parked with its reason, alone, and can be redriven once.

use anyhow::{Context as _, Result, ensure};
use medique_contracts::commands::CommandMessage;
use medique_contracts::ids::FacilityId;
use medique_contracts::vocabulary::Role;
use medique_contracts::{Outcome, limits};
use medique_platform::bus::{PublishError, Stored};
use medique_tests::smuggle::{changed, check_in, put, put_message};
use medique_tests::{Hospital, await_until, samples};
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

const PARKED_WITHIN: Duration = Duration::from_secs(20);

/// Awaits the dead letter of a stored message; gives its id and reason.
async fn parked(hospital: &Hospital, stored: Stored) -> Result<(Uuid, String)> {
    let seq = i64::try_from(stored.seq)?;
    await_until::until(
        &format!("message {seq} is parked"),
        PARKED_WITHIN,
        || async move {
            let query = "SELECT id, reason FROM dead_letter WHERE seq = $1";
            Ok(sqlx::query_as(query)
                .bind(seq)
                .fetch_optional(&hospital.database.pool)
                .await?)
        },
    )
    .await
}

#[tokio::test]
async fn what_cannot_be_read_is_parked_and_its_neighbours_are_applied() -> Result<()> {
    let hospital = Hospital::builder().workers(2).start().await?;
    let sample = check_in(&hospital, Role::Reception, "sample");
    let broken: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", Vec::new()),
        ("no JSON", b"certainly not JSON".to_vec()),
        ("no UTF-8", vec![0xff, 0xfe, 0x00, 0x80]),
        ("no envelope", b"{}".to_vec()),
        ("a list", b"[1, 2, 3]".to_vec()),
        ("deep nesting", b"[".repeat(50_000)),
        (
            "another CloudEvents version",
            changed(&sample, |value| value["specversion"] = json!("0.3"))?,
        ),
        (
            "an unknown type",
            changed(&sample, |value| {
                value["type"] = json!("medique.command.check_in.v99")
            })?,
        ),
        (
            "no payload",
            changed(&sample, |value| value["data"]["payload"] = Value::Null)?,
        ),
        (
            "a payload of another shape",
            changed(&sample, |value| {
                value["data"]["payload"] = json!({"intake": 7})
            })?,
        ),
        (
            "no actor",
            changed(&sample, |value| value["data"]["actor"] = json!("me"))?,
        ),
    ];
    let mut letters = Vec::new();
    for (what, payload) in broken {
        let department = hospital.department().id;
        let [before, after] =
            ["before", "after"].map(|place| format!("the neighbour {place} {what}"));
        hospital
            .check_in(&hospital.admin, department, &before)
            .await
            .context(before.clone())?;
        let stored = put(&hospital, payload)
            .await?
            .with_context(|| what.to_owned())?;
        hospital
            .check_in(&hospital.admin, department, &after)
            .await
            .context(after.clone())?;
        let (id, reason) = parked(&hospital, stored)
            .await
            .with_context(|| what.to_owned())?;
        ensure!(
            !reason.is_empty() && !reason.contains("Pat sample"),
            "reason of {what}: {reason:?}"
        );
        letters.push(id);
    }
    let told = hospital.command_line.json(&["parked", "ls"], "")?;
    for letter in &letters {
        ensure!(
            told.to_string().contains(&letter.to_string()),
            "{letter} is not listed: {told}"
        );
        hospital
            .command_line
            .json(&["parked", "show", &letter.to_string()], "")?;
    }
    let drop = [
        "parked",
        "drop",
        &letters[0].to_string(),
        "--reason",
        "not ours",
    ];
    hospital.command_line.json(&drop, "")?;
    ensure!(
        !hospital.command_line.run(&drop, "")?.status.success(),
        "dropped twice"
    );
    const DROPPED: &str = "SELECT count(*) FROM audit WHERE event_type = 'dead_letter_dropped' \
                            AND actor = 'system:operator' AND detail::jsonb->>'reason' = 'not ours'";
    ensure!(
        hospital.count(DROPPED).await? == 1,
        "the trail does not tell of it"
    );
    let report = hospital.passes().await?;
    ensure!(
        report.evidence.dead_letters.len() == letters.len(),
        "{:?}",
        report.evidence.dead_letters
    );
    Ok(())
}

#[tokio::test]
async fn what_is_too_large_is_refused_or_parked() -> Result<()> {
    let hospital = Hospital::start().await?;
    let sized = |bytes: usize| -> Result<Vec<u8>> {
        let sample = check_in(&hospital, Role::Reception, "large");
        let spare = bytes - sample.to_bytes()?.len();
        changed(&sample, |value| {
            value["data"]["payload"]["intake"]["complaint"] = json!("x".repeat(spare));
        })
    };
    // larger than the stream takes: refused at the door
    let refused = put(&hospital, sized(2 * limits::COMMAND_BYTES_MAX)?).await?;
    ensure!(refused == Err(PublishError::TooLarge), "{refused:?}");
    // as large as the stream takes: a decision, and one that does no harm
    let stored = put(&hospital, sized(limits::COMMAND_BYTES_MAX)?).await??;
    let (_, answer) = hospital
        .check_in(&hospital.admin, hospital.department().id, "neighbour")
        .await?;
    ensure!(
        answer.body["result"]["visit"]["token"] == "D1-001",
        "the giant took a token: {answer}"
    );
    let report = hospital.passes().await?;
    let decided = report
        .evidence
        .inbox
        .values()
        .find(|row| row.seq == stored.seq)
        .context("no outcome")?;
    ensure!(
        !matches!(decided.outcome, Outcome::Applied { .. }),
        "{:?}",
        decided.outcome
    );
    Ok(())
}

#[tokio::test]
async fn a_message_past_the_api_gets_no_more_than_its_actor_may() -> Result<()> {
    let hospital = Hospital::start().await?;
    let display = check_in(&hospital, Role::Display, "by a board");
    let mut expired = check_in(&hospital, Role::Reception, "too late");
    expired.context.not_after -= chrono::TimeDelta::hours(1);
    let mut foreign = check_in(&hospital, Role::Reception, "from elsewhere");
    foreign.context.facility_id = FacilityId(Uuid::new_v4());
    let genuine = check_in(&hospital, Role::Reception, "genuine");
    for message in [&display, &expired, &genuine] {
        put_message(&hospital, message).await?;
    }
    put(&hospital, foreign.to_bytes()?).await??;
    let report = hospital.passes().await?;
    let outcome = |message: &CommandMessage| {
        report
            .evidence
            .inbox
            .get(&message.command_id.0)
            .map(|row| &row.outcome)
    };
    let code = |message: &CommandMessage| match outcome(message) {
        Some(Outcome::Rejected { rejection }) => rejection.code.as_str(),
        _ => "none",
    };
    ensure!(code(&display) == "forbidden", "{:?}", outcome(&display));
    ensure!(code(&expired) == "expired", "{:?}", outcome(&expired));
    // it came in on the subject of another facility: it is parked, whatever it says
    ensure!(outcome(&foreign).is_none(), "{:?}", outcome(&foreign));
    ensure!(
        matches!(outcome(&genuine), Some(Outcome::Applied { .. })),
        "{:?}",
        outcome(&genuine)
    );
    ensure!(
        report.evidence.dead_letters.len() == 1,
        "{:?}",
        report.evidence.dead_letters
    );
    Ok(())
}

/// The database refuses one row: it is parked, its neighbours in the same batch are not, and after
/// the repair it takes effect once, however often it is redriven.
#[tokio::test]
async fn a_parked_command_is_redriven_once() -> Result<()> {
    let hospital = Hospital::start().await?;
    let pool = &hospital.database.pool;
    sqlx::raw_sql(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
           IF length(NEW.intake::text) > 1000 THEN RAISE EXCEPTION 'not this one'; END IF; \
           RETURN NEW; END $$; \
         CREATE TRIGGER refuse BEFORE INSERT ON visit FOR EACH ROW EXECUTE FUNCTION refuse()",
    )
    .execute(pool)
    .await?;
    let marks = (0..20).map(|number| {
        if number == 7 {
            "poison".to_owned()
        } else {
            format!("n{number}")
        }
    });
    let mut bodies: Vec<_> = marks
        .map(|mark| samples::visit(hospital.department().id, &mark))
        .collect();
    // The intake is sealed: all that the database sees of it is its length.
    bodies[7]["symptoms"] = json!(vec!["poison ".repeat(10); 16]);
    let posts = bodies
        .iter()
        .map(|body| hospital.admin.post("/visits", body).outcome());
    let answers = futures::future::try_join_all(posts).await?;
    answers
        .get(7)
        .context("no eighth answer")?
        .clone()
        .problem(422, "dead_lettered")?;
    ensure!(
        answers.iter().filter(|answer| answer.status == 201).count() == 19,
        "a neighbour suffered"
    );
    let command = poisoned_command(&hospital).await?;
    let status = hospital
        .admin
        .get(&format!("/commands/{command}"))
        .await?
        .expect(200)?;
    ensure!(status.body["status"] == "dead_lettered", "{status}");

    sqlx::raw_sql("DROP TRIGGER refuse ON visit; DROP FUNCTION refuse")
        .execute(pool)
        .await?;
    let letter: Uuid = sqlx::query_scalar("SELECT id FROM dead_letter")
        .fetch_one(pool)
        .await?;
    let letter = letter.to_string();
    let redrive = [
        "parked",
        "redrive",
        &letter,
        "--reason",
        "the trigger is gone",
    ];
    hospital.command_line.json(&redrive, "")?;
    let path = format!("/commands/{command}");
    await_until::holds(
        "the redriven command is applied",
        Duration::from_secs(20),
        || async { Ok(hospital.admin.get(&path).await?.body["status"] == "applied") },
    )
    .await?;
    ensure!(
        !hospital.command_line.run(&redrive, "")?.status.success(),
        "redriven twice"
    );
    const REDRIVEN: &str = "SELECT count(*) FROM audit WHERE event_type = 'dead_letter_redriven'";
    ensure!(
        hospital.count(REDRIVEN).await? == 1,
        "the trail does not tell of it"
    );
    let report = hospital.passes().await?;
    ensure!(
        report.evidence.visits.len() == 20,
        "{} visits",
        report.evidence.visits.len()
    );
    Ok(())
}

async fn poisoned_command(hospital: &Hospital) -> Result<Uuid> {
    let query = "SELECT command_id FROM dead_letter";
    Ok(sqlx::query_scalar(query)
        .fetch_one(&hospital.database.pool)
        .await?)
}
