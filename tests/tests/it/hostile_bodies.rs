//! Any JSON value in any field of any body is a 4xx problem or a success, never a 500; and whatever
//! was accepted is decided, never parked.

use anyhow::{Result, ensure};
use futures::{StreamExt as _, TryStreamExt as _};
use medique_contracts::vocabulary::Role;
use medique_tests::Hospital;
use medique_tests::catalogue::{self, Access, Operation, Target};
use medique_tests::client::{Answer, Client, send};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

const AT_ONCE: usize = 8;

/// Values that have broken somebody's parser, database or arithmetic.
fn odd_values() -> Vec<Value> {
    let mut deep = json!("bottom");
    for _ in 0..100 {
        deep = json!([deep]);
    }
    vec![
        Value::Null,
        json!(true),
        json!(0),
        json!(-1),
        json!(6),
        json!(65_536),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1e308),
        json!(-0.0),
        json!(2.5),
        json!(""),
        json!(" "),
        json!("\u{0}"),
        json!("a\u{0}b"),
        json!("\u{1b}[31m"),
        json!("\u{202e}drow"),
        json!("e\u{301}"),
        json!("\u{1F468}\u{200D}\u{2695}\u{FE0F}"),
        json!("x".repeat(5_000)),
        json!("'; DROP TABLE visit; --"),
        json!("2026-02-30"),
        json!("0000-01-01"),
        json!("+262142-12-31"),
        json!("9999-12-31T23:59:60Z"),
        json!(Uuid::nil()),
        json!(Uuid::max()),
        json!("NaN"),
        json!([]),
        json!([null]),
        json!(vec!["s"; 1_000]),
        json!({}),
        json!({ "": {} }),
        deep,
    ]
}

/// The body with each of its members, at any depth, replaced by each odd value, and left out.
fn mutations(body: &Value, properties: &[String]) -> Vec<Value> {
    let mut pointers = Vec::new();
    collect(body, String::new(), &mut pointers);
    let known = properties.iter().map(|name| format!("/{name}"));
    pointers.extend(known.filter(|pointer| body.pointer(pointer).is_none()));
    let mut bodies: Vec<Value> = odd_values();
    for pointer in &pointers {
        for value in odd_values() {
            let mut changed = body.clone();
            set(&mut changed, pointer, value);
            bodies.push(changed);
        }
        let mut without = body.clone();
        remove(&mut without, pointer);
        bodies.push(without);
    }
    bodies
}

fn collect(value: &Value, pointer: String, pointers: &mut Vec<String>) {
    for (name, member) in value.as_object().into_iter().flatten() {
        let pointer = format!("{pointer}/{name}");
        collect(member, pointer.clone(), pointers);
        pointers.push(pointer);
    }
}

fn set(body: &mut Value, pointer: &str, value: Value) {
    let Some((parent, name)) = pointer.rsplit_once('/') else {
        return;
    };
    if let Some(Value::Object(members)) = body.pointer_mut(parent) {
        members.insert(name.to_owned(), value);
    }
}

fn remove(body: &mut Value, pointer: &str) {
    let Some((parent, name)) = pointer.rsplit_once('/') else {
        return;
    };
    if let Some(Value::Object(members)) = body.pointer_mut(parent) {
        members.remove(name);
    }
}

fn is_sound(answer: &Answer, sent: &str) -> Result<()> {
    ensure!(answer.status < 500, "{answer}\nto {sent:.500}");
    if answer.status >= 400 {
        answer.is_problem()?;
    }
    Ok(())
}

struct World {
    hospital: Hospital,
    clients: BTreeMap<Role, Client>,
    target: Target,
}

