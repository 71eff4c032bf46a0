//! Canaries: words that only staff may see are planted everywhere, and every public byte is searched.

use anyhow::{Context as _, Result, ensure};
use medique_contracts::vocabulary::Role;
use medique_tests::client::Answer;
use medique_tests::sse::EventStream;
use medique_tests::{Hospital, samples};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(15);
/// What must never be public, each word once in every visit.
const CANARIES: [&str; 8] = [
    "Xanthippe",
    "Zwiebelfisch",
    "5550123987",
    "quakingknee",
    "purplespots",
    "holdcanary",
    "notecanary",
    "pillcanary",
];
/// What a board and a patient may be told of a visit.
const PUBLIC_MEMBERS: [&str; 21] = [
    "visit_id",
    "version",
    "token",
    "state",
    "room",
    "room_id",
    "department_id",
    "department",
    "occurred_at",
    "trace_id",
    "as_of",
    "lines",
    "visits",
    "arrived_at",
    "people_ahead",
    "estimate_minutes",
    "visit",
    "age_s",
    "event_id",
    "called_at",
    "truncated",
];

fn canaries_in(text: &str) -> Vec<&'static str> {
    let text = text.to_lowercase();
    CANARIES
        .into_iter()
        .filter(|canary| text.contains(&canary.to_lowercase()))
        .collect()
}

fn has_no_canary(place: &str, text: &str) -> Result<()> {
    let found = canaries_in(text);
    ensure!(
        found.is_empty(),
        "{place} tells {found:?}:\n{}",
        around(text, found.first().copied().unwrap_or_default())
    );
    Ok(())
}

/// The neighbourhood of a word, for the message.
fn around(text: &str, word: &str) -> String {
    let Some(place) = text.to_lowercase().find(&word.to_lowercase()) else {
        return String::new();
    };
    text.chars()
        .skip(place.saturating_sub(200))
        .take(400)
        .collect()
}

fn members(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, member) in object {
                found.insert(name.clone());
                members(member, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| members(item, found)),
        _ => {}
    }
}

fn only_public_members(place: &str, value: &Value) -> Result<()> {
    let mut found = BTreeSet::new();
    members(value, &mut found);
    let more: Vec<_> = found
        .iter()
        .filter(|name| !PUBLIC_MEMBERS.contains(&name.as_str()))
        .collect();
    ensure!(more.is_empty(), "{place} has {more:?}: {value}");
    Ok(())
}

fn intake() -> Value {
    json!({
        "patient": { "name": "Xanthippe Zwiebelfisch", "age_years": 77, "phone": "+49 5550123987" },
        "complaint": "chest pain and quakingknee",
        "symptoms": ["purplespots"],
    })
}

/// Everything that anybody was told over HTTP.
#[derive(Default)]
struct Told(Vec<Answer>);

impl Told {
    fn hear(&mut self, answer: Answer) -> &Answer {
        self.0.push(answer);
        &self.0[self.0.len() - 1]
    }
}

