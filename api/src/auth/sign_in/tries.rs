//! Tries: whether they are judged at all, and what follows when they fail.

use crate::app::{App, Shared};
use crate::auth::identity_key::Key;
use crate::auth::person::Person;
use crate::auth::sessions::Client;
use crate::auth::throttle::{self, Admission, Keys, Try};
use crate::auth::{mail_requests, transact};
use crate::problem::{ApiCode, Problem};
use chrono::{DateTime, Utc};
use medique_contracts::ids::{FacilityId, StaffId};
use medique_platform::audit::{self, ANONYMOUS, Fact, FactKind};
use medique_platform::clock;
use serde_json::json;
use uuid::Uuid;

pub(super) async fn admit(app: &App, keys: &Keys) -> Result<Try, Problem> {
    let (keys, limits) = (keys.clone(), app.config.identity.limits);
    let admission = transact(&app.pool, move |connection| {
        Box::pin(
            async move { Ok(throttle::count(connection, &keys, &limits, clock::now()).await?) },
        )
    })
    .await?;
    match admission {
        Admission::Judge(made) => Ok(made),
        Admission::Blocked { until } => Err(come_back(until)),
    }
}

pub(super) async fn give_back(app: &App, keys: &Keys, made: &Try) -> Result<(), Problem> {
    let (keys, made, limits) = (keys.clone(), made.clone(), app.config.identity.limits);
    transact(&app.pool, move |connection| {
        Box::pin(async move {
            Ok(throttle::give_back(connection, &keys, &made, &limits, clock::now()).await?)
        })
    })
    .await
}

pub(super) fn come_back(until: DateTime<Utc>) -> Problem {
    let seconds = (until - clock::now()).num_seconds() + 1;
    Problem::new(ApiCode::TooManyRequests)
        .detail("too many failed sign-ins")
        .retry_after(u32::try_from(seconds).unwrap_or(1))
}

/// Whether somebody who is right may come in: always, unless others failed too often, here or with
/// this account; then only where the account was seen before.
pub(super) async fn is_home(
    app: &App,
    made: &Try,
    keys: &Keys,
    person: Option<&Person>,
) -> Result<bool, Problem> {
    if made.elsewhere_until.is_none() {
        return Ok(true);
    }
    let keys = keys.clone();
    let staff = StaffId(person.map_or(Uuid::nil(), |person| person.id));
    transact(&app.pool, move |connection| {
        Box::pin(
            async move { Ok(throttle::is_place(connection, &keys, staff, clock::now()).await?) },
        )
    })
    .await
}

/// A try that failed.
pub(super) struct Failure<'a> {
    pub(super) kind: FactKind,
    pub(super) made: &'a Try,
    pub(super) keys: &'a Keys,
    pub(super) email: &'a str,
    pub(super) client: &'a Client,
}

impl Failure<'_> {
    /// Puts it into the audit, asks for a warning to the owner when the account is locked by it,
    /// and gives the answer. The same work whether or not there is such an account.
    pub(super) async fn tell(
        &self,
        app: &Shared,
        person: Option<&Person>,
    ) -> Result<Problem, Problem> {
        let kind = if self.made.reached.is_empty() {
            self.kind
        } else {
            FactKind::LoginLocked
        };
        let facility = person.map(|person| FacilityId(person.facility_id));
        let mut fact = Fact::new(kind, facility, ANONYMOUS);
        fact.trace_id.clone_from(&self.client.trace_id);
        fact.facts = json!({
            "staff_id": person.map(|person| person.id),
            "account": short(&self.keys.account),
            "step": self.kind.as_str(),
            "limits_reached": self.made.reached,
        });
        fact.detail = self
            .client
            .address
            .map(|address| json!({ "address": address }));
        let locked = self.made.account_locked_until;
        let email = self.email.to_owned();
        transact(&app.pool, move |connection| {
            Box::pin(async move {
                if let Some(until) = locked {
                    mail_requests::ask_locked(connection, &email, until).await?;
                }
                Ok(audit::append(connection, &fact).await?)
            })
        })
        .await?;
        if locked.is_some() {
            app.mail_wanted.notify_one();
        }
        Ok(match (self.made.elsewhere_until, self.kind) {
            (Some(until), _) => come_back(until),
            (None, FactKind::SecondFactorFailed) => Problem::new(ApiCode::SecondFactorInvalid),
            (None, _) => Problem::new(ApiCode::InvalidCredentials),
        })
    }
}

/// Enough of a keyed hash to tell one account from another in the audit.
pub(super) fn short(key: &Key) -> String {
    key.iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
