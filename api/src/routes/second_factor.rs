//! The second factor of the own account.

use super::Group;
use super::account::own;
use super::auth::password;
use super::sessions::Over;
use crate::app::Shared;
use crate::auth::person::Person;
use crate::auth::second_factor::{self, Changed, Proof, Setup, changed, record};
use crate::auth::sessions::Client;
use crate::auth::{Caller, sign_in, transact};
use crate::door::Body;
use crate::problem::{ApiCode, Problem};
use crate::read::page::{Fresh, fresh};
use medique_contracts::RejectionCode;
use medique_platform::clock;
use poem::Request;
use poem::web::Data;
use poem_openapi::types::Password;
use poem_openapi::{Object, OpenApi};
use secrecy::SecretString;
use serde::Deserialize;

/// What an authenticator has to be told; shown this once.
#[derive(Object)]
pub struct SetupAnswer {
    /// The secret in Base32, to be typed.
    secret: String,
    /// The same as an `otpauth` address, to be shown as a QR code.
    url: String,
}

impl From<Setup> for SetupAnswer {
    fn from(setup: Setup) -> Self {
        Self {
            secret: setup.secret,
            url: setup.url,
        }
    }
}

/// How the account stands.
#[derive(Object)]
pub struct SecondFactorAnswer {
    /// Whether signing in asks for a second factor.
    enabled: bool,
    /// Whether the role needs one.
    required: bool,
    /// Recovery codes that were not used yet.
    recovery_codes_left: i64,
}

/// Fresh recovery codes; shown this once.
#[derive(Object)]
pub struct RecoveryCodesAnswer {
    /// Each is good for one sign-in. Earlier ones are worthless now.
    recovery_codes: Vec<String>,
}

/// Proof that the account's owner asks.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
pub struct OwnerBody {
    /// The present password.
    #[serde(deserialize_with = "password")]
    #[oai(validator(max_length = 1024))]
    password: Password,
}

impl OwnerBody {
    /// The password.
    pub(super) fn secret(self) -> SecretString {
        SecretString::from(self.password.0)
    }
}

/// The first code of a second factor.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
pub struct CodeBody {
    /// The code that the authenticator shows.
    #[oai(validator(max_length = 16))]
    code: String,
}

/// The own second factor.
pub struct SecondFactorApi;

