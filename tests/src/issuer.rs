//! An OpenID Connect issuer: serves discovery and its keys over HTTP, signs tokens, and changes its
//! keys.

use anyhow::{Context, Result, ensure};
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

use crate::front::Front;
use crate::secrets;
use tokio_rustls::rustls::ServerConfig;

/// A key of the issuer.
pub struct IssuerKey {
    /// Its name.
    pub kid: String,
    algorithm: Algorithm,
    private: EncodingKey,
    public: Jwk,
}

impl IssuerKey {
    /// A new key for this algorithm.
    ///
    /// # Errors
    /// No key can be made for it.
    pub fn random(algorithm: Algorithm) -> Result<Self> {
        let private = private(algorithm)?;
        let mut public = Jwk::from_encoding_key(&private, algorithm)?;
        let kid = Uuid::new_v4().to_string();
        public.common.key_id = Some(kid.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self {
            kid,
            algorithm,
            private,
            public,
        })
    }

    /// Signs claims.
    ///
    /// # Errors
    /// The claims are not JSON.
    pub fn sign(&self, claims: &Value) -> Result<String> {
        let mut header = Header::new(self.algorithm);
        header.kid = Some(self.kid.clone());
        self.sign_with(&header, claims)
    }

    /// Signs claims under any header.
    ///
    /// # Errors
    /// The header does not fit the key.
    pub fn sign_with(&self, header: &Header, claims: &Value) -> Result<String> {
        Ok(jsonwebtoken::encode(header, claims, &self.private)?)
    }

    /// The public half, as the issuer publishes it.
    ///
    /// # Errors
    /// Never.
    pub fn public(&self) -> Result<Value> {
        Ok(serde_json::to_value(&self.public)?)
    }
}

fn private(algorithm: Algorithm) -> Result<EncodingKey> {
    match algorithm {
        Algorithm::EdDSA => Ok(EncodingKey::from_ed_pem(secrets::ed25519_pem().as_bytes())?),
        Algorithm::ES256 => {
            let random = SystemRandom::new();
            let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
                .map_err(|_| anyhow::anyhow!("no EC key"))?;
            Ok(EncodingKey::from_ec_der(pkcs8.as_ref()))
        }
        _ => {
            let key =
                KeyPair::generate(KeySize::Rsa2048).map_err(|_| anyhow::anyhow!("no RSA key"))?;
            let pkcs8 = key.as_der().map_err(|_| anyhow::anyhow!("no PKCS#8"))?;
            Ok(EncodingKey::from_rsa_der(rsa_private_key(pkcs8.as_ref())?))
        }
    }
}

/// The `RSAPrivateKey` inside PKCS#8, which is what the library wants: the last member of the outer
/// sequence, an octet string with a two-byte length.
fn rsa_private_key(pkcs8: &[u8]) -> Result<&[u8]> {
    let at = pkcs8
        .windows(2)
        .position(|pair| pair == [0x04, 0x82])
        .context("no octet string in PKCS#8")?;
    let inner = &pkcs8[at + 4..];
    ensure!(inner.first() == Some(&0x30), "no RSA key in PKCS#8");
    Ok(inner)
}

#[derive(Default)]
struct Served {
    keys: Mutex<Vec<Value>>,
    /// What discovery says instead of the truth.
    lies: Mutex<Value>,
    fetched: AtomicUsize,
    silent: AtomicBool,
}

/// The issuer. It ends with the test.
pub struct Issuer {
    /// Its identifier.
    pub url: String,
    served: Arc<Served>,
    task: tokio::task::JoinHandle<()>,
    _front: Option<Front>,
}

impl Issuer {
    /// Starts on a free port of this machine, without keys.
    ///
    /// # Errors
    /// There is no port.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/realms/staff", listener.local_addr()?);
        Ok(Self::serve(listener, url, None))
    }

    /// The same behind TLS, under the name `localhost`.
    ///
    /// # Errors
    /// There is no port.
    pub async fn start_with_tls(certificate: Arc<ServerConfig>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let front = Front::tls(listener.local_addr()?, certificate).await?;
        let url = format!("https://localhost:{}/realms/staff", front.port());
        Ok(Self::serve(listener, url, Some(front)))
    }

    fn serve(listener: TcpListener, url: String, front: Option<Front>) -> Self {
        let served = Arc::new(Served::default());
        let (own, base) = (Arc::clone(&served), url.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // a client that goes away is no concern of the issuer
                let _ = answer(stream, &own, &base).await;
            }
        });
        Self {
            url,
            served,
            task,
            _front: front,
        }
    }

    /// Publishes these keys and no others.
    ///
    /// # Errors
    /// Never.
    pub fn publish(&self, keys: &[&IssuerKey]) -> Result<()> {
        let keys: Result<Vec<_>> = keys.iter().map(|key| key.public()).collect();
        self.publish_raw(keys?);
        Ok(())
    }

    /// Publishes anything.
    pub fn publish_raw(&self, keys: Vec<Value>) {
        *self
            .served
            .keys
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = keys;
    }

    /// Makes discovery say something else.
    pub fn lie(&self, lies: Value) {
        *self
            .served
            .lies
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = lies;
    }

    /// Hangs up on everybody, or stops doing so.
    pub fn be_silent(&self, silent: bool) {
        self.served.silent.store(silent, Ordering::SeqCst);
    }

    /// How often its keys were fetched.
    pub fn fetched(&self) -> usize {
        self.served.fetched.load(Ordering::SeqCst)
    }

    /// Claims of a nurse in a ward that this issuer would make now.
    pub fn claims(&self, subject: &str) -> Value {
        let now = medique_platform::clock::now().timestamp();
        json!({
            "iss": self.url, "aud": ["somebody-else", "medique"], "sub": subject, "iat": now,
            "nbf": now, "exp": now + 300, "realm_access": { "roles": ["nurse"] }, "wards": ["w1"],
        })
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(mut stream: TcpStream, served: &Served, base: &str) -> Result<()> {
    let mut request = Vec::new();
    let mut chunk = [0_u8; 4096];
    while !request.windows(4).any(|four| four == b"\r\n\r\n") {
        let read = stream.read(&mut chunk).await?;
        ensure!(read > 0, "the client went away");
        request.extend_from_slice(&chunk[..read]);
    }
    if served.silent.load(Ordering::SeqCst) {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&request);
    let path = text.split(' ').nth(1).unwrap_or_default();
    let (status, body) = if path.ends_with("/.well-known/openid-configuration") {
        (200, discovery(served, base))
    } else if path.ends_with("/keys") {
        served.fetched.fetch_add(1, Ordering::SeqCst);
        let keys = served.keys.lock().unwrap_or_else(PoisonError::into_inner);
        (200, json!({ "keys": *keys }))
    } else {
        (404, json!({}))
    };
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await?;
    Ok(())
}

fn discovery(served: &Served, base: &str) -> Value {
    let mut document = json!({ "issuer": base, "jwks_uri": format!("{base}/keys") });
    let lies = served.lies.lock().unwrap_or_else(PoisonError::into_inner);
    for (name, value) in lies.as_object().into_iter().flatten() {
        document[name] = value.clone();
    }
    document
}
