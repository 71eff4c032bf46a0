//! The application: what all operations share, and where everything is mounted.

use crate::accept::gate::Gate;
use crate::accept::inbox::Inbox;
use crate::accept::location::Locations;
use crate::accept::notices;
use crate::accept::position::PositionKey;
use crate::accept::waiters::Waiters;
use crate::auth::TokenKeys;
use crate::auth::password::Passwords;
use crate::config::Config;
use crate::description;
use crate::edge::Edge;
use crate::live::Live;
use crate::read::reads::KnownReads;
use crate::readiness::{self, Readiness};
use crate::routes;
use anyhow::Context;
use medique_platform::bus::{Bus, Publisher};
use medique_platform::lifecycle::Lifecycle;
use medique_platform::link::LinkKey;
use medique_platform::privacy::Keys;
use poem::{Endpoint, EndpointExt, Response, Route};
use secrecy::ExposeSecret;
use sqlx::PgPool;
use std::sync::Arc;
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
    /// Live streams.
    pub live: Arc<Live>,
    /// Access tokens.
    pub tokens: TokenKeys,
    /// Check-in links.
    pub links: LinkKey,
    /// Passwords.
    pub passwords: Passwords,
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
        let tokens = TokenKeys::from_pem(config.jwt_signing_key.expose_secret().as_bytes(), now)?;
        let pool = medique_platform::postgres::connect(
            &config.database,
            "medique-api",
            medique_platform::postgres::Plans::Anew,
        )?;
        let bus = Bus::connect(&config.bus, "medique-api")
            .await
            .context("cannot reach NATS")?;
        let publisher = bus.publisher(config.publisher.clone());
        let secret = config.link_secret.expose_secret().as_bytes();
        let live = Live::start(&config, &lifecycle, &bus, &pool);
        let app = Arc::new(Self {
            live,
            served: CancellationToken::new(),
            links: LinkKey::new(secret),
            positions: PositionKey::new(secret),
            inbox: Inbox::start(pool.clone()),
            locations: Locations::start(pool.clone()),
            reads: KnownReads::default(),
            gate: Gate::new(config.max_backlog),
            waiters: Waiters::default(),
            passwords: Passwords::new()?,
            readiness: Readiness::default(),
            keys: config.keys.clone(),
            config,
            lifecycle,
            pool,
            bus,
            publisher,
            tokens,
        });
        app.lifecycle
            .spawn_critical("readiness", readiness::watch(Arc::clone(&app)));
        // Not among the tasks that a drain waits for: open requests need them to the last.
        tokio::spawn(notices::follow(Arc::clone(&app)));
        tokio::spawn(notices::look(Arc::clone(&app)));
        Ok(app)
    }
}

/// Everything that is served.
pub fn endpoint(app: Shared) -> impl Endpoint<Output = Response> {
    let service = description::service();
    let document = description::document(app.config.public_url.as_deref());
    let routes = Route::new()
        .at("/openapi.json", poem::get(routes::docs::Document(document)))
        .nest("/docs", service.swagger_ui())
        .at("/problems", poem::get(routes::problems::index))
        .at("/problems/:code", poem::get(routes::problems::page))
        .nest("/", service);
    Edge::new(routes.data(app), description::methods())
}
