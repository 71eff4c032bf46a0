//! One drill: a hospital under load, its backups, its end, its life on other servers.

use anyhow::{Context, Result, bail, ensure};
use medique_tests::ledger::{self, Entry, Posting, Told};
use medique_tests::{Hospital, await_until, samples};
use std::collections::HashSet;
use std::fmt;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// What a disaster takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// Database and broker with all their data, and every process.
    Everything,
    /// The database with all its data, and every process.
    Database,
    /// The broker with all its data, and every process.
    Broker,
}

/// How long and how hard.
#[derive(Debug, Clone, Copy)]
pub struct Drill {
    lost: Lost,
    posters: usize,
    /// Load before the backups begin, and again between the last of them and the disaster.
    load: Duration,
    archive_timeout_s: u32,
    workers: usize,
}

/// What it cost.
#[derive(Debug)]
pub struct Measured {
    drill: Drill,
    /// Accepted commands that are known to nobody any more.
    pub lost: usize,
    accepted: usize,
    /// From the acceptance of the oldest lost command to the disaster.
    reach: Duration,
    state: String,
    restored_servers: Duration,
    decided: Duration,
    working: Duration,
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = |span: Duration| format!("{:.1} s", span.as_secs_f64());
        write!(
            f,
            "drill {:?}: RPO {} commands of {} accepted, reaching back {}; RTO {} \
             (servers restored {}, decision {}, first new command applied {}); log against cursors: {}",
            self.drill.lost,
            self.lost,
            self.accepted,
            seconds(self.reach),
            seconds(self.restored_servers + self.decided + self.working),
            seconds(self.restored_servers),
            seconds(self.decided),
            seconds(self.working),
            self.state,
        )
    }
}

impl Drill {
    /// Short enough for every test run.
    pub fn small(lost: Lost) -> Self {
        Self {
            lost,
            posters: 4,
            load: Duration::from_secs(3),
            archive_timeout_s: 2,
            workers: 1,
        }
    }

