//! Brings a hospital up, with progress by condition.

use super::Hospital;
use crate::backups::Backups;
use crate::client::Client;
use crate::mail_sink::MailSink;
use crate::nats::NatsServer;
use crate::postgres::Database;
use crate::private_postgres::{Extra, PrivatePostgres};
use crate::processes::{self, AdminCommandLine, Environment};
use crate::protected::Protected;
use crate::scratch::Scratch;
use crate::secrets::{self, Secrets};
use crate::settings::Settings;
use crate::triage_sim::TriageSim;
use anyhow::{Context, Result};
use chrono::Timelike as _;
use uuid::Uuid;

/// The shape of a hospital that is to be started.
#[derive(Debug)]
#[must_use = "nothing is started before `start`"]
pub struct Builder {
    apis: usize,
    workers: usize,
    departments: usize,
    rooms: usize,
    private_postgres: bool,
    protected: bool,
    archive_timeout_s: Option<u32>,
    old_binaries: bool,
    sync_always: bool,
    mails: bool,
    adviser: bool,
    api_extra: Environment,
    worker_extra: Environment,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            apis: 1,
            workers: 1,
            departments: 1,
            rooms: 2,
            private_postgres: false,
            protected: false,
            archive_timeout_s: None,
            old_binaries: false,
            sync_always: false,
            mails: false,
            adviser: false,
            api_extra: Environment::new(),
            worker_extra: Environment::new(),
        }
    }
}

impl Builder {
    /// So many replicas of the api.
    pub fn apis(self, apis: usize) -> Self {
        Self { apis, ..self }
    }

    /// So many workers, named `worker-1`, `worker-2`, …
    pub fn workers(self, workers: usize) -> Self {
        Self { workers, ..self }
    }

    /// So many departments, with so many rooms each.
    pub fn departments(self, departments: usize, rooms: usize) -> Self {
        Self {
            departments,
            rooms,
            ..self
        }
    }

    /// A Postgres cluster that this test may stop.
    pub fn private_postgres(self) -> Self {
        Self {
            private_postgres: true,
            ..self
        }
    }

    /// Broker and database of its own that speak TLS and know the binaries by certificates. There
    /// is no password.
    pub fn protected(self) -> Self {
        Self {
            private_postgres: true,
            protected: true,
            ..self
        }
    }

    /// A Postgres cluster that archives its log to a place for backups, at the latest after so many
    /// seconds.
    pub fn archiving(self, timeout_s: u32) -> Self {
        Self {
            private_postgres: true,
            archive_timeout_s: Some(timeout_s),
            ..self
        }
    }

    /// Schema and replicas of the older commit: `Hospital::use_new_binaries` goes on with the new.
    pub fn old_binaries(self) -> Self {
        Self {
            old_binaries: true,
            ..self
        }
    }

    /// A broker that flushes to disk before each PubAck.
    pub fn sync_always(self) -> Self {
        Self {
            sync_always: true,
            ..self
        }
    }

    /// A sink that catches the mails of every worker.
    pub fn mails(self) -> Self {
        Self {
            mails: true,
            ..self
        }
    }

    /// A stand-in for an adviser that every worker, and every api, uses. What is set beside it for
    /// both is told as well.
    pub fn adviser(self) -> Self {
        Self {
            adviser: true,
            ..self
        }
    }

