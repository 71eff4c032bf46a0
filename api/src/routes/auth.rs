//! Signing in.

use super::Group;
use super::sessions::{SessionAnswer, Transport, with_cookies};
use crate::app::Shared;
use crate::auth::password::PasswordError;
use crate::auth::sessions::{self, Client, Opened};
use crate::auth::tokens::StaffGrant;
use crate::auth::transact;
use crate::door::Body;
use crate::problem::{ApiCode, Problem};
use crate::schema::Word;
use medique_contracts::actor::Grants;
use medique_contracts::ids::{DepartmentId, FacilityId, StaffId};
use medique_contracts::vocabulary::Role;
use poem::Request;
use poem::web::Data;
use poem_openapi::payload::{Json, Response};
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
    /// How the refresh token is to travel; in the answer's body when absent.
    #[serde(default)]
    transport: Option<Transport>,
}

fn password<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Password, D::Error> {
    String::deserialize(deserializer).map(Password)
}

impl Example for LoginBody {
    fn example() -> Self {
        Self {
            email: "doctor@example.org".to_owned(),
            password: Password("correct horse battery".to_owned()),
            transport: None,
        }
    }
}

/// A new session.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub struct LoginAnswer {
    /// Send it as `Authorization: Bearer <access_token>`.
    access_token: String,
    /// Always `Bearer`.
    token_type: String,
    /// Seconds until the token ends.
    expires_in: u64,
    /// The session; it stands in the list of the account's sessions.
    session_id: Uuid,
    /// Good for one `POST /auth/refresh`; absent when it travels in a cookie.
    refresh_token: Option<String>,
    /// For the header `X-CSRF-Token`, when the refresh token travels in a cookie.
    csrf_token: Option<String>,
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
    /// Takes the same time whether or not the account exists. Opens a session; the least recently
    /// used one of the account ends when there are too many. A disabled account cannot sign in.
    #[oai(path = "/auth/login", method = "post", operation_id = "login")]
    async fn login(
        &self,
        request: &Request,
        Data(app): Data<&Shared>,
        Body(body): Body<LoginBody>,
    ) -> Result<Response<Json<LoginAnswer>>, Problem> {
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
        let grant = grant(&row)?;
        let client = Client::of(request, body.transport == Some(Transport::Cookie));
        let (owned, of_session) = (app.clone(), grant.clone());
        let opened = transact(&app.pool, move |connection| {
            Box::pin(async move { sessions::open(&owned, connection, &of_session, &client).await })
        })
        .await?;
        Ok(answer(row, grant.role, opened))
    }
}

fn grant(row: &StaffRow) -> Result<StaffGrant, Problem> {
    let role: Role = row.role.parse().map_err(|_| {
        tracing::error!(staff_id = %row.id, "the account has an unknown role");
        Problem::new(ApiCode::InternalError)
    })?;
    let departments = row.departments.iter().copied().map(DepartmentId).collect();
    Ok(StaffGrant {
        staff_id: StaffId(row.id),
        facility_id: FacilityId(row.facility_id),
        role,
        departments: if row.all_departments {
            Grants::All
        } else {
            Grants::Only(departments)
        },
        amr: vec!["pwd".to_owned()],
    })
}

fn answer(row: StaffRow, role: Role, opened: Opened) -> Response<Json<LoginAnswer>> {
    let tokens = SessionAnswer::from(&opened);
    let answer = Json(LoginAnswer {
        access_token: tokens.access_token,
        token_type: tokens.token_type,
        expires_in: tokens.expires_in,
        session_id: tokens.session_id,
        refresh_token: tokens.refresh_token,
        csrf_token: tokens.csrf_token,
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
    });
    with_cookies(Response::new(answer), &opened)
}
