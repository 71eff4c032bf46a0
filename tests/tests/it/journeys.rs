//! Whole visits over HTTP and SSE, as the people of a hospital live them.

mod calling;
mod closing;
mod link;
mod moving;
mod visit;

use anyhow::{Context as _, Result, ensure};
use medique_contracts::vocabulary::Role;
use medique_tests::Hospital;
use medique_tests::client::{Answer, Client};
use medique_tests::hospital::Department;
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

const SOON: Duration = Duration::from_secs(15);

/// A hospital with one of each, all granted in the first department only.
struct People {
    hospital: Hospital,
    department: Department,
    reception: Client,
    nurse: Client,
    doctor: Client,
    doctor_id: Uuid,
    display: Client,
}

impl People {
    async fn come() -> Result<Self> {
        Self::come_to(Hospital::builder().departments(2, 2)).await
    }

    async fn come_to(builder: medique_tests::hospital::Builder) -> Result<Self> {
        let hospital = builder.start().await?;
        let doctor = hospital.local(Role::Doctor).await?;
        Ok(Self {
            department: hospital.department().clone(),
            reception: hospital.local(Role::Reception).await?.client,
            nurse: hospital.local(Role::Nurse).await?.client,
            doctor: doctor.client,
            doctor_id: doctor.id,
            display: hospital.local(Role::Display).await?.client,
            hospital,
        })
    }

    /// Somebody checks in at the desk.
    async fn arrives(&self, mark: &str) -> Result<Uuid> {
        Ok(self
            .hospital
            .check_in(&self.reception, self.department.id, mark)
            .await?
            .0)
    }

    /// The doctor calls the next patient to a room.
    async fn calls_next(&self, room: usize) -> Result<Answer> {
        let path = format!("/departments/{}/call-next", self.department.id);
        self.doctor
            .post(&path, &json!({ "room_id": self.department.rooms[room] }))
            .applied()
            .await
    }

    /// One verb on a visit, with the state that it leads to.
    async fn step(
        &self,
        client: &Client,
        visit: Uuid,
        verb: &str,
        body: &Value,
        state: &str,
    ) -> Result<Answer> {
        let answer = client
            .post(&format!("/visits/{visit}/{verb}"), body)
            .applied()
            .await?;
        ensure!(
            state_of(&answer)? == state,
            "{verb} does not lead to {state}: {answer}"
        );
        Ok(answer)
    }
}

fn state_of(answer: &Answer) -> Result<&str> {
    answer.body["result"]["visit"]["state"]
        .as_str()
        .with_context(|| format!("no state: {answer}"))
}

fn token_of(answer: &Answer) -> Result<String> {
    let token = answer.body["result"]["visit"]["token"].as_str();
    token
        .map(str::to_owned)
        .with_context(|| format!("no token: {answer}"))
}
