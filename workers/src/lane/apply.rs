//! One batch, one transaction: load, fold, write, fence, commit.

use super::Context;
use super::batch::{Batch, Cursors};
use super::fold::{fold, park_only};
use super::load::{LoadError, load};
use super::plan::{OutboxRow, Plan};
use super::seal::Seals;
use super::telling::{Times, Told};
use super::write::{WriteError, write};
use medique_contracts::envelope::EnvelopeError;
use medique_contracts::ids::VisitId;
use medique_contracts::outcome::{DecidedCommand, DecidedNotice};
use medique_platform::postgres::{TxError, in_tx, is_transient};
use medique_platform::privacy::PrivacyError;
use medique_platform::retry::{Backoff, RetryPolicy};
use medique_platform::{clock, failpoint};
use sqlx::{PgPool, Row};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a committed batch leaves to do.
#[derive(Debug)]
pub struct Committed {
    /// Cursors after the batch.
    pub after: Cursors,
    /// Events to publish, with their outbox ids.
    pub outbox: Vec<(i64, OutboxRow)>,
    /// What waiting API replicas are told.
    pub notice: DecidedNotice,
    /// What everybody else is told.
    pub told: Vec<Told>,
    /// When what was over.
    pub times: Times,
}

/// Why a batch was not applied; nothing of it stands.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// A partition has another owner.
    #[error("a partition has another owner")]
    Fenced,
    /// The database is away or overloaded, or a lock was lost: the same batch may pass later.
    #[error("database not available: {0}")]
    Transient(String),
    /// The database refuses this data.
    #[error("database refuses the batch: {0}")]
    Refused(String),
}

impl ApplyError {
    /// Whether trying again may help.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Transient(_))
    }

    /// The reason as an admin and the client may see it: no content of the message.
    pub fn public_reason(&self) -> String {
        match self {
            Self::Fenced | Self::Transient(_) => "the database was not available".to_owned(),
            Self::Refused(_) => "the database refused the command".to_owned(),
        }
    }
}

impl From<sqlx::Error> for ApplyError {
    fn from(error: sqlx::Error) -> Self {
        if is_transient(&error) {
            return Self::Transient(error.to_string());
        }
        // The server's message may quote values of the row: only names are kept.
        match error.as_database_error() {
            Some(cause) => Self::Refused(format!(
                "{} {}",
                cause.code().unwrap_or_default(),
                cause.constraint().or(cause.table()).unwrap_or_default()
            )),
            None => Self::Refused(error.to_string()),
        }
    }
}

impl From<LoadError> for ApplyError {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Database(error) => error.into(),
            LoadError::Moved => Self::Transient(error.to_string()),
            LoadError::Keys(cause) => sealed(&cause, None),
            LoadError::Privacy { visit, cause } => sealed(&cause, Some(visit)),
            LoadError::Inconsistent { .. } => Self::Refused(error.to_string()),
        }
    }
}

impl From<WriteError> for ApplyError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Database(error) => error.into(),
            WriteError::Fenced => Self::Fenced,
            WriteError::Privacy(cause) => sealed(&cause, None),
            WriteError::RowCount { .. } | WriteError::Json(_) => Self::Refused(error.to_string()),
        }
    }
}

impl From<EnvelopeError> for ApplyError {
    fn from(error: EnvelopeError) -> Self {
        Self::Refused(error.to_string())
    }
}

/// A master key that is missing here is a wrong deployment: the batch waits for its repair. A row
/// whose seal is broken concerns that row's commands only.
fn sealed(cause: &PrivacyError, visit: Option<VisitId>) -> ApplyError {
    let of = visit.map(|id| format!("visit {id}: ")).unwrap_or_default();
    match cause {
        PrivacyError::NotAuthentic | PrivacyError::Erased => {
            ApplyError::Refused(format!("{of}{cause}"))
        }
        PrivacyError::UnknownMasterKey(_) | PrivacyError::Library => {
            ApplyError::Transient(format!("{of}{cause}"))
        }
    }
}

/// Applies a batch.
///
/// # Errors
/// See [`ApplyError`].
pub async fn apply(context: &Context, batch: &Arc<Batch>) -> Result<Committed, ApplyError> {
    let (shared, keys) = (Arc::clone(batch), context.keys.clone());
    let rules = context.rules.clone();
    commit(context, batch, move |connection| {
        Box::pin(async move {
            let mut loaded = load(connection, &keys, &shared.items).await?;
            loaded.world.rules = rules.clone();
            Ok(fold(&shared, loaded).await?)
        })
    })
    .await
}

/// Turns the only message of a batch into a dead letter.
///
/// # Errors
/// See [`ApplyError`].
pub async fn park(context: &Context, batch: &Batch, reason: &str) -> Result<Committed, ApplyError> {
    let plan = park_only(batch, reason)?;
    commit(context, batch, move |_| Box::pin(async move { Ok(plan) })).await
}

type Planning<'c> = futures::future::BoxFuture<'c, Result<Plan, ApplyError>>;

