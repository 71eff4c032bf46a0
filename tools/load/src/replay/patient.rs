//! One stay: reception, nurses, and the end that is not a doctor's.

use std::sync::Arc;

use medique_contracts::CommandKind;
use medique_contracts::commands::Vitals;
use serde_json::{Value, json};
use uuid::Uuid;

use super::clinic::Clinic;
use super::plan::{AGE_YEARS, Ending, Stay};

/// Plays a stay from its arrival on.
pub(crate) async fn attend(clinic: Arc<Clinic>, stay: Stay) {
    clinic.until(stay.arrives).await;
    let body = check_in(&clinic.department.department_id, &stay);
    let (_, visit) = clinic
        .command(CommandKind::CheckIn, &clinic.reception, "/visits", &body)
        .await;
    let Some(visit) = visit else {
        return clinic.over(None);
    };
    let visit_id = visit.visit_id;
    clinic.arrived(visit_id, &stay);
    if let Some(vitals) = &stay.triage {
        record(&clinic, visit_id, vitals).await;
    }
    if let Some(level) = stay.level {
        let body = json!({ "level": level, "reason": "level recorded at triage" });
        clinic
            .on_visit(CommandKind::SetAcuity, &clinic.nurse, visit_id, &body)
            .await;
    }
    for (at, vitals) in &stay.vitals {
        clinic.until(*at).await;
        if is_over(&clinic, visit_id) {
            clinic.too_late();
        } else {
            record(&clinic, visit_id, vitals).await;
        }
    }
    if stay.ending == Ending::Leaves {
        clinic.until(stay.ends).await;
        leave(&clinic, visit_id).await;
    }
}

async fn record(clinic: &Clinic, visit_id: Uuid, vitals: &Vitals) {
    let mut body = json!(vitals);
    // A sign that was not taken is not mentioned.
    if let Some(signs) = body.as_object_mut() {
        signs.retain(|_, value| !value.is_null());
    }
    clinic
        .on_visit(CommandKind::RecordVitals, &clinic.nurse, visit_id, &body)
        .await;
}

async fn leave(clinic: &Clinic, visit_id: Uuid) {
    let body = json!({ "reason": "left before care was finished" });
    clinic
        .on_visit(CommandKind::Leave, &clinic.reception, visit_id, &body)
        .await;
    clinic.over(Some(visit_id));
}

fn is_over(clinic: &Clinic, visit_id: Uuid) -> bool {
    clinic
        .expected(visit_id)
        .is_none_or(|expected| expected.over)
}

fn check_in(department_id: &str, stay: &Stay) -> Value {
    let mut body = json!({
        "department_id": department_id,
        "patient": { "name": stay.name, "sex": stay.sex, "age_years": AGE_YEARS },
        "complaint": stay.complaint,
        "symptoms": [],
    });
    if let Some(mode) = stay.arrival_mode {
        body["arrival_mode"] = json!(mode);
    }
    body
}
