//! Reads on a real database.

use crate::world::{CANARY, World, ago};
use chrono::TimeDelta;
use medique_contracts::VisitSnapshot;
use medique_contracts::actor::Grants;
use medique_contracts::ids::VisitId;
use medique_contracts::vocabulary::{Role, StageState};
use poem::http::StatusCode;
use serde_json::Value;
use uuid::Uuid;

async fn waiting(world: &World, token: &str, level: u8, minutes: i64) -> VisitSnapshot {
    let state = if level <= 2 {
        StageState::Urgent
    } else {
        StageState::Waiting
    };
    let mut visit = world.visit(token, state);
    (visit.level, visit.queued_since, visit.arrived_at) = (level, ago(minutes), ago(minutes));
    world.store(&visit).await;
    visit
}

fn tokens(list: &Value, field: &str) -> Vec<String> {
    list[field]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["token"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_is_in_the_order_of_calling_and_says_why() {
    let world = World::start().await;
    waiting(&world, "GM-001", 4, 100).await; // credit 100/120
    waiting(&world, "GM-002", 3, 55).await; // credit 55/60
    waiting(&world, "GM-003", 1, 1).await;
    waiting(&world, "GM-004", 4, 10).await;
    let mut placed = world.visit("GM-005", StageState::Waiting);
    placed.front = true;
    world.store(&placed).await;
    world
        .store(&world.visit("GM-006", StageState::Called))
        .await;
    let path = format!("/departments/{}/queue", world.medicine);
    let queue = world.ok(&path, &world.nurse()).await;
    assert_eq!(
        tokens(&queue, "items"),
        ["GM-003", "GM-005", "GM-002", "GM-001", "GM-004"]
    );
    let reasons: Vec<_> = queue["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["why"]["reason"].as_str())
        .collect();
    let credit = Some("higher_credit");
    assert_eq!(
        reasons,
        [
            None,
            Some("immediate"),
            Some("placed_in_front"),
            credit,
            credit
        ]
    );
    assert_eq!(queue["items"][3]["position"], 4);
    assert_eq!(queue["items"][2]["credit"].as_f64().unwrap(), 0.917);
    assert_eq!(queue["items"][0]["name"], CANARY);
    assert_eq!(queue["waiting"], 5);
    let in_hand = world
        .ok(
            &format!("{path}?state=CALLED,IN_CONSULTATION"),
            &world.nurse(),
        )
        .await;
    assert_eq!(tokens(&in_hand, "items"), ["GM-006"]);
    assert_eq!(in_hand["items"][0]["room"], "R3");
    assert_eq!(
        world
            .get(&format!("{path}?state=LEFT"), &world.nurse())
            .await
            .0,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        world
            .get(&format!("{path}?limit=201"), &world.nurse())
            .await
            .0,
        StatusCode::BAD_REQUEST
    );
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_a_queue_fit_together_while_patients_are_called() {
    let world = World::start().await;
    let mut visits = Vec::new();
    for n in 1..=7 {
        visits.push(waiting(&world, &format!("GM-{n:03}"), 4, 100 - n).await);
    }
    let path = format!(
        "/departments/{}/queue?limit=3&state=WAITING,CALLED",
        world.medicine
    );
    let first = world.ok(&path, &world.nurse()).await;
    // The last one of the page is called away.
    let mut called = world.visit("GM-003", StageState::Called);
    (called.visit_id, called.version) = (visits[2].visit_id, 2);
    world.store(&called).await;
    let mut seen = tokens(&first, "items");
    let mut cursor = first["next_cursor"].as_str().map(str::to_owned);
    while let Some(next) = cursor {
        let page = world
            .ok(&format!("{path}&cursor={next}"), &world.nurse())
            .await;
        assert_eq!(page["as_of"], first["as_of"]);
        seen.extend(tokens(&page, "items"));
        cursor = page["next_cursor"].as_str().map(str::to_owned);
    }
    assert_eq!(
        seen,
        [
            "GM-001", "GM-002", "GM-003", "GM-004", "GM-005", "GM-006", "GM-007", "GM-003"
        ]
    );
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_shows_tokens_rooms_and_states_and_nothing_else() {
    let world = World::start().await;
    waiting(&world, "GM-002", 4, 50).await;
    waiting(&world, "GM-003", 1, 5).await;
    world
        .store(&world.visit("GM-001", StageState::Called))
        .await;
    world
        .store(&world.visit("GM-004", StageState::OnHold))
        .await;
    world
        .store(&world.visit("GM-005", StageState::Completed))
        .await;
    let mut scanned = world.visit("", StageState::Scanned);
    scanned.token = None;
    world.store(&scanned).await;
    let path = format!("/departments/{}/board", world.medicine);
    let board = world.ok(&path, &world.board()).await;
    let expected = serde_json::json!([
        { "token": "GM-001", "state": "CALLED", "room": "R3" },
        { "token": "GM-002", "state": "WAITING" },
        { "token": "GM-004", "state": "ON_HOLD" },
        { "token": "GM-003", "state": "WAITING" },
    ]);
    assert_eq!(board["lines"], expected);
    let mut keys: Vec<_> = board
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    assert_eq!(keys, ["as_of", "department_id", "lines"]);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_sees_the_own_place_in_the_queue() {
    let world = World::start().await;
    let mine = waiting(&world, "GM-002", 4, 50).await;
    waiting(&world, "GM-003", 1, 5).await;
    waiting(&world, "GM-004", 5, 5).await;
    let view = world
        .ok("/patient/visit", &world.patient(mine.visit_id))
        .await;
    assert_eq!(
        (&view["token"], &view["people_ahead"]),
        (&"GM-002".into(), &1.into())
    );
    assert_eq!(view.get("estimate_minutes"), None, "too little is known");
    assert!(!view.to_string().contains(CANARY) && view.get("level").is_none());
    for n in 10..15 {
        let mut done = world.visit(&format!("GM-0{n}"), StageState::Completed);
        (done.doctor_id, done.room_id) = (Some(world.doctor.into()), Some(world.room));
        // One look at the clock, so that each consultation took exactly ten minutes.
        let ended = ago(15);
        (done.called_at, done.started_at, done.ended_at) = (
            Some(ended - TimeDelta::minutes(15)),
            Some(ended - TimeDelta::minutes(10)),
            Some(ended),
        );
        world.store(&done).await;
    }
    let view = world
        .ok("/patient/visit", &world.patient(mine.visit_id))
        .await;
    assert_eq!(view["estimate_minutes"], 20);
    let (status, body) = world
        .get("/patient/visit", &world.patient(VisitId(Uuid::now_v7())))
        .await;
    assert_eq!(
        (status, body["code"].as_str()),
        (StatusCode::NOT_FOUND, Some("unknown_visit"))
    );
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_has_the_fields_that_the_role_may_see() {
    let world = World::start().await;
    let visit = waiting(&world, "GM-001", 3, 5).await;
    sqlx::query("INSERT INTO consultation_note VALUES ($1, 1, 'staff:x', now(), 'note', 'pill')")
        .bind(visit.visit_id.0)
        .execute(&world.owner)
        .await
        .unwrap();
    let path = format!("/visits/{}", visit.visit_id);
    for (role, fields) in [
        (Role::Reception, [true, false, false]),
        (Role::Admin, [true, false, false]),
        (Role::Nurse, [true, true, false]),
        (Role::Doctor, [true, true, true]),
    ] {
        let view = world
            .ok(
                &path,
                &world.staff(role, Grants::Only(vec![world.medicine])),
            )
            .await;
        let has = ["complaint", "vitals", "notes"].map(|field| view.get(field).is_some());
        assert_eq!(has, fields, "{role}: {view}");
        assert_eq!(
            (&view["patient"]["name"], &view["level"]),
            (&CANARY.into(), &3.into())
        );
    }
    let own = world.ok(&path, &world.patient(visit.visit_id)).await;
    assert!(!own.to_string().contains(CANARY), "{own}");
    for field in [
        "level",
        "front",
        "patient",
        "vitals",
        "floor",
        "notes",
        "doctor_id",
    ] {
        assert_eq!(own.get(field), None, "{field}");
    }
    for (token, status) in [
        (world.board(), 403),
        (
            world.staff(Role::Doctor, Grants::Only(vec![world.surgery])),
            404,
        ),
        (world.patient(VisitId(Uuid::now_v7())), 404),
    ] {
        assert_eq!(world.get(&path, &token).await.0, status);
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_paged_and_hold_what_is_granted() {
    let world = World::start().await;
    let admin = world.staff(Role::Admin, Grants::All);
    let first = world.ok("/departments?limit=1", &admin).await;
    assert_eq!(first["items"][0]["code"], "GM");
    let next = first["next_cursor"].as_str().unwrap();
    let second = world
        .ok(&format!("/departments?limit=1&cursor={next}"), &admin)
        .await;
    assert_eq!(
        (&second["items"][0]["code"], second.get("next_cursor")),
        (&"SU".into(), None)
    );
    assert_eq!(
        world.ok("/departments", &world.nurse()).await["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let rooms = world
        .ok(&format!("/rooms?department_id={}", world.medicine), &admin)
        .await;
    assert_eq!(rooms["items"][0]["code"], "R3");
    let doctors = world.ok("/doctors", &world.nurse()).await;
    assert_eq!(
        (&doctors["items"][0]["name"], &doctors["items"][0]["status"]),
        (&"Dr D".into(), &"AVAILABLE".into())
    );
    for (path, token) in [
        ("/doctors", world.board()),
        ("/departments", world.patient(VisitId(Uuid::now_v7()))),
    ] {
        assert_eq!(
            world.get(path, &token).await.0,
            StatusCode::FORBIDDEN,
            "{path}"
        );
    }
    world.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn admins_read_the_audit_trail_and_dead_letters() {
    let world = World::start().await;
    let visit = Uuid::now_v7();
    for n in 1..=3_i64 {
        sqlx::query(
            "INSERT INTO audit VALUES (0, $1, gen_random_uuid(), '\\x', '\\xabcd', $2, $3, $4, $1, 'visit_called',
                 'staff:x', gen_random_uuid(), $5, NULL, '{\"a\":1}', '{\"reason\":\"r\"}')",
        )
        .bind(n)
        .bind(world.facility.0)
        .bind(world.medicine.0)
        .bind(visit)
        .bind(ago(10 - n))
        .execute(&world.owner)
        .await
        .unwrap();
    }
    let letter = Uuid::now_v7();
    sqlx::query(
        "INSERT INTO dead_letter (id, facility_id, partition, seq, subject, headers, payload, reason, parked_at)
         VALUES ($1, $2, 0, 7, 'p.0', '{}', 'text', 'unknown type', now())",
    )
    .bind(letter)
    .bind(world.facility.0)
    .execute(&world.owner)
    .await
    .unwrap();
    let admin = world.staff(Role::Admin, Grants::All);
    let first = world
        .ok(&format!("/audit?visit_id={visit}&limit=2"), &admin)
        .await;
    let next = first["next_cursor"].as_str().unwrap();
    let second = world
        .ok(
            &format!("/audit?visit_id={visit}&limit=2&cursor={next}"),
            &admin,
        )
        .await;
    assert_eq!(
        (
            first["items"][1]["version"].as_i64(),
            second["items"][0]["version"].as_i64()
        ),
        (Some(2), Some(3))
    );
    assert_eq!(
        (
            &second["items"][0]["facts"]["a"],
            &second["items"][0]["hash"]
        ),
        (&1.into(), &"abcd".into())
    );
    let from = ago(9).format("%Y-%m-%dT%H:%M:%S%.6fZ");
    let since = world.ok(&format!("/audit?from={from}"), &admin).await;
    let since = since["items"].as_array().unwrap();
    // the third is that this admin looked, once however often
    assert_eq!(since.len(), 3);
    assert_eq!(
        (&since[2]["event_type"], since[2].get("command_id")),
        (&"audit_read".into(), None)
    );
    let letters = world.ok("/dead-letters?state=parked", &admin).await;
    assert_eq!(
        (
            &letters["items"][0]["seq"],
            letters["items"][0].get("payload")
        ),
        (&7.into(), None)
    );
    let one = world.ok(&format!("/dead-letters/{letter}"), &admin).await;
    assert_eq!(one["payload"], "text");
    for path in [
        "/audit",
        "/dead-letters",
        &format!("/dead-letters/{letter}"),
    ] {
        assert_eq!(
            world.get(path, &world.nurse()).await.0,
            StatusCode::FORBIDDEN
        );
    }
    world.end().await;
}
