//! TLS of what our processes serve: which certificate they show, and whom they let in.
//!
//! Files are looked at when somebody connects: whoever replaces a certificate restarts nothing.

mod identity;
mod own;

pub(crate) use own::connect as connect_to_own;

use crate::config::{ClientCertificate as Files, Env};
use identity::Identity;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;

/// How long a handshake may take.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
const CERTIFICATE: &str = "MEDIQUE_TLS_CERTIFICATE";
const KEY: &str = "MEDIQUE_TLS_CERTIFICATE_KEY";

/// Why no TLS can be offered.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file is missing or holds something else.
    #[error("{}: {source}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        source: rustls::pki_types::pem::Error,
    },
    /// Certificate and key cannot be used, or not together.
    #[error("the certificate cannot be used: {0}")]
    Certificate(#[from] rustls::Error),
    /// The authorities cannot be used.
    #[error("the authorities cannot be used: {0}")]
    Authorities(#[from] rustls::server::VerifierBuilderError),
}

/// How a process lets others connect.
#[derive(Debug, Clone)]
pub struct ServerTls {
    /// `MEDIQUE_TLS_CERTIFICATE`, `MEDIQUE_TLS_CERTIFICATE_KEY`: files of the certificate that the
    /// process shows on each of its ports, PEM; both or neither. With them nothing is answered
    /// without TLS. Replaced files are taken at the next connection.
    pub own: Files,
    /// Who vouches for those who may connect; everybody may when absent.
    pub client_ca: Option<PathBuf>,
}

impl ServerTls {
    /// Reads `MEDIQUE_TLS_*`; none when there is no certificate.
    pub fn read(env: &mut Env) -> Option<Self> {
        let (certificate, key) = (env.path(CERTIFICATE), env.path(KEY));
        env.check(
            certificate.is_some() == key.is_some(),
            "MEDIQUE_TLS_CERTIFICATE and MEDIQUE_TLS_CERTIFICATE_KEY: set both or neither",
        );
        let (certificate, key) = certificate.zip(key)?;
        env.refuse_shared(KEY, &key);
        let own = Files {
            certificate: certificate.into(),
            key: key.into(),
        };
        let tls = Self {
            own,
            client_ca: None,
        };
        if let Err(error) = Acceptor::new(Some(&tls)) {
            env.problem(format!("{CERTIFICATE}: {error}"));
        }
        Some(tls)
    }
}

/// What a listener's connections go through: TLS, or nothing.
#[derive(Clone)]
pub struct Acceptor(Option<TlsAcceptor>);

/// A connection that was let in.
pub type Accepted = Either<TcpStream, Box<TlsStream<TcpStream>>>;

impl Acceptor {
    /// Reads the files for the first time.
    ///
    /// # Errors
    /// One of them cannot be used.
    pub fn new(tls: Option<&ServerTls>) -> Result<Self, TlsError> {
        let Some(tls) = tls else {
            return Ok(Self(None));
        };
        let provider = provider();
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&rustls::version::TLS13])?;
        let builder = match &tls.client_ca {
            None => builder.with_no_client_auth(),
            Some(ca) => {
                let roots = Arc::new(authorities(ca)?);
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(roots, Arc::clone(&provider));
                builder.with_client_cert_verifier(verifier.build()?)
            }
        };
        let identity = Identity::load(tls.own.clone(), provider)?;
        let mut config = builder.with_cert_resolver(Arc::new(identity));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(Some(TlsAcceptor::from(Arc::new(config)))))
    }

    /// Whether connections are protected.
    pub fn is_tls(&self) -> bool {
        self.0.is_some()
    }

    /// Lets a connection in.
    ///
    /// # Errors
    /// The other side speaks no TLS, shows nothing that we trust, or takes too long.
    pub async fn accept(&self, stream: TcpStream) -> io::Result<Accepted> {
        let Some(tls) = &self.0 else {
            return Ok(Either::Left(stream));
        };
        let stream = tokio::time::timeout(HANDSHAKE_MAX, tls.accept(stream)).await??;
        Ok(Either::Right(Box::new(stream)))
    }
}

/// The one that all our libraries use (`telemetry::install_crypto_provider`), by itself: what is in
/// here works before `main` has said so.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|source| TlsError::File {
            path: path.to_owned(),
            source,
        })
}

fn authorities(path: &Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots.add(certificate)?;
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(pairs: &[(&str, &str)]) -> Vec<String> {
        let mut env = Env::from_pairs(pairs.iter().copied());
        ServerTls::read(&mut env);
        env.finish()
            .map_or_else(|error| error.problems, |()| Vec::new())
    }

    #[test]
    fn a_certificate_comes_with_its_key_and_both_can_be_used() {
        assert_eq!(problems(&[]), Vec::<String>::new());
        for half in [CERTIFICATE, KEY] {
            let problems = problems(&[(half, "/dev/null")]);
            assert!(problems[0].contains("both or neither"), "{problems:?}");
        }
        for path in ["/dev/null", "/nowhere/at/all"] {
            let problems = problems(&[(CERTIFICATE, path), (KEY, path)]);
            assert_eq!(problems.len(), 1, "{problems:?}");
            assert!(problems[0].starts_with(CERTIFICATE), "{problems:?}");
        }
    }
}
