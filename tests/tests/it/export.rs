//! What is held about a person is told to the person, through an admin, and nothing about others.

use anyhow::{Context as _, Result, ensure};
use medique_contracts::vocabulary::Role;
use medique_tests::Hospital;
use serde_json::json;

#[tokio::test]
async fn an_export_has_all_visits_of_one_person() -> Result<()> {
    let hospital = Hospital::builder().departments(2, 1).start().await?;
    let admin = &hospital.admin;
    let (here, there) = (hospital.departments[0].id, hospital.departments[1].id);
    let (first, _) = hospital.check_in(admin, here, "exported").await?;
    let hold = json!({ "reason": "fetches a form" });
    let path = format!("/visits/{first}/hold");
    admin.post(&path, &hold).applied().await?;
    let cancel = json!({ "reason": "went home" });
    let path = format!("/visits/{first}/cancel");
    admin.post(&path, &cancel).applied().await?;
    let (second, _) = hospital.check_in(admin, there, "exported").await?;
    hospital.check_in(admin, here, "somebodyelse").await?;

    let path = format!("/visits/{first}/export");
    let export = admin.get(&path).await?.expect(200)?;
    let visits = export.body["visits"].as_array().context("no visits")?;
    let ids: Vec<_> = visits
        .iter()
        .map(|visit| visit["visit_id"].clone())
        .collect();
    ensure!(ids == [json!(first), json!(second)], "{export}");
    ensure!(
        visits
            .iter()
            .all(|visit| visit["patient"]["name"] == "Pat exported"),
        "{export}"
    );
    for text in ["fetches a form", "went home", "visit_cancelled"] {
        ensure!(export.text.contains(text), "{text}: {export}");
    }
    ensure!(!export.text.contains("somebodyelse"), "{export}");
    let stages = export.body["stages"].as_array().context("no stages")?;
    ensure!(stages.len() == 2, "{export}");

    let trail = admin.get(&format!("/audit?visit_id={first}")).await?;
    let items = trail.body["items"].as_array().context("no items")?;
    let told = items
        .iter()
        .find(|item| item["event_type"] == "personal_data_exported");
    let told = told.context("the export is not in the trail")?;
    ensure!(told["facts"]["visits"] == 2, "{told}");

    // an admin of one department sees what happened there
    let local = hospital.local(Role::Admin).await?.client;
    let part = local.get(&path).await?.expect(200)?;
    ensure!(
        part.body["visits"].as_array().map(Vec::len) == Some(1),
        "{part}"
    );
    let foreign = hospital.person(Role::Admin, &[there]).await?.client;
    foreign.get(&path).await?.problem(404, "unknown_visit")?;
    let nurse = hospital.local(Role::Nurse).await?.client;
    nurse.get(&path).await?.problem(403, "forbidden")?;
    hospital.passes().await?;
    Ok(())
}
