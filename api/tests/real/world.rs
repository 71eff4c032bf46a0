//! One hospital with two departments, and an API in this process.

use crate::servers::{Broker, Database, eventually};
use crate::stream::Events;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use medique_api::app::{App, Shared, endpoint};
use medique_api::auth::tokens::{SessionClaim, StaffGrant};
use medique_api::config::Config;
use medique_contracts::actor::Grants;
use medique_contracts::events::{EventBody, EventData, EventMessage, EventType, VisitSnapshot};
use medique_contracts::ids::{
    CommandId, DepartmentId, EventId, FacilityId, RoomId, StaffId, VisitId,
};
use medique_contracts::subjects;
use medique_contracts::vocabulary::{Role, StageState};
use medique_platform::bus::{Bus, OutgoingMessage};
use medique_platform::config::Env;
use medique_platform::lifecycle::Lifecycle;
use poem::http::StatusCode;
use poem::{Endpoint as _, Request, Response};
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

pub(crate) const CANARY: &str = "Zebrafink";

/// Servers, a hospital in the database, and an API that has started.
pub(crate) struct World {
    pub(crate) broker: Broker,
    pub(crate) database: Database,
    pub(crate) owner: PgPool,
    pub(crate) bus: Bus,
    pub(crate) app: Shared,
    pub(crate) facility: FacilityId,
    pub(crate) medicine: DepartmentId,
    pub(crate) surgery: DepartmentId,
    pub(crate) room: RoomId,
    pub(crate) doctor: Uuid,
}

impl World {
    pub(crate) async fn start() -> Self {
        let (broker, database) = (Broker::start().await, Database::create().await);
        let owner = PgPool::connect(&database.url).await.unwrap();
        let [facility, medicine, surgery, room, doctor] = std::array::from_fn(|_| Uuid::now_v7());
        hospital(&owner, facility, [medicine, surgery], room, doctor).await;
        let app = start_app(&broker, &database).await;
        Self {
            bus: app.bus.clone(),
            broker,
            database,
            owner,
            app,
            facility: facility.into(),
            medicine: medicine.into(),
            surgery: surgery.into(),
            room: room.into(),
            doctor,
        }
    }

    pub(crate) async fn end(self) {
        self.app.lifecycle.soft.cancel();
        self.owner.close().await;
        self.database.drop().await;
    }

    /// Another replica.
    pub(crate) async fn another_app(&self) -> Shared {
        start_app(&self.broker, &self.database).await
    }

    pub(crate) fn staff(&self, role: Role, departments: Grants) -> String {
        self.staff_for(role, departments, TimeDelta::minutes(10))
    }

    pub(crate) fn staff_for(&self, role: Role, departments: Grants, life: TimeDelta) -> String {
        let grant = StaffGrant {
            staff_id: StaffId(Uuid::now_v7()),
            facility_id: self.facility,
            role,
            departments,
            amr: Vec::new(),
        };
        let session = SessionClaim {
            id: Uuid::now_v7(),
            access_version: 1,
        };
        self.app
            .tokens
            .staff_token(&grant, session, life, medique_platform::clock::now())
            .unwrap()
    }

    pub(crate) fn nurse(&self) -> String {
        self.staff(Role::Nurse, Grants::Only(vec![self.medicine]))
    }

    pub(crate) fn board(&self) -> String {
        self.staff(Role::Display, Grants::Only(vec![self.medicine]))
    }

    pub(crate) fn patient(&self, visit: VisitId) -> String {
        let now = medique_platform::clock::now();
        self.app
            .tokens
            .visit_token(visit, self.facility, now)
            .unwrap()
            .0
    }

