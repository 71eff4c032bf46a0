//! Signing in.

use super::Group;
use crate::app::Shared;
use crate::auth::password::PasswordError;
use crate::auth::tokens::StaffGrant;
use crate::door::Body;
use crate::problem::{ApiCode, Problem};
use crate::schema::Word;
use chrono::TimeDelta;
use medique_contracts::actor::Grants;
use medique_contracts::ids::{DepartmentId, FacilityId, StaffId};
use medique_contracts::vocabulary::Role;
use poem::web::Data;
use poem_openapi::payload::Json;
use poem_openapi::types::{Example, Password};
use poem_openapi::{Object, OpenApi};
use secrecy::SecretString;
use serde::Deserialize;
use uuid::Uuid;

/// Longest e-mail address, bytes (RFC 5321).
const EMAIL_BYTES_MAX: usize = 254;
/// Longest password, bytes.
const PASSWORD_BYTES_MAX: usize = 1024;

/// Who signs in.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields, example)]
pub struct LoginBody {
    /// E-mail address of the account; upper and lower case are the same.
    #[oai(validator(max_length = 254))]
    email: String,
    /// Password.
    #[serde(deserialize_with = "password")]
    #[oai(validator(max_length = 1024))]
    password: Password,
}

fn password<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Password, D::Error> {
    String::deserialize(deserializer).map(Password)
}

impl Example for LoginBody {
    fn example() -> Self {
        Self {
            email: "doctor@example.org".to_owned(),
            password: Password("correct horse battery".to_owned()),
        }
    }
}

/// A fresh access token.
#[derive(Object)]
pub struct LoginAnswer {
    /// Send it as `Authorization: Bearer <access_token>`.
    access_token: String,
    /// Always `Bearer`.
    token_type: String,
    /// Seconds until the token ends.
    expires_in: u64,
    /// The account.
    staff: StaffAnswer,
}

/// An account.
#[derive(Object)]
pub struct StaffAnswer {
    /// Identity; for a doctor also the doctor's id.
    id: Uuid,
    /// Name.
    name: String,
    /// The one role.
    role: Word<Role>,
    /// Departments in which the role acts; empty when it acts in all.
    departments: Vec<Uuid>,
    /// Whether the role acts in every department, also those created later.
    all_departments: bool,
    /// Facility.
    facility_id: Uuid,
}

#[derive(sqlx::FromRow)]
struct StaffRow {
    id: Uuid,
    facility_id: Uuid,
    name: String,
    role: String,
    all_departments: bool,
    password_hash: String,
    departments: Vec<Uuid>,
}

const SELECT_STAFF: &str = "
    SELECT s.id, s.facility_id, s.name, s.role, s.all_departments, s.password_hash,
           ARRAY(SELECT d.department_id FROM staff_department d WHERE d.staff_id = s.id
                 ORDER BY d.department_id) AS departments
    FROM staff s
    WHERE lower(s.email) = lower($1) AND s.disabled_at IS NULL";

/// Signing in.
pub struct AuthApi;

#[OpenApi(prefix_path = "/api/v1", tag = "Group::Identity")]
impl AuthApi {
    /// Sign in
    ///
    /// Takes the same time whether or not the account exists. A disabled account cannot sign in;
    /// tokens that it has end by themselves.
    #[oai(path = "/auth/login", method = "post", operation_id = "login")]
    async fn login(
        &self,
        Data(app): Data<&Shared>,
        Body(body): Body<LoginBody>,
    ) -> Result<Json<LoginAnswer>, Problem> {
        let refused = || Problem::new(ApiCode::InvalidCredentials);
        let readable = !body.email.chars().any(char::is_control);
        if !readable
            || body.email.len() > EMAIL_BYTES_MAX
            || body.password.len() > PASSWORD_BYTES_MAX
        {
            return Err(refused());
        }
        let row: Option<StaffRow> = sqlx::query_as(SELECT_STAFF)
            .bind(&body.email)
            .fetch_optional(&app.pool)
            .await?;
        let hash = row.as_ref().map(|row| row.password_hash.clone());
        let password = SecretString::from(body.password.0);
        let matches = app
            .passwords
            .verify(hash, password)
            .await
            .map_err(|error| match error {
                PasswordError::Busy => Problem::new(ApiCode::TooManyRequests).retry_after(5),
                PasswordError::Failed => Problem::new(ApiCode::InternalError),
            })?;
        let row = row.filter(|_| matches).ok_or_else(refused)?;
        Ok(Json(answer(app, row)?))
    }
}

fn answer(app: &Shared, row: StaffRow) -> Result<LoginAnswer, Problem> {
    let internal = |text: &'static str| {
        tracing::error!(staff_id = %row.id, "{text}");
        Problem::new(ApiCode::InternalError)
    };
    let role: Role = row
        .role
        .parse()
        .map_err(|_| internal("the account has an unknown role"))?;
    let departments: Vec<_> = row.departments.iter().copied().map(DepartmentId).collect();
    let grant = StaffGrant {
        staff_id: StaffId(row.id),
        facility_id: FacilityId(row.facility_id),
        role,
        departments: if row.all_departments {
            Grants::All
        } else {
            Grants::Only(departments)
        },
    };
    let life = app.config.access_token_ttl;
    let token = app
        .tokens
        .staff_token(
            &grant,
            TimeDelta::seconds(life.as_secs() as i64),
            medique_platform::clock::now(),
        )
        .map_err(|_| internal("an access token could not be signed"))?;
    Ok(LoginAnswer {
        access_token: token,
        token_type: "Bearer".to_owned(),
        expires_in: life.as_secs(),
        staff: StaffAnswer {
            id: row.id,
            name: row.name,
            role: Word(role),
            departments: if row.all_departments {
                Vec::new()
            } else {
                row.departments
            },
            all_departments: row.all_departments,
            facility_id: row.facility_id,
        },
    })
}
