//! From one department to another, and commands that cross the move.

use super::{People, token_of};
use anyhow::{Result, ensure};
use medique_contracts::vocabulary::Role;
use medique_tests::samples;
use serde_json::json;

#[tokio::test]
async fn a_transfer_keeps_visit_token_and_arrival() -> Result<()> {
    let people = People::come().await?;
    let there = people.hospital.departments[1].clone();
    let outcome = people
        .reception
        .post("/visits", &samples::visit(people.department.id, "moving"))
        .applied()
        .await?;
    let (visit, token) = (outcome.id("/visit_id")?, token_of(&outcome)?);
    let body = json!({ "department_id": there.id, "reason": "needs a surgeon", "place": "FRONT" });
    let moved = people
        .step(&people.doctor, visit, "transfer", &body, "WAITING")
        .await?;
    ensure!(token_of(&moved)? == token, "{moved}");
    ensure!(
        moved.id("/result/visit/department_id")? == there.id,
        "{moved}"
    );
    let here = people
        .doctor
        .post(
            &format!("/visits/{visit}/hold"),
            &json!({ "reason": "x-ray" }),
        )
        .outcome()
        .await?;
    ensure!(
        matches!(here.status, 403 | 404),
        "the old department still rules: {here}"
    );

    let surgeon = people
        .hospital
        .person(Role::Doctor, &[there.id])
        .await?
        .client;
    let path = format!("/departments/{}/call-next", there.id);
    let called = surgeon
        .post(&path, &json!({ "room_id": there.rooms[0] }))
        .applied()
        .await?;
    ensure!(called.id("/visit_id")? == visit, "{called}");
    people
        .step(&surgeon, visit, "start", &json!({}), "IN_CONSULTATION")
        .await?;
    people
        .step(&surgeon, visit, "complete", &json!({}), "COMPLETED")
        .await?;
    people.hospital.passes().await?;
    Ok(())
}

/// A transfer and other commands on one visit at the same moment, over two partitions or one.
#[tokio::test]
async fn commands_that_cross_a_transfer_do_no_harm() -> Result<()> {
    let people = People::come_to(
        medique_tests::Hospital::builder()
            .workers(2)
            .departments(4, 1),
    )
    .await?;
    let admin = &people.hospital.admin;
    for round in 0..6 {
        let visit = people.arrives(&format!("cross {round}")).await?;
        let verb = |verb: &str| format!("/visits/{visit}/{verb}");
        let transfer = |to: usize| json!({ "department_id": people.hospital.departments[to].id, "reason": "over there" });
        let (first, second, hold) = (transfer(1), transfer(2), json!({ "reason": "x-ray" }));
        let posts = [
            admin.post(&verb("transfer"), &first).outcome(),
            admin.post(&verb("transfer"), &second).outcome(),
            admin.post(&verb("hold"), &hold).outcome(),
            admin.post(&verb("transfer"), &first).outcome(),
        ];
        for answer in futures::future::try_join_all(posts).await? {
            ensure!(matches!(answer.status, 200 | 403 | 409 | 422), "{answer}");
        }
    }
    people.hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn a_patient_waits_for_one_doctor() -> Result<()> {
    let people = People::come().await?;
    let other = people.hospital.local(Role::Doctor).await?;
    let visit = people.arrives("mine").await?;
    let assign = json!({ "doctor_id": other.id });
    people
        .step(&people.reception, visit, "reassign", &assign, "WAITING")
        .await?;
    let path = format!("/departments/{}/call-next", people.department.id);
    let body = json!({ "room_id": people.department.rooms[0] });
    people
        .doctor
        .post(&path, &body)
        .refused(422, "nobody_waiting")
        .await?;
    ensure!(
        other
            .client
            .post(&path, &body)
            .applied()
            .await?
            .id("/visit_id")?
            == visit
    );
    people.hospital.passes().await?;
    Ok(())
}