impl World {
    async fn open() -> Result<Self> {
        // most of what is sent here is decided later than it is answered
        let hospital = Hospital::builder()
            .departments(2, 1)
            .api("MEDIQUE_MAX_BACKLOG", "1000000")
            .start()
            .await?;
        let here = hospital.department().clone();
        let mut clients = BTreeMap::new();
        let doctor = hospital.local(Role::Doctor).await?;
        let doctor_id = doctor.id;
        clients.insert(Role::Doctor, doctor.client);
        clients.insert(Role::Nurse, hospital.local(Role::Nurse).await?.client);
        clients.insert(
            Role::Reception,
            hospital.local(Role::Reception).await?.client,
        );
        clients.insert(Role::Admin, hospital.admin.clone());
        let (visit, _) = hospital
            .check_in(&hospital.admin, here.id, "the target")
            .await?;
        let link = hospital.link(here.id, &[])?;
        let target = Target {
            visit,
            doctor: doctor_id,
            elsewhere: hospital.departments[1].id,
            ..Target::new(hospital.facility, &here, link)
        };
        Ok(Self {
            hospital,
            clients,
            target,
        })
    }

    /// Somebody who may use the operation.
    fn client(&self, operation: &Operation) -> Client {
        let Access::Roles(allowed, _) = operation.access else {
            return self.hospital.admin.clone();
        };
        let found = allowed.iter().find_map(|role| self.clients.get(role));
        found.unwrap_or(&self.hospital.admin).clone()
    }

    /// Nothing that came through may have poisoned the pipeline.
    async fn finish(self) -> Result<()> {
        let report = self.hospital.check().await?;
        ensure!(
            report.evidence.dead_letters.is_empty(),
            "parked: {:#?}",
            report.evidence.dead_letters
        );
        self.hospital.passes().await?;
        Ok(())
    }
}

/// Sends without waiting for the outcome: only the answer is of interest, and the worker decides meanwhile.
async fn post(operation: &Operation, client: &Client, path: &str, body: &Value) -> Result<()> {
    let request = client
        .request(operation.method.clone(), path)
        .header("Idempotency-Key", Uuid::new_v4().to_string())
        .json(body);
    let answer = send(&format!("{} {path}", operation.method), request).await?;
    is_sound(&answer, &body.to_string())
}

#[tokio::test]
async fn no_value_in_any_field_is_a_500() -> Result<()> {
    let world = World::open().await?;
    let mut sent = 0;
    for operation in catalogue::operations(&world.hospital.admin).await? {
        if !operation.has_body || operation.template.ends_with("/auth/login") {
            continue;
        }
        let (client, path) = (world.client(&operation), operation.path(&world.target));
        let bodies = mutations(&operation.body(&world.target), &operation.properties);
        futures::stream::iter(&bodies)
            .map(|body| post(&operation, &client, &path, body))
            .buffer_unordered(AT_ONCE)
            .try_collect::<Vec<()>>()
            .await?;
        sent += bodies.len();
    }
    ensure!(
        sent > 3_000,
        "only {sent} bodies were sent: the description says too little"
    );
    world.finish().await
}

#[tokio::test]
async fn no_sign_in_is_a_500() -> Result<()> {
    let hospital = Hospital::builder().departments(0, 0).start().await?;
    let operations = catalogue::operations(&hospital.admin).await?;
    for operation in operations
        .iter()
        .filter(|operation| operation.template.ends_with("/auth/login"))
    {
        let body = json!({ "email": "nobody@test.example", "password": "not a password" });
        for body in mutations(&body, &operation.properties) {
            post(
                operation,
                &hospital.anonymous()?,
                &operation.template,
                &body,
            )
            .await?;
        }
    }
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn no_bytes_are_a_500() -> Result<()> {
    let world = World::open().await?;
    let bodies: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"{".to_vec(),
        b"null".to_vec(),
        b"\xff\xfe{}".to_vec(),
        b"\xef\xbb\xbf{}".to_vec(),
        b"{\"reason\":\"\\ud800\"}".to_vec(),
        b"{\"reason\":1,\"reason\":2}".to_vec(),
        b"{\"reason\":1e999999}".to_vec(),
        b"{} {}".to_vec(),
        b"[".repeat(60_000),
        b"{\"a\":".repeat(10_000),
        vec![b' '; 60_000],
        vec![b'x'; 70_000],
        vec![0; 1_000],
    ];
    for operation in catalogue::operations(&world.hospital.admin).await? {
        if !operation.has_body {
            continue;
        }
        let (client, path) = (world.client(&operation), operation.path(&world.target));
        for body in &bodies {
            for content_type in [
                "application/json",
                "text/plain",
                "application/json; charset=utf-16",
                "",
            ] {
                let request = client
                    .request(operation.method.clone(), &path)
                    .header("Idempotency-Key", Uuid::new_v4().to_string())
                    .header("Content-Type", content_type)
                    .body(body.clone());
                let answer = send(&operation.name(), request).await?;
                is_sound(
                    &answer,
                    &format!("{content_type} {}", String::from_utf8_lossy(body)),
                )?;
                if body.len() > 65_536 && content_type == "application/json" && answer.status != 401
                {
                    answer.problem(413, "body_too_large")?;
                } else if content_type == "text/plain" {
                    ensure!(matches!(answer.status, 401 | 413 | 415), "{answer}");
                }
            }
        }
    }
    world.finish().await
}

