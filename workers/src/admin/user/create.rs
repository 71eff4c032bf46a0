//! `admin user create`.

use crate::admin::{Answer, OPERATOR, change};
use anyhow::{Context as _, bail, ensure};
use chrono::TimeDelta;
use lettre::Address;
use medique_contracts::ids::FacilityId;
use medique_contracts::vocabulary::Role;
use medique_platform::audit::{self, Fact, FactKind};
use medique_platform::clock;
use medique_platform::config::Env;
use medique_platform::password::{Hashing, Policy};
use rand::distr::{Alphanumeric, SampleString};
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::{PgConnection, PgPool};
use std::io::Read;
use std::path::PathBuf;
use uuid::Uuid;

/// How long a generated password is good for being replaced.
const INITIAL_PASSWORD_LIFE: TimeDelta = TimeDelta::hours(24);
/// Random characters of a generated password: far more than any policy asks for.
const GENERATED_CHARS: usize = 24;

/// Which passwords are taken here: the same as at the api, when both are told the same.
#[derive(Debug, Default)]
pub(in crate::admin) struct Passwords {
    policy: Policy,
    hashing: Hashing,
}

impl Passwords {
    /// Reads `MEDIQUE_PASSWORD_*`.
    pub(in crate::admin) fn read(env: &mut Env) -> Self {
        Self {
            policy: Policy::read(env),
            hashing: Hashing::read(env),
        }
    }
}

/// Create an account.
#[derive(Debug, clap::Args)]
pub struct CreateUser {
    /// Facility in which the account works.
    #[arg(long)]
    facility_id: Uuid,
    /// E-mail address: the name at sign-in.
    #[arg(long)]
    email: String,
    /// Name for people; the address when absent.
    #[arg(long)]
    name: Option<String>,
    /// ADMIN, RECEPTION, NURSE, DOCTOR or DISPLAY.
    #[arg(long)]
    role: Role,
    /// Department in which the role acts; may be given several times.
    #[arg(long = "department")]
    departments: Vec<Uuid>,
    /// The role acts in every department.
    #[arg(long, conflicts_with = "departments")]
    all_departments: bool,
    #[command(flatten)]
    password: PasswordSource,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct PasswordSource {
    /// Read the password from standard input.
    #[arg(long)]
    password_stdin: bool,
    /// Read the password from a file.
    #[arg(long)]
    password_file: Option<PathBuf>,
    /// Make a random password and print it, once. It is good for a day and for one thing: whoever
    /// signs in with it has to choose another one.
    #[arg(long)]
    generate_password: bool,
}

impl PasswordSource {
    fn read(&self) -> anyhow::Result<String> {
        if self.generate_password {
            return Ok(generated());
        }
        let text = match &self.password_file {
            Some(path) => std::fs::read_to_string(path).context("password file not read")?,
            None => {
                let mut text = String::new();
                std::io::stdin()
                    .read_to_string(&mut text)
                    .context("standard input not read")?;
                text
            }
        };
        Ok(text.trim_end_matches(['\r', '\n']).to_owned())
    }
}

/// A password with characters of every kind.
fn generated() -> String {
    let random = Alphanumeric.sample_string(&mut rand::rng(), GENERATED_CHARS);
    format!("Mq-7{random}")
}

impl CreateUser {
    pub(in crate::admin) async fn run(
        self,
        pool: &PgPool,
        passwords: &Passwords,
    ) -> anyhow::Result<Answer> {
        ensure!(
            self.email.is_ascii()
                && self.email.len() <= 254
                && self.email.parse::<Address>().is_ok(),
            "that is not an e-mail address"
        );
        ensure!(self.role != Role::Patient, "patients have no accounts");
        ensure!(
            self.role != Role::Doctor || !self.departments.is_empty() || self.all_departments,
            "a doctor needs at least one department"
        );
        let password = self.password.read()?;
        let own = [
            self.email.as_str(),
            self.name.as_deref().unwrap_or_default(),
            "medique",
        ];
        let wrong = passwords.policy.judge(&password, &own);
        ensure!(wrong.is_empty(), "the password {}", wrong.join("; it "));
        let password = SecretString::from(password);
        let hash = passwords.hashing.hash(&password)?;
        let id = Uuid::now_v7();
        let (email, role) = (self.email.clone(), self.role);
        let generated = self
            .password
            .generate_password
            .then(|| password.expose_secret().to_owned());
        change(pool, move |connection| {
            Box::pin(async move { self.insert(connection, id, &hash).await })
        })
        .await?;
        let mut text = format!("account {id} created: {email}, {role}");
        if let Some(password) = &generated {
            text.push_str(&format!(
                "\npassword: {password}\ngood for 24 hours, to choose another one at the first sign-in"
            ));
        }
        let json = serde_json::json!({ "staff_id": id, "email": email, "role": role, "password": generated });
        Ok(Answer::ok(text, json))
    }

