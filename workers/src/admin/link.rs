//! `admin create-link`.

use super::Answer;
use anyhow::Context as _;
use chrono::TimeDelta;
use medique_contracts::ids::{DepartmentId, DoctorId, FacilityId, LinkId};
use medique_platform::clock;
use medique_platform::link::registry::{self, Issuer};
use medique_platform::link::{Link, LinkKey};
use medique_platform::postgres::{TxError, in_tx};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{PgPool, Row};
use uuid::Uuid;

/// Who issues links from a terminal.
const ISSUER: &str = "system:operator";

/// Make a signed check-in link.
#[derive(Debug, clap::Args)]
pub struct CreateLink {
    /// Department whose queue the link leads to.
    #[arg(long)]
    department_id: DepartmentId,
    /// Doctor whose queue the link leads to.
    #[arg(long)]
    doctor_id: Option<DoctorId>,
    /// One check-in uses the link up.
    #[arg(long)]
    single_use: bool,
    /// The link hangs on a wall: each phone draws a ticket from it. Without this and the former it
    /// is for a device of the hospital, which uses it for everybody.
    #[arg(long, conflicts_with = "single_use")]
    poster: bool,
    /// Minutes until the link is dead; at most 400 days.
    #[arg(long, default_value_t = 24 * 60, value_parser = clap::value_parser!(i64).range(1..=400 * 24 * 60))]
    ttl_minutes: i64,
}

impl CreateLink {
    pub(super) async fn run(
        self,
        pool: &PgPool,
        secret: &SecretString,
        public_url: Option<&str>,
    ) -> anyhow::Result<Answer> {
        let facility = sqlx::query("SELECT facility_id FROM department WHERE id = $1")
            .bind(self.department_id.0)
            .fetch_optional(pool)
            .await?
            .context("no such department")?;
        let now = clock::now();
        let link = Link {
            link_id: LinkId(Uuid::now_v7()),
            facility_id: FacilityId(facility.try_get(0)?),
            department_id: self.department_id,
            doctor_id: self.doctor_id,
            single_use: self.single_use,
            is_poster: self.poster,
            drawn_from: None,
            expires_at: now + TimeDelta::minutes(self.ttl_minutes),
        };
        let token = LinkKey::new(secret.expose_secret().as_bytes()).sign(&link)?;
        let url = public_url.map(|_| Link::address(&token, public_url));
        let expires_at = link.expires_at;
        in_tx(pool, move |connection| {
            Box::pin(async move {
                let issuer = Issuer {
                    actor: ISSUER.to_owned(),
                    trace_id: None,
                };
                registry::enter(connection, &link, now, &issuer).await
            })
        })
        .await
        .map_err(|error: TxError<sqlx::Error>| anyhow::anyhow!("link not registered: {error}"))?;
        Ok(Answer::ok(
            url.clone().unwrap_or_else(|| token.clone()),
            serde_json::json!({ "link_token": token, "url": url, "expires_at": expires_at }),
        ))
    }
}
