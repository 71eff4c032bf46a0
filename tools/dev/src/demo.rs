//! The demo hospital: made once in an empty database, through the same doors that a real hospital uses.
//!
//! The first administrator comes from the command line, departments and rooms from the API as that administrator.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::host::files;
use crate::net::api::Api;
use crate::net::pg_url::PgUrl;
use crate::stack::apps::Apps;
use crate::stack::servers::Database;
use crate::stack::state::{Demo, Department, Link, User};
use crate::term::progress;

const FACILITY: [&str; 8] = [
    "--code",
    "GH",
    "--name",
    "General Hospital",
    "--timezone",
    "Europe/London",
    "--cutover-hour",
    "4",
];

/// Code, name, and whether it is open around the clock.
const DEPARTMENTS: [(&str, &str, bool); 3] = [
    ("GM", "General Medicine", false),
    ("ED", "Emergency", true),
    ("PD", "Paediatrics", false),
];

const ROOMS_PER_DEPARTMENT: usize = 2;
const DOCTORS_PER_DEPARTMENT: usize = 2;

/// Department of the demo board.
const BOARD_DEPARTMENT: &str = "GM";

/// Email domain of the demo staff, one that can never exist (RFC 2606).
const DOMAIN: &str = "demo.example";

/// Check-in links of the demo last a day; every start makes new ones.
const LINK_TTL_MINUTES: &str = "1440";

/// The demo hospital of this database: remembered, or seeded when the database is empty.
pub(crate) fn prepare(apps: &Apps, database: &Database, api_url: &str) -> Result<Demo> {
    let (file, begun) = (apps.secrets.demo_file(), apps.secrets.demo_begun_file());
    let is_empty = database.owner.value("SELECT count(*) FROM facility")? == "0";
    let known: Option<Demo> = files::read_json(&file)?;
    let mut demo = match known.filter(|_| !is_empty) {
        Some(demo) => demo,
        None if is_empty || begun.exists() => {
            // what an interrupted start has begun, the next one finishes
            files::write_private(&begun, "")?;
            let seeding = Seeding { apps, database };
            let demo = progress::step("seeding the demo hospital", || seeding.run(api_url))?;
            files::write_json(&file, &demo)?;
            files::remove(&begun)?;
            demo
        }
        None => {
            progress::say("the database holds a hospital that is not the demo: left as it is");
            return Ok(Demo::default());
        }
    };
    demo.links = make_links(apps, &database.logins.owner, &demo.departments)?;
    Ok(demo)
}

/// Makes what is not there yet, so that it can be repeated after any interruption.
struct Seeding<'a> {
    apps: &'a Apps,
    database: &'a Database,
}

