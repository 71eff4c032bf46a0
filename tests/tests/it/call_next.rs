//! Everybody calls at once; nobody is called twice.

use anyhow::{Result, ensure};
use futures::future::try_join_all;
use medique_contracts::vocabulary::Role;
use medique_tests::Hospital;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

const DOCTORS: usize = 20;
const WAITING: usize = 15;

#[tokio::test]
async fn twenty_doctors_on_fifteen_patients() -> Result<()> {
    let hospital = Hospital::builder()
        .apis(2)
        .workers(2)
        .departments(1, DOCTORS)
        .start()
        .await?;
    let department = hospital.department().clone();
    let mut doctors = Vec::new();
    for number in 0..DOCTORS {
        let doctor = hospital.local(Role::Doctor).await?;
        let api = &hospital.apis[number % hospital.apis.len()];
        doctors.push(doctor.client.at(&api.url()));
    }
    let mut waiting = BTreeSet::new();
    for number in 0..WAITING {
        waiting.insert(
            hospital
                .check_in(&hospital.admin, department.id, &format!("w{number}"))
                .await?
                .0,
        );
    }

    let path = format!("/departments/{}/call-next", department.id);
    let bodies: Vec<_> = department
        .rooms
        .iter()
        .map(|room| json!({ "room_id": room }))
        .collect();
    let calls = doctors
        .iter()
        .zip(&bodies)
        .map(|(doctor, body)| doctor.post(&path, body).outcome());
    let answers = try_join_all(calls).await?;

    let mut called: BTreeMap<Uuid, usize> = BTreeMap::new();
    let mut refused = 0;
    for answer in answers {
        if answer.status == 200 {
            *called.entry(answer.id("/visit_id")?).or_insert(0) += 1;
            ensure!(
                answer.body["result"]["visit"]["state"] == "CALLED",
                "{answer}"
            );
        } else {
            answer.problem(422, "nobody_waiting")?;
            refused += 1;
        }
    }
    ensure!(refused == DOCTORS - WAITING, "{refused} refusals");
    ensure!(
        called.values().all(|times| *times == 1),
        "called twice: {called:?}"
    );
    ensure!(
        called.keys().copied().collect::<BTreeSet<_>>() == waiting,
        "not the ones who waited"
    );
    hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn one_doctor_pressing_the_button_twenty_times_gets_one_patient() -> Result<()> {
    let hospital = Hospital::start().await?;
    let department = hospital.department().clone();
    let doctor = hospital.local(Role::Doctor).await?.client;
    for number in 0..3 {
        hospital
            .check_in(&hospital.admin, department.id, &format!("w{number}"))
            .await?;
    }
    let path = format!("/departments/{}/call-next", department.id);
    let body = json!({ "room_id": department.rooms[0] });
    let presses = (0..20).map(|_| doctor.post(&path, &body).outcome());
    let answers = try_join_all(presses).await?;
    let called = answers.iter().filter(|answer| answer.status == 200).count();
    ensure!(called == 1, "{called} patients for one doctor");
    for answer in answers.into_iter().filter(|answer| answer.status != 200) {
        ensure!(
            matches!(answer.code(), Some("doctor_busy" | "room_busy")),
            "{answer}"
        );
    }
    hospital.passes().await?;
    Ok(())
}
