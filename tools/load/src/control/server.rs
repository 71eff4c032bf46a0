//! Serves the control: poem in front of sqlx.

use anyhow::{Context, Result};
use medique_platform::config::{DatabaseConfig, Env};
use medique_platform::postgres;
use poem::http::StatusCode;
use poem::listener::{Acceptor, Listener, TcpListener};
use poem::web::{Data, Json};
use poem::{EndpointExt, Request, Route, Server, handler, post};
use serde_json::{Value, json};
use sqlx::PgPool;

use super::check_in::{self, CheckIn};
use crate::cli::ControlArgs;

const SCHEMA_SQL: &str = include_str!("schema.sql");

/// Prints the address that it listens on, and serves until it is killed.
pub(crate) async fn run(args: &ControlArgs) -> Result<u8> {
    let mut env = Env::from_pairs([
        ("MEDIQUE_DATABASE_URL", args.database_url.clone()),
        ("MEDIQUE_POOL_MAX", args.pool.to_string()),
    ]);
    let config = DatabaseConfig::read(&mut env);
    env.finish()?;
    let pool = postgres::connect(&config, "medique-control", postgres::Plans::ByKey)?;
    sqlx::raw_sql(SCHEMA_SQL)
        .execute(&pool)
        .await
        .context("cannot make the tables of the control")?;
    let acceptor = TcpListener::bind(args.listen).into_acceptor().await?;
    let address = acceptor
        .local_addr()
        .into_iter()
        .find_map(|address| address.as_socket_addr().copied());
    println!("{}", address.context("the control does not listen")?);
    let routes = Route::new()
        .at("/visits", post(check_in_handler))
        .data(pool);
    Server::new_with_acceptor(acceptor).run(routes).await?;
    Ok(0)
}

#[handler]
async fn check_in_handler(
    request: &Request,
    body: Json<CheckIn>,
    pool: Data<&PgPool>,
) -> poem::Result<(StatusCode, Json<Value>)> {
    let key = request.header("Idempotency-Key").unwrap_or_default();
    let command = check_in::prepare(key, body.0);
    let answer = json!({ "command_id": command.command_id, "visit_id": command.visit_id });
    postgres::in_tx(*pool, |connection| {
        Box::pin(check_in::record(connection, command))
    })
    .await
    .map_err(|error| {
        poem::Error::from_string(error.to_string(), StatusCode::SERVICE_UNAVAILABLE)
    })?;
    Ok((StatusCode::CREATED, Json(answer)))
}
