//! The demo hospital: made once in an empty database, through the same doors that a real hospital uses.
//!
//! The first administrator comes from the command line, departments and rooms from the API as that administrator.

use std::time::Duration;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::host::{files, key};
use crate::net::http::Client;
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
    let file = apps.secrets.demo_file();
    let is_empty = database.owner.value("SELECT count(*) FROM facility")? == "0";
    let mut demo = match files::read_json::<Demo>(&file)? {
        Some(demo) if !is_empty => demo,
        _ if !is_empty => {
            progress::say("the database holds a hospital that is not the demo: left as it is");
            return Ok(Demo::default());
        }
        _ => progress::step("seeding the demo hospital", || {
            seed(apps, database, api_url)
        })?,
    };
    files::write_json(&file, &demo)?;
    demo.links = make_links(apps, &database.logins.owner, &demo.departments)?;
    Ok(demo)
}

fn seed(apps: &Apps, database: &Database, api_url: &str) -> Result<Demo> {
    let owner = &database.logins.owner;
    let answer = apps.admin(owner, &[&["create-facility"], FACILITY.as_slice()].concat())?;
    let facility = text(&answer, "facility_id")?;
    let staff = Staff {
        apps,
        owner,
        facility: &facility,
    };

    let mut admin = staff.create("admin", "ADMIN", "Demo Admin", &[])?;
    let api = Api::sign_in(api_url, &admin)?;
    for (code, name, is_always_open) in DEPARTMENTS {
        api.create_department(&facility, code, name, is_always_open)?;
    }
    let departments = departments_of(database, &facility)?;
    for department in &departments {
        for number in 1..=ROOMS_PER_DEPARTMENT {
            api.create_room(department, number)?;
        }
    }
    admin.departments = departments
        .iter()
        .map(|department| department.department_id.clone())
        .collect();
    let mut users = vec![admin];
    users.push(staff.create("reception", "RECEPTION", "Demo Reception", &departments)?);
    users.push(staff.create("nurse", "NURSE", "Demo Nurse", &departments)?);
    for department in &departments {
        let only = std::slice::from_ref(department);
        let code = department.code.to_lowercase();
        for number in 1..=DOCTORS_PER_DEPARTMENT {
            let name = format!("Demo Doctor {} {number}", department.code);
            users.push(staff.create(&format!("doctor{number}.{code}"), "DOCTOR", &name, only)?);
        }
        if department.code == BOARD_DEPARTMENT {
            users.push(staff.create(&format!("board.{code}"), "DISPLAY", "Demo Board", only)?);
        }
    }
    Ok(Demo {
        facility_id: Some(facility),
        departments,
        users,
        links: Vec::new(),
    })
}

fn make_links(apps: &Apps, owner: &PgUrl, departments: &[Department]) -> Result<Vec<Link>> {
    let make = |department: &Department| {
        let id = &department.department_id;
        let link = apps.admin(
            owner,
            &[
                "create-link",
                "--department-id",
                id,
                "--ttl-minutes",
                LINK_TTL_MINUTES,
            ],
        )?;
        Ok(Link {
            department: id.clone(),
            link_token: text(&link, "link_token")?,
        })
    };
    departments.iter().map(make).collect()
}

/// From the database itself: every command was applied before the api answered.
fn departments_of(database: &Database, facility: &str) -> Result<Vec<Department>> {
    let rows = database.owner.value(&format!(
        "SELECT coalesce(json_agg(json_build_object('department_id', id, 'code', code, 'name', settings->>'name') \
         ORDER BY code), '[]') FROM department WHERE facility_id = '{facility}'"
    ))?;
    serde_json::from_str(&rows).context("cannot read the departments")
}

/// Makes staff through the command line.
struct Staff<'a> {
    apps: &'a Apps,
    owner: &'a PgUrl,
    facility: &'a str,
}

impl Staff<'_> {
    /// No departments means all of them, now and later.
    fn create(
        &self,
        login: &str,
        role: &str,
        name: &str,
        departments: &[Department],
    ) -> Result<User> {
        let email = format!("{login}@{DOMAIN}");
        let mut args = vec![
            "create-user",
            "--facility-id",
            self.facility,
            "--email",
            &email,
            "--role",
            role,
        ];
        args.extend(["--name", name, "--generate-password"]);
        if departments.is_empty() {
            args.push("--all-departments");
        }
        args.extend(
            departments
                .iter()
                .flat_map(|department| ["--department", department.department_id.as_str()]),
        );
        let made = self.apps.admin(self.owner, &args)?;
        Ok(User {
            password: text(&made, "password")?,
            role: role.to_owned(),
            departments: departments
                .iter()
                .map(|department| department.department_id.clone())
                .collect(),
            staff_id: text(&made, "staff_id")?,
            email,
        })
    }
}

/// The API as the administrator.
pub(crate) struct Api {
    client: Client,
    base: String,
    authorization: String,
}

#[derive(Deserialize)]
struct TokenPair {
    access_token: String,
}

impl Api {
    pub(crate) fn sign_in(api_url: &str, user: &User) -> Result<Self> {
        let client = Client::new(Duration::from_secs(30));
        let base = format!("{api_url}/api/v1");
        let login = json!({ "email": user.email, "password": user.password });
        let answer = client
            .post(&format!("{base}/auth/login"), &[], &login)?
            .json("signing in")?;
        let tokens: TokenPair =
            serde_json::from_value(answer).context("the login answer has no access token")?;
        Ok(Self {
            client,
            base,
            authorization: format!("Bearer {}", tokens.access_token),
        })
    }

    /// Value of the `Authorization` header.
    pub(crate) fn authorization(&self) -> &str {
        &self.authorization
    }

    fn create_department(
        &self,
        facility: &str,
        code: &str,
        name: &str,
        is_always_open: bool,
    ) -> Result<()> {
        let body = json!({
            "facility_id": facility,
            "code": code,
            "name": name,
            "open": true,
            "default_level": 4,
            "target_minutes": [0, 10, 60, 120, 240],
            "transfer_place": "BY_ARRIVAL",
            "return_place": "ORIGINAL",
            "no_show_recalls": 2,
            "no_show_grace_s": 60,
            "exempt_from_day_close": is_always_open,
        });
        self.command(
            "/departments",
            &body,
            &format!("creating the department {code}"),
        )
    }

    fn create_room(&self, department: &Department, number: usize) -> Result<()> {
        let code = format!("{}{number}", department.code);
        let body = json!({
            "department_id": department.department_id,
            "code": code,
            "name": format!("{} room {number}", department.name),
            "open": true,
            "capacity": 1,
        });
        self.command("/rooms", &body, &format!("creating the room {code}"))
    }

    /// Posts a command and waits for its outcome; 202 would mean that the workers did not decide in time.
    fn command(&self, path: &str, body: &Value, what: &str) -> Result<()> {
        let idempotency_key = key::hex::<16>()?;
        let headers = [
            ("Authorization", self.authorization.as_str()),
            ("Idempotency-Key", idempotency_key.as_str()),
            ("Prefer", "wait=10"),
        ];
        let answer = self
            .client
            .post(&format!("{}{path}", self.base), &headers, body)?;
        if answer.status == 202 {
            anyhow::bail!("{what}: no worker decided within 10 s");
        }
        answer.json(what).map(drop)
    }
}

fn text(value: &Value, field: &str) -> Result<String> {
    let found = value.get(field).and_then(Value::as_str);
    Ok(found
        .with_context(|| format!("medique-worker admin printed no {field}"))?
        .to_owned())
}