async fn commit<F>(context: &Context, batch: &Batch, planning: F) -> Result<Committed, ApplyError>
where
    F: for<'c> FnOnce(&'c mut sqlx::PgConnection) -> Planning<'c> + Send + 'static,
{
    let (settle, decided_at) = (batch.before.clone(), clock::now());
    let begun = decided_at;
    let (pool, keys) = (&context.pool, context.keys.clone());
    // Filled inside the transaction: when the answer to COMMIT is lost, this is what it would be.
    let (planned, mut taken) = tokio::sync::oneshot::channel();
    let done = in_tx(pool, move |connection| {
        Box::pin(async move {
            let mut plan = planning(connection).await?;
            let seals = Seals::of(&mut plan, &keys).map_err(WriteError::from)?;
            let ids = write(connection, &plan, &seals, decided_at).await?;
            let after = plan.after.clone();
            // The receiver lives as long as this transaction is awaited.
            let written = clock::now();
            let times = Times {
                begun,
                written,
                committed: written,
            };
            let _ = planned.send(committed(plan, ids, times));
            failpoint::hit("before_commit").await;
            Ok(after)
        })
    })
    .await;
    let planned = taken.try_recv().ok();
    match done {
        Ok(_) => {}
        Err(TxError::Work(error)) => return Err(error),
        // Without a transaction nothing was refused: the data cannot be at fault.
        Err(TxError::Begin(error)) => return Err(ApplyError::Transient(error.to_string())),
        Err(TxError::Commit(error @ sqlx::Error::Database(_))) => return Err(error.into()),
        Err(TxError::Commit(error)) => {
            tracing::warn!(%error, "answer to commit lost, reading the cursors");
            if !settled(pool, &settle, planned.as_ref()).await? {
                return Err(ApplyError::Transient("not committed".to_owned()));
            }
        }
        Err(TxError::Panicked) => return Err(ApplyError::Refused("panic".to_owned())),
    }
    let mut planned = planned.ok_or_else(|| ApplyError::Refused("no plan".to_owned()))?;
    let now = clock::now();
    planned.times.committed = now;
    for (_, row) in &mut planned.outbox {
        row.committed_at = Some(now);
    }
    Ok(planned)
}

/// Asks until the database answers: to guess here would apply a batch twice, or not at all.
async fn settled(
    pool: &PgPool,
    before: &Cursors,
    planned: Option<&Committed>,
) -> Result<bool, ApplyError> {
    let mut backoff = Backoff::new(RetryPolicy::default());
    loop {
        match stands(pool, before, planned).await {
            Err(error) if error.is_transient() => {
                backoff.wait().await;
            }
            answer => return answer,
        }
    }
}

fn committed(plan: Plan, ids: Vec<i64>, times: Times) -> Committed {
    let cursors = plan
        .after
        .iter()
        .filter_map(|(id, cursor)| {
            Some((
                u16::try_from(*id).ok()?,
                u64::try_from(cursor.last_seq).ok()?,
            ))
        })
        .collect();
    let decided = plan
        .inbox
        .into_iter()
        .filter(|(_, row)| row.awaited)
        .map(|(command_id, row)| DecidedCommand {
            command_id,
            outcome: row.outcome,
            accepted_at: row.accepted_at,
            decided_at: times.begun,
            trace_id: row.trace_id,
        })
        .collect();
    Committed {
        after: plan.after,
        outbox: ids.into_iter().zip(plan.outbox).collect(),
        notice: DecidedNotice { cursors, decided },
        told: plan.told,
        times,
    }
}

/// Whether the transaction whose answer was lost was committed: its cursors stand there.
async fn stands(
    pool: &PgPool,
    before: &Cursors,
    planned: Option<&Committed>,
) -> Result<bool, ApplyError> {
    let Some(planned) = planned else {
        return Ok(false);
    };
    let ids: Vec<i16> = before.keys().copied().collect();
    let rows = sqlx::query("SELECT id, epoch, last_seq FROM partition WHERE id = ANY($1)")
        .bind(ids)
        .fetch_all(pool)
        .await?;
    for row in &rows {
        let (id, epoch, last_seq): (i16, i64, i64) =
            (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let Some(after) = planned.after.get(&id) else {
            return Ok(false);
        };
        if after.epoch != epoch {
            return Err(ApplyError::Fenced);
        }
        if after.last_seq != last_seq {
            return Ok(false);
        }
    }
    Ok(rows.len() == before.len())
}

/// Which of the partitions are still held under the same epoch and at the same position.
///
/// # Errors
/// The database does not answer.
pub async fn still_owned(pool: &PgPool, before: &Cursors) -> Result<BTreeSet<i16>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT p.id FROM partition p \
           JOIN unnest($1::smallint[], $2::bigint[], $3::bigint[]) AS x(id, epoch, seq) \
             ON p.id = x.id AND p.epoch = x.epoch AND p.last_seq = x.seq",
    )
    .bind(before.keys().copied().collect::<Vec<_>>())
    .bind(
        before
            .values()
            .map(|cursor| cursor.epoch)
            .collect::<Vec<_>>(),
    )
    .bind(
        before
            .values()
            .map(|cursor| cursor.last_seq)
            .collect::<Vec<_>>(),
    )
    .fetch_all(pool)
    .await?;
    rows.iter().map(|row| row.try_get(0)).collect()
}
