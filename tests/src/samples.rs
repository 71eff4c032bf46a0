//! Request bodies that are in order, for tests that are about something else.

use serde_json::{Value, json};
use uuid::Uuid;

/// A check-in at the desk. `mark` makes the patient a different one and is found again in the
/// stored command.
pub fn visit(department: Uuid, mark: &str) -> Value {
    let mut body = intake(mark);
    body["department_id"] = json!(department);
    body
}

/// A check-in by link.
pub fn link_visit(link_token: &str, mark: &str) -> Value {
    let mut body = json!({ "link_token": link_token });
    let intake = intake(mark);
    for member in ["patient", "complaint", "symptoms"] {
        body[member] = intake[member].clone();
    }
    body
}

/// The intake of a scanned visit.
pub fn intake(mark: &str) -> Value {
    json!({
        "patient": { "name": format!("Pat {mark}"), "age_years": 40, "phone": phone(mark) },
        "complaint": format!("sore throat {mark}"),
        "symptoms": [],
    })
}

/// Vital signs of somebody who is well.
pub fn vitals() -> Value {
    json!({
        "respiratory_rate": 16, "oxygen_saturation": 98, "on_oxygen": false, "systolic_bp": 120,
        "heart_rate": 72, "temperature_c": 36.8, "consciousness": "ALERT", "pain": 1,
    })
}

/// A department that takes patients, with a no-show that needs neither announcements nor patience.
pub fn department(code: &str) -> Value {
    json!({
        "code": code, "name": format!("Department {code}"), "open": true, "default_level": 4,
        "target_minutes": [0, 10, 60, 120, 240], "transfer_place": "BY_ARRIVAL",
        "return_place": "ORIGINAL", "no_show_recalls": 0, "no_show_grace_s": 0,
        "exempt_from_day_close": false,
    })
}

/// A room for one patient.
pub fn room(department: Uuid, code: &str) -> Value {
    json!({
        "department_id": department, "code": code, "name": format!("Room {code}"), "open": true,
        "capacity": 1,
    })
}

/// A phone number of its own for each mark.
fn phone(mark: &str) -> String {
    let digits = mark.bytes().fold(7_u64, |sum, byte| {
        sum.wrapping_mul(131).wrapping_add(u64::from(byte))
    });
    format!("+44{:010}", digits % 10_000_000_000)
}
