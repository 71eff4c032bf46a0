//! Stands in front of a server: passes connections on, with TLS or without, and can be cut off. And
//! the certificate authority of a test.

use crate::processes::Environment;
use crate::secrets;
use anyhow::Result;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// What clients connect to. Ends with the test, or when it is cut.
#[derive(Debug)]
pub struct Front {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Front {
    /// Passes everything on as it is.
    ///
    /// # Errors
    /// There is no port.
    pub async fn plain(target: SocketAddr) -> Result<Self> {
        Self::start(target, None).await
    }

    /// TLS ends here.
    ///
    /// # Errors
    /// There is no port, or the certificate cannot be used.
    pub async fn tls(target: SocketAddr, certificate: Arc<ServerConfig>) -> Result<Self> {
        Self::start(target, Some(TlsAcceptor::from(certificate))).await
    }

    async fn start(target: SocketAddr, tls: Option<TlsAcceptor>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            // dropped with the task, and every connection with it
            let mut open = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let tls = tls.clone();
                open.spawn(async move {
                    // whoever goes away, or does not trust us, is no concern of ours
                    let _ = pass_on(stream, target, tls).await;
                });
                while open.try_join_next().is_some() {}
            }
        });
        Ok(Self { address, task })
    }

    /// Its port on this machine.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Breaks every connection and takes no other.
    pub fn cut(&self) {
        self.task.abort();
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass_on(
    mut stream: TcpStream,
    target: SocketAddr,
    tls: Option<TlsAcceptor>,
) -> Result<()> {
    match tls {
        None => {
            let mut server = TcpStream::connect(target).await?;
            copy_bidirectional(&mut stream, &mut server).await?;
        }
        Some(tls) => {
            let mut stream = tls.accept(stream).await?;
            let mut server = TcpStream::connect(target).await?;
            copy_bidirectional(&mut stream, &mut server).await?;
        }
    }
    Ok(())
}

/// Files by which somebody is known.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The certificate, PEM.
    pub certificate: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
}

impl Identity {
    /// What a binary is told that shows it to who connects.
    pub fn served(&self) -> Environment {
        let path = |path: &Path| path.to_string_lossy().into_owned();
        let pairs = [
            ("MEDIQUE_TLS_CERTIFICATE", path(&self.certificate)),
            ("MEDIQUE_TLS_CERTIFICATE_KEY", path(&self.key)),
        ];
        pairs.map(|(name, value)| (name.to_owned(), value)).into()
    }
}

/// Vouches for servers of a test.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its certificate, PEM.
    pub pem: String,
}

impl Authority {
    /// A new one.
    ///
    /// # Errors
    /// No key can be made.
    pub fn new() -> Result<Self> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key)?.pem();
        Ok(Self {
            issuer: Issuer::new(params, key),
            pem,
        })
    }

    /// A certificate for a name or an address.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn certificate(&self, name: &str) -> Result<Arc<ServerConfig>> {
        let key = KeyPair::generate()?;
        let params = CertificateParams::new([name.to_owned()])?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], private)?;
        Ok(Arc::new(config))
    }

    /// Writes a certificate and its key into a folder, for a server at a name or an address and for a
    /// client of that name: `<name>.pem` and `<name>.key`.
    ///
    /// # Errors
    /// It cannot be made or written.
    pub fn files(&self, folder: &Path, name: &str) -> Result<Identity> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new([name.to_owned()])?;
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        let certificate = params.signed_by(&key, &self.issuer)?;
        let identity = Identity {
            certificate: folder.join(format!("{name}.pem")),
            key: folder.join(format!("{name}.key")),
        };
        std::fs::write(&identity.certificate, certificate.pem())?;
        secrets::write(&identity.key, &key.serialize_pem())?;
        Ok(identity)
    }

    /// What a client needs to believe it.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn vouching(&self) -> Result<reqwest::Certificate> {
        Ok(reqwest::Certificate::from_pem(self.pem.as_bytes())?)
    }

    /// Writes its certificate to a file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        Ok(std::fs::write(path, &self.pem)?)
    }
}