    /// GET below `/api/v1`.
    pub(crate) async fn get(&self, path: &str, token: &str) -> (StatusCode, Value) {
        let response = respond(&self.app, path, token, None).await;
        let status = response.status();
        assert_eq!(response.header("cache-control"), Some("no-store"), "{path}");
        let body = response.into_body().into_bytes().await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    /// GET that must be answered.
    pub(crate) async fn ok(&self, path: &str, token: &str) -> Value {
        let (status, body) = self.get(path, token).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        body
    }

    pub(crate) async fn follow(
        &self,
        path: &str,
        token: &str,
        last_event_id: Option<&str>,
    ) -> Events {
        follow(&self.app, path, token, last_event_id).await
    }

    pub(crate) fn staff_path(&self) -> String {
        format!("/departments/{}/events", self.medicine)
    }

    pub(crate) fn board_path(&self) -> String {
        format!("/departments/{}/board/events", self.medicine)
    }

    /// A visit in medicine, in no table yet.
    pub(crate) fn visit(&self, token: &str, state: StageState) -> VisitSnapshot {
        let now = medique_platform::clock::now();
        let with_doctor = state.is_with_doctor();
        VisitSnapshot {
            visit_id: VisitId(Uuid::now_v7()),
            version: 1,
            token: Some(token.to_owned()),
            service_day: now.date_naive(),
            state,
            stage: 1,
            department_id: self.medicine,
            from_department_id: None,
            level: if state == StageState::Urgent { 2 } else { 4 },
            assigned_doctor_id: None,
            doctor_id: with_doctor.then_some(self.doctor.into()),
            room_id: with_doctor.then_some(self.room),
            front: false,
            queued_since: now - TimeDelta::minutes(30),
            arrived_at: now - TimeDelta::minutes(30),
            called_at: with_doctor.then_some(now),
            started_at: (state == StageState::InConsultation).then_some(now),
            ended_at: (!state.is_live()).then_some(now),
            recall_count: 0,
            inaccurate: false,
        }
    }

    /// Writes a visit as a worker would, with a canary in every personal field.
    pub(crate) async fn store(&self, visit: &VisitSnapshot) {
        let number: Option<i32> = visit
            .token
            .as_ref()
            .and_then(|token| token.rsplit('-').next()?.parse().ok());
        sqlx::query(
            "INSERT INTO visit (id, facility_id, version, partition, intake, patient_key, live, token_department_id,
                 token_number, token, service_day, arrived_at, vitals, floor, clinician, level, current_stage)
             VALUES ($1, $2, $3, 0, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, NULL, $14, $15)
             ON CONFLICT (id) DO UPDATE SET version = $3, live = $6, level = $14, current_stage = $15",
        )
        .bind(visit.visit_id.0)
        .bind(self.facility.0)
        .bind(visit.version)
        .bind(intake())
        .bind(format!("{CANARY}-{}", visit.visit_id))
        .bind(visit.state.is_live())
        .bind(number.map(|_| visit.department_id.0))
        .bind(number)
        .bind(&visit.token)
        .bind(visit.service_day)
        .bind(visit.arrived_at)
        .bind(json!({ "heart_rate": 80 }))
        .bind(json!({ "level": 5, "rules_version": 1, "fired": [], "news2": null }))
        .bind(i16::from(visit.level))
        .bind(visit.stage)
        .execute(&self.owner)
        .await
        .unwrap();
        self.store_stage(visit).await;
    }

    async fn store_stage(&self, visit: &VisitSnapshot) {
        let hold = (visit.state == StageState::OnHold)
            .then(|| json!({ "reason": CANARY, "expected_back_at": null, "resume_to": "WAITING" }));
        sqlx::query("DELETE FROM stage WHERE visit_id = $1")
            .bind(visit.visit_id.0)
            .execute(&self.owner)
            .await
            .unwrap();
        sqlx::query(
            "INSERT INTO stage (visit_id, ordinal, department_id, state, level, assigned_doctor_id, doctor_id, room_id,
                 front, queued_since, entered_at, called_at, last_called_at, started_at, ended_at, recall_count, hold)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13, $14, $15, $16)",
        )
        .bind(visit.visit_id.0)
        .bind(visit.stage)
        .bind(visit.department_id.0)
        .bind(visit.state.as_str())
        .bind(i16::from(visit.level))
        .bind(visit.assigned_doctor_id.map(|id| id.0))
        .bind(visit.doctor_id.map(|id| id.0))
        .bind(visit.room_id.map(|id| id.0))
        .bind(visit.front)
        .bind(visit.queued_since)
        .bind(visit.arrived_at)
        .bind(visit.called_at)
        .bind(visit.started_at)
        .bind(visit.ended_at)
        .bind(i16::try_from(visit.recall_count).unwrap())
        .bind(hold)
        .execute(&self.owner)
        .await
        .unwrap();
    }

    /// Publishes events on visits in this order.
    pub(crate) async fn publish(&self, events: &[(EventType, &VisitSnapshot)]) {
        let batch: Vec<_> = events
            .iter()
            .map(|(kind, visit)| self.message(*kind, visit))
            .collect();
        for batch in batch.chunks(1000) {
            self.bus.publish_events(batch).await.unwrap();
        }
    }

    fn message(&self, event_type: EventType, visit: &VisitSnapshot) -> OutgoingMessage {
        let event = EventMessage {
            event_id: EventId(Uuid::now_v7()),
            event_type,
            traceparent: Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned()),
            body: EventBody {
                facility_id: self.facility,
                department_id: Some(visit.department_id),
                occurred_at: medique_platform::clock::now(),
                command_id: CommandId(Uuid::now_v7()),
                facts: EventData::Visit(Box::new(visit.clone())),
            },
        };
        OutgoingMessage {
            subject: subjects::event(
                self.facility,
                Some(visit.department_id),
                Some(visit.visit_id),
                event_type,
            ),
            message_id: event.event_id.to_string(),
            headers: Vec::new(),
            payload: Bytes::from(event.to_bytes().unwrap()),
        }
    }
}

