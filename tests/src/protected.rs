//! Broker and database that speak TLS only and know our binaries by their certificates.

use crate::front::{Authority, Identity};
use crate::nats::NatsServer;
use crate::postgres::Database;
use crate::private_postgres::PrivatePostgres;
use crate::processes::Environment;
use crate::scratch::Scratch;
use crate::settings::Settings;
use anyhow::Result;
use std::path::Path;

/// The two servers, and who vouches for them and for the binaries.
pub(crate) struct Protected {
    authority: Authority,
    pub(crate) nats: NatsServer,
    pub(crate) postgres: PrivatePostgres,
    pub(crate) database: Database,
}

impl Protected {
    pub(crate) async fn start(settings: &Settings, scratch: &Scratch) -> Result<Self> {
        let authority = Authority::new()?;
        let names = ["api", "worker"].map(login);
        let names = names.each_ref().map(String::as_str);
        let (nats, postgres) = tokio::try_join!(
            NatsServer::protected(settings, scratch, &authority, names),
            PrivatePostgres::protected(settings, scratch, &authority),
        )?;
        let database = Database::in_private_cluster(settings, &postgres.url()).await?;
        Ok(Self {
            authority,
            nats,
            postgres,
            database,
        })
    }

    /// What one binary is told: one certificate for both servers.
    pub(crate) fn environment(&self, scratch: &Scratch, side: &str) -> Result<Environment> {
        let (folder, login) = (scratch.folder("identities")?, login(side));
        let ca = folder.join("authority.pem");
        self.authority.write(&ca)?;
        let own = self.authority.files(&folder, &login)?;
        let url = database_url(self.postgres.port(), &login, &ca, &own);
        let path = |path: &Path| path.to_string_lossy().into_owned();
        let pairs = [
            ("MEDIQUE_DATABASE_URL", url),
            ("MEDIQUE_REQUIRE_SYNC_ALWAYS", "true".to_owned()),
            ("MEDIQUE_NATS_MONITOR_URL", self.nats.monitor_url()),
            ("MEDIQUE_NATS_CA", path(&ca)),
            ("MEDIQUE_NATS_CERTIFICATE", path(&own.certificate)),
            ("MEDIQUE_NATS_CERTIFICATE_KEY", path(&own.key)),
        ];
        Ok(pairs.map(|(name, value)| (name.to_owned(), value)).into())
    }
}

/// The database's login of a binary, which is the name in its certificate.
fn login(side: &str) -> String {
    format!("mq_test_{side}")
}

/// Where a login reaches the database with a certificate and without a password.
pub fn database_url(port: u16, login: &str, ca: &Path, own: &Identity) -> String {
    format!(
        "postgres://{login}@127.0.0.1:{port}/mq_test?sslmode=verify-full&sslrootcert={}&sslcert={}&sslkey={}",
        ca.display(),
        own.certificate.display(),
        own.key.display(),
    )
}
