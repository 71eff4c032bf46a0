//! Passwords that are right and open nothing: they have to be replaced first.

use crate::app::{App, Shared};
use crate::auth::mail_requests::{self, Reset};
use crate::auth::person::Person;
use crate::auth::sessions::Client;
use crate::auth::single_use::{self, Purpose};
use crate::auth::transact;
use crate::problem::{ApiCode, Problem};
use medique_contracts::ids::FacilityId;
use medique_platform::audit::{self, ANONYMOUS, Fact, FactKind};
use medique_platform::clock;
use secrecy::ExposeSecret as _;
use serde_json::json;

/// The answer to a password that a program made: a token with which its owner sets another one, now
/// and without a mail.
pub(super) async fn replace_initial(app: &App, person: &Person) -> Result<Problem, Problem> {
    let (staff, life) = (person.staff_id(), app.config.identity.challenge_ttl);
    let (token, _) = transact(&app.pool, move |connection| {
        Box::pin(async move {
            let now = clock::now();
            Ok(single_use::issue(connection, Purpose::Reset, staff, life, now).await?)
        })
    })
    .await?;
    Ok(Problem::new(ApiCode::PasswordChangeRequired).challenge(token.expose_secret()))
}

/// The answer to a password that others know by now: whoever shows it may be one of them, so that
/// the way on is in the mail of the account's owner.
pub(super) async fn refuse_known(
    app: &Shared,
    person: Person,
    client: &Client,
) -> Result<Problem, Problem> {
    let (owned, trace_id) = (app.clone(), client.trace_id.clone());
    let detail = client.address.map(|address| json!({ "address": address }));
    transact(&app.pool, move |connection| {
        Box::pin(async move {
            let sent = mail_requests::reset(&owned, connection, &person, Reset::Demanded).await?;
            let facility = Some(FacilityId(person.facility_id));
            let mut fact = Fact::new(FactKind::PasswordRefused, facility, ANONYMOUS);
            fact.trace_id = trace_id;
            fact.facts = json!({ "staff_id": person.id, "expires_at": sent });
            fact.detail = detail;
            Ok(audit::append(connection, &fact).await?)
        })
    })
    .await?;
    Ok(Problem::new(ApiCode::PasswordResetRequired))
}
