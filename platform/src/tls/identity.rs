//! A certificate that may be replaced while it is in use.

use super::{TlsError, certificates};
use crate::config::ClientCertificate as Files;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// What a file looks like from outside: replaced, it looks different.
type Look = Option<(u64, SystemTime)>;

/// What is shown to who connects: what was in the files when they were last good.
#[derive(Debug)]
pub(super) struct Identity {
    files: Files,
    provider: Arc<CryptoProvider>,
    current: Mutex<Current>,
}

#[derive(Debug)]
struct Current {
    /// Of both files when they were last read.
    looks: [Look; 2],
    shown: Arc<CertifiedKey>,
}

impl Identity {
    pub(super) fn load(files: Files, provider: Arc<CryptoProvider>) -> Result<Self, TlsError> {
        // Before reading: what is written meanwhile looks different the next time.
        let looks = look(&files);
        let shown = read(&files, &provider)?;
        Ok(Self {
            current: Mutex::new(Current { looks, shown }),
            files,
            provider,
        })
    }

    fn current(&self) -> Arc<CertifiedKey> {
        let looks = look(&self.files);
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.looks != looks {
            current.looks = looks;
            match read(&self.files, &self.provider) {
                Ok(shown) => {
                    tracing::info!("a new certificate is shown");
                    current.shown = shown;
                }
                // Half of the pair is written, perhaps; the other half makes them look different again.
                Err(error) => tracing::warn!(%error, "the certificate of before is shown on"),
            }
        }
        Arc::clone(&current.shown)
    }
}

impl ResolvesServerCert for Identity {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current())
    }
}

fn look(files: &Files) -> [Look; 2] {
    [&files.certificate, &files.key].map(|path| one_look(path))
}

fn one_look(path: &Path) -> Look {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.len(), metadata.modified().ok()?))
}

fn read(files: &Files, provider: &CryptoProvider) -> Result<Arc<CertifiedKey>, TlsError> {
    let chain = certificates(&files.certificate)?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|source| TlsError::File {
        path: files.key.clone(),
        source,
    })?;
    Ok(Arc::new(CertifiedKey::from_der(chain, key, provider)?))
}
