//! Between the two steps of a sign-in.

use crate::app::App;
use crate::auth::person::Person;
use crate::auth::single_use::{Hash, Purpose};
use crate::auth::transact;
use crate::problem::{ApiCode, Problem};
use medique_contracts::ids::StaffId;
use medique_platform::clock;
use secrecy::ExposeSecret as _;
use uuid::Uuid;

/// Tries of the second factor after one password.
const CHALLENGE_TRIES: i16 = 5;

/// The answer to a right password that is not enough.
pub(super) async fn challenge(
    app: &App,
    person: &Person,
    address_charges: u8,
) -> Result<Problem, Problem> {
    let enrols = person.totp_secret.is_none();
    let (token, hash) = Purpose::Challenge.token();
    sqlx::query(
        "INSERT INTO login_challenge (hash, staff_id, enrols, expires_at, address_charges)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(&hash[..])
    .bind(person.id)
    .bind(enrols)
    .bind(clock::now() + app.config.identity.challenge_ttl)
    .bind(i16::from(address_charges))
    .execute(&app.pool)
    .await?;
    let code = if enrols {
        ApiCode::SecondFactorEnrolmentRequired
    } else {
        ApiCode::SecondFactorRequired
    };
    Ok(Problem::new(code).challenge(token.expose_secret()))
}

const COUNT_TRY: &str = "
    UPDATE login_challenge SET attempts = attempts + $2
    WHERE hash = $1 AND used_at IS NULL AND expires_at > $3 AND attempts < $4
    RETURNING staff_id, enrols, address_charges";

/// Somebody between the two steps.
pub(super) struct Pending {
    pub(super) person: Person,
    /// Whether to enrol a second factor.
    pub(super) enrols: bool,
    /// What the first step added to the counter of its address.
    pub(super) address_charges: u8,
}

/// Who stands between the two steps.
pub(super) async fn pending(app: &App, hash: Hash, is_try: bool) -> Result<Pending, Problem> {
    let found = transact(&app.pool, move |connection| {
        Box::pin(async move {
            let row: Option<(Uuid, bool, i16)> = sqlx::query_as(COUNT_TRY)
                .bind(&hash[..])
                .bind(i16::from(is_try))
                .bind(clock::now())
                .bind(CHALLENGE_TRIES)
                .fetch_optional(&mut *connection)
                .await?;
            let Some((staff, enrols, charges)) = row else {
                return Ok(None);
            };
            let person = Person::by_id(connection, StaffId(staff)).await?;
            // Whoever enrolled meanwhile, in another window, has a second factor to show.
            Ok(person.map(|person| Pending {
                enrols: enrols && person.totp_secret.is_none(),
                address_charges: u8::try_from(charges).unwrap_or_default(),
                person,
            }))
        })
    })
    .await?;
    found.ok_or(Problem::new(ApiCode::InvalidAccountToken))
}

pub(super) async fn use_up(app: &App, hash: Hash) -> Result<bool, Problem> {
    let used =
        sqlx::query("UPDATE login_challenge SET used_at = $2 WHERE hash = $1 AND used_at IS NULL")
            .bind(&hash[..])
            .bind(clock::now())
            .execute(&app.pool)
            .await?;
    Ok(used.rows_affected() == 1)
}
