//! Signing in.

use super::Group;
use super::second_factor::SetupAnswer;
use super::sessions::{SessionAnswer, Transport, with_cookies};
use crate::app::Shared;
use crate::auth::second_factor::Proof;
use crate::auth::sessions::Client;
use crate::auth::sign_in::{self, SignedIn};
use crate::door::Body;
use crate::problem::{ApiCode, Problem};
use crate::read::page::{Fresh, fresh};
use crate::schema::Word;
use medique_contracts::vocabulary::Role;
use medique_platform::telemetry::metrics::catalogue::SIGN_IN_FAILURES;
use poem::Request;
use poem::web::Data;
use poem_openapi::payload::{Json, Response};
use poem_openapi::types::{Example, Password};
use poem_openapi::{Object, OpenApi};
use secrecy::SecretString;
use serde::Deserialize;
use uuid::Uuid;

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

/// Reads a password without anything that could show it.
pub(super) fn password<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Password, D::Error> {
    String::deserialize(deserializer).map(Password)
}

impl Example for LoginBody {
    fn example() -> Self {
        Self {
            email: "doctor@example.org".to_owned(),
            password: Password("Umbrella-7 under the gravel".to_owned()),
            transport: None,
        }
    }
}

/// The second step of a sign-in: either a code or a recovery code.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields, skip_serializing_if_is_none)]
pub struct SecondStepBody {
    /// `challenge_token` of the answer to the first step.
    #[oai(validator(max_length = 128))]
    challenge_token: String,
    /// The code that the authenticator shows.
    #[serde(default)]
    #[oai(validator(max_length = 16))]
    code: Option<String>,
    /// One of the recovery codes, each of which is good for one use.
    #[serde(default)]
    #[oai(validator(max_length = 64))]
    recovery_code: Option<String>,
    /// How the refresh token is to travel; in the answer's body when absent.
    #[serde(default)]
    transport: Option<Transport>,
}

/// Which sign-in goes on.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
pub struct ChallengeBody {
    /// `challenge_token` of the answer to the first step.
    #[oai(validator(max_length = 128))]
    challenge_token: String,
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
    /// Recovery codes, when a second factor was set up with this sign-in: shown this once.
    recovery_codes: Option<Vec<String>>,
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

/// Signing in.
pub struct AuthApi;

#[OpenApi(prefix_path = "/api/v1", tag = "Group::Identity")]
impl AuthApi {
    /// Sign in
    ///
    /// Takes the same time whether or not the account exists. Opens a session; the least recently
    /// used one of the account ends when there are too many. A disabled account cannot sign in, nor
    /// can one whose invitation was not accepted. With a second factor the answer is 401
    /// `second_factor_required` and a `challenge_token` for the second step. Too many failures are
    /// answered with 429 for a while.
    #[oai(path = "/auth/login", method = "post", operation_id = "login")]
    async fn login(
        &self,
        request: &Request,
        Data(app): Data<&Shared>,
        Body(body): Body<LoginBody>,
    ) -> Result<Response<Json<LoginAnswer>>, Problem> {
        let client = Client::of(request, body.transport == Some(Transport::Cookie));
        let password = SecretString::from(body.password.0);
        let signed_in = sign_in::by_password(app, &body.email, password, client).await;
        answer(signed_in.inspect_err(count_failure)?)
    }

    /// Sign in: the second step
    ///
    /// A challenge is good for five minutes, five tries and one sign-in; a code for one use.
    #[oai(
        path = "/auth/login/second-factor",
        method = "post",
        operation_id = "login_second_factor"
    )]
    async fn second_factor(
        &self,
        request: &Request,
        Data(app): Data<&Shared>,
        Body(body): Body<SecondStepBody>,
    ) -> Result<Response<Json<LoginAnswer>>, Problem> {
        let client = Client::of(request, body.transport == Some(Transport::Cookie));
        let proof = match (body.code, body.recovery_code) {
            (Some(code), None) => Proof::Code(code),
            (None, Some(code)) => Proof::Recovery(code),
            _ => {
                return Err(Problem::new(ApiCode::InvalidBody)
                    .field("", "must have either code or recovery_code"));
            }
        };
        let signed_in = sign_in::by_second_factor(app, &body.challenge_token, proof, client).await;
        answer(signed_in.inspect_err(count_failure)?)
    }

    /// Sign in: set up the second factor that the role needs
    ///
    /// For a challenge of `second_factor_enrolment_required`. A code of the new second factor then
    /// completes the sign-in and puts it into force.
    #[oai(
        path = "/auth/login/second-factor/enrol",
        method = "post",
        operation_id = "login_enrol_second_factor"
    )]
    async fn enrol(
        &self,
        Data(app): Data<&Shared>,
        Body(body): Body<ChallengeBody>,
    ) -> Result<Fresh<SetupAnswer>, Problem> {
        let setup = sign_in::enrol(app, &body.challenge_token).await?;
        Ok(fresh(setup.into()))
    }
}

/// Counts who could not sign in, by the reason that they are told. The first of two steps is none.
fn count_failure(problem: &Problem) {
    let halfway = [
        ApiCode::SecondFactorRequired.into(),
        ApiCode::SecondFactorEnrolmentRequired.into(),
    ];
    if !halfway.contains(&problem.code()) {
        SIGN_IN_FAILURES.add(1, [problem.code().as_str().into()]);
    }
}

fn answer(entered: SignedIn) -> Result<Response<Json<LoginAnswer>>, Problem> {
    let SignedIn {
        person,
        opened,
        recovery_codes,
    } = entered;
    let tokens = SessionAnswer::from(&opened);
    let role = person.role()?;
    let answer = Json(LoginAnswer {
        access_token: tokens.access_token,
        token_type: tokens.token_type,
        expires_in: tokens.expires_in,
        session_id: tokens.session_id,
        refresh_token: tokens.refresh_token,
        csrf_token: tokens.csrf_token,
        recovery_codes,
        staff: StaffAnswer {
            id: person.id,
            name: person.name,
            role: Word(role),
            departments: if person.all_departments {
                Vec::new()
            } else {
                person.departments
            },
            all_departments: person.all_departments,
            facility_id: person.facility_id,
        },
    });
    Ok(with_cookies(Response::new(answer), &opened))
}