fn intake() -> Value {
    json!({
        "patient": { "name": CANARY, "age_years": 40, "birth_date": null, "sex": "FEMALE",
                     "phone": format!("{CANARY}-phone"), "language": "en" },
        "complaint": format!("{CANARY}-complaint"),
        "symptoms": [format!("{CANARY}-symptom")],
        "arrival_mode": "WALK_IN"
    })
}

pub(crate) async fn follow(
    app: &Shared,
    path: &str,
    token: &str,
    last_event_id: Option<&str>,
) -> Events {
    let response = respond(app, path, token, last_event_id).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.content_type(), Some("text/event-stream"));
    assert_eq!(response.header("cache-control"), Some("no-store"));
    Events::new(response)
}

pub(crate) async fn respond(
    app: &Shared,
    path: &str,
    token: &str,
    last_event_id: Option<&str>,
) -> Response {
    let mut request = Request::builder()
        .uri_str(format!("/api/v1{path}"))
        .header("authorization", format!("Bearer {token}"));
    if let Some(id) = last_event_id {
        request = request.header("last-event-id", id);
    }
    endpoint(app.clone()).get_response(request.finish()).await
}

async fn start_app(broker: &Broker, database: &Database) -> Shared {
    let config = Config::read(Env::from_pairs([
        ("MEDIQUE_NATS_URL", broker.url()),
        ("MEDIQUE_DATABASE_URL", database.url.clone()),
        ("MEDIQUE_JWT_SIGNING_KEY", signing_key()),
        ("MEDIQUE_LINK_SECRET", "x".repeat(48)),
        ("MEDIQUE_MASTER_KEY", STANDARD.encode([9; 32])),
        ("MEDIQUE_IDENTITY_KEY", "ab".repeat(32)),
        ("MEDIQUE_SSE_HEARTBEAT_S", "1".to_owned()),
        ("MEDIQUE_SSE_CLIENT_QUEUE", "16".to_owned()),
        ("MEDIQUE_COMMANDS_MAX_BYTES", (1 << 30).to_string()),
        ("MEDIQUE_EVENTS_MAX_BYTES", (1 << 30).to_string()),
    ]))
    .unwrap();
    let app = App::start(config, Lifecycle::new()).await.unwrap();
    eventually(|| async { app.is_ready().then_some(()) }).await;
    app
}

/// The same for every replica of a process: an Ed25519 seed in PKCS#8.
fn signing_key() -> String {
    let mut der = vec![
        0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20,
    ];
    der.extend([7; 32]);
    format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        STANDARD.encode(der)
    )
}

async fn hospital(pool: &PgPool, facility: Uuid, departments: [Uuid; 2], room: Uuid, doctor: Uuid) {
    sqlx::query("INSERT INTO facility (id, code, name, timezone, cutover_hour) VALUES ($1, 'GH', 'General', 'UTC', 4)")
        .bind(facility)
        .execute(pool)
        .await
        .unwrap();
    for (id, code) in departments.into_iter().zip(["GM", "SU"]) {
        let settings = json!({
            "code": code, "name": format!("Department {code}"), "open": true, "default_level": 4,
            "target_minutes": [0, 10, 60, 120, 240], "transfer_place": "BY_ARRIVAL", "return_place": "BACK",
            "no_show_recalls": 1, "no_show_grace_s": 60, "exempt_from_day_close": false
        });
        sqlx::query("INSERT INTO department (id, facility_id, version, code, settings) VALUES ($1, $2, 1, $3, $4)")
            .bind(id)
            .bind(facility)
            .bind(code)
            .bind(settings)
            .execute(pool)
            .await
            .unwrap();
    }
    let settings = json!({ "code": "R3", "name": "Room 3", "open": true, "capacity": 8 });
    sqlx::query("INSERT INTO room (id, department_id, version, code, settings) VALUES ($1, $2, 1, 'R3', $3)")
        .bind(room)
        .bind(departments[0])
        .bind(settings)
        .execute(pool)
        .await
        .unwrap();
    sqlx::query(
        "WITH s AS (INSERT INTO staff (id, facility_id, email, name, role, password_hash)
                    VALUES ($1, $2, 'd@example.org', 'Dr D', 'DOCTOR', '-') RETURNING id),
              d AS (INSERT INTO doctor (id, facility_id, capacity) SELECT id, $2, 8 FROM s RETURNING id)
         INSERT INTO doctor_department SELECT id, $3 FROM d",
    )
    .bind(doctor)
    .bind(facility)
    .bind(departments[0])
    .execute(pool)
    .await
    .unwrap();
}

/// An instant so many minutes ago.
pub(crate) fn ago(minutes: i64) -> DateTime<Utc> {
    medique_platform::clock::now() - TimeDelta::minutes(minutes)
}
