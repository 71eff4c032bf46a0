//! Every route, every role, the own and a foreign department: nobody gets more than the table says.

use anyhow::{Context as _, Result, bail, ensure};
use medique_contracts::vocabulary::Role;
use medique_tests::catalogue::{self, Access, Operation, Scope, Target};
use medique_tests::client::{Answer, Client};
use medique_tests::sse::EventStream;
use medique_tests::{Hospital, samples};
use std::collections::BTreeMap;

/// A request to a stream that is refused, or the first bytes of one that is not.
async fn ask(operation: &Operation, client: &Client, target: &Target) -> Result<u16> {
    if !operation.is_stream() {
        let answer = operation.send(client, target).await?;
        is_sound(&answer)?;
        return Ok(answer.status);
    }
    let path = operation.path(target);
    let path = path
        .strip_prefix("/api/v1")
        .context("a stream outside /api/v1")?;
    match EventStream::open(client, path, None).await {
        Ok(_) => Ok(200),
        Err(_) => {
            let answer = client.get(path).await?;
            is_sound(&answer)?;
            Ok(answer.status)
        }
    }
}

fn is_sound(answer: &Answer) -> Result<()> {
    ensure!(answer.status < 500, "{answer}");
    if answer.status >= 400 {
        answer.is_problem()?;
    }
    Ok(())
}

fn is_refusal(status: u16) -> bool {
    matches!(status, 401 | 403 | 404)
}

/// A patient who checked in by link, and the visit.
async fn patient(
    hospital: &Hospital,
    department: uuid::Uuid,
    mark: &str,
) -> Result<(Client, uuid::Uuid)> {
    let link = hospital.link(department, &[])?;
    let anonymous = hospital.anonymous()?;
    let made = anonymous
        .post("/checkin", &samples::link_visit(&link, mark))
        .applied()
        .await?;
    let token = made.body["visit_token"]
        .as_str()
        .with_context(|| format!("no visit_token: {made}"))?;
    Ok((anonymous.with_token(token), made.id("/visit_id")?))
}

struct World {
    hospital: Hospital,
    clients: BTreeMap<Role, Client>,
    own: Target,
    foreign: Target,
}

async fn world() -> Result<World> {
    let hospital = Hospital::builder().departments(2, 1).start().await?;
    let (here, there) = (
        hospital.departments[0].clone(),
        hospital.departments[1].clone(),
    );
    let mut clients = BTreeMap::new();
    for role in [Role::Admin, Role::Reception, Role::Nurse, Role::Display] {
        clients.insert(role, hospital.local(role).await?.client);
    }
    let doctor = hospital.local(Role::Doctor).await?;
    let other_doctor = hospital.person(Role::Doctor, &[there.id]).await?;
    clients.insert(Role::Doctor, doctor.client);
    let (own_patient, own_visit) = patient(&hospital, here.id, "own").await?;
    let (_, foreign_visit) = patient(&hospital, there.id, "foreign").await?;
    clients.insert(Role::Patient, own_patient);
    let own = Target {
        facility: hospital.facility,
        department: here.id,
        room: here.rooms[0],
        visit: own_visit,
        doctor: doctor.id,
        elsewhere: there.id,
        link: hospital.link(here.id, &[])?,
    };
    let foreign = Target {
        facility: hospital.facility,
        department: there.id,
        room: there.rooms[0],
        visit: foreign_visit,
        doctor: other_doctor.id,
        elsewhere: here.id,
        link: hospital.link(there.id, &[])?,
    };
    Ok(World {
        hospital,
        clients,
        own,
        foreign,
    })
}

