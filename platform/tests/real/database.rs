//! Transactions on a real Postgres.

use crate::support::{eventually, setting, soon};
use medique_platform::config::DatabaseConfig;
use medique_platform::postgres::{Plans, TxError, connect, in_tx, is_transient};
use sqlx::{Connection as _, PgConnection, PgPool};
use std::sync::Arc;
use tokio::sync::Notify;
use uuid::Uuid;

struct Database {
    name: String,
    pool: PgPool,
}

impl Database {
    /// A pool of one connection, so that what is left in it is seen by the next user.
    async fn create() -> Self {
        let admin = setting("MEDIQUE_TEST_PG_URL");
        let name = format!("platform_{}", Uuid::new_v4().simple());
        let mut connection = PgConnection::connect(&admin).await.unwrap();
        execute(&mut connection, format!("CREATE DATABASE {name}")).await;
        connection.close().await.unwrap();
        let (server, _) = admin.rsplit_once('/').unwrap();
        let config = DatabaseConfig {
            url: format!("{server}/{name}").into(),
            pool_max: 1,
        };
        let pool = connect(&config, "platform-test", Plans::Anew).unwrap();
        sqlx::query("CREATE TABLE note (text text PRIMARY KEY)")
            .execute(&pool)
            .await
            .unwrap();
        Self { name, pool }
    }

    async fn notes(&self) -> Vec<String> {
        sqlx::query_scalar("SELECT text FROM note ORDER BY text")
            .fetch_all(&self.pool)
            .await
            .unwrap()
    }

    /// Fails when the pool's connection is inside a transaction that somebody left open.
    async fn assert_no_open_transaction(&self) {
        let open: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM pg_stat_activity
             WHERE datname = current_database() AND state LIKE 'idle in transaction%'",
        )
        .fetch_one(&self.pool)
        .await
        .unwrap();
        assert_eq!(open, 0);
        // Two statements of one transaction have the same start.
        let start = "SELECT now()::text";
        let first: String = sqlx::query_scalar(start)
            .fetch_one(&self.pool)
            .await
            .unwrap();
        let second: String = sqlx::query_scalar(start)
            .fetch_one(&self.pool)
            .await
            .unwrap();
        assert_ne!(first, second);
    }

    async fn drop(self) {
        self.pool.close().await;
        let mut connection = PgConnection::connect(&setting("MEDIQUE_TEST_PG_URL"))
            .await
            .unwrap();
        execute(
            &mut connection,
            format!("DROP DATABASE {} WITH (FORCE)", self.name),
        )
        .await;
    }
}

async fn execute(connection: &mut PgConnection, statement: String) {
    sqlx::query(sqlx::AssertSqlSafe(statement))
        .execute(connection)
        .await
        .unwrap();
}

async fn note(connection: &mut PgConnection, text: &str) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO note VALUES ($1)")
        .bind(text)
        .execute(connection)
        .await?;
    Ok(())
}

#[tokio::test]
async fn work_is_committed_or_rolled_back() {
    let database = Database::create().await;
    let done = in_tx(&database.pool, |tx| {
        Box::pin(async { note(tx, "kept").await })
    })
    .await;
    done.unwrap();
    let failed = in_tx(&database.pool, |tx| {
        Box::pin(async {
            note(tx, "gone").await.unwrap();
            Err::<(), _>("refused")
        })
    });
    assert!(matches!(failed.await, Err(TxError::Work("refused"))));
    let panicked = in_tx(&database.pool, |tx| {
        Box::pin(async {
            note(tx, "gone").await?;
            panic!("on purpose");
            #[expect(unreachable_code, reason = "gives the type")]
            Ok::<(), sqlx::Error>(())
        })
    });
    assert!(matches!(panicked.await, Err(TxError::Panicked)));
    database.assert_no_open_transaction().await;
    assert_eq!(database.notes().await, ["kept"]);
    database.drop().await;
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_no_open_transaction() {
    let database = Database::create().await;
    for round in 0..20 {
        let (reached, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (seen, gate) = (Arc::clone(&reached), Arc::clone(&go_on));
        let work = in_tx(&database.pool, move |tx| {
            Box::pin(async move {
                note(tx, &round.to_string()).await?;
                seen.notify_one();
                gate.notified().await;
                Ok::<_, sqlx::Error>(())
            })
        });
        // Goes away in BEGIN at some times, in the work at others.
        tokio::select! {
            _ = work => unreachable!("the gate is shut"),
            () = reached.notified(), if round % 2 == 0 => {}
            () = tokio::task::yield_now(), if round % 2 == 1 => {}
        }
        go_on.notify_one();
        eventually(|| async { (database.notes().await.len() == round + 1).then_some(()) }).await;
        database.assert_no_open_transaction().await;
    }
    database.drop().await;
}

#[tokio::test]
async fn a_connection_lost_in_the_middle_is_told_apart() {
    let database = Database::create().await;
    let lost = in_tx(&database.pool, |tx| {
        Box::pin(async {
            note(tx, "lost").await?;
            // The server answers this statement and then closes the connection.
            sqlx::query("SELECT pg_terminate_backend(pg_backend_pid())")
                .execute(tx)
                .await?;
            Ok::<_, sqlx::Error>(())
        })
    });
    match soon(lost).await {
        Err(TxError::Work(error)) => assert!(is_transient(&error), "{error}"),
        Err(error @ TxError::Commit(_)) => assert!(error.is_outcome_unknown()),
        other => panic!("{other:?}"),
    }
    assert_eq!(database.notes().await, [""; 0]);
    database.drop().await;
}

#[tokio::test]
async fn errors_are_sorted_by_whose_fault_they_are() {
    let database = Database::create().await;
    note(&mut database.pool.acquire().await.unwrap(), "one")
        .await
        .unwrap();
    let twice = note(&mut database.pool.acquire().await.unwrap(), "one")
        .await
        .unwrap_err();
    assert!(!is_transient(&twice), "{twice}");
    let held = database.pool.acquire().await.unwrap();
    let full = database.pool.acquire().await.unwrap_err();
    assert!(is_transient(&full), "{full}");
    drop(held);
    database.drop().await;
    let nowhere = DatabaseConfig {
        url: "postgres://x@127.0.0.1:1/x".to_owned().into(),
        pool_max: 1,
    };
    let away = connect(&nowhere, "test", Plans::Anew)
        .unwrap()
        .acquire()
        .await
        .unwrap_err();
    assert!(is_transient(&away), "{away}");
}