    /// With the settings of a deployment. The load is MEDIQUE_TEST_DRILL_S seconds long (two times).
    ///
    /// # Errors
    /// The variable holds something else.
    #[expect(
        clippy::disallowed_methods,
        reason = "a setting of the test run, not of a process of ours"
    )]
    pub fn whole(lost: Lost) -> Result<Self> {
        let seconds = match std::env::var("MEDIQUE_TEST_DRILL_S") {
            Ok(text) => text.parse().context("MEDIQUE_TEST_DRILL_S")?,
            Err(_) => 30,
        };
        Ok(Self {
            lost,
            posters: 16,
            load: Duration::from_secs(seconds),
            archive_timeout_s: 10,
            workers: 2,
        })
    }

    /// Runs it to its end, with the checker.
    ///
    /// # Errors
    /// A promise is broken, or a step of the runbook does not work.
    pub async fn run(self) -> Result<Measured> {
        let mut hospital = Hospital::builder()
            .archiving(self.archive_timeout_s)
            .apis(2)
            .workers(self.workers)
            .departments(4, 1)
            .start()
            .await?;
        let departments: Vec<Uuid> = hospital.departments.iter().map(|one| one.id).collect();
        let posting = Posting::start(&hospital.admin, &departments, self.posters);
        await_until::interval_passes(self.load).await;
        let base = hospital.backup("base-backup.sh")?;
        let snapshot = hospital.backup("broker-snapshot.sh")?;
        await_until::interval_passes(self.load).await;
        hospital.backup("verify.sh")?;
        let disaster = Instant::now();
        hospital.kill_replicas()?;
        if self.lost != Lost::Database {
            hospital.lose_broker().await?;
        }
        if self.lost != Lost::Broker {
            hospital.lose_database().await?;
        }
        // every post since then failed at the connection
        let entries = posting.stop().await;
        let begun = Instant::now();
        if self.lost != Lost::Broker {
            hospital.restore_database(&base).await?;
        }
        if self.lost != Lost::Database {
            hospital.restore_broker(&snapshot)?;
        }
        let restored_servers = begun.elapsed();
        let (state, decided) = self.decide(&mut hospital).await?;
        let begun = Instant::now();
        self.works_again(&mut hospital).await?;
        let measured = Measured {
            drill: self,
            lost: 0,
            accepted: ledger::count(&entries, |told| matches!(told, Told::Accepted(_))),
            reach: Duration::ZERO,
            state,
            restored_servers,
            decided,
            working: begun.elapsed(),
        };
        measured.checked(&hospital, &entries, disaster).await
    }

    /// What the runbook says: look, and where the log is behind, see that workers refuse and nothing
    /// is accepted; then decide.
    async fn decide(self, hospital: &mut Hospital) -> Result<(String, Duration)> {
        hospital.start_replicas(self.workers)?;
        let looked = hospital.command_line.run(&["broker", "check"], "")?;
        let state: serde_json::Value = serde_json::from_slice(&looked.stdout)
            .with_context(|| String::from_utf8_lossy(&looked.stderr).into_owned())?;
        ensure!(
            looked.status.success() == (state["state"] == "whole"),
            "{state}"
        );
        if looked.status.success() {
            ensure!(
                self.lost != Lost::Broker,
                "the log cannot be whole: {state}"
            );
            return Ok((state.to_string(), Duration::ZERO));
        }
        hospital.refuses("restored-worker-1").await?;
        hospital.sign_in_again().await?;
        hospital.accepts_nothing().await?;
        let begun = Instant::now();
        let accept = ["broker", "accept-loss", "--reason", "drill"];
        hospital.command_line.json(&accept, "")?;
        let facts = "SELECT count(*) FROM audit WHERE event_type = 'log_loss_accepted'";
        ensure!(
            hospital.count(facts).await? == 1,
            "the decision is not audited"
        );
        Ok((state.to_string(), begun.elapsed()))
    }

    /// Events made anew where the broker was lost, and a command that is applied.
    async fn works_again(self, hospital: &mut Hospital) -> Result<()> {
        if self.lost != Lost::Database {
            // who has found the log in order is stopped for it
            for worker in &mut hospital.workers {
                worker.process().kill9()?;
            }
            let leases = "SELECT count(*) FROM partition WHERE lease_until > now()";
            await_until::holds("the leases run out", Duration::from_secs(30), || async {
                Ok(hospital.count(leases).await? == 0)
            })
            .await?;
            hospital
                .command_line
                .json(&["broker", "rebuild-events"], "")?;
            for worker in &mut hospital.workers {
                worker.restart(&hospital.scratch)?;
            }
        }
        hospital.all_ready().await?;
        hospital.sign_in_again().await?;
        let body = samples::visit(hospital.department().id, "the first one after it all");
        let (client, key) = (hospital.admin.clone(), Uuid::new_v4().to_string());
        await_until::holds(
            "a new command is applied",
            Duration::from_secs(60),
            || async {
                let answer = client
                    .post("/visits", &body)
                    .key(&key)
                    .wait(5)
                    .send()
                    .await?;
                Ok(answer.status == 201)
            },
        )
        .await
    }
}

impl Measured {
    /// Counts what is lost, and holds everything else against the promises.
    async fn checked(
        mut self,
        hospital: &Hospital,
        entries: &[Entry],
        disaster: Instant,
    ) -> Result<Self> {
        let report = hospital.check().await?;
        let mut marks = HashSet::new();
        for entry in entries {
            let Told::Accepted(id) = &entry.told else {
                continue;
            };
            if report.evidence.inbox.contains_key(id) {
                marks.insert(&entry.mark);
            } else {
                self.lost += 1;
                self.reach = self.reach.max(disaster.saturating_duration_since(entry.at));
            }
        }
        let applied = report.evidence.visits.len().saturating_sub(1);
        if applied < marks.len() {
            bail!(
                "{} commands have outcomes, and {applied} visits came of them",
                marks.len()
            );
        }
        hospital.done();
        Ok(self)
    }
}
