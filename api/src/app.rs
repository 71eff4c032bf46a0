//! The application: what all operations share, and where everything is mounted.

use crate::accept::gate::Gate;
use crate::accept::inbox::Inbox;
use crate::accept::location::Locations;
use crate::accept::notices;
use crate::accept::position::PositionKey;
use crate::accept::waiters::Waiters;
use crate::auth::TokenKeys;
use crate::auth::identity_key::IdentityKey;
use crate::auth::mail_requests;
use crate::auth::oidc::Oidc;
use crate::auth::password::{self, Passwords};
use crate::auth::revocations::{self, Revocations};
use crate::auth::sessions::csrf::CsrfGuard;
use crate::auth::sessions::sweep;
use crate::config::Config;
use crate::description;
use crate::edge::{Edge, EdgePolicy};
use crate::limits::{self, Limits, Throttle};
use crate::links::{self, RevokedLinks};
use crate::live::Live;
use crate::read::reads::KnownReads;
use crate::readiness::{self, Readiness};
use crate::routes;
use crate::screens::Screens;
use anyhow::Context;
use medique_platform::ai;
use medique_platform::bus::{Bus, Publisher};
use medique_platform::health::Presence;
use medique_platform::lifecycle::Lifecycle;
use medique_platform::link::{LinkKey, MacKey};
use medique_platform::privacy::Keys;
use medique_platform::telemetry::vitals;
use poem::{Endpoint, EndpointExt, Response, Route};
use secrecy::ExposeSecret;
use sqlx::PgPool;
use std::sync::Arc;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// What all operations share.
pub struct App {
    /// Configuration.
    pub config: Config,
    /// How the process ends: live streams end with the soft token.
    pub lifecycle: Lifecycle,
    /// Cancelled when the last request was answered: what serves requests ends then.
    pub served: CancellationToken,
    /// Postgres, single statements only.
    pub pool: PgPool,
    /// NATS.
    pub bus: Bus,
    /// The door to the COMMANDS stream.
    pub publisher: Publisher,
    /// Who writes reports; none when no service is configured.
    pub adviser: Option<ai::Client>,
    /// Live streams.
    pub live: Arc<Live>,
    /// Access tokens.
    pub tokens: TokenKeys,
    /// What stopped being valid before its time.
    pub revocations: Arc<Revocations>,
    /// External issuers.
    pub oidc: Option<Oidc>,
    /// What refresh tokens that repeat an exchange are derived with.
    pub refresh_key: MacKey,
    /// Writes that a cookie authenticates.
    pub csrf: CsrfGuard,
    /// Check-in links.
    pub links: LinkKey,
    /// Check-in links that admit nobody any more.
    pub revoked_links: RevokedLinks,
    /// Who may ask how much.
    pub limits: Limits,
    /// Passwords.
    pub passwords: Passwords,
    /// What seals and keys what is kept of accounts.
    pub identity: IdentityKey,
    /// Told when somebody has asked for a mail.
    pub mail_wanted: Notify,
    /// Position tokens.
    pub positions: PositionKey,
    /// Keys that open what tells of persons.
    pub keys: Keys,
    /// What became of commands.
    pub inbox: Inbox,
    /// Where visits are.
    pub locations: Locations,
    /// Reads of personal data that are in the audit trail.
    pub reads: KnownReads,
    /// How much more may be accepted.
    pub gate: Gate,
    /// Who waits for outcomes.
    pub waiters: Waiters,
    /// What the last look at the broker found.
    pub readiness: Readiness,
    /// This process, as it tells of itself.
    pub presence: Presence,
}

/// The application as the operations hold it.
pub type Shared = Arc<App>;

