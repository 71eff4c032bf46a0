//! Nothing that tells of a person lies on a disk in clear: neither in the database's files (tables,
//! indexes, write-ahead log) nor in the broker's store nor in a log.

use anyhow::{Context as _, Result, bail, ensure};
use medique_contracts::vocabulary::Role;
use medique_tests::smuggle::{self, put, put_message};
use medique_tests::{Hospital, await_until, samples};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Duration;
use uuid::Uuid;

const SOON: Duration = Duration::from_secs(20);
/// Words that stand in personal data only.
const CANARIES: [&str; 14] = [
    "xanthippe",
    "zwiebelfisch",
    "5550123987",
    "quakingknee",
    "purplespots",
    "holdcanary",
    "callcanary",
    "movecanary",
    "cancelcanary",
    "notecanary",
    "pillcanary",
    "parkedcanary",
    "advicecanary",
    "switchcanary",
];
/// A word that is no secret, to know that the search finds words.
const VISIBLE: &str = "visiblemarker";

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files_below(&path, found)?;
        } else if path.is_file() {
            found.push(path);
        }
    }
    Ok(())
}

/// Which of the words stand in which files below a folder, whatever their case.
fn words_on_disk(folder: &Path, words: &[&str]) -> Result<Vec<(String, PathBuf)>> {
    let mut files = Vec::new();
    files_below(folder, &mut files)?;
    let mut found = Vec::new();
    for file in files {
        // a file may go away while a server runs
        let Ok(mut bytes) = std::fs::read(&file) else {
            continue;
        };
        bytes.make_ascii_lowercase();
        let text = String::from_utf8_lossy(&bytes);
        for word in words.iter().filter(|word| text.contains(**word)) {
            found.push(((*word).to_owned(), file.clone()));
        }
    }
    Ok(found)
}

/// Puts a canary into every field that takes free text, on visits in several states.
async fn plant(hospital: &Hospital) -> Result<Uuid> {
    let department = hospital.department();
    let doctor = hospital.local(Role::Doctor).await?.client;
    let admin = &hospital.admin;
    let mut body = json!({
        "department_id": department.id,
        "patient": { "name": "Xanthippe Zwiebelfisch", "birth_date": "1949-02-03", "phone": "+49 5550123987" },
        "complaint": "chest pain and quakingknee", "symptoms": ["purplespots"],
    });
    let visit = admin
        .post("/visits", &body)
        .applied()
        .await?
        .id("/visit_id")?;
    let path = |verb: &str| format!("/visits/{visit}/{verb}");
    let steps = [
        ("hold", json!({ "reason": "holdcanary" })),
        ("resume", json!({})),
        (
            "call",
            json!({ "room_id": department.rooms[0], "reason": "callcanary" }),
        ),
        ("start", json!({})),
        (
            "complete",
            json!({ "notes": "notecanary", "prescription": "pillcanary" }),
        ),
    ];
    for (verb, body) in steps {
        doctor.post(&path(verb), &body).applied().await?;
    }
    // one who stays on hold, one who was cancelled, and one whose hold is what can be undone
    for (mark, verbs) in [
        ("A", &["hold"][..]),
        ("B", &["cancel"]),
        ("C", &["hold", "cancel"]),
    ] {
        body["patient"]["name"] = json!(format!("Xanthippe Zwiebelfisch {mark}"));
        let other = admin
            .post("/visits", &body)
            .applied()
            .await?
            .id("/visit_id")?;
        for verb in verbs {
            let reason = json!({ "reason": format!("{verb}canary") });
            let path = format!("/visits/{other}/{verb}");
            admin.post(&path, &reason).applied().await?;
        }
        if mark == "A" {
            advise(hospital, other).await?;
        }
    }
    let moved = json!({ "department_id": hospital.departments[1].id, "reason": "movecanary" });
    body["patient"]["name"] = json!("Xanthippe Zwiebelfisch D");
    let other = admin
        .post("/visits", &body)
        .applied()
        .await?
        .id("/visit_id")?;
    let path = format!("/visits/{other}/transfer");
    admin.post(&path, &moved).applied().await?;
    park(hospital).await?;
    Ok(visit)
}

/// What the adviser says of a person, and why it is switched.
async fn advise(hospital: &Hospital, visit: Uuid) -> Result<()> {
    let suggestion = smuggle::suggestion(2, "advicecanary");
    let message = smuggle::advice(hospital, visit, 1, suggestion);
    put_message(hospital, &message).await?;
    let nurse = &hospital.local(Role::Nurse).await?.client;
    let path = &format!("/visits/{visit}");
    await_until::holds("the nurse reads the advice", SOON, || async move {
        let read = nurse.get(path).await?.expect(200)?;
        Ok(read.text.contains("advicecanary"))
    })
    .await?;
    let body = json!({ "enabled": true, "reason": "switchcanary" });
    let switch = hospital.admin.put("/admin/triage/adviser", &body);
    switch.applied().await?;
    let quality = hospital.admin.get("/admin/triage/quality").await?;
    ensure!(quality.text.contains("switchcanary"), "{quality}");
    Ok(())
}

