//! Every operation of the api, who may use it, and a request that is in order for it. A route that
//! is not here makes a test fail: a new one must say who may use it.

mod request;

use crate::client::Client;
use crate::hospital::Department;
use anyhow::{Context, Result, ensure};
use medique_contracts::vocabulary::Role::{
    self, Admin, Display, Doctor, Nurse, Patient, Reception,
};
use reqwest::Method;
use serde_json::Value;
use uuid::Uuid;

/// Where an operation acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// In the department that the path or the body names.
    Department,
    /// On the visit that the path names.
    Visit,
    /// On what the caller may see of the facility.
    Facility,
    /// In the facility as a whole: for who acts in all of its departments.
    WholeFacility,
    /// On a thing that belongs to one person.
    Person,
}

/// Who may use an operation.
#[derive(Debug, Clone, Copy)]
pub enum Access {
    /// Anybody.
    Public,
    /// Whoever holds a valid check-in link.
    Link,
    /// Whoever has a session, shown by an access token, a refresh token or a cookie.
    Session,
    /// These roles, where they are granted.
    Roles(&'static [Role], Scope),
}

use Access::{Link, Public, Roles, Session};

/// One operation as the API description names it.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Method.
    pub method: Method,
    /// Path with its parameters in braces, named after what they stand for.
    pub template: String,
    /// Query parameters.
    pub query: Vec<String>,
    /// Who may use it.
    pub access: Access,
    /// Whether it takes a JSON body.
    pub has_body: bool,
    /// Properties of the body, as far as the description names them.
    pub properties: Vec<String>,
}

/// What the parameters of a request stand for.
#[derive(Debug, Clone)]
pub struct Target {
    /// The facility.
    pub facility: Uuid,
    /// A department.
    pub department: Uuid,
    /// A room in it.
    pub room: Uuid,
    /// A visit in it.
    pub visit: Uuid,
    /// A doctor.
    pub doctor: Uuid,
    /// Another department.
    pub elsewhere: Uuid,
    /// A check-in link to the department.
    pub link: String,
    /// The id of a check-in link to the department.
    pub link_id: Uuid,
    /// An account that acts in the department.
    pub staff: Uuid,
    /// A session of that account, or of the caller.
    pub session: Uuid,
    /// A command.
    pub command: Uuid,
    /// A message that was put aside.
    pub dead_letter: Uuid,
}

impl Target {
    /// A department with its first room; everything else is nothing that exists.
    pub fn new(facility: Uuid, department: &Department, link: String) -> Self {
        let nobody = Uuid::nil();
        Self {
            facility,
            department: department.id,
            room: department.rooms[0],
            visit: nobody,
            doctor: nobody,
            elsewhere: nobody,
            link,
            link_id: nobody,
            staff: nobody,
            session: nobody,
            command: nobody,
            dead_letter: nobody,
        }
    }
}

const STAFF: &[Role] = &[Admin, Reception, Nurse, Doctor];
const ALL_STAFF: &[Role] = &[Admin, Reception, Nurse, Doctor, Display];
const EVERYBODY: &[Role] = &[Admin, Reception, Nurse, Doctor, Display, Patient];
const DESK: &[Role] = &[Admin, Reception, Doctor];
const DESK_AND_PATIENT: &[Role] = &[Admin, Reception, Doctor, Patient];

