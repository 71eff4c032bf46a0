//! Two departments and another facility, with people, visits, links, accounts and what else a
//! request may be about in each of them.

use super::cells::Place;
use anyhow::{Context as _, Result, ensure};
use medique_contracts::vocabulary::Role;
use medique_tests::catalogue::{Access, Operation, Scope, Target};
use medique_tests::client::Client;
use medique_tests::hospital::{Department, Person};
use medique_tests::{Hospital, forgery, samples, signing_in};
use reqwest::Method;
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Everything that cells are asked about.
pub struct World {
    /// The hospital of the callers.
    pub hospital: Hospital,
    /// What is in the callers' department.
    pub own: Target,
    /// Credentials that are none.
    pub strangers: Vec<(&'static str, Client)>,
    department: Target,
    facility: Target,
    facility_admin: Client,
    people: BTreeMap<Role, Person>,
    patient: Client,
    /// People who act in every department of the callers' facility.
    pub everywhere: Vec<(Role, Client)>,
}

impl World {
    /// Starts it.
    pub async fn open() -> Result<Self> {
        let hospital = Hospital::builder()
            .departments(2, 1)
            .api("MEDIQUE_SESSION_PER_ACCOUNT", "50")
            .start()
            .await?;
        let [here, there] = [0, 1].map(|number| hospital.departments[number].clone());
        let (facility, facility_admin) = hospital.another_facility().await?;
        let far = department(&facility_admin).await?;
        let (mut people, mut everywhere) = (BTreeMap::new(), Vec::new());
        for role in [
            Role::Admin,
            Role::Reception,
            Role::Nurse,
            Role::Doctor,
            Role::Display,
        ] {
            people.insert(role, hospital.local(role).await?);
            everywhere.push((role, hospital.everywhere(role).await?.client));
        }
        let mut own = site(&hospital, &hospital.admin, hospital.facility, &here).await?;
        own.doctor = people.get(&Role::Doctor).context("no doctor")?.id;
        own.elsewhere = there.id;
        let mut department = site(&hospital, &hospital.admin, hospital.facility, &there).await?;
        department.elsewhere = here.id;
        let mut facility = site(&hospital, &facility_admin, facility, &far).await?;
        facility.elsewhere = here.id;
        let (patient, _) = patient(&hospital, &own).await?;
        Ok(Self {
            strangers: strangers(&hospital).await?,
            hospital,
            own,
            department,
            facility,
            facility_admin,
            people,
            patient,
            everywhere,
        })
    }

    /// Who asks, and about what: things that a request may use up are new ones.
    pub async fn prepare(
        &self,
        operation: &Operation,
        role: Role,
        place: Place,
    ) -> Result<(Client, Target)> {
        let (mut target, admin) = match place {
            Place::Own => (self.own.clone(), &self.hospital.admin),
            Place::OtherDepartment => (self.department.clone(), &self.hospital.admin),
            Place::OtherFacility => (self.facility.clone(), &self.facility_admin),
        };
        let mut client = match self.people.get(&role) {
            Some(person) => person.client.clone(),
            None => self.patient.clone(),
        };
        let about_a_visit = matches!(operation.access, Access::Roles(_, Scope::Visit));
        if about_a_visit && place == Place::Own {
            if role == Role::Patient {
                (client, target.visit) = patient(&self.hospital, &target).await?;
            } else {
                target.visit = visit(admin, target.department).await?.0;
            }
        }
        let path = operation.template.as_str();
        if path.contains("{staff_id}") && role == Role::Admin {
            (target.staff, target.session) =
                account(&self.hospital, target.facility, target.department).await?;
        }
        if path.contains("{link_id}") && role == Role::Admin {
            target.link_id = link(admin, target.department).await?;
        }
        if path.ends_with("/auth/sessions/{session_id}") && place == Place::Own {
            // patients have none
            if let Some(person) = self.people.get(&role) {
                let anonymous = self.hospital.anonymous()?;
                target.session = signing_in::open(&anonymous, person).await?.id;
            }
        }
        Ok((client, target))
    }

