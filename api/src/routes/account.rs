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
use crate::problem::{ApiCode, Problem};
use crate::read::page::{Fresh, fresh};
use medique_contracts::RejectionCode;
use poem::Request;
use poem::web::Data;
use poem_openapi::types::{Example, Password};
use poem_openapi::{ApiResponse, Object, OpenApi};
use secrecy::SecretString;
use serde::Deserialize;

/// Most texts that a password is held against.
const OWN_MAX: usize = 4;

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

/// A password that somebody thinks of.
#[derive(Deserialize, Object)]
#[serde(deny_unknown_fields)]
#[oai(deny_unknown_fields)]
pub struct JudgeBody {
    /// The password to be.
    #[serde(deserialize_with = "password")]
    #[oai(validator(max_length = 1024))]
    password: Password,
    /// Name and e-mail address of whoever it is for, where they are known: a password must not be
    /// made of them. Four at most.
    #[serde(default)]
    #[oai(default, validator(max_items = 4))]
    own: Vec<String>,
}

/// What a password would be worth.
#[derive(Object)]
pub struct JudgeAnswer {
    /// Strength: 0 (guessed at once) to 4 (very hard to guess).
    score: u8,
    /// Whether it would be taken.
    is_accepted: bool,
    /// Why it would not be taken, one sentence each.
    reasons: Vec<String>,
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

    /// Judge a password that somebody thinks of
    ///
    /// For a strength meter beside the field. Nothing of it is kept or written to a log. Ask when the
    /// typing rests, not with every letter.
    #[oai(
        path = "/auth/password/judge",
        method = "post",
        operation_id = "judge_password"
    )]
    async fn judge(
        &self,
        Data(app): Data<&Shared>,
        Body(body): Body<JudgeBody>,
    ) -> Result<Fresh<JudgeAnswer>, Problem> {
        let is_bounded =
            body.own.len() <= OWN_MAX && body.own.iter().all(|text| text.len() <= EMAIL_BYTES_MAX);
        if !is_bounded {
            return Err(Problem::new(ApiCode::InvalidBody)
                .field("/own", "must be at most four texts of at most 254 bytes"));
        }
        let mut own = body.own;
        own.push("medique".to_owned());
        let judged = app.passwords.judge(body.password.0.into(), own).await?;
        Ok(fresh(JudgeAnswer {
            score: judged.score,
            is_accepted: judged.wrong.is_empty(),
            reasons: judged.wrong,
        }))
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
