//! The database and its logins: an owner who migrates, and one login per binary with no more than that needs.

use anyhow::{Result, bail};

use super::psql::{Psql, identifier, literal};
use crate::host::secrets::Secrets;
use crate::net::pg_url::PgUrl;

const DATABASE: &str = "medique";
const OWNER: &str = "medique_owner";

/// Group roles that the migrations make, and the logins that join them.
const API: (&str, &str) = ("medique_api", "medique_api_login");
const WORKER: (&str, &str) = ("medique_worker", "medique_worker_login");

/// Who connects as whom.
#[derive(Debug, Clone)]
pub(crate) struct Logins {
    pub(crate) owner: PgUrl,
    pub(crate) api: PgUrl,
    pub(crate) worker: PgUrl,
}

/// Makes owner, logins and database in a cluster of ours; repeats without harm.
pub(crate) fn prepare_own(superuser: &Psql, server: &PgUrl, secrets: &Secrets) -> Result<Logins> {
    let owner_password = secrets.password("postgres-owner")?;
    let mut owner = server.with_login(OWNER, &owner_password);
    DATABASE.clone_into(&mut owner.database);
    // CREATEROLE, because the migrations make the group roles
    superuser.run_secret(&login_sql(OWNER, &owner_password, "CREATEROLE"))?;
    let logins = make_logins(superuser, &owner, secrets)?;
    let exists = format!(
        "SELECT count(*) FROM pg_database WHERE datname = {}",
        literal(DATABASE)
    );
    if superuser.value(&exists)? == "0" {
        superuser.value(&format!(
            "CREATE DATABASE {} OWNER {}",
            identifier(DATABASE),
            identifier(OWNER)
        ))?;
    }
    Ok(logins)
}

/// Makes the logins in a server that somebody else runs, as the owner that `MEDIQUE_DATABASE_URL` names.
pub(crate) fn prepare_given(psql: &Psql, owner: &PgUrl, secrets: &Secrets) -> Result<Logins> {
    let may =
        psql.value("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")?;
    if may != "t" {
        bail!(
            "the user {} of MEDIQUE_DATABASE_URL may not make roles: ALTER ROLE ... CREATEROLE",
            owner.user
        );
    }
    make_logins(psql, owner, secrets)
}

/// Lets the logins into the group roles, which exist once the migrations ran.
pub(crate) fn grant_memberships(psql: &Psql) -> Result<()> {
    for (group, login) in [API, WORKER] {
        psql.value(&format!(
            "GRANT {} TO {}",
            identifier(group),
            identifier(login)
        ))?;
    }
    Ok(())
}

fn make_logins(psql: &Psql, owner: &PgUrl, secrets: &Secrets) -> Result<Logins> {
    let login = |(_, name): (&str, &str), secret: &str| -> Result<PgUrl> {
        let password = secrets.password(secret)?;
        psql.run_secret(&login_sql(name, &password, "NOCREATEROLE"))?;
        Ok(owner.with_login(name, &password))
    };
    Ok(Logins {
        owner: owner.clone(),
        api: login(API, "postgres-api")?,
        worker: login(WORKER, "postgres-worker")?,
    })
}

fn login_sql(name: &str, password: &str, options: &str) -> String {
    let (text, name, password) = (literal(name), identifier(name), literal(password));
    format!(
        "DO $$ BEGIN\n  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {text}) THEN CREATE ROLE {name}; END IF;\nEND $$;\n\
         ALTER ROLE {name} WITH LOGIN {options} PASSWORD {password};\n"
    )
}
