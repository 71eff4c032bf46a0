//! The services that can be asked, behind one trait: how a question looks on the wire, and where in
//! what comes back the answer stands.

mod gemini;
mod generic;
mod openai;

use super::config::{AiConfig, ProviderKind};
use bytes::Bytes;
use medique_contracts::triage_service::Case;
use reqwest::Url;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue, InvalidHeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// A question as it is sent.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) url: Url,
    pub(super) body: Bytes,
}

impl Question {
    fn new(url: &Url, body: &Value) -> Self {
        Self {
            url: url.clone(),
            body: body.to_string().into(),
        }
    }

    /// SHA-256 of what is sent, in hexadecimal.
    pub(super) fn hash(&self) -> String {
        let digest = Sha256::digest(&self.body);
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Why what came back holds no answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    /// It is of another shape.
    Shape,
    /// The service says that it does not want to answer this question.
    Declined,
}

/// One kind of service.
pub(super) trait Provider: std::fmt::Debug + Send + Sync {
    /// Asks for a level.
    fn suggest(&self, case: &Case) -> Question;

    /// Asks for a report.
    fn report(&self, statistics: &Value) -> Question;

    /// The answer, as JSON, out of what wraps it.
    fn unwrap(&self, body: Bytes) -> Result<Bytes, Unusable>;

    /// The header that carries the key, and what stands before the key in it.
    fn key_header(&self) -> (HeaderName, &'static str) {
        (AUTHORIZATION, "Bearer ")
    }
}

/// The provider that is configured.
pub(super) fn of(config: &AiConfig) -> Box<dyn Provider> {
    match config.provider {
        ProviderKind::Generic => Box::new(generic::Generic::new(&config.url)),
        ProviderKind::Gemini => Box::new(gemini::Gemini::new(&config.url, &config.model)),
        ProviderKind::OpenAi => Box::new(openai::OpenAi::new(&config.url, &config.model)),
    }
}

/// The key as a header that is never shown.
pub(super) fn key(
    provider: &dyn Provider,
    key: &SecretString,
) -> Result<(HeaderName, HeaderValue), InvalidHeaderValue> {
    let (name, before) = provider.key_header();
    let mut value = HeaderValue::from_str(&format!("{before}{}", key.expose_secret()))?;
    value.set_sensitive(true);
    Ok((name, value))
}

/// An address below the one that is configured.
fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_stand_below_the_configured_one() {
        for base in ["http://h:1/api", "http://h:1/api/"] {
            let url = below(&base.parse().unwrap(), "/v1/suggest");
            assert_eq!(url.as_str(), "http://h:1/api/v1/suggest");
        }
        let url = below(&"https://h".parse().unwrap(), "/v1/suggest");
        assert_eq!(url.as_str(), "https://h/v1/suggest");
    }

    #[test]
    fn the_key_is_not_shown() {
        let generic = generic::Generic::new(&"http://h".parse().unwrap());
        let (name, value) = key(&generic, &"s3cret".into()).unwrap();
        assert_eq!(
            (name, value.as_bytes()),
            (AUTHORIZATION, &b"Bearer s3cret"[..])
        );
        assert!(!format!("{value:?}").contains("s3cret"));
    }
}
