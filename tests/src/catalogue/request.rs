//! A request that is in order for an operation.

use super::{Operation, Target};
use crate::client::{Answer, Client, send};
use crate::samples;
use anyhow::Result;
use serde_json::{Value, json};
use uuid::Uuid;

impl Operation {
    /// Method and path.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.template)
    }

    /// Whether it answers with a stream of events.
    pub fn is_stream(&self) -> bool {
        self.template.ends_with("/events")
    }

    /// Whether it acts on what belongs to the facility as a whole, whichever department it is of.
    pub fn is_of_the_whole_facility(&self) -> bool {
        let path = &self.template;
        path.contains("/staff/{staff_id}/sessions") || path.contains("/commands/")
    }

    /// The path with its parameters filled in.
    pub fn path(&self, target: &Target) -> String {
        [
            ("{department_id}", target.department.to_string()),
            ("{visit_id}", target.visit.to_string()),
            ("{doctor_id}", target.doctor.to_string()),
            ("{facility_id}", target.facility.to_string()),
            ("{room_id}", target.room.to_string()),
            ("{command_id}", target.command.to_string()),
            ("{dead_letter_id}", target.dead_letter.to_string()),
            ("{session_id}", target.session.to_string()),
            ("{staff_id}", target.staff.to_string()),
            ("{link_id}", target.link_id.to_string()),
            ("{code}", "not_found".to_owned()),
        ]
        .iter()
        .fold(self.template.clone(), |path, (name, value)| {
            path.replace(name, value)
        })
    }

    /// A body that is in order.
    pub fn body(&self, target: &Target) -> Value {
        let path = self
            .template
            .strip_prefix("/api/v1")
            .unwrap_or(&self.template);
        let mark = Uuid::new_v4().simple().to_string();
        let code = format!("D{}", mark[..4].to_uppercase());
        match path {
            "/auth/login" => {
                json!({ "email": "nobody@test.example", "password": "not a password" })
            }
            "/auth/login/second-factor" => json!({ "challenge_token": "none", "code": "000000" }),
            "/auth/login/second-factor/enrol" => json!({ "challenge_token": "none" }),
            "/auth/invitations/accept" | "/auth/password/reset" => {
                json!({ "token": "none", "password": "Umbrella-7 under the gravel" })
            }
            "/auth/password/forgot" => json!({ "email": "nobody@test.example" }),
            "/auth/password/change" => {
                json!({ "current_password": "none", "password": "Umbrella-7 under the gravel" })
            }
            "/auth/second-factor/enrol" | "/auth/second-factor/recovery-codes" => {
                json!({ "password": "none" })
            }
            "/auth/reauthenticate" => json!({ "password": "none" }),
            "/auth/password/judge" => json!({ "password": "none" }),
            "/auth/second-factor/confirm" => json!({ "code": "000000" }),
            "/auth/second-factor/remove" => json!({ "password": "none", "code": "000000" }),
            "/staff/invitations" => {
                json!({ "email": format!("{mark}@test.example"), "name": "Somebody", "role": "NURSE",
                        "departments": [target.department] })
            }
            "/staff/{staff_id}" => {
                json!({ "name": "Somebody", "role": "NURSE", "departments": [target.department] })
            }
            "/checkin/scan" | "/checkin/tickets" => json!({ "link_token": target.link }),
            "/links" => {
                json!({ "department_id": target.department, "kind": "poster", "ttl_minutes": 60 })
            }
            "/checkin" => samples::link_visit(&target.link, &mark),
            "/visits" => samples::visit(target.department, &mark),
            "/visits/{visit_id}/intake" => samples::intake(&mark),
            "/visits/{visit_id}/vitals" => samples::vitals(),
            "/visits/{visit_id}/acuity" => json!({ "level": 3, "reason": "looks pale" }),
            "/visits/{visit_id}/call" | "/departments/{department_id}/call-next" => {
                json!({ "room_id": target.room, "doctor_id": target.doctor })
            }
            "/visits/{visit_id}/hold" => {
                json!({ "reason": "x-ray", "expected_return_minutes": 10 })
            }
            "/visits/{visit_id}/cancel" => json!({ "reason": "went home" }),
            "/visits/{visit_id}/complete" => json!({ "notes": "rest", "prescription": "none" }),
            "/visits/{visit_id}/transfer" => {
                json!({ "department_id": target.elsewhere, "reason": "better there", "place": "BACK" })
            }
            "/visits/{visit_id}/return" => json!({ "place": "BACK" }),
            "/visits/{visit_id}/reassign" => json!({ "doctor_id": target.doctor }),
            "/departments" | "/departments/{department_id}" => samples::department(&code),
            "/rooms" => samples::room(target.department, &code),
            "/rooms/{room_id}" => {
                json!({ "code": code, "name": "A room", "open": true, "capacity": 1 })
            }
            "/doctors/{doctor_id}/availability" => json!({ "status": "AVAILABLE" }),
            "/admin/triage/adviser" => json!({ "enabled": true, "reason": "as agreed" }),
            "/facilities/{facility_id}/close-day" => json!({ "dry_run": true }),
            path if path.starts_with("/dead-letters/") => json!({ "reason": "why not" }),
            _ => json!({}),
        }
    }

    /// Sends a request that is in order, waiting for what becomes of it.
    ///
    /// # Errors
    /// The server is away.
    pub async fn send(&self, client: &Client, target: &Target) -> Result<Answer> {
        let body = self.has_body.then(|| self.body(target));
        self.send_as(client, &self.path(target), body.as_ref())
            .await
    }

    /// Sends a request with this path and body.
    ///
    /// # Errors
    /// The server is away.
    pub async fn send_as(
        &self,
        client: &Client,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer> {
        let mut request = client
            .request(self.method.clone(), path)
            .header("Idempotency-Key", Uuid::new_v4().to_string())
            .header("Prefer", "wait=15");
        if let Some(body) = body {
            request = request.json(body);
        }
        send(&format!("{} {path}", self.method), request).await
    }
}