/// A message that nobody can process, with a name in it.
async fn park(hospital: &Hospital) -> Result<()> {
    let stored = put(hospital, b"{\"name\": \"parkedcanary\"".to_vec()).await??;
    let seq = i64::try_from(stored.seq)?;
    await_until::holds("the message is parked", SOON, || async move {
        let query = "SELECT count(*) FROM dead_letter WHERE seq = $1";
        let count: i64 = sqlx::query_scalar(query)
            .bind(seq)
            .fetch_one(&hospital.database.pool)
            .await?;
        Ok(count == 1)
    })
    .await
}

#[tokio::test]
async fn no_byte_on_disk_tells_of_a_person() -> Result<()> {
    let hospital = Hospital::builder()
        .private_postgres()
        .departments(2, 1)
        .start()
        .await?;
    let mut marked = samples::department("VM");
    marked["name"] = json!(VISIBLE);
    hospital
        .admin
        .post("/departments", &marked)
        .applied()
        .await?;
    let visit = plant(&hospital).await?;
    // those who may read it do
    let doctor = hospital.local(Role::Doctor).await?.client;
    let read = doctor.get(&format!("/visits/{visit}")).await?.expect(200)?;
    for word in ["Xanthippe", "quakingknee", "notecanary", "pillcanary"] {
        ensure!(read.text.contains(word), "{word} is lost: {read}");
    }
    let path = format!("/audit?visit_id={visit}");
    let trail = hospital.admin.get(&path).await?.expect(200)?;
    ensure!(trail.text.contains("holdcanary"), "{trail}");
    let letters = hospital.admin.get("/dead-letters").await?.expect(200)?;
    let letter = letters.body["items"][0]["dead_letter_id"]
        .as_str()
        .context("no dead letter")?;
    let letter = hospital
        .admin
        .get(&format!("/dead-letters/{letter}"))
        .await?;
    ensure!(letter.text.contains("parkedcanary"), "{letter}");

    hospital.check().await?;
    sqlx::query("CHECKPOINT")
        .execute(&hospital.database.pool)
        .await?;
    let folder = hospital.scratch.path();
    ensure!(
        !words_on_disk(folder, &[VISIBLE])?.is_empty(),
        "the search finds nothing at all"
    );
    let found = words_on_disk(folder, &CANARIES)?;
    if !found.is_empty() {
        bail!("in clear on the disk: {found:?}");
    }
    hospital.passes().await?;
    Ok(())
}

/// The same person is recognised across departments though nobody can read who it is.
#[tokio::test]
async fn marks_of_patients_need_the_master_key() -> Result<()> {
    let hospital = Hospital::builder().departments(2, 1).start().await?;
    let (first, second) = (hospital.departments[0].id, hospital.departments[1].id);
    hospital.check_in(&hospital.admin, first, "same").await?;
    hospital
        .admin
        .post("/visits", &samples::visit(second, "same"))
        .refused(409, "already_in_queue")
        .await?;
    let mark: String = sqlx::query_scalar("SELECT patient_key FROM visit")
        .fetch_one(&hospital.database.pool)
        .await?;
    ensure!(!mark.to_lowercase().contains("same"), "{mark}");
    hospital.passes().await?;
    Ok(())
}

/// A master key is replaced: data keys are wrapped again, and what was sealed stays readable
/// without the old one.
#[tokio::test]
async fn a_master_key_is_replaced_without_sealing_anew() -> Result<()> {
    let mut hospital = Hospital::start().await?;
    let department = hospital.department().id;
    let (visit, _) = hospital
        .check_in(&hospital.admin, department, "rotation")
        .await?;
    let (new, old) = (
        medique_tests::secrets::master_key(),
        hospital.secrets.master_key.clone(),
    );
    let command_line = hospital
        .command_line
        .told("MEDIQUE_MASTER_KEY", &new)
        .told("MEDIQUE_PREVIOUS_MASTER_KEYS", &old);
    let told = command_line.json(&["rewrap-keys"], "")?;
    ensure!(told["rewrapped"] == 1, "{told}");
    let again = command_line.json(&["rewrap-keys"], "")?;
    ensure!(again["rewrapped"] == 0, "{again}");

    hospital.tell_apis("MEDIQUE_MASTER_KEY", &new);
    let api = hospital.start_api("new-key-only")?;
    hospital.apis[api].ready().await?;
    let client = hospital.admin.at(&hospital.apis[api].url());
    let read = client.get(&format!("/visits/{visit}")).await?.expect(200)?;
    ensure!(read.body["patient"]["name"] == "Pat rotation", "{read}");
    // the one that knows the old key alone says no, and does not guess
    let read = hospital.admin.get(&format!("/visits/{visit}")).await?;
    ensure!(read.status == 500, "{read}");
    hospital.done();
    Ok(())
}
