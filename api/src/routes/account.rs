//! Accounts, as their owners have them: invitations and passwords.

use super::Group;
use super::auth::password;
use super::sessions::Over;
use crate::app::Shared;
use crate::auth::person::{EMAIL_BYTES_MAX, Person};
use crate::auth::sessions::Client;
use crate::auth::set_password;
use crate::auth::single_use::Purpose;
use crate::auth::{Caller, mail_requests, transact};
use crate::door::Body;
use crate::problem::Problem;
use medique_contracts::RejectionCode;
use poem::Request;
use poem::web::Data;
use poem_openapi::types::{Example, Password};
use poem_openapi::{ApiResponse, Object, OpenApi};
use secrecy::SecretString;
use serde::Deserialize;

/// A password for the account that the token belongs to.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields, example)]
pub struct SetPasswordBody {
    /// What stands behind `#` in the mailed link.
    #[oai(validator(max_length = 128))]
    token: String,
    /// The password to be.
    #[serde(deserialize_with = "password")]
    #[oai(validator(max_length = 1024))]
    password: Password,
}

impl Example for SetPasswordBody {
    fn example() -> Self {
        Self {
            token: format!("mqi_{}", "A".repeat(43)),
            password: Password("Umbrella-7 under the gravel".to_owned()),
        }
    }
}

/// Who has forgotten a password.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
pub struct ForgotBody {
    /// E-mail address of the account.
    #[oai(validator(max_length = 254))]
    email: String,
}

/// Another password.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
pub struct ChangePasswordBody {
    /// The present password.
    #[serde(deserialize_with = "password")]
    #[oai(validator(max_length = 1024))]
    current_password: Password,
    /// The password to be.
    #[serde(deserialize_with = "password")]
    #[oai(validator(max_length = 1024))]
    password: Password,
}

/// Whatever comes of it.
#[derive(ApiResponse)]
pub enum Noted {
    /// If there is such an account, its owner gets a mail.
    #[oai(status = 202)]
    Noted,
}

/// The account of a member of staff who signed in here.
pub(super) async fn own(app: &Shared, caller: &Caller) -> Result<Person, Problem> {
    let forbidden = || Problem::new(RejectionCode::Forbidden);
    let staff = caller.staff().ok_or_else(forbidden)?;
    let person = transact(&app.pool, move |connection| {
        Box::pin(async move { Ok(Person::by_id(connection, staff).await?) })
    })
    .await?;
    person
        .filter(|person| person.password_hash.is_some())
        .ok_or_else(forbidden)
}

/// Invitations and passwords.
pub struct AccountApi;

#[OpenApi(prefix_path = "/api/v1", tag = "Group::Identity")]
impl AccountApi {
    /// Accept an invitation
    ///
    /// Sets the first password of an account and proves that the address is its owner's. A password
    /// that is refused does not use the token up.
    #[oai(
        path = "/auth/invitations/accept",
        method = "post",
        operation_id = "accept_invitation"
    )]
    async fn accept(
        &self,
        request: &Request,
        Data(app): Data<&Shared>,
        Body(body): Body<SetPasswordBody>,
    ) -> Result<Over, Problem> {
        by_link(app, request, Purpose::Invitation, body).await
    }

    /// Ask for a new password
    ///
    /// The answer, and the time it takes, are the same whether or not there is such an account. The
    /// mail's link is good for an hour and one use.
    #[oai(
        path = "/auth/password/forgot",
        method = "post",
        operation_id = "forgot_password"
    )]
    async fn forgot(
        &self,
        Data(app): Data<&Shared>,
        Body(body): Body<ForgotBody>,
    ) -> Result<Noted, Problem> {
        let email = body.email;
        if email.len() <= EMAIL_BYTES_MAX && !email.chars().any(char::is_control) {
            mail_requests::ask_reset(app, &email).await?;
        }
        Ok(Noted::Noted)
    }

    /// Set a new password with a mailed link
    ///
    /// Ends every session of the account. A password that is refused does not use the token up.
    #[oai(
        path = "/auth/password/reset",
        method = "post",
        operation_id = "reset_password"
    )]
    async fn reset(
        &self,
        request: &Request,
        Data(app): Data<&Shared>,
        Body(body): Body<SetPasswordBody>,
    ) -> Result<Over, Problem> {
        by_link(app, request, Purpose::Reset, body).await
    }

    /// Change the own password
    ///
    /// Ends every other session of the account.
    #[oai(
        path = "/auth/password/change",
        method = "post",
        operation_id = "change_password"
    )]
    async fn change(
        &self,
        request: &Request,
        Data(app): Data<&Shared>,
        caller: Caller,
        Body(body): Body<ChangePasswordBody>,
    ) -> Result<Over, Problem> {
        let person = own(app, &caller).await?;
        let passwords = (
            SecretString::from(body.current_password.0),
            SecretString::from(body.password.0),
        );
        let client = Client::of(request, false);
        set_password::by_owner(app, person, caller.session(), passwords, client).await?;
        Ok(Over::Done)
    }
}

async fn by_link(
    app: &Shared,
    request: &Request,
    purpose: Purpose,
    body: SetPasswordBody,
) -> Result<Over, Problem> {
    let password = SecretString::from(body.password.0);
    let client = Client::of(request, false);
    set_password::by_link(app, purpose, &body.token, password, client).await?;
    Ok(Over::Done)
}
