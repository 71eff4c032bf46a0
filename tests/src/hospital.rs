//! A whole hospital of one test: servers, replicas of both binaries, departments, rooms and staff.

mod builder;
mod look;
mod recovery;
mod upgrade;

pub use builder::Builder;

use crate::backups::Backups;
use crate::checker;
use crate::client::{Answer, Client};
use crate::mail_sink::MailSink;
use crate::nats::NatsServer;
use crate::ports::Port;
use crate::postgres::Database;
use crate::private_postgres::PrivatePostgres;
use crate::processes::{self, AdminCommandLine, Environment, Replica};
use crate::samples;
use crate::scratch::Scratch;
use crate::secrets::{self, Secrets};
use crate::settings::Settings;
use crate::triage_sim::TriageSim;
use anyhow::{Context, Result, bail};
use medique_contracts::vocabulary::Role;
use std::path::PathBuf;
use uuid::Uuid;

/// A running hospital. Fields are dropped in this order: clients of a server before the server.
#[derive(Debug)]
pub struct Hospital {
    /// Replicas of the api.
    pub apis: Vec<Replica>,
    /// Replicas of the worker.
    pub workers: Vec<Replica>,
    /// Where their mails go, when the test asked for it.
    pub mail_sink: Option<MailSink>,
    /// Who gives advice, when the test asked for it.
    pub triage_sim: Option<TriageSim>,
    /// The broker.
    pub nats: NatsServer,
    /// The database.
    pub database: Database,
    /// The cluster of the database, when the test has one of its own.
    pub postgres: Option<PrivatePostgres>,
    /// Where it is backed up, when the test asked for it.
    pub backups: Option<Backups>,
    /// The facility.
    pub facility: Uuid,
    /// Its departments.
    pub departments: Vec<Department>,
    /// Somebody who may do everything, signed in at the first api.
    pub admin: Client,
    /// The admin command line.
    pub command_line: AdminCommandLine,
    /// Secrets of the binaries.
    pub secrets: Secrets,
    /// The folder of the test.
    pub scratch: Scratch,
    settings: Settings,
    new_bin_dir: PathBuf,
    api_extra: Environment,
    worker_extra: Environment,
}

/// A department with its rooms.
#[derive(Debug, Clone)]
pub struct Department {
    /// Its id.
    pub id: Uuid,
    /// Its token code.
    pub code: String,
    /// Its rooms.
    pub rooms: Vec<Uuid>,
}

/// A member of staff who is signed in.
#[derive(Debug, Clone)]
pub struct Person {
    /// The account.
    pub id: Uuid,
    /// The name to sign in with.
    pub email: String,
    /// The password.
    pub password: String,
    /// Signed in at the first api.
    pub client: Client,
}

impl Hospital {
    /// One api, one worker, one department with two rooms.
    ///
    /// # Errors
    /// Something does not come up.
    pub async fn start() -> Result<Self> {
        Self::builder().start().await
    }

    /// Another shape.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The first department.
    pub fn department(&self) -> &Department {
        &self.departments[0]
    }

    /// Where mails go.
    ///
    /// # Errors
    /// The test did not ask for it: [`Builder::mails`].
    pub fn mails(&mut self) -> Result<&mut MailSink> {
        self.mail_sink.as_mut().context("there is no mail sink")
    }

    /// Who gives advice.
    ///
    /// # Errors
    /// The test did not ask for it: [`Builder::adviser`].
    pub fn adviser(&self) -> Result<&TriageSim> {
        self.triage_sim.as_ref().context("there is no adviser")
    }

    /// Somebody without a credential, at the first api.
    ///
    /// # Errors
    /// The HTTP library does not start.
    pub fn anonymous(&self) -> Result<Client> {
        Client::anonymous(self.admin.base())
    }