#[tokio::test]
async fn no_public_byte_holds_a_canary() -> Result<()> {
    let log =
        "info,medique_api=trace,medique_workers=trace,medique_platform=trace,medique_domain=trace";
    let hospital = Hospital::builder().both("MEDIQUE_LOG", log).start().await?;
    let department = hospital.department().id;
    let display = hospital.local(Role::Display).await?.client;
    let doctor = hospital.local(Role::Doctor).await?.client;
    let nurse = hospital.local(Role::Nurse).await?.client;
    let phone = hospital.anonymous()?;
    let link = hospital.link(department, &[])?;
    let board_path = format!("/departments/{department}/board");
    let mut board = EventStream::open(&display, &format!("{board_path}/events"), None).await?;
    let mut staff =
        EventStream::open(&nurse, &format!("/departments/{department}/events"), None).await?;
    // somebody whose screen must not tell of the others
    let bystander = phone
        .post("/checkin", &samples::link_visit(&link, "bystander"))
        .applied()
        .await?;
    let bystander_id = bystander.id("/visit_id")?;
    let token = bystander.body["visit_token"]
        .as_str()
        .context("no visit_token")?;
    let bystander = phone.with_token(token);
    let mut own = EventStream::open(&bystander, "/patient/visit/events", None).await?;

    let mut told = Told::default();
    let mut body = intake();
    body["department_id"] = json!(department);
    let visit = told
        .hear(hospital.admin.post("/visits", &body).applied().await?)
        .id("/visit_id")?;
    // refusals must not tell either
    told.hear(
        hospital
            .admin
            .post("/visits", &body)
            .outcome()
            .await?
            .problem(409, "already_in_queue")?,
    );
    let mut odd = body.clone();
    odd["patient"]["name"] = json!("Xanthippe\u{0}Zwiebelfisch");
    odd["patient"]["sex"] = json!("Zwiebelfisch");
    told.hear(
        hospital
            .admin
            .post("/visits", &odd)
            .outcome()
            .await?
            .expect(400)?,
    );
    let mut by_link = intake();
    by_link["link_token"] = json!(link);
    by_link["patient"]["name"] = json!("Xanthippe Zwiebelfisch II");
    by_link["patient"]["phone"] = json!("+49 15550123987");
    told.hear(phone.post("/checkin", &by_link).applied().await?);

    let verb = |verb: &str| format!("/visits/{visit}/{verb}");
    let mut vitals = samples::vitals();
    vitals["oxygen_saturation"] = json!(85);
    told.hear(nurse.post(&verb("vitals"), &vitals).applied().await?);
    told.hear(
        doctor
            .post(&verb("hold"), &json!({ "reason": "holdcanary" }))
            .applied()
            .await?,
    );
    told.hear(doctor.post(&verb("resume"), &json!({})).applied().await?);
    let call = json!({ "room_id": hospital.department().rooms[0], "reason": "holdcanary" });
    told.hear(doctor.post(&verb("call"), &call).applied().await?);
    let shown = told.hear(display.get(&board_path).await?.expect(200)?);
    only_public_members("the board", &shown.body)?;
    told.hear(doctor.post(&verb("start"), &json!({})).applied().await?);
    let notes = json!({ "notes": "notecanary", "prescription": "pillcanary" });
    told.hear(doctor.post(&verb("complete"), &notes).applied().await?);
    let cancelled = json!({ "reason": "holdcanary" });
    told.hear(
        hospital
            .admin
            .post(&format!("/visits/{bystander_id}/cancel"), &cancelled)
            .applied()
            .await?,
    );
    let page = told.hear(bystander.get("/patient/visit").await?.expect(200)?);
    only_public_members("the patient's page", &page.body)?;

    // staff may read it: otherwise the canaries were never there
    let read = nurse.get(&format!("/visits/{visit}")).await?.expect(200)?;
    ensure!(
        canaries_in(&read.text).contains(&"Xanthippe"),
        "the canaries never lived: {read}"
    );

    let ended = |event: &medique_tests::sse::SseEvent| {
        event.data["visit_id"] == bystander_id.to_string()
            && event.event.starts_with("visit_")
            && matches!(event.event.as_str(), "visit_cancelled" | "visit_removed")
    };
    let on_board = board
        .until("the board forgets the last token", SOON, ended)
        .await?;
    let to_staff = staff.until("staff see the last step", SOON, ended).await?;
    let to_patient = own
        .until("the patient sees the last step", SOON, ended)
        .await?;
    for event in on_board.iter().chain(&to_patient) {
        only_public_members(&event.event, &event.data)?;
    }
    ensure!(
        to_patient
            .iter()
            .all(|event| !event.data.to_string().contains(&visit.to_string())),
        "{to_patient:?}"
    );
    ensure!(!to_staff.is_empty(), "staff saw nothing");
    for (place, stream) in [
        ("the board's stream", &board),
        ("the staff's stream", &staff),
        ("the patient's stream", &own),
    ] {
        has_no_canary(place, stream.raw())?;
    }
    for answer in &told.0 {
        has_no_canary(
            &answer.request,
            &format!("{:?} {}", answer.headers, answer.text),
        )?;
        has_no_canary("a URL", &answer.request)?;
    }
    nowhere_behind_the_api(&hospital).await?;
    hospital.passes().await?;
    Ok(())
}

/// The EVENTS stream, the subjects of both streams, and everything that the processes printed.
async fn nowhere_behind_the_api(hospital: &Hospital) -> Result<()> {
    let bus = hospital.nats.bus().await?;
    hospital.check().await?;
    for (stream, payload_is_public) in [
        (medique_contracts::subjects::EVENTS_STREAM, true),
        (medique_contracts::subjects::COMMANDS_STREAM, false),
    ] {
        let state = bus.stream_state(stream).await?;
        ensure!(state.messages > 0, "{stream} is empty");
        for seq in state.first_seq..=state.last_seq {
            let Some(message) = bus.get(stream, seq).await? else {
                continue;
            };
            let headers: Vec<_> = message.headers().collect();
            has_no_canary(stream, &format!("{} {headers:?}", message.subject))?;
            if payload_is_public {
                has_no_canary(stream, &String::from_utf8_lossy(&message.payload))?;
            }
        }
    }
    for replica in hospital.apis.iter().chain(&hospital.workers) {
        let log = replica.printed()?;
        ensure!(!log.is_empty(), "{} printed nothing", replica.name());
        has_no_canary(&format!("the log of {}", replica.name()), &log)?;
    }
    let outcomes: Vec<String> = sqlx::query_scalar("SELECT outcome::text FROM inbox")
        .fetch_all(&hospital.database.pool)
        .await?;
    has_no_canary("an outcome", &outcomes.join("\n"))
}

/// Secrets of the process are in no log and in no answer.
#[tokio::test]
async fn no_secret_is_printed() -> Result<()> {
    let hospital = Hospital::builder()
        .both("MEDIQUE_LOG", "trace")
        .start()
        .await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let link = hospital.link(hospital.department().id, &[])?;
    hospital
        .anonymous()?
        .post("/checkin", &samples::link_visit(&link, "secret"))
        .applied()
        .await?;
    let key: String = hospital
        .secrets
        .jwt_signing_key
        .lines()
        .nth(1)
        .context("no key")?
        .to_owned();
    let secrets = [
        ("the password", nurse.password.as_str()),
        ("an access token", nurse.client.token()?),
        ("the master key", hospital.secrets.master_key.as_str()),
        ("the link secret", hospital.secrets.link_secret.as_str()),
        ("the signing key", key.as_str()),
        ("a check-in link", link.as_str()),
    ];
    for replica in hospital.apis.iter().chain(&hospital.workers) {
        let log = replica.printed()?;
        for (what, secret) in secrets {
            ensure!(
                !log.contains(secret),
                "the log of {} holds {what}",
                replica.name()
            );
        }
    }
    hospital.passes().await?;
    Ok(())
}
