//! The database: the pool, the one way to run a transaction, and which errors may pass by
//! themselves.

use crate::config::DatabaseConfig;
use crate::telemetry::metrics::catalogue::POOL_WAIT;
use futures::future::BoxFuture;
use secrecy::ExposeSecret as _;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use std::str::FromStr as _;
use std::time::{Duration, Instant};

/// A full pool is told soon, so that overload becomes a refusal and not a queue.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);
const STATEMENT_TIMEOUT: &str = "10s";
/// A frozen process loses its locks before its lease is up (3 s by default), or nobody could go on
/// in its place. Between two statements of a healthy transaction there are milliseconds.
const IDLE_IN_TRANSACTION_TIMEOUT: &str = "2s";

/// How the server plans a pool's statements. A plan that is simply kept was made when the table was
/// small: a lookup by key then stays a scan of the whole inbox while it grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plans {
    /// Anew each time, for what the table now holds: reads with filters that may be absent.
    Anew,
    /// Once per connection, and by index whatever the table holds: statements that touch rows by
    /// key, many times a second.
    ByKey,
}

impl Plans {
    const fn settings(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Anew => &[("plan_cache_mode", "force_custom_plan")],
            Self::ByKey => &[
                ("plan_cache_mode", "force_generic_plan"),
                ("enable_seqscan", "off"),
                ("enable_hashjoin", "off"),
                ("enable_mergejoin", "off"),
            ],
        }
    }
}

/// Makes a pool. It connects when it is first used: a process starts without its database and
/// says so in its readiness.
///
/// # Errors
/// The URL cannot be read.
pub fn connect(
    config: &DatabaseConfig,
    application_name: &str,
    plans: Plans,
) -> Result<PgPool, sqlx::Error> {
    let options = PgConnectOptions::from_str(config.url.expose_secret())?
        .application_name(application_name)
        .options([
            ("statement_timeout", STATEMENT_TIMEOUT),
            (
                "idle_in_transaction_session_timeout",
                IDLE_IN_TRANSACTION_TIMEOUT,
            ),
            ("TimeZone", "UTC"),
            // Compiling a plan takes longer than any of our statements runs.
            ("jit", "off"),
        ])
        .options(plans.settings().iter().copied());
    Ok(PgPoolOptions::new()
        .max_connections(config.pool_max)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_lazy_with(options))
}

/// Why a transaction did not take place, or may not have.
#[derive(Debug, thiserror::Error)]
pub enum TxError<E> {
    /// No connection, or no transaction: nothing was done. Never the work's fault.
    #[error("the transaction could not begin: {0}")]
    Begin(#[source] sqlx::Error),
    /// The work failed and was rolled back.
    #[error(transparent)]
    Work(E),
    /// COMMIT failed. When the connection broke ([`TxError::is_outcome_unknown`]) it may have taken
    /// place.
    #[error("the transaction could not be committed: {0}")]
    Commit(#[source] sqlx::Error),
    /// The work panicked and was rolled back.
    #[error("the work of a transaction panicked")]
    Panicked,
}

impl<E> TxError<E> {
    /// Whether the transaction may have been committed all the same. A server that is being shut
    /// down while COMMIT waits for a standby says so in an error, with the commit in place.
    pub fn is_outcome_unknown(&self) -> bool {
        const LOST: [&str; 4] = ["08", "57", "58", "XX"];
        match self {
            Self::Commit(sqlx::Error::Database(error)) => error
                .code()
                .is_none_or(|code| LOST.iter().any(|class| code.starts_with(class))),
            Self::Commit(_) => true,
            Self::Begin(_) | Self::Work(_) | Self::Panicked => false,
        }
    }
}

/// Runs `work` in a transaction: committed when it returns `Ok`, else rolled back.
///
/// It runs in a task of its own that nothing aborts. A caller that goes away in the middle (a
/// closed request, a timeout) therefore never leaves an open transaction in the pool, which
/// `Pool::begin` would; the work then still runs to its end and is committed.
///
/// # Errors
/// [`TxError`].
pub async fn in_tx<T, E, F>(pool: &PgPool, work: F) -> Result<T, TxError<E>>
where
    F: for<'c> FnOnce(&'c mut PgConnection) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
    let pool = pool.clone();
    let task = tokio::spawn(async move {
        let asked = Instant::now();
        #[expect(clippy::disallowed_methods, reason = "this is the one place that may")]
        let mut transaction = pool.begin().await.map_err(TxError::Begin)?;
        POOL_WAIT.time(asked.elapsed(), []);
        match work(&mut transaction).await {
            Ok(value) => {
                transaction.commit().await.map_err(TxError::Commit)?;
                Ok(value)
            }
            Err(error) => {
                // Awaited, so that the next user of the connection does not pay for it. When it
                // fails the connection is broken, and the server rolls back by itself.
                let _ = transaction.rollback().await;
                Err(TxError::Work(error))
            }
        }
    });
    match task.await {
        Ok(result) => result,
        // The task is never aborted, so this is a panic or the end of the runtime.
        Err(_) => Err(TxError::Panicked),
    }
}

/// Whether the same statement may work later, unchanged: the database is away, overloaded, being
/// restarted, or not (yet) as this build expects it. `false` means that the data of the statement
/// is at fault.
pub fn is_transient(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => error.code().is_some_and(|code| is_transient_code(&code)),
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed => true,
        _ => false,
    }
}

/// By SQLSTATE. Classes 28, 3D and 42 are a wrong deployment (password, database, missing table or
/// grant): our statements are fixed texts, so no message can cause them, and waiting for the repair
/// loses nothing.
fn is_transient_code(code: &str) -> bool {
    const CLASSES: [&str; 9] = ["08", "28", "3D", "40", "42", "53", "55", "57", "58"];
    // A standby (the primary has moved), and a transaction that stood still for too long: the
    // process was frozen.
    const SINGLE: [&str; 2] = ["25006", "25P03"];
    SINGLE.contains(&code) || CLASSES.iter().any(|class| code.starts_with(class))
}

#[cfg(test)]
mod tests {
    use super::is_transient_code;

    #[test]
    fn codes_are_sorted_by_whose_fault_they_are() {
        for passing in [
            "40001", "40P01", "55P03", "57P01", "57014", "53300", "08006", "25006", "25P03",
            "42P01",
        ] {
            assert!(is_transient_code(passing), "{passing}");
        }
        for lasting in ["23505", "22021", "22P02", "XX000", "P0001"] {
            assert!(!is_transient_code(lasting), "{lasting}");
        }
    }
}
