//! What follows from accounts. The api makes and changes them; who is a doctor, and where, stands in
//! tables that only workers write.

use anyhow::Context as _;
use chrono::TimeDelta;
use medique_platform::clock;
use sqlx::PgPool;

/// How long what has run out is kept: long enough to be looked at.
const KEPT: TimeDelta = TimeDelta::days(1);
/// How long an address stays a place of an account that is not used there.
const PLACES_KEPT: TimeDelta = TimeDelta::days(90);

/// Everybody whose account says that they are a doctor.
const ADD_DOCTORS: &str = "
    INSERT INTO doctor (id, facility_id)
    SELECT s.id, s.facility_id FROM staff s
    WHERE s.role = 'DOCTOR' AND s.disabled_at IS NULL AND s.email_verified_at IS NOT NULL
      AND NOT EXISTS (SELECT FROM doctor o WHERE o.id = s.id)
    ON CONFLICT DO NOTHING";

/// Where the account acts, there the doctor can be called and be given patients.
const ADD_DEPARTMENTS: &str = "
    INSERT INTO doctor_department (doctor_id, department_id)
    SELECT s.id, d.id
    FROM staff s
    JOIN doctor o ON o.id = s.id
    JOIN department d ON d.facility_id = s.facility_id
    WHERE s.role = 'DOCTOR' AND s.disabled_at IS NULL AND s.email_verified_at IS NOT NULL
      AND (s.all_departments OR EXISTS (SELECT FROM staff_department g
                                        WHERE g.staff_id = s.id AND g.department_id = d.id))
      AND NOT EXISTS (SELECT FROM doctor_department m
                      WHERE m.doctor_id = s.id AND m.department_id = d.id)
    ON CONFLICT DO NOTHING";

/// Where it does not act any more, the doctor can not. The doctor's own row stays: visits name it.
const REMOVE_DEPARTMENTS: &str = "
    DELETE FROM doctor_department m
    USING staff s
    WHERE s.id = m.doctor_id
      AND NOT (s.role = 'DOCTOR' AND s.disabled_at IS NULL
               AND (s.all_departments OR EXISTS (SELECT FROM staff_department g
                                                 WHERE g.staff_id = s.id
                                                   AND g.department_id = m.department_id)))";

/// Gives each doctor the departments of the account. Any number of schedulers may do so at once.
pub(super) async fn follow_doctors(pool: &PgPool) -> anyhow::Result<u64> {
    let mut changed = 0;
    for statement in [ADD_DOCTORS, ADD_DEPARTMENTS, REMOVE_DEPARTMENTS] {
        let done = sqlx::query(statement)
            .execute(pool)
            .await
            .context("doctors do not follow their accounts")?;
        changed += done.rows_affected();
    }
    Ok(changed)
}

/// Forgets tokens, challenges and failed sign-ins that are over.
pub(super) async fn forget(pool: &PgPool) -> anyhow::Result<u64> {
    let mut forgotten = 0;
    for (statement, before) in [
        ("DELETE FROM staff_token WHERE expires_at < $1", KEPT),
        ("DELETE FROM login_challenge WHERE expires_at < $1", KEPT),
        (
            "DELETE FROM login_throttle WHERE forget_at < $1",
            TimeDelta::zero(),
        ),
        // Of builds that did not say. A week is the longest for which the api can be told to
        // remember.
        (
            "DELETE FROM login_throttle WHERE last_at < $1",
            TimeDelta::days(7),
        ),
        ("DELETE FROM login_place WHERE last_at < $1", PLACES_KEPT),
    ] {
        let done = sqlx::query(statement)
            .bind(clock::now() - before)
            .execute(pool)
            .await
            .context("what is over is not forgotten")?;
        forgotten += done.rows_affected();
    }
    Ok(forgotten)
}
