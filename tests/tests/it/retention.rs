//! Erasing: on request and by age. What identifies goes, what counts stays, the chains verify.

use anyhow::{Context as _, Result, ensure};
use medique_contracts::vocabulary::Role;
use medique_tests::client::Answer;
use medique_tests::{Hospital, await_until};
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

const SOON: Duration = Duration::from_secs(30);

/// A visit that was held, called, seen and completed with notes.
async fn completed(hospital: &Hospital, mark: &str) -> Result<Uuid> {
    let department = hospital.department();
    let doctor = hospital.local(Role::Doctor).await?.client;
    let (visit, _) = hospital
        .check_in(&hospital.admin, department.id, mark)
        .await?;
    for (verb, body) in [
        ("hold", json!({ "reason": format!("smoking {mark}") })),
        ("resume", json!({})),
        ("call", json!({ "room_id": department.rooms[0] })),
        ("start", json!({})),
        ("vitals", medique_tests::samples::vitals()),
        ("complete", json!({ "notes": format!("rest {mark}") })),
    ] {
        let path = format!("/visits/{visit}/{verb}");
        doctor.post(&path, &body).applied().await?;
    }
    Ok(visit)
}

async fn trail(hospital: &Hospital, visit: Uuid) -> Result<Vec<Value>> {
    let path = format!("/audit?visit_id={visit}");
    let answer = hospital.admin.get(&path).await?.expect(200)?;
    let items = answer.body["items"].as_array().cloned();
    items.context("no items")
}

fn says_erased(read: &Answer) -> Result<()> {
    ensure!(read.body["erased"] == true, "{read}");
    for member in ["patient", "complaint", "symptoms", "hold"] {
        ensure!(read.body.get(member).is_none(), "{member}: {read}");
    }
    // what counts
    ensure!(read.body["state"] == "COMPLETED", "{read}");
    ensure!(
        read.body["token"].is_string() && read.body["level"].is_number(),
        "{read}"
    );
    ensure!(read.body["vitals"]["heart_rate"] == 72, "{read}");
    let note = &read.body["notes"][0];
    ensure!(
        note["written_by"].is_string() && note.get("notes").is_none(),
        "{read}"
    );
    Ok(())
}

#[tokio::test]
async fn a_person_is_erased_on_request_and_the_trail_verifies() -> Result<()> {
    let hospital = Hospital::start().await?;
    let department = hospital.department().id;
    let doctor = hospital.local(Role::Doctor).await?.client;
    let visit = completed(&hospital, "forgetme").await?;
    let (waiting, _) = hospital
        .check_in(&hospital.admin, department, "staysknown")
        .await?;
    let path = |visit: Uuid| format!("/visits/{visit}/erase");
    let why = json!({ "reason": "request 17" });
    doctor
        .post(&path(visit), &why)
        .refused(403, "forbidden")
        .await?;
    hospital
        .admin
        .post(&path(waiting), &why)
        .refused(422, "invalid_transition")
        .await?;
    let before = doctor.get(&format!("/visits/{visit}")).await?.expect(200)?;
    ensure!(before.text.contains("Pat forgetme") && before.text.contains("rest forgetme"));

    let key = Uuid::new_v4().to_string();
    let first = hospital.admin.post(&path(visit), &why).key(&key);
    let first = first.applied().await?;
    let again = hospital.admin.post(&path(visit), &why).key(&key);
    ensure!(again.applied().await?.id("/visit_id")? == first.id("/visit_id")?);
    hospital
        .admin
        .post(&path(visit), &why)
        .refused(422, "invalid_transition")
        .await?;

    let read = doctor.get(&format!("/visits/{visit}")).await?.expect(200)?;
    ensure!(!read.text.contains("forgetme"), "{read}");
    says_erased(&read)?;
    let items = trail(&hospital, visit).await?;
    ensure!(!json!(items).to_string().contains("forgetme"), "{items:?}");
    let held = items.iter().find(|item| item["event_type"] == "visit_held");
    let held = held.context("no hold in the trail")?;
    ensure!(held["detail"] == json!({ "erased": true }), "{held}");
    let erased = items
        .iter()
        .find(|item| item["event_type"] == "person_erased");
    let erased = erased.context("no erasure in the trail")?;
    ensure!(erased["detail"]["reason"] == "request 17", "{erased}");
    let keys =
        "SELECT count(*) FROM visit_key WHERE wrapped_key IS NULL AND destroyed_at IS NOT NULL";
    ensure!(hospital.count(keys).await? == 1);

    let other = doctor
        .get(&format!("/visits/{waiting}"))
        .await?
        .expect(200)?;
    ensure!(other.text.contains("Pat staysknown"), "{other}");
    hospital.passes().await?;
    Ok(())
}

/// The scheduler erases what is older than it may be kept; the command line says beforehand what
/// that would be.
#[tokio::test]
async fn old_visits_lose_their_persons() -> Result<()> {
    let mut hospital = Hospital::start().await?;
    let doctor = hospital.local(Role::Doctor).await?.client;
    let old = completed(&hospital, "longago").await?;
    let new = completed(&hospital, "lately").await?;
    sqlx::query("UPDATE visit SET arrived_at = arrived_at - interval '4000 days' WHERE id = $1")
        .bind(old)
        .execute(&hospital.database.pool)
        .await?;
    let told = hospital
        .command_line
        .json(&["retention", "--dry-run"], "")?;
    ensure!(
        told["due"] == 1 && told["visit_ids"] == json!([old]) && told["asked_for"] == 0,
        "{told}"
    );
    let read = doctor.get(&format!("/visits/{old}")).await?.expect(200)?;
    ensure!(
        read.text.contains("Pat longago"),
        "a dry run erased: {read}"
    );

    // a scheduler that starts looks at once
    hospital.start_worker("worker-2", None)?;
    await_until::holds("the old visit is erased", SOON, || async {
        let read = doctor.get(&format!("/visits/{old}")).await?.expect(200)?;
        Ok(read.body["erased"] == true)
    })
    .await?;
    says_erased(&doctor.get(&format!("/visits/{old}")).await?.expect(200)?)?;
    let items = trail(&hospital, old).await?;
    let erased = items
        .iter()
        .find(|item| item["event_type"] == "person_erased");
    let erased = erased.context("no erasure in the trail")?;
    ensure!(erased["actor"] == "system:scheduler", "{erased}");
    let kept = doctor.get(&format!("/visits/{new}")).await?.expect(200)?;
    ensure!(kept.text.contains("Pat lately"), "{kept}");
    let told = hospital
        .command_line
        .json(&["retention", "--dry-run"], "")?;
    ensure!(told["due"] == 0, "{told}");
    hospital.passes().await?;
    Ok(())
}