/// The rule of an operation.
fn access(method: &Method, template: &str) -> Option<Access> {
    let path = template.strip_prefix("/api/v1").unwrap_or(template);
    let read = method == Method::GET;
    Some(match path {
        "/health/live" | "/health/ready" | "/health/startup" | "/api/health" => Public,
        "/docs" | "/openapi.json" | "/problems" | "/problems/{code}" => Public,
        "/triage/questions" | "/setup" => Public,
        "/facility" => Roles(EVERYBODY, Scope::Facility),
        "/schemas/{kind}/{file}" | "/asyncapi.json" => Public,
        "/auth/login/second-factor" | "/auth/login/second-factor/enrol" => Public,
        "/auth/invitations/accept" | "/auth/password/forgot" | "/auth/password/reset" => Public,
        "/auth/password/judge" => Public,
        "/auth/password/change" | "/auth/reauthenticate" => Roles(ALL_STAFF, Scope::Person),
        "/auth/second-factor" => Roles(ALL_STAFF, Scope::Person),
        path if path.starts_with("/auth/second-factor/") => Roles(ALL_STAFF, Scope::Person),
        "/staff" => Roles(&[Admin], Scope::Facility),
        "/staff/invitations" => Roles(&[Admin], Scope::Department),
        "/auth/login" | "/auth/refresh" | "/.well-known/jwks.json" => Public,
        "/auth/logout" => Session,
        "/auth/sessions" | "/auth/sessions/{session_id}" => Roles(ALL_STAFF, Scope::Person),
        "/staff/{staff_id}/sessions" | "/staff/{staff_id}/sessions/{session_id}" => {
            Roles(&[Admin], Scope::Person)
        }
        path if path.starts_with("/staff/{staff_id}") => Roles(&[Admin], Scope::Person),
        "/checkin" | "/checkin/scan" | "/checkin/tickets" => Link,
        "/links" if read => Roles(&[Admin, Reception], Scope::Facility),
        "/links" => Roles(&[Admin, Reception], Scope::Department),
        path if path.starts_with("/links/") && read => Roles(&[Admin, Reception], Scope::Person),
        path if path.starts_with("/links/") => Roles(&[Admin], Scope::Person),
        "/visits" => Roles(&[Reception, Nurse, Admin], Scope::Department),
        "/visits/{visit_id}" => Roles(&[Admin, Reception, Nurse, Doctor, Patient], Scope::Visit),
        "/visits/{visit_id}/intake" => Roles(&[Reception, Admin, Patient], Scope::Visit),
        "/visits/{visit_id}/vitals" => Roles(&[Nurse, Doctor], Scope::Visit),
        "/visits/{visit_id}/acuity" => Roles(STAFF, Scope::Visit),
        "/visits/{visit_id}/start" | "/visits/{visit_id}/complete" => {
            Roles(&[Doctor], Scope::Visit)
        }
        "/visits/{visit_id}/hold" | "/visits/{visit_id}/resume" | "/visits/{visit_id}/leave" => {
            Roles(DESK_AND_PATIENT, Scope::Visit)
        }
        "/visits/{visit_id}/cancel" => Roles(&[Reception, Admin, Patient], Scope::Visit),
        "/visits/{visit_id}/export" | "/visits/{visit_id}/erase" => Roles(&[Admin], Scope::Visit),
        "/visits/{visit_id}/reassign" => Roles(&[Reception, Admin], Scope::Visit),
        "/visits/{visit_id}/undo" => {
            Roles(&[Admin, Reception, Nurse, Doctor, Patient], Scope::Visit)
        }
        "/visits/{visit_id}/call" | "/visits/{visit_id}/recall" | "/visits/{visit_id}/unclaim" => {
            Roles(DESK, Scope::Visit)
        }
        "/visits/{visit_id}/no-show"
        | "/visits/{visit_id}/return"
        | "/visits/{visit_id}/transfer" => Roles(DESK, Scope::Visit),
        "/departments/{department_id}/call-next" => Roles(DESK, Scope::Department),
        "/departments/{department_id}/queue" | "/departments/{department_id}/events" => {
            Roles(STAFF, Scope::Department)
        }
        "/departments/{department_id}/board" | "/departments/{department_id}/board/events" => {
            Roles(ALL_STAFF, Scope::Department)
        }
        "/departments" | "/rooms" if read => Roles(ALL_STAFF, Scope::Facility),
        "/doctors" => Roles(STAFF, Scope::Facility),
        "/departments" => Roles(&[Admin], Scope::WholeFacility),
        "/rooms" | "/departments/{department_id}" | "/rooms/{room_id}" => {
            Roles(&[Admin], Scope::Department)
        }
        "/doctors/{doctor_id}/availability" => Roles(&[Admin, Doctor], Scope::Person),
        "/facilities/{facility_id}/close-day" => Roles(&[Admin], Scope::WholeFacility),
        "/admin/triage/adviser" => Roles(&[Admin], Scope::WholeFacility),
        "/admin/triage/quality" | "/admin/insights" => Roles(&[Admin], Scope::Facility),
        "/audit" | "/audit/verification" => Roles(&[Admin], Scope::Facility),
        "/dead-letters" => Roles(&[Admin], Scope::Facility),
        path if path.starts_with("/dead-letters/") => Roles(&[Admin], Scope::Person),
        "/commands/{command_id}" => Roles(&[Admin], Scope::Person),
        "/patient/visit" | "/patient/visit/events" => Roles(&[Patient], Scope::Person),
        _ => return None,
    })
}