impl App {
    /// Connects to what the application needs.
    ///
    /// # Errors
    /// A key cannot be used, or an address cannot be read. A server that is merely away is no
    /// error: readiness says so.
    pub async fn start(config: Config, lifecycle: Lifecycle) -> anyhow::Result<Shared> {
        let now = medique_platform::clock::now();
        let tokens = TokenKeys::new(&config.jwt_signing_key, &config.jwt_further_keys, now)?;
        let pool = medique_platform::postgres::connect(
            &config.database,
            "medique-api",
            medique_platform::postgres::Plans::Anew,
        )?;
        let bus = Bus::connect(&config.bus, "medique-api")
            .await
            .context("cannot reach NATS")?;
        let publisher = bus.publisher(config.publisher.clone());
        let adviser = config.ai.clone().map(ai::Client::new).transpose();
        let secret = config.link_secret.expose_secret().as_bytes();
        let live = Live::start(&config, &lifecycle, &bus, &pool);
        let app = Arc::new(Self {
            adviser: adviser.context("MEDIQUE_AI_*")?,
            live,
            served: CancellationToken::new(),
            revocations: Arc::new(Revocations::new(config.sessions.blind_max)),
            oidc: config.oidc.as_ref().map(Oidc::new).transpose()?,
            refresh_key: MacKey::derive(secret, "medique refresh token v1"),
            csrf: CsrfGuard::new(secret, config.public_url.as_deref()),
            links: LinkKey::new(secret),
            revoked_links: RevokedLinks::default(),
            limits: Limits::new(&config.rates),
            positions: PositionKey::new(secret),
            inbox: Inbox::start(pool.clone()),
            locations: Locations::start(pool.clone()),
            reads: KnownReads::default(),
            gate: Gate::new(config.max_backlog),
            waiters: Waiters::default(),
            passwords: Passwords::new(&config.identity)?,
            identity: IdentityKey::read(
                &config.identity.key,
                config.identity.previous_keys.as_ref(),
            )
            .context("MEDIQUE_IDENTITY_KEY cannot be used")?,
            mail_wanted: Notify::new(),
            readiness: Readiness::default(),
            presence: presence(&config),
            keys: config.keys.clone(),
            config,
            lifecycle,
            pool,
            bus,
            publisher,
            tokens,
        });
        let presence = app.presence.clone();
        app.lifecycle
            .tasks
            .spawn(presence.tell(app.pool.clone(), app.lifecycle.clone()));
        app.lifecycle
            .spawn_critical("readiness", readiness::watch(Arc::clone(&app)));
        // Before the first request, so that a replica that has just started knows what ended. When
        // the database is away, staff wait until it is back.
        if let Err(error) = app.look_at_revocations().await {
            tracing::warn!(%error, "cannot read what was revoked, staff are refused until that works");
        }
        tokio::spawn(revocations::listen(Arc::clone(&app)));
        tokio::spawn(revocations::watch(Arc::clone(&app)));
        tokio::spawn(sweep::watch(Arc::clone(&app)));
        tokio::spawn(mail_requests::watch(Arc::clone(&app)));
        tokio::spawn(password::watch_costs(Arc::clone(&app)));
        // Not among the tasks that a drain waits for: open requests need them to the last.
        tokio::spawn(notices::follow(Arc::clone(&app)));
        tokio::spawn(notices::look(Arc::clone(&app)));
        tokio::spawn(limits::sweep(Arc::clone(&app)));
        let (pool, bus) = (app.pool.clone(), app.bus.clone());
        tokio::spawn(vitals::tell(pool, bus, app.served.clone()));
        tokio::spawn(links::follow(Arc::clone(&app)));
        Ok(app)
    }

    /// Reads what was revoked lately.
    ///
    /// # Errors
    /// The database's.
    pub async fn look_at_revocations(&self) -> Result<(), sqlx::Error> {
        let external = self.oidc.as_ref().map(Oidc::life_max).unwrap_or_default();
        let own = self.config.access_token_ttl;
        // An account of somebody who comes from elsewhere is watched for the longer of both.
        let own = own.max(external);
        self.revocations.look(&self.pool, own, external).await
    }
}

/// A replica is known by where it listens.
fn presence(config: &Config) -> Presence {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = match host.trim() {
        "" => "localhost",
        host => host,
    };
    let name = format!("{host}:{}", config.listen.port());
    Presence::new("medique-api", name, "api", env!("CARGO_PKG_VERSION"))
}

/// Everything that is served.
pub fn endpoint(app: Shared) -> impl Endpoint<Output = Response> {
    let service = description::service();
    let document = description::document(app.config.public_url.as_deref());
    let routes = Route::new()
        .at("/openapi.json", poem::get(routes::docs::document(document)))
        .nest("/docs", routes::docs::pages(&service.swagger_ui_html()))
        .at("/health/detail", poem::get(routes::health::detail))
        .at("/problems", poem::get(routes::problems::index))
        .at("/problems/:code", poem::get(routes::problems::page))
        .nest("/", service);
    let policy = EdgePolicy::new(&app.config);
    // Screens cost nothing but bytes that lie ready: a waiting room full of phones is never refused them.
    let all = Screens(Throttle(routes).data(app));
    Edge::new(all, description::methods(), policy).naming(description::templates())
}
