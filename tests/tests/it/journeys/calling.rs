//! Around the call: recall, wrong click, no-show and return, hold and resume, undo.

use super::{People, state_of};
use anyhow::{Result, ensure};
use medique_tests::await_until;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn called_by_mistake_goes_back_to_the_old_place() -> Result<()> {
    let people = People::come().await?;
    let first = people.arrives("first").await?;
    people.arrives("second").await?;
    ensure!(people.calls_next(0).await?.id("/visit_id")? == first);
    people
        .step(
            &people.doctor,
            first,
            "unclaim",
            &json!({ "reason": "wrong click" }),
            "WAITING",
        )
        .await?;
    ensure!(
        people.calls_next(0).await?.id("/visit_id")? == first,
        "the old place is lost"
    );
    people.hospital.passes().await?;
    Ok(())
}

/// Announcing again needs ten seconds in between, by the broker's clock.
#[tokio::test]
async fn a_recall_needs_a_pause() -> Result<()> {
    let people = People::come().await?;
    let visit = people.arrives("deaf").await?;
    people.calls_next(0).await?;
    let path = format!("/visits/{visit}/recall");
    people
        .doctor
        .post(&path, &json!({}))
        .refused(422, "recall_too_soon")
        .await?;
    await_until::holds(
        "the patient is announced again",
        Duration::from_secs(20),
        || async {
            Ok(people
                .doctor
                .post(&path, &json!({}))
                .outcome()
                .await?
                .status
                == 200)
        },
    )
    .await?;
    let read = people
        .doctor
        .get(&format!("/visits/{visit}"))
        .await?
        .expect(200)?;
    ensure!(
        read.body["recall_count"] == 1 || read.text.contains("\"recall_count\":1"),
        "{read}"
    );
    people.hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn whoever_did_not_come_may_come_back() -> Result<()> {
    let people = People::come().await?;
    let late = people.arrives("late").await?;
    people.arrives("punctual").await?;
    people.calls_next(0).await?;
    people
        .step(&people.doctor, late, "no-show", &json!({}), "NO_SHOW")
        .await?;
    let complete = people
        .doctor
        .post(&format!("/visits/{late}/complete"), &json!({}));
    complete.refused(422, "invalid_transition").await?;
    people
        .step(
            &people.reception,
            late,
            "return",
            &json!({ "place": "ORIGINAL" }),
            "WAITING",
        )
        .await?;
    ensure!(
        people.calls_next(0).await?.id("/visit_id")? == late,
        "the original place is lost"
    );
    people.hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn whoever_is_away_is_not_called() -> Result<()> {
    let people = People::come().await?;
    let away = people.arrives("away").await?;
    let here = people.arrives("here").await?;
    people
        .step(
            &people.reception,
            away,
            "hold",
            &json!({ "reason": "x-ray" }),
            "ON_HOLD",
        )
        .await?;
    ensure!(people.calls_next(0).await?.id("/visit_id")? == here);
    people
        .step(&people.reception, away, "resume", &json!({}), "WAITING")
        .await?;
    people
        .doctor
        .post(&format!("/visits/{away}/start"), &json!({}))
        .outcome()
        .await?
        .is_problem()?;
    people
        .step(&people.doctor, here, "start", &json!({}), "IN_CONSULTATION")
        .await?;
    people
        .step(
            &people.doctor,
            here,
            "hold",
            &json!({ "reason": "laboratory" }),
            "ON_HOLD",
        )
        .await?;
    people
        .step(
            &people.doctor,
            here,
            "resume",
            &json!({}),
            "IN_CONSULTATION",
        )
        .await?;
    people.hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn the_last_step_can_be_taken_back_once_by_its_author() -> Result<()> {
    let people = People::come().await?;
    let visit = people.arrives("undo").await?;
    people.calls_next(0).await?;
    let undo = format!("/visits/{visit}/undo");
    let by_other = people.nurse.post(&undo, &json!({})).outcome().await?;
    ensure!(matches!(by_other.status, 403 | 422), "{by_other}");
    people
        .step(&people.doctor, visit, "undo", &json!({}), "WAITING")
        .await?;
    people
        .doctor
        .post(&undo, &json!({}))
        .refused(422, "nothing_to_undo")
        .await?;
    people.hospital.passes().await?;
    Ok(())
}

/// A patient who is called out of order needs a reason; a doctor cannot have two patients.
#[tokio::test]
async fn a_chosen_patient_is_called() -> Result<()> {
    let people = People::come().await?;
    let first = people.arrives("first").await?;
    let second = people.arrives("second").await?;
    let call = format!("/visits/{second}/call");
    let room = people.department.rooms[0];
    people
        .doctor
        .post(&call, &json!({ "room_id": room }))
        .refused(422, "reason_required")
        .await?;
    let body = json!({ "room_id": room, "reason": "in pain" });
    people
        .step(&people.doctor, second, "call", &body, "CALLED")
        .await?;
    let other_room = json!({ "room_id": people.department.rooms[1], "reason": "as well" });
    people
        .doctor
        .post(&format!("/visits/{first}/call"), &other_room)
        .refused(422, "doctor_busy")
        .await?;
    people.hospital.passes().await?;
    Ok(())
}

/// A doctor on a break is not given patients; reception may call for one who is there.
#[tokio::test]
async fn doctors_take_breaks() -> Result<()> {
    let people = People::come().await?;
    let visit = people.arrives("patient").await?;
    let availability = format!("/doctors/{}/availability", people.doctor_id);
    people
        .doctor
        .post(
            &availability,
            &json!({ "status": "PAUSED", "reason": "lunch" }),
        )
        .applied()
        .await?;
    let path = format!("/departments/{}/call-next", people.department.id);
    let body = json!({ "room_id": people.department.rooms[0], "doctor_id": people.doctor_id });
    people
        .reception
        .post(&path, &body)
        .refused(422, "doctor_not_available")
        .await?;
    people
        .hospital
        .admin
        .post(&availability, &json!({ "status": "AVAILABLE" }))
        .applied()
        .await?;
    let called = people.reception.post(&path, &body).applied().await?;
    ensure!(
        called.id("/visit_id")? == visit && state_of(&called)? == "CALLED",
        "{called}"
    );
    let nobody = json!({ "room_id": people.department.rooms[0] });
    people
        .reception
        .post(&path, &nobody)
        .refused(422, "doctor_required")
        .await?;
    people.hospital.passes().await?;
    Ok(())
}

/// The queue is shown in the very order in which it is called. Who came first here is also the more
/// urgent one, but for the last, who goes before all: an order that time does not change.
#[tokio::test]
async fn the_queue_is_called_as_it_is_shown() -> Result<()> {
    const LEVELS: [u8; 7] = [2, 3, 3, 4, 4, 5, 1];
    let people = People::come().await?;
    let mut arrived = Vec::new();
    for (number, level) in LEVELS.into_iter().enumerate() {
        let visit = people.arrives(&format!("q{number}")).await?;
        let acuity = json!({ "level": level, "reason": "by eye" });
        people
            .nurse
            .post(&format!("/visits/{visit}/acuity"), &acuity)
            .applied()
            .await?;
        arrived.push(visit);
    }
    arrived.rotate_right(1);
    for expected in arrived {
        let queue = people
            .doctor
            .get(&format!("/departments/{}/queue", people.department.id))
            .await?
            .expect(200)?;
        let first = queue.id("/items/0/visit_id")?;
        let called = people.calls_next(0).await?;
        ensure!(
            called.id("/visit_id")? == expected && first == expected,
            "expected {expected}: {called}\n{queue}"
        );
        people
            .step(
                &people.doctor,
                expected,
                "start",
                &json!({}),
                "IN_CONSULTATION",
            )
            .await?;
        people
            .step(
                &people.doctor,
                expected,
                "complete",
                &json!({}),
                "COMPLETED",
            )
            .await?;
    }
    people.hospital.passes().await?;
    Ok(())
}