/// Every operation of the served API description, with its rule.
///
/// # Errors
/// The description cannot be read, or names an operation without a rule here.
pub async fn operations(client: &Client) -> Result<Vec<Operation>> {
    let description = client.get_root("/openapi.json").await?.expect(200)?.body;
    let paths = description["paths"]
        .as_object()
        .context("an API description without paths")?;
    let mut operations = Vec::new();
    for (template, methods) in paths {
        for (method, operation) in methods.as_object().context("a path without methods")? {
            let method: Method = method.to_uppercase().parse()?;
            let template = &canonical(template);
            let access = access(&method, template).with_context(|| {
                format!("{method} {template} has no rule in tests/src/catalogue.rs")
            })?;
            operations.push(Operation {
                query: names(&operation["parameters"], "query"),
                has_body: !operation["requestBody"].is_null(),
                properties: properties(&description, &operation["requestBody"]),
                template: template.clone(),
                method,
                access,
            });
        }
    }
    ensure!(
        operations.len() >= 30,
        "only {} operations are described",
        operations.len()
    );
    Ok(operations)
}

/// The path with each parameter named after the collection that it stands in.
fn canonical(template: &str) -> String {
    let mut named = Vec::new();
    for segment in template.split('/') {
        let collection: &str = named.last().map_or("", String::as_str);
        let name = match collection {
            _ if !segment.starts_with('{') => segment.to_owned(),
            "visits" => "{visit_id}".to_owned(),
            "departments" => "{department_id}".to_owned(),
            "rooms" => "{room_id}".to_owned(),
            "doctors" => "{doctor_id}".to_owned(),
            "facilities" => "{facility_id}".to_owned(),
            "commands" => "{command_id}".to_owned(),
            "dead-letters" => "{dead_letter_id}".to_owned(),
            "sessions" => "{session_id}".to_owned(),
            "staff" => "{staff_id}".to_owned(),
            "links" => "{link_id}".to_owned(),
            "problems" => "{code}".to_owned(),
            _ => segment.to_owned(),
        };
        named.push(name);
    }
    named.join("/")
}

fn names(parameters: &Value, place: &str) -> Vec<String> {
    let parameters = parameters.as_array().into_iter().flatten();
    let wanted = parameters.filter(|parameter| parameter["in"] == place);
    wanted
        .filter_map(|parameter| parameter["name"].as_str())
        .map(str::to_owned)
        .collect()
}

fn properties(description: &Value, body: &Value) -> Vec<String> {
    let content = body["content"]
        .as_object()
        .into_iter()
        .flat_map(|content| content.values());
    let mut found = Vec::new();
    for schema in content.map(|media| &media["schema"]) {
        let referred = schema["$ref"]
            .as_str()
            .and_then(|path| description.pointer(path.strip_prefix('#')?));
        let members = referred.unwrap_or(schema)["properties"].as_object();
        found.extend(
            members
                .into_iter()
                .flat_map(|members| members.keys().cloned()),
        );
    }
    found
}