    /// A variable for every api.
    pub fn api(mut self, name: &str, value: &str) -> Self {
        self.api_extra.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Rate limits as they are when nobody sets them; other tests run with raised ones.
    pub fn usual_rates(self) -> Self {
        processes::RATES.iter().fold(self, |builder, kind| {
            let name = |part: &str| format!("MEDIQUE_RATE_{kind}_{part}");
            // an empty variable counts as one that is not set
            builder.api(&name("PER_MINUTE"), "").api(&name("BURST"), "")
        })
    }

    /// A budget that refills so slowly that it does not during a test.
    pub fn rate(self, kind: &str, burst: u32) -> Self {
        let name = |part: &str| format!("MEDIQUE_RATE_{kind}_{part}");
        self.api(&name("PER_MINUTE"), "1")
            .api(&name("BURST"), &burst.to_string())
    }

    /// A variable for every worker.
    pub fn worker(mut self, name: &str, value: &str) -> Self {
        self.worker_extra.insert(name.to_owned(), value.to_owned());
        self
    }

    /// A variable for both binaries.
    pub fn both(self, name: &str, value: &str) -> Self {
        self.api(name, value).worker(name, value)
    }

    /// Starts everything and awaits that it is ready.
    ///
    /// # Errors
    /// Something does not come up; the logs are shown.
    pub async fn start(self) -> Result<Hospital> {
        let mut settings = Settings::from_process()?;
        let new_bin_dir = settings.bin_dir.clone();
        if self.old_binaries {
            let old = settings.old_bin_dir.clone();
            settings.bin_dir = old.context("run this through `cargo dev compat`")?;
        }
        let scratch = Scratch::new()?;
        let (backups, extra) = match self.archive_timeout_s {
            Some(timeout_s) => {
                let backups = Backups::new(&settings, &scratch)?;
                let extra = backups.archiving(timeout_s);
                (Some(backups), extra)
            }
            None => (None, Extra::default()),
        };
        let private = self.private_postgres.then_some(extra);
        let (mut api_extra, mut worker_extra) = (self.api_extra, self.worker_extra);
        let (nats, (postgres, database)) = if self.protected {
            let servers = Protected::start(&settings, &scratch).await?;
            api_extra.extend(servers.environment(&scratch, "api")?);
            worker_extra.extend(servers.environment(&scratch, "worker")?);
            (servers.nats, (Some(servers.postgres), servers.database))
        } else {
            tokio::try_join!(
                NatsServer::start(&settings, &scratch, self.sync_always),
                database(&settings, &scratch, private),
            )?
        };
        let mail_sink = if self.mails {
            let sink = MailSink::start(&settings, &scratch).await?;
            worker_extra.extend(sink.environment());
            Some(sink)
        } else {
            None
        };
        let triage_sim = if self.adviser {
            let sim = TriageSim::start(&settings, &scratch).await?;
            api_extra.extend(sim.environment());
            worker_extra.extend(sim.environment());
            Some(sim)
        } else {
            None
        };
        let secrets = Secrets::random();
        let command_line = AdminCommandLine::new(
            &settings,
            &nats.url_of("medique-admin"),
            &database.owner_url,
            &secrets,
        );
        let facility = create_facility(&command_line, "GH")?;
        let mut hospital = Hospital {
            apis: Vec::new(),
            workers: Vec::new(),
            nats,
            database,
            postgres,
            backups,
            facility,
            departments: Vec::new(),
            admin: Client::anonymous("http://127.0.0.1:0")?,
            command_line,
            secrets,
            scratch,
            settings,
            new_bin_dir,
            api_extra,
            worker_extra,
            mail_sink,
            triage_sim,
        };
        for number in 1..=self.workers {
            hospital.start_worker(&format!("worker-{number}"), None)?;
        }
        for number in 1..=self.apis {
            hospital.start_api(&format!("api-{number}"))?;
        }
        hospital.all_ready().await?;
        hospital.sign_admin_in().await?;
        for _ in 0..self.departments {
            hospital.add_department(self.rooms).await?;
        }
        Ok(hospital)
    }
}

impl Hospital {
    /// Awaits the readiness of every replica.
    ///
    /// # Errors
    /// One does not become ready.
    pub async fn all_ready(&mut self) -> Result<()> {
        for replica in self.workers.iter_mut().chain(&mut self.apis) {
            replica.ready().await?;
        }
        Ok(())
    }

    /// Another facility in the same database, with an administrator who may do everything there.
    ///
    /// # Errors
    /// The command line refuses, or the sign-in fails.
    pub async fn another_facility(&self) -> Result<(Uuid, Client)> {
        let facility = create_facility(&self.command_line, "XH")?;
        Ok((facility, self.admin_of(facility, self.admin.base()).await?))
    }

    pub(super) async fn sign_admin_in(&mut self) -> Result<()> {
        if let Some(api) = self.apis.first() {
            self.admin = self.admin_of(self.facility, &api.url()).await?;
        }
        Ok(())
    }

    async fn admin_of(&self, facility: Uuid, base: &str) -> Result<Client> {
        let (email, password) = (
            format!("{}@admin.example", Uuid::new_v4().simple()),
            secrets::password(),
        );
        let facility = facility.to_string();
        let arguments = [
            "create-user",
            "--facility-id",
            &facility,
            "--email",
            &email,
            "--role",
            "ADMIN",
            "--name",
            "Admin",
        ];
        let arguments = [&arguments[..], &["--all-departments", "--password-stdin"]].concat();
        self.command_line.json(&arguments, &password)?;
        Client::anonymous(base)?.login(&email, &password).await
    }
}

async fn database(
    settings: &Settings,
    scratch: &Scratch,
    private: Option<Extra>,
) -> Result<(Option<PrivatePostgres>, Database)> {
    let Some(extra) = private else {
        return Ok((None, Database::in_shared_cluster(settings).await?));
    };
    let postgres = PrivatePostgres::start_with(settings, scratch, extra).await?;
    let database = Database::in_private_cluster(settings, &postgres.url()).await?;
    Ok((Some(postgres), database))
}

/// Its day begins half a day from now: no test lives through a cut-over by chance.
fn create_facility(command_line: &AdminCommandLine, code: &str) -> Result<Uuid> {
    let cutover = (medique_platform::clock::now().hour() + 12) % 24;
    let cutover = cutover.to_string();
    let arguments = [
        &[
            "create-facility",
            "--code",
            code,
            "--name",
            "General Hospital",
        ][..],
        &["--timezone", "Etc/UTC", "--cutover-hour", &cutover],
    ]
    .concat();
    let told = command_line.json(&arguments, "")?;
    let id = told["facility_id"]
        .as_str()
        .context("create-facility gives no facility_id")?;
    Ok(id.parse()?)
}