    async fn insert(
        self,
        connection: &mut PgConnection,
        id: Uuid,
        hash: &str,
    ) -> anyhow::Result<()> {
        let found: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM department WHERE facility_id = $1 AND id = ANY($2)",
        )
        .bind(self.facility_id)
        .bind(&self.departments)
        .fetch_one(&mut *connection)
        .await?;
        if usize::try_from(found) != Ok(self.departments.len()) {
            bail!("a department is named twice, or is not one of this facility");
        }
        let (now, is_initial) = (clock::now(), self.password.generate_password);
        sqlx::query(
            // Whoever may run this vouches for the address.
            "INSERT INTO staff (id, facility_id, email, name, role, all_departments, password_hash, \
                                email_verified_at, password_changed_at, initial_password_until) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)",
        )
        .bind(id)
        .bind(self.facility_id)
        .bind(&self.email)
        .bind(self.name.as_ref().unwrap_or(&self.email))
        .bind(self.role.as_str())
        .bind(self.all_departments)
        .bind(hash)
        .bind(now)
        .bind(is_initial.then(|| now + INITIAL_PASSWORD_LIFE))
        .execute(&mut *connection)
        .await
        .context("account not created (is the address taken, does the facility exist?)")?;
        sqlx::query(
            "INSERT INTO staff_department (staff_id, department_id) SELECT $1, unnest($2::uuid[])",
        )
        .bind(id)
        .bind(&self.departments)
        .execute(&mut *connection)
        .await?;
        if self.role == Role::Doctor {
            self.insert_doctor(connection, id).await?;
        }
        self.tell(connection, id).await
    }

    /// Whoever got rights, and from where, stands in the trail, as for accounts that the api makes.
    async fn tell(&self, connection: &mut PgConnection, id: Uuid) -> anyhow::Result<()> {
        let facility = Some(FacilityId(self.facility_id));
        let fact = Fact {
            facts: serde_json::json!({
                "staff_id": id,
                "role": self.role.as_str(),
                "departments": self.departments,
                "all_departments": self.all_departments,
            }),
            ..Fact::new(FactKind::StaffCreated, facility, OPERATOR)
        };
        audit::append(connection, &fact).await?;
        Ok(())
    }

    async fn insert_doctor(&self, connection: &mut PgConnection, id: Uuid) -> anyhow::Result<()> {
        sqlx::query("INSERT INTO doctor (id, facility_id) VALUES ($1, $2)")
            .bind(id)
            .bind(self.facility_id)
            .execute(&mut *connection)
            .await?;
        sqlx::query(
            "INSERT INTO doctor_department (doctor_id, department_id) \
             SELECT $1, id FROM department WHERE facility_id = $2 AND ($3 OR id = ANY($4))",
        )
        .bind(id)
        .bind(self.facility_id)
        .bind(self.all_departments)
        .bind(&self.departments)
        .execute(connection)
        .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_password_meets_the_policy() {
        for _ in 0..100 {
            assert_eq!(
                Policy::default().judge(&generated(), &[]),
                Vec::<String>::new()
            );
        }
    }
}
