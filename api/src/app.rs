//! The application: what all operations share, and where everything is mounted.

use crate::auth::TokenKeys;
use crate::auth::password::Passwords;
use crate::config::Config;
use crate::edge::Edge;
use crate::live::Live;
use crate::live::routes::LiveApi;
use crate::read::{READS, Reads};
use crate::readiness::{self, Readiness};
use crate::routes;
use anyhow::Context;
use medique_platform::bus::{Bus, Publisher, PublisherConfig};
use medique_platform::lifecycle::Lifecycle;
use medique_platform::link::LinkKey;
use poem::{Endpoint, EndpointExt, Response, Route};
use poem_openapi::OpenApiService;
use secrecy::ExposeSecret;
use sqlx::PgPool;
use std::sync::Arc;

/// Prefix of every versioned path.
pub const BASE: &str = "/api/v1";

/// What all operations share.
pub struct App {
    /// Configuration.
    pub config: Config,
    /// How the process ends: live streams end with the soft token.
    pub lifecycle: Lifecycle,
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
        let pool = medique_platform::postgres::connect(&config.database, "medique-api")?;
        let bus = Bus::connect(&config.bus, "medique-api")
            .await
            .context("cannot reach NATS")?;
        let publisher = bus.publisher(PublisherConfig {
            try_timeout: config.publish_try_timeout,
            deadline: config.publish_deadline,
            ..PublisherConfig::default()
        });
        let live = Live::start(&config, &lifecycle, &bus, &pool);
        let app = Arc::new(Self {
            live,
            links: LinkKey::new(config.link_secret.expose_secret().as_bytes()),
            passwords: Passwords::new()?,
            readiness: Readiness::default(),
            config,
            lifecycle,
            pool,
            bus,
            publisher,
            tokens,
        });
        app.lifecycle
            .spawn_critical("readiness", readiness::watch(Arc::clone(&app)));
        Ok(app)
    }
}

/// All operations, as the API description lists them.
type Operations = (
    routes::auth::AuthApi,
    routes::health::HealthApi,
    Reads,
    LiveApi,
);

/// The described part of the API.
pub fn description() -> OpenApiService<Operations, ()> {
    let operations = (
        routes::auth::AuthApi,
        routes::health::HealthApi,
        READS,
        LiveApi,
    );
    OpenApiService::new(operations, "MediQue", env!("CARGO_PKG_VERSION"))
        .summary("Hospital queues: commands are accepted at once and applied exactly once.")
        .url_prefix("")
}

/// Everything that is served.
pub fn endpoint(app: Shared) -> impl Endpoint<Output = Response> {
    let service = description();
    let routes = Route::new()
        .at("/openapi.json", service.spec_endpoint())
        .nest("/docs", service.swagger_ui())
        .at("/problems", poem::get(routes::problems::index))
        .at("/problems/:code", poem::get(routes::problems::page))
        .nest("/", service);
    Edge(routes.data(app))
}