    /// Starts another worker; `id` is also the name of its log.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn start_worker(&mut self, id: &str, failpoint: Option<&str>) -> Result<usize> {
        let port = Port::take()?;
        let nats_url = self.nats.url_of("medique-worker");
        let common = processes::common_environment(&nats_url, &self.database.worker_url);
        let mut environment = processes::worker_environment(&common, &self.secrets, &port, id);
        environment.extend(self.worker_extra.clone());
        if let Some(failpoint) = failpoint {
            environment.insert("MEDIQUE_FAILPOINT".to_owned(), failpoint.to_owned());
        }
        let program = self.settings.binary("medique-worker");
        let environment = self.known(&program, environment)?;
        self.workers.push(Replica::start(
            id,
            program,
            environment,
            port,
            &self.scratch,
        )?);
        Ok(self.workers.len() - 1)
    }

    /// Starts another api.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn start_api(&mut self, name: &str) -> Result<usize> {
        let port = Port::take()?;
        let nats_url = self.nats.url_of("medique-api");
        let common = processes::common_environment(&nats_url, &self.database.api_url);
        let mut environment = processes::api_environment(&common, &self.secrets, &port);
        environment.extend(self.api_extra.clone());
        let program = self.settings.binary("medique-api");
        let environment = self.known(&program, environment)?;
        self.apis.push(Replica::start(
            name,
            program,
            environment,
            port,
            &self.scratch,
        )?);
        Ok(self.apis.len() - 1)
    }

    /// A variable for every api that is started from now on.
    pub fn tell_apis(&mut self, name: &str, value: &str) {
        self.api_extra.insert(name.to_owned(), value.to_owned());
    }

    /// A variable for every worker that is started from now on.
    pub fn tell_workers(&mut self, name: &str, value: &str) {
        self.worker_extra.insert(name.to_owned(), value.to_owned());
    }

    /// The worker with this id.
    ///
    /// # Errors
    /// There is none.
    pub fn worker(&mut self, id: &str) -> Result<&mut Replica> {
        let found = self.workers.iter_mut().find(|worker| worker.name() == id);
        found.with_context(|| format!("there is no worker {id}"))
    }

    /// Makes an account and signs it in.
    ///
    /// # Errors
    /// Either is refused.
    pub async fn person(&self, role: Role, departments: &[Uuid]) -> Result<Person> {
        self.person_of(self.facility, role, departments).await
    }

    /// Makes an account of any facility and signs it in.
    ///
    /// # Errors
    /// Either is refused.
    pub async fn person_of(
        &self,
        facility: Uuid,
        role: Role,
        departments: &[Uuid],
    ) -> Result<Person> {
        let departments: Vec<String> = departments.iter().map(Uuid::to_string).collect();
        let granted: Vec<&str> = departments
            .iter()
            .flat_map(|department| ["--department", department.as_str()])
            .collect();
        self.enters(facility, role, &granted).await
    }

    /// Makes an account with what is granted by these arguments, and signs it in.
    async fn enters(&self, facility: Uuid, role: Role, granted: &[&str]) -> Result<Person> {
        let (email, password) = (
            format!("{}@test.example", Uuid::new_v4().simple()),
            secrets::password(),
        );
        let id = self.create_user(facility, &email, &password, role, granted)?;
        let client = self.anonymous()?.login(&email, &password).await?;
        Ok(Person {
            id,
            email,
            password,
            client,
        })
    }

    /// Somebody with this role in every department.
    ///
    /// # Errors
    /// As [`Hospital::person`].
    pub async fn everywhere(&self, role: Role) -> Result<Person> {
        self.enters(self.facility, role, &["--all-departments"])
            .await
    }

    /// Somebody with this role in the first department only.
    ///
    /// # Errors
    /// As [`Hospital::person`].
    pub async fn local(&self, role: Role) -> Result<Person> {
        self.person(role, &[self.department().id]).await
    }

    fn create_user(
        &self,
        facility: Uuid,
        email: &str,
        password: &str,
        role: Role,
        granted: &[&str],
    ) -> Result<Uuid> {
        let facility = facility.to_string();
        let mut arguments = vec!["create-user", "--facility-id", &facility, "--email", email];
        arguments.extend([
            "--role",
            role.as_str(),
            "--name",
            "Test Person",
            "--password-stdin",
        ]);
        arguments.extend(granted);
        let told = self.command_line.json(&arguments, password)?;
        let id = told["staff_id"]
            .as_str()
            .context("create-user gives no staff_id")?;
        Ok(id.parse()?)
    }

    /// Makes a check-in link and gives its token.
    ///
    /// # Errors
    /// The command line refuses.
    pub fn link(&self, department: Uuid, more: &[&str]) -> Result<String> {
        let department = department.to_string();
        let arguments: Vec<&str> = [
            &["create-link", "--department-id", department.as_str()],
            more,
        ]
        .concat();
        let told = self.command_line.json(&arguments, "")?;
        told["link_token"]
            .as_str()
            .map(str::to_owned)
            .context("create-link gives no link_token")
    }

    /// Opens a department with so many rooms.
    ///
    /// # Errors
    /// It is refused.
    pub async fn add_department(&mut self, rooms: usize) -> Result<Department> {
        let code = format!("D{}", self.departments.len() + 1);
        let made = self
            .admin
            .post("/departments", &samples::department(&code))
            .applied()
            .await?;
        let id = made.id("/result/department_id")?;
        let mut department = Department {
            id,
            code,
            rooms: Vec::new(),
        };
        for number in 1..=rooms {
            let body = samples::room(id, &format!("R{number}"));
            let made = self.admin.post("/rooms", &body).applied().await?;
            department.rooms.push(made.id("/result/room_id")?);
        }
        self.departments.push(department.clone());
        Ok(department)
    }

    /// Checks a patient in and gives the visit.
    ///
    /// # Errors
    /// It is refused.
    pub async fn check_in(
        &self,
        client: &Client,
        department: Uuid,
        mark: &str,
    ) -> Result<(Uuid, Answer)> {
        let outcome = client
            .post("/visits", &samples::visit(department, mark))
            .applied()
            .await?
            .expect(201)?;
        Ok((outcome.id("/visit_id")?, outcome))
    }

    /// Awaits that everything accepted is decided and published, and lists every broken promise.
    ///
    /// # Errors
    /// There is one, or nothing comes to rest.
    pub async fn check(&self) -> Result<checker::Report> {
        self.nats.has_refused_nothing()?;
        let bus = self.nats.bus().await?;
        let report = checker::check(&self.database.pool, &bus, &self.command_line).await?;
        if !report.violations.is_empty() {
            bail!(
                "{} broken promises:\n{}",
                report.violations.len(),
                report.violations.join("\n")
            );
        }
        Ok(report)
    }

    /// The good end of a test: the checker passes, logs and folders go away.
    ///
    /// # Errors
    /// As [`Hospital::check`].
    pub async fn passes(&self) -> Result<checker::Report> {
        let report = self.check().await?;
        self.done();
        Ok(report)
    }

    /// The good end of a test that has nothing for the checker.
    pub fn done(&self) {
        self.scratch.passed().set();
    }
}
