//! The end of a hospital's servers, and its life on others.

use super::Hospital;
use crate::await_until;
use crate::backups::Backups;
use crate::nats::NatsServer;
use crate::private_postgres::PrivatePostgres;
use crate::processes::AdminCommandLine;
use crate::samples;
use crate::settings::Settings;
use anyhow::{Context, Result};
use nix::unistd::User;
use std::path::{Path, PathBuf};
use std::time::Duration;

const REFUSED_WITHIN: Duration = Duration::from_secs(20);

impl Hospital {
    /// Where the programs are.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Runs a script of `deploy/backup` against the servers as they are.
    ///
    /// # Errors
    /// It fails.
    pub fn backup(&self, script: &str) -> Result<PathBuf> {
        let backups = self.kept()?;
        let postgres = self.postgres.as_ref().context("no cluster of its own")?;
        let url = self.database.owner_url.clone();
        backups.run(script, &[], &self.nats.url(), postgres, &url)
    }

    /// Kills every replica of both binaries at once.
    ///
    /// # Errors
    /// The system refuses.
    pub fn kill_replicas(&mut self) -> Result<()> {
        for replica in self.apis.iter_mut().chain(&mut self.workers) {
            replica.process().kill9()?;
        }
        self.apis.clear();
        self.workers.clear();
        Ok(())
    }

    /// Kills the broker and deletes what it stored; a new, empty one takes its place.
    ///
    /// # Errors
    /// The system refuses, or the new one does not come up.
    pub async fn lose_broker(&mut self) -> Result<()> {
        self.nats.kill9()?;
        std::fs::remove_dir_all(self.scratch.join("nats"))?;
        self.nats = NatsServer::start(&self.settings, &self.scratch, false).await?;
        self.tell_command_line();
        Ok(())
    }

    /// Kills the database and deletes its data.
    ///
    /// # Errors
    /// The system refuses.
    pub async fn lose_database(&mut self) -> Result<()> {
        let postgres = self.postgres.as_mut().context("no cluster of its own")?;
        postgres.destroy().await
    }

    /// Brings the database back on another port, from a base backup and the archive.
    ///
    /// # Errors
    /// It does not come up.
    pub async fn restore_database(&mut self, base: &Path) -> Result<()> {
        let backups = self.kept()?.clone();
        let lost = self.postgres.take().context("no cluster of its own")?;
        let extra = backups.archiving(60);
        let restore = |data: &Path, user: Option<&User>| backups.restore_postgres(base, data, user);
        let restored =
            PrivatePostgres::restored(&self.settings, &self.scratch, extra, restore).await?;
        self.database.moved(lost.port(), restored.port())?;
        self.postgres = Some(restored);
        self.tell_command_line();
        Ok(())
    }

    /// Starts one api and so many workers on the servers as they are now; awaits no readiness.
    ///
    /// # Errors
    /// A program cannot be started.
    pub fn start_replicas(&mut self, workers: usize) -> Result<()> {
        for number in 1..=workers {
            self.start_worker(&format!("restored-worker-{number}"), None)?;
        }
        self.start_api("restored-api").map(drop)
    }

    /// Signs an administrator in at the api as it is now.
    ///
    /// # Errors
    /// The api or the command line refuses.
    pub async fn sign_in_again(&mut self) -> Result<()> {
        for api in &mut self.apis {
            api.ready().await?;
        }
        self.sign_admin_in().await
    }

    /// Awaits that the api refuses commands and says that they were not accepted.
    ///
    /// # Errors
    /// It goes on accepting.
    pub async fn accepts_nothing(&self) -> Result<()> {
        let body = samples::visit(self.department().id, "into a log that is behind");
        await_until::holds("nothing is accepted", REFUSED_WITHIN, || async {
            let answer = self.admin.post("/visits", &body).send().await?;
            Ok(answer.status == 503 && answer.code() == Some("not_accepted"))
        })
        .await
    }

    /// Where it is backed up.
    ///
    /// # Errors
    /// The test did not ask for it: `Builder::archiving`.
    pub fn kept(&self) -> Result<&Backups> {
        self.backups.as_ref().context("nothing is backed up")
    }

    /// `medique-worker admin broker restore` of a snapshot.
    ///
    /// # Errors
    /// It fails.
    pub fn restore_broker(&self, snapshot: &Path) -> Result<()> {
        let snapshot = snapshot.display().to_string();
        let key = self.kept()?.key_file();
        let told = self.command_line.told("MEDIQUE_BACKUP_KEY_FILE", &key);
        told.json(&["broker", "restore", "--dir", &snapshot], "")
            .map(drop)
    }

    fn tell_command_line(&mut self) {
        let (nats, owner) = (self.nats.url(), self.database.owner_url.clone());
        self.command_line = AdminCommandLine::new(&self.settings, &nats, &owner, &self.secrets);
    }
}
