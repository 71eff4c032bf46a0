//! A doctor: sees whoever is next, lets patients go for observation, finishes them when their recorded
//! stay ends.

use std::sync::Arc;
use std::time::Duration;

use medique_contracts::CommandKind;
use serde_json::json;
use uuid::Uuid;

use super::clinic::Clinic;
use super::plan::Ending;
use crate::http::api::{self, Fate};
use crate::http::session::Session;

/// Pause of a doctor with nothing to do.
const IDLE: Duration = Duration::from_millis(20);
const IN_CONSULTATION: &str = "IN_CONSULTATION";

/// Works until everybody is gone.
pub(crate) async fn work(clinic: Arc<Clinic>, session: Arc<Session>) {
    let doctor = Doctor { clinic, session };
    doctor.clear_desk().await;
    let mut observed: Vec<Uuid> = Vec::new();
    while !doctor.clinic.is_over() {
        let now = doctor.clinic.now();
        observed.retain(|&visit| {
            doctor
                .clinic
                .expected(visit)
                .is_some_and(|expected| !expected.over)
        });
        let due = observed.iter().position(|&visit| {
            let expected = doctor.clinic.expected(visit);
            expected.is_some_and(|expected| {
                expected.ends <= now && expected.ending == Ending::Completes
            })
        });
        if let Some(place) = due {
            doctor.finish(observed.swap_remove(place)).await;
        } else if doctor.clinic.somebody_waits() {
            observed.extend(doctor.see_next().await);
        } else {
            tokio::time::sleep(IDLE).await;
        }
    }
}

struct Doctor {
    clinic: Arc<Clinic>,
    session: Arc<Session>,
}

impl Doctor {
    /// Finishes whoever an interrupted replay left with this doctor, who could call nobody else.
    async fn clear_desk(&self) {
        let department = &self.clinic.department.department_id;
        let path = format!("/departments/{department}/queue?state=CALLED,IN_CONSULTATION");
        let queue = api::get(&self.session, &path).await.unwrap_or_default();
        for item in queue["items"].as_array().into_iter().flatten() {
            let is_mine = item["doctor_id"].as_str() == Some(self.session.staff_id());
            let visit_id = item["visit_id"].as_str().and_then(|id| id.parse().ok());
            if let Some(visit_id) = visit_id.filter(|_| is_mine) {
                if item["state"] != IN_CONSULTATION {
                    self.on(CommandKind::Start, visit_id, json!({})).await;
                }
                self.on(CommandKind::Complete, visit_id, json!({})).await;
            }
        }
    }

    /// Calls and sees the next patient; the visit when it goes on under observation.
    async fn see_next(&self) -> Option<Uuid> {
        let path = format!(
            "/departments/{}/call-next",
            self.clinic.department.department_id
        );
        let (fate, visit) = self
            .clinic
            .command(CommandKind::CallNext, &self.session, &path, &json!({}))
            .await;
        let Some(visit_id) = visit.map(|visit| visit.visit_id) else {
            if matches!(&fate, Fate::Rejected(code) if code == "nobody_waiting") {
                self.clinic.not_waiting();
            }
            tokio::time::sleep(IDLE).await;
            return None;
        };
        let expected = self.clinic.expected(visit_id);
        if expected.is_some() {
            self.clinic.not_waiting();
        }
        // Refused when the patient went away in this very moment.
        self.on(CommandKind::Start, visit_id, json!({})).await?;
        self.clinic.consult().await;
        match expected {
            Some(expected)
                if expected.ends > self.clinic.now() || expected.ending == Ending::Leaves =>
            {
                self.on(
                    CommandKind::Hold,
                    visit_id,
                    json!({ "reason": "observation" }),
                )
                .await
                .map(|_| visit_id)
            }
            _ => {
                self.complete(visit_id).await;
                None
            }
        }
    }

    /// Takes an observed patient back and finishes.
    async fn finish(&self, visit_id: Uuid) {
        let resumed = self.on(CommandKind::Resume, visit_id, json!({})).await;
        if resumed.is_some_and(|state| state != IN_CONSULTATION) {
            self.on(
                CommandKind::Call,
                visit_id,
                json!({ "reason": "end of observation" }),
            )
            .await;
            self.on(CommandKind::Start, visit_id, json!({})).await;
        }
        self.complete(visit_id).await;
    }

    async fn complete(&self, visit_id: Uuid) {
        self.on(CommandKind::Complete, visit_id, json!({})).await;
        self.clinic.over(Some(visit_id));
    }

    /// Gives a command on a visit; its new state when it took effect.
    async fn on(
        &self,
        kind: CommandKind,
        visit_id: Uuid,
        body: serde_json::Value,
    ) -> Option<String> {
        self.clinic
            .on_visit(kind, &self.session, visit_id, &body)
            .await
            .map(|visit| visit.state)
    }
}