impl Seeding<'_> {
    fn run(&self, api_url: &str) -> Result<Demo> {
        let facility = self.facility()?;
        let mut admin = self.user(&facility, "admin", "ADMIN", "Demo Admin", &[])?;
        let api = Api::sign_in(api_url, &admin.email, &admin.password)?;
        for (code, name, is_always_open) in DEPARTMENTS {
            if self
                .id_of(&format!("SELECT id FROM department WHERE code = '{code}'"))?
                .is_none()
            {
                create_department(&api, code, name, is_always_open)?;
            }
        }
        let departments = self.departments(&facility)?;
        for department in &departments {
            self.rooms(&api, department)?;
        }
        admin.departments = ids(&departments);
        let mut users = vec![admin];
        for (login, role, name) in [
            ("reception", "RECEPTION", "Demo Reception"),
            ("nurse", "NURSE", "Demo Nurse"),
        ] {
            users.push(User {
                departments: ids(&departments),
                ..self.user(&facility, login, role, name, &[])?
            });
        }
        for department in &departments {
            users.extend(self.staff_of(&facility, department)?);
        }
        Ok(Demo {
            facility_id: Some(facility),
            departments,
            users,
            links: Vec::new(),
        })
    }

    fn facility(&self) -> Result<String> {
        if let Some(id) = self.id_of("SELECT id FROM facility WHERE code = 'GH'")? {
            return Ok(id);
        }
        let args = [&["create-facility"], FACILITY.as_slice()].concat();
        text(
            &self.apps.admin(&self.database.logins.owner, &args)?,
            "facility_id",
        )
    }

    fn departments(&self, facility: &str) -> Result<Vec<Department>> {
        let rows = self.database.owner.value(&format!(
            "SELECT coalesce(json_agg(json_build_object(\
                'department_id', id, 'code', code, 'name', settings->>'name') ORDER BY code), '[]') \
             FROM department WHERE facility_id = '{facility}'"
        ))?;
        serde_json::from_str(&rows).context("cannot read the departments")
    }

    fn rooms(&self, api: &Api, department: &Department) -> Result<()> {
        for number in 1..=ROOMS_PER_DEPARTMENT {
            let (id, code) = (
                &department.department_id,
                format!("{}{number}", department.code),
            );
            let query =
                format!("SELECT id FROM room WHERE department_id = '{id}' AND code = '{code}'");
            if self.id_of(&query)?.is_none() {
                create_room(api, department, &code, number)?;
            }
        }
        Ok(())
    }

    fn staff_of(&self, facility: &str, department: &Department) -> Result<Vec<User>> {
        let only = std::slice::from_ref(department);
        let code = department.code.to_lowercase();
        let mut users = Vec::new();
        for number in 1..=DOCTORS_PER_DEPARTMENT {
            let name = format!("Demo Doctor {} {number}", department.code);
            users.push(self.user(
                facility,
                &format!("doctor{number}.{code}"),
                "DOCTOR",
                &name,
                only,
            )?);
        }
        if department.code == BOARD_DEPARTMENT {
            users.push(self.user(
                facility,
                &format!("board.{code}"),
                "DISPLAY",
                "Demo Board",
                only,
            )?);
        }
        Ok(users)
    }

    /// Somebody who may sign in; granted no department by name means granted all.
    fn user(
        &self,
        facility: &str,
        login: &str,
        role: &str,
        name: &str,
        granted: &[Department],
    ) -> Result<User> {
        let email = format!("{login}@{DOMAIN}");
        let (password_file, password) = self.apps.secrets.demo_password(login)?;
        let known = self.id_of(&format!(
            "SELECT id FROM staff WHERE lower(email) = '{email}'"
        ))?;
        let staff_id = match known {
            Some(id) => id,
            None => {
                let password_file = password_file.to_string_lossy();
                let mut args = vec![
                    "create-user",
                    "--facility-id",
                    facility,
                    "--email",
                    &email,
                    "--role",
                    role,
                ];
                args.extend(["--name", name, "--password-file", &password_file]);
                if granted.is_empty() {
                    args.push("--all-departments");
                }
                args.extend(
                    granted
                        .iter()
                        .flat_map(|one| ["--department", one.department_id.as_str()]),
                );
                text(
                    &self.apps.admin(&self.database.logins.owner, &args)?,
                    "staff_id",
                )?
            }
        };
        Ok(User {
            email,
            password,
            role: role.to_owned(),
            departments: ids(granted),
            staff_id,
        })
    }

    fn id_of(&self, query: &str) -> Result<Option<String>> {
        let id = self.database.owner.value(query)?;
        Ok((!id.is_empty()).then_some(id))
    }
}

fn ids(departments: &[Department]) -> Vec<String> {
    departments
        .iter()
        .map(|department| department.department_id.clone())
        .collect()
}

fn create_department(api: &Api, code: &str, name: &str, is_always_open: bool) -> Result<()> {
    let body = json!({ "code": code, "name": name, "exempt_from_day_close": is_always_open });
    api.command(
        "/departments",
        &body,
        &format!("creating the department {code}"),
    )
}

fn create_room(api: &Api, department: &Department, code: &str, number: usize) -> Result<()> {
    let name = format!("{} room {number}", department.name);
    let body = json!({ "department_id": department.department_id, "code": code, "name": name });
    api.command("/rooms", &body, &format!("creating the room {code}"))
}

fn make_links(apps: &Apps, owner: &PgUrl, departments: &[Department]) -> Result<Vec<Link>> {
    let make = |department: &Department| {
        let id = &department.department_id;
        let args = [
            "create-link",
            "--department-id",
            id,
            "--ttl-minutes",
            LINK_TTL_MINUTES,
        ];
        let link = apps.admin(owner, &args)?;
        Ok(Link {
            department: id.clone(),
            link_token: text(&link, "link_token")?,
        })
    };
    departments.iter().map(make).collect()
}

fn text(value: &Value, field: &str) -> Result<String> {
    let found = value.get(field).and_then(Value::as_str);
    Ok(found
        .with_context(|| format!("medique-worker admin printed no {field}"))?
        .to_owned())
}
