//! `admin create-facility`.

use super::{Answer, OPERATOR, change};
use anyhow::Context as _;
use medique_contracts::ids::FacilityId;
use medique_platform::audit::{self, Fact, FactKind};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Create a facility.
#[derive(Debug, clap::Args)]
pub struct CreateFacility {
    /// Short code, unique, such as GH.
    #[arg(long)]
    code: String,
    /// Name for people.
    #[arg(long)]
    name: String,
    /// IANA time zone, such as Europe/London.
    #[arg(long)]
    timezone: chrono_tz::Tz,
    /// Local hour at which a service day begins.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(i16).range(0..=23))]
    cutover_hour: i16,
    /// Close the day at the cut-over hour, except in departments that are exempt.
    #[arg(long)]
    auto_close: bool,
}

impl CreateFacility {
    pub(super) async fn run(self, pool: &PgPool) -> anyhow::Result<Answer> {
        let id = Uuid::now_v7();
        let fact = Fact {
            facts: serde_json::json!({ "code": self.code, "timezone": self.timezone.name() }),
            ..Fact::new(FactKind::FacilityCreated, Some(FacilityId(id)), OPERATOR)
        };
        change(pool, move |connection| {
            Box::pin(async move {
                self.insert(connection, id).await?;
                Ok(audit::append(connection, &fact).await?)
            })
        })
        .await?;
        Ok(Answer::ok(
            format!("facility {id} created"),
            serde_json::json!({ "facility_id": id }),
        ))
    }

    async fn insert(&self, connection: &mut PgConnection, id: Uuid) -> anyhow::Result<()> {
        sqlx::query(
            "INSERT INTO facility (id, code, name, timezone, cutover_hour, auto_close) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(id)
        .bind(&self.code)
        .bind(&self.name)
        .bind(self.timezone.name())
        .bind(self.cutover_hour)
        .bind(self.auto_close)
        .execute(connection)
        .await
        .context("facility not created (is the code taken?)")?;
        Ok(())
    }
}