    /// Whatever was asked about what is foreign, nothing of it changed.
    pub async fn nothing_foreign_changed(&self) -> Result<()> {
        for visit in [self.department.visit, self.facility.visit] {
            let version: i64 = sqlx::query_scalar("SELECT version FROM visit WHERE id = $1")
                .bind(visit)
                .fetch_one(&self.hospital.database.pool)
                .await?;
            ensure!(version == 1, "a foreign visit is at version {version}");
        }
        Ok(())
    }
}

async fn department(admin: &Client) -> Result<Department> {
    let code = "FAR".to_owned();
    let made = admin.post("/departments", &samples::department(&code));
    let id = made.applied().await?.id("/result/department_id")?;
    let room = admin.post("/rooms", &samples::room(id, "F1"));
    let rooms = vec![room.applied().await?.id("/result/room_id")?];
    Ok(Department { id, code, rooms })
}

/// One of everything in a department.
async fn site(
    hospital: &Hospital,
    admin: &Client,
    facility: Uuid,
    department: &Department,
) -> Result<Target> {
    let doctor = hospital
        .person_of(facility, Role::Doctor, &[department.id])
        .await?
        .id;
    let (visit, command) = visit(admin, department.id).await?;
    let (staff, session) = account(hospital, facility, department.id).await?;
    let token = hospital.link(department.id, &[])?;
    Ok(Target {
        visit,
        doctor,
        link_id: link(admin, department.id).await?,
        staff,
        session,
        command,
        dead_letter: dead_letter(hospital, facility, department.id).await?,
        ..Target::new(facility, department, token)
    })
}

/// A new visit, and the command that made it.
async fn visit(admin: &Client, department: Uuid) -> Result<(Uuid, Uuid)> {
    let mark = Uuid::new_v4().simple().to_string();
    let made = admin.post("/visits", &samples::visit(department, &mark));
    let made = made.applied().await?;
    Ok((made.id("/visit_id")?, made.id("/command_id")?))
}

/// Somebody who checked in by link, and the visit.
async fn patient(hospital: &Hospital, target: &Target) -> Result<(Client, Uuid)> {
    let mark = Uuid::new_v4().simple().to_string();
    let anonymous = hospital.anonymous()?;
    let made = anonymous.post("/checkin", &samples::link_visit(&target.link, &mark));
    let made = made.applied().await?;
    let token = made.body["visit_token"]
        .as_str()
        .context("no visit_token")?;
    Ok((anonymous.with_token(token), made.id("/visit_id")?))
}

/// A new account, signed in, and its session.
async fn account(hospital: &Hospital, facility: Uuid, department: Uuid) -> Result<(Uuid, Uuid)> {
    let person = hospital
        .person_of(facility, Role::Nurse, &[department])
        .await?;
    let claims = forgery::claims(person.client.token()?)?;
    let session = claims["sid"].as_str().context("a token without session")?;
    Ok((person.id, session.parse()?))
}

async fn link(admin: &Client, department: Uuid) -> Result<Uuid> {
    let body = json!({ "department_id": department, "kind": "poster", "ttl_minutes": 60 });
    let made = admin.ask(Method::POST, "/links", &body).await?;
    made.expect(201)?.id("/link/link_id")
}

/// A message that was put aside: nobody but its administrators may read it.
async fn dead_letter(hospital: &Hospital, facility: Uuid, department: Uuid) -> Result<Uuid> {
    let id = Uuid::new_v4();
    sqlx::query(
        "INSERT INTO dead_letter (id, facility_id, partition, seq, subject, headers, payload,
                                  reason, parked_at)
         SELECT $1, $2, 0, 1000000 + count(*), $3, '{}', '{}', 'test', now() FROM dead_letter",
    )
    .bind(id)
    .bind(facility)
    .bind(format!("p.0.cmd.v1.{facility}.{department}.check_in"))
    .execute(&hospital.database.pool)
    .await?;
    Ok(id)
}

/// Whom nobody may take for somebody.
async fn strangers(hospital: &Hospital) -> Result<Vec<(&'static str, Client)>> {
    let anonymous = hospital.anonymous()?;
    let mut claims = forgery::claims(hospital.admin.token()?)?;
    claims["exp"] = json!(1_700_000_000);
    let expired = forgery::sign(&claims, &hospital.secrets.jwt_signing_key)?;
    let person = hospital.local(Role::Admin).await?;
    let ended = signing_in::open(&anonymous, &person).await?;
    let path = format!("/auth/sessions/{}", ended.id);
    let answer = signing_in::ask(&ended.client, Method::DELETE, &path).await?;
    ensure!(answer.status < 300, "{answer}");
    Ok(vec![
        ("somebody with garbage", anonymous.with_token("garbage")),
        (
            "somebody whose token expired",
            anonymous.with_token(expired),
        ),
        ("somebody whose session was ended", ended.client),
        ("nobody", anonymous),
    ])
}
