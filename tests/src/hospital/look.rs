//! What a test may look up behind the api's back: the pipeline's own rows.

use super::{Department, Hospital};
use crate::await_until;
use crate::client::http_client;
use anyhow::{Context, Result};
use medique_contracts::ids::{DepartmentId, FacilityId};
use medique_contracts::subjects;
use sqlx::Row as _;
use std::collections::BTreeMap;
use std::time::Duration;
use uuid::Uuid;

/// Most departments that are opened in the search for one on the right partition; with a fair
/// share of the partitions a miss is as likely as so many tosses of a coin without heads.
const DEPARTMENTS_MAX: usize = 48;
/// How a worker says that the log is not the one that the database knows.
const REFUSAL: &str = "refusing to work until an operator decides";
const REFUSES_WITHIN: Duration = Duration::from_secs(30);

impl Hospital {
    /// The partition of a department.
    pub fn partition_of(&self, department: Uuid) -> u16 {
        subjects::partition_of(FacilityId(self.facility), Some(DepartmentId(department)))
    }

    /// Who holds a live lease on each partition.
    ///
    /// # Errors
    /// The database is away.
    pub async fn owners(&self) -> Result<BTreeMap<u16, String>> {
        let query =
            "SELECT id, owner FROM partition WHERE owner IS NOT NULL AND lease_until > now()";
        let rows = sqlx::query(query).fetch_all(&self.database.pool).await?;
        rows.iter()
            .map(|row| Ok((row.try_get::<i16, _>("id")? as u16, row.try_get("owner")?)))
            .collect()
    }

    /// How many partitions each worker holds.
    ///
    /// # Errors
    /// The database is away.
    pub async fn shares(&self) -> Result<BTreeMap<String, usize>> {
        let mut shares = BTreeMap::new();
        for owner in self.owners().await?.into_values() {
            *shares.entry(owner).or_insert(0) += 1;
        }
        Ok(shares)
    }

    /// Awaits shares of the partitions that satisfy `wanted`.
    ///
    /// # Errors
    /// They do not come.
    pub async fn shares_become(
        &self,
        what: &str,
        within: Duration,
        wanted: impl Fn(&BTreeMap<String, usize>) -> bool,
    ) -> Result<()> {
        await_until::holds(what, within, || async {
            let shares = self.shares().await?;
            anyhow::ensure!(wanted(&shares), "shares are {shares:?}");
            Ok(true)
        })
        .await
    }

    /// A department whose partition this worker holds; departments are opened until there is one.
    ///
    /// # Errors
    /// There is none, however many are opened.
    pub async fn department_of_worker(&mut self, worker: &str) -> Result<Department> {
        loop {
            let owners = self.owners().await?;
            let held = |department: &&Department| {
                owners
                    .get(&self.partition_of(department.id))
                    .is_some_and(|owner| owner == worker)
            };
            if let Some(department) = self.departments.iter().find(held) {
                return Ok(department.clone());
            }
            anyhow::ensure!(
                self.departments.len() < DEPARTMENTS_MAX,
                "{worker} holds nothing of use: {owners:?}"
            );
            self.add_department(1).await?;
        }
    }

    /// Sums one number over the database.
    ///
    /// # Errors
    /// The database is away.
    pub async fn count(&self, query: &'static str) -> Result<i64> {
        let row = sqlx::query(query)
            .fetch_one(&self.database.pool)
            .await
            .context(query)?;
        Ok(row.try_get(0)?)
    }

    /// Awaits that a worker says why it refuses to work, and is not ready.
    ///
    /// # Errors
    /// It does not refuse, or ended.
    pub async fn refuses(&mut self, worker: &str) -> Result<()> {
        let http = http_client()?;
        let replica = self.worker(worker)?;
        let url = format!("{}/health/ready", replica.url());
        let what = format!("{worker} refuses to work and is not ready");
        await_until::holds(&what, REFUSES_WITHIN, || {
            let said = replica.printed().map(|log| log.contains(REFUSAL));
            let request = http.get(&url);
            async move { Ok(said? && request.send().await?.status() == 503) }
        })
        .await?;
        let ended = replica.process().ended()?;
        anyhow::ensure!(ended.is_none(), "it ended with {ended:?}");
        Ok(())
    }
}