#[OpenApi(prefix_path = "/api/v1", tag = "Group::Identity")]
impl SecondFactorApi {
    /// The own second factor
    #[oai(
        path = "/auth/second-factor",
        method = "get",
        operation_id = "read_second_factor"
    )]
    async fn read(
        &self,
        Data(app): Data<&Shared>,
        caller: Caller,
    ) -> Result<Fresh<SecondFactorAnswer>, Problem> {
        let person = own(app, &caller).await?;
        let recovery_codes_left = sqlx::query_scalar(
            "SELECT count(*) FROM recovery_code WHERE staff_id = $1 AND used_at IS NULL",
        )
        .bind(person.id)
        .fetch_one(&app.pool)
        .await?;
        Ok(fresh(SecondFactorAnswer {
            enabled: person.totp_secret.is_some(),
            required: app.config.identity.needs_second_factor(person.role()?),
            recovery_codes_left,
        }))
    }

    /// Set up a second factor
    ///
    /// One that is in force stays so until a code of the new one is confirmed.
    #[oai(
        path = "/auth/second-factor/enrol",
        method = "post",
        operation_id = "enrol_second_factor"
    )]
    async fn enrol(
        &self,
        request: &Request,
        Data(app): Data<&Shared>,
        caller: Caller,
        Body(body): Body<OwnerBody>,
    ) -> Result<Fresh<SetupAnswer>, Problem> {
        let person = owner(app, request, &caller, body).await?;
        let owned = app.clone();
        let setup = transact(&app.pool, move |connection| {
            Box::pin(async move { second_factor::enrol(&owned, connection, &person).await })
        })
        .await?;
        Ok(fresh(setup.into()))
    }

    /// Confirm a second factor with its first code
    ///
    /// From now on signing in asks for it. Every other session of the account ends.
    #[oai(
        path = "/auth/second-factor/confirm",
        method = "post",
        operation_id = "confirm_second_factor"
    )]
    async fn confirm(
        &self,
        request: &Request,
        Data(app): Data<&Shared>,
        caller: Caller,
        Body(body): Body<CodeBody>,
    ) -> Result<Fresh<RecoveryCodesAnswer>, Problem> {
        let person = own(app, &caller).await?;
        if person.totp_pending.is_none() {
            return Err(Problem::new(ApiCode::NoSecondFactor));
        }
        let (client, session) = (Client::of(request, false), caller.session());
        let (owned, shown, trace_id) = (app.clone(), person.clone(), client.trace_id.clone());
        let judge = transact(&app.pool, move |connection| {
            Box::pin(async move {
                let now = clock::now();
                let codes =
                    second_factor::confirm(&owned, connection, &shown, &body.code, now).await?;
                if codes.is_some() {
                    changed(connection, &shown, Changed::Enabled, session, trace_id).await?;
                }
                Ok(codes)
            })
        });
        let recovery_codes = sign_in::by_code(app, &person, &client, judge).await?;
        Ok(fresh(RecoveryCodesAnswer { recovery_codes }))
    }

    /// Fresh recovery codes
    #[oai(
        path = "/auth/second-factor/recovery-codes",
        method = "post",
        operation_id = "renew_recovery_codes"
    )]
    async fn recovery_codes(
        &self,
        request: &Request,
        Data(app): Data<&Shared>,
        caller: Caller,
        Body(body): Body<OwnerBody>,
    ) -> Result<Fresh<RecoveryCodesAnswer>, Problem> {
        let person = owner(app, request, &caller, body).await?;
        if person.totp_secret.is_none() {
            return Err(Problem::new(ApiCode::NoSecondFactor));
        }
        let (owned, trace_id) = (app.clone(), Client::of(request, false).trace_id);
        let recovery_codes = transact(&app.pool, move |connection| {
            Box::pin(async move {
                let staff = person.staff_id();
                let codes = second_factor::recovery_codes(&owned, connection, staff).await?;
                record(connection, &person, "recovery_codes", trace_id).await?;
                Ok(codes)
            })
        })
        .await?;
        Ok(fresh(RecoveryCodesAnswer { recovery_codes }))
    }

    /// Take the second factor away
    ///
    /// Refused where the role needs one. Every other session of the account ends.
    #[oai(
        path = "/auth/second-factor/remove",
        method = "post",
        operation_id = "remove_second_factor"
    )]
    async fn remove(
        &self,
        request: &Request,
        Data(app): Data<&Shared>,
        caller: Caller,
        Body(body): Body<RemoveBody>,
    ) -> Result<Over, Problem> {
        let person = own(app, &caller).await?;
        if app.config.identity.needs_second_factor(person.role()?) {
            return Err(Problem::new(RejectionCode::Forbidden)
                .detail("the role needs a second factor; set up another one instead"));
        }
        if person.totp_secret.is_none() {
            return Err(Problem::new(ApiCode::NoSecondFactor));
        }
        let client = Client::of(request, false);
        let password = SecretString::from(body.password.0);
        let code = Some(Proof::Code(body.code));
        sign_in::reauthenticate(app, &person, password, code, &client).await?;
        let session = caller.session();
        transact(&app.pool, move |connection| {
            Box::pin(async move {
                second_factor::remove(connection, person.staff_id()).await?;
                changed(
                    connection,
                    &person,
                    Changed::Removed,
                    session,
                    client.trace_id,
                )
                .await
            })
        })
        .await?;
        Ok(Over::Done)
    }
}

/// Proof that the account's owner asks, with both factors.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
pub struct RemoveBody {
    /// The present password.
    #[serde(deserialize_with = "password")]
    #[oai(validator(max_length = 1024))]
    password: Password,
    /// The code that the authenticator shows.
    #[oai(validator(max_length = 16))]
    code: String,
}

/// The caller's account, for somebody who proves to be its owner once more.
async fn owner(
    app: &Shared,
    request: &Request,
    caller: &Caller,
    body: OwnerBody,
) -> Result<Person, Problem> {
    let person = own(app, caller).await?;
    let client = Client::of(request, false);
    sign_in::reauthenticate(app, &person, body.secret(), None, &client).await?;
    Ok(person)
}