#[tokio::test]
async fn without_a_credential_nothing_is_shown_or_changed() -> Result<()> {
    let World { hospital, own, .. } = world().await?;
    let anonymous = hospital.anonymous()?;
    for operation in catalogue::operations(&anonymous).await? {
        let status = match operation.access {
            // a link is a credential; a bad one is refused like a bad token
            Access::Link => {
                let target = Target {
                    link: "not.a-link".to_owned(),
                    ..own.clone()
                };
                ask(&operation, &anonymous, &target).await?
            }
            Access::Public => continue,
            Access::Roles(..) => ask(&operation, &anonymous, &own).await?,
        };
        ensure!(
            status == 401,
            "{} answers {status} to a stranger",
            operation.name()
        );
    }
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn a_role_does_what_its_row_says_and_no_more() -> Result<()> {
    let World {
        hospital,
        clients,
        own,
        ..
    } = world().await?;
    for operation in catalogue::operations(&hospital.admin).await? {
        let Access::Roles(allowed, _) = operation.access else {
            continue;
        };
        for (role, client) in &clients {
            let status = ask(&operation, client, &own).await?;
            if !allowed.contains(role) {
                ensure!(
                    is_refusal(status),
                    "{} answers {status} to {role}",
                    operation.name()
                );
            } else if operation.method == reqwest::Method::GET
                && !operation.template.contains("_letter")
                && !operation.template.contains("command_id")
                && !operation.template.contains("link_id")
            {
                ensure!(
                    status == 200,
                    "{} answers {status} to {role}",
                    operation.name()
                );
            }
        }
    }
    hospital.passes().await?;
    Ok(())
}

/// The same people in a department where nothing was granted to them.
#[tokio::test]
async fn nobody_reaches_into_a_foreign_department() -> Result<()> {
    let World {
        hospital,
        clients,
        foreign,
        ..
    } = world().await?;
    for operation in catalogue::operations(&hospital.admin).await? {
        let Access::Roles(_, scope) = operation.access else {
            continue;
        };
        for (role, client) in &clients {
            let status = ask(&operation, client, &foreign).await?;
            match scope {
                Scope::Department | Scope::Visit => {
                    ensure!(
                        is_refusal(status),
                        "{} answers {status} to a foreign {role}",
                        operation.name()
                    );
                }
                // belongs to the facility as a whole, or to the caller, whatever the path says
                Scope::Facility | Scope::Person => {}
            }
        }
    }
    // and nothing of it was seen or changed in passing
    let version: i64 = sqlx::query_scalar("SELECT version FROM visit WHERE id = $1")
        .bind(foreign.visit)
        .fetch_one(&hospital.database.pool)
        .await?;
    ensure!(version == 1, "the foreign visit is at version {version}");
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn lists_show_only_what_was_granted() -> Result<()> {
    let World {
        hospital,
        clients,
        foreign,
        own,
    } = world().await?;
    for role in [Role::Reception, Role::Nurse, Role::Doctor] {
        let client = clients.get(&role).context("no such client")?;
        let queue = client
            .get(&format!("/departments/{}/queue", own.department))
            .await?
            .expect(200)?;
        ensure!(
            queue.text.contains(&own.visit.to_string()),
            "{role} does not see its own queue: {queue}"
        );
        ensure!(
            !queue.text.contains(&foreign.visit.to_string()),
            "{role} sees a foreign visit: {queue}"
        );
    }
    hospital.passes().await?;
    Ok(())
}

/// A command's fate is told to whoever gave it, and to admins.
#[tokio::test]
async fn outcomes_are_private() -> Result<()> {
    let World {
        hospital,
        clients,
        own,
        ..
    } = world().await?;
    let [reception, nurse, patient] =
        [Role::Reception, Role::Nurse, Role::Patient].map(|role| clients.get(&role));
    let (reception, nurse) = (reception.context("nobody")?, nurse.context("nobody")?);
    let body = samples::visit(own.department, "private");
    let made = reception.post("/visits", &body).applied().await?;
    let path = format!("/commands/{}", made.id("/command_id")?);
    reception.get(&path).await?.expect(200)?;
    hospital.admin.get(&path).await?.expect(200)?;
    for other in [nurse, patient.context("nobody")?] {
        other.get(&path).await?.expect(404)?.is_problem()?;
    }
    // with the address of the status, too
    let accepted = reception
        .post("/visits", &samples::visit(own.department, "private too"))
        .accepted()
        .await?;
    let Some(status_url) = accepted.body["status_url"].as_str() else {
        bail!("no status_url: {accepted}")
    };
    let path = status_url.strip_prefix("/api/v1").unwrap_or(status_url);
    reception.get(path).await?.expect(200)?;
    nurse.get(path).await?.expect(404)?.is_problem()?;
    hospital.passes().await?;
    Ok(())
}