#[tokio::test]
async fn no_parameter_is_a_500() -> Result<()> {
    let world = World::open().await?;
    let odd = [
        "",
        "-1",
        "0",
        "1e9",
        "99999999999999999999",
        "%00",
        "%ff",
        "'",
        "..%2f",
        "null",
        "%F0%9F%A6%80",
        "a%0Ab",
    ];
    for operation in catalogue::operations(&world.hospital.admin).await? {
        if operation.is_stream() {
            continue;
        }
        let client = world.client(&operation);
        let good = operation.path(&world.target);
        let body = operation.has_body.then(|| operation.body(&world.target));
        let mut paths: Vec<String> = Vec::new();
        for value in odd {
            paths.extend(
                operation
                    .query
                    .iter()
                    .map(|name| format!("{good}?{name}={value}")),
            );
            paths.push(format!("{good}?{value}={value}"));
            if let (Some(start), Some(end)) =
                (operation.template.find('{'), operation.template.find('}'))
            {
                paths.push(
                    operation
                        .template
                        .replace(&operation.template[start..=end], value),
                );
            }
        }
        for path in paths {
            let answer = operation.send_as(&client, &path, body.as_ref()).await?;
            is_sound(&answer, &path)?;
        }
    }
    world.finish().await
}

#[tokio::test]
async fn errors_of_the_framework_are_problems_too() -> Result<()> {
    let hospital = Hospital::builder().departments(0, 0).start().await?;
    let admin = &hospital.admin;
    for (method, path, status) in [
        (reqwest::Method::GET, "/nowhere", 404),
        (reqwest::Method::GET, "/api/v1/nowhere", 404),
        (reqwest::Method::GET, "/api/v1/visits/not-an-id", 400),
        (reqwest::Method::DELETE, "/api/v1/departments", 405),
        (reqwest::Method::PATCH, "/health/live", 405),
    ] {
        let answer = send(path, admin.request(method.clone(), path)).await?;
        // what is no id names nothing: 400 and 404 say the same
        let same = status == 400 && answer.status == 404;
        ensure!(answer.status == status || same, "{method} {path}: {answer}");
        answer.is_problem()?;
        let page = answer.body["type"].as_str().unwrap_or_default();
        let page = page.find("/problems/").map_or("", |start| &page[start..]);
        admin.get_root(page).await?.expect(200)?;
    }
    for header in [
        "wait=0",
        "wait=-1",
        "wait=99999999999",
        "wait=",
        "respond-async, wait=1",
        "\u{7f}",
    ] {
        let request = admin
            .request(reqwest::Method::POST, "/api/v1/visits")
            .json(&json!({}))
            .header("Prefer", header);
        if let Ok(answer) = send(header, request.header("Idempotency-Key", "k")).await {
            is_sound(&answer, header)?;
        }
    }
    hospital.passes().await?;
    Ok(())
}
