//! Configuration of the adviser: the same variables for the worker, which asks for suggestions, and
//! for the api, which asks for reports.

use super::breaker::BreakerConfig;
use crate::config::Env;
use reqwest::Url;
use secrecy::SecretString;
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

const URL: &str = "MEDIQUE_AI_URL";
const KEY: &str = "MEDIQUE_AI_KEY";
const MODEL: &str = "MEDIQUE_AI_MODEL";
const ATTEMPT_TIMEOUT: &str = "MEDIQUE_AI_ATTEMPT_TIMEOUT_MS";
/// Longest time of a call: the queue of questions waits for it.
const DEADLINE_MAX_MS: u64 = 120_000;

/// Kinds of services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderKind {
    /// `contracts/triage-service.openapi.json`.
    Generic,
    /// Gemini's `generateContent`.
    Gemini,
    /// OpenAI-compatible chat completions.
    OpenAi,
}

impl ProviderKind {
    /// The word in configuration, commands and statistics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Generic => "generic",
            Self::Gemini => "gemini",
            Self::OpenAi => "openai",
        }
    }
}

impl std::fmt::Display for ProviderKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ProviderKind {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Generic, Self::Gemini, Self::OpenAi]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or("must be generic, gemini or openai")
    }
}

/// `MEDIQUE_AI_PLAIN_HTTP`: allows `http://` to another machine: what patients say goes over the
/// network without TLS.
const PLAIN_HTTP: &str = "MEDIQUE_AI_PLAIN_HTTP";

/// Which service is asked, and how far it is trusted to be there.
#[derive(Debug, Clone)]
pub struct AiConfig {
    /// `MEDIQUE_AI_PROVIDER`: kind of service, `generic`, `gemini` or `openai`.
    pub provider: ProviderKind,
    /// `MEDIQUE_AI_URL`: address of the adviser; without one there are no suggestions and no
    /// reports.
    pub url: Url,
    /// `MEDIQUE_AI_KEY`: what the adviser knows us by.
    pub key: Option<SecretString>,
    /// `MEDIQUE_AI_MODEL`: the adviser's model; required for `gemini` and `openai`, a label for
    /// `generic`.
    pub model: String,
    /// `MEDIQUE_AI_CONNECT_TIMEOUT_MS`: longest time to connect to the adviser.
    pub connect_timeout: Duration,
    /// `MEDIQUE_AI_ATTEMPT_TIMEOUT_MS`: longest time of one attempt to ask the adviser,
    /// connecting included.
    pub attempt_timeout: Duration,
    /// `MEDIQUE_AI_DEADLINE_MS`: longest time of a call, all its attempts and pauses together.
    pub deadline: Duration,
    /// `MEDIQUE_AI_CONCURRENCY`: calls of the adviser at the same time; one more fails at once.
    pub concurrency: usize,
    /// `MEDIQUE_AI_RETRY_BUDGET_PERCENT`: repetitions per hundred calls of the adviser.
    pub retry_budget_percent: u32,
    /// `MEDIQUE_AI_BREAKER_*`: when it is left alone.
    pub breaker: BreakerConfig,
}

impl AiConfig {
    /// Reads `MEDIQUE_AI_*`; none when no address is set, which is a way to run.
    pub fn read(env: &mut Env) -> Option<Self> {
        let url = env.text(URL);
        let provider = env.parsed("MEDIQUE_AI_PROVIDER", ProviderKind::Generic);
        let key = env.secret(KEY);
        let model = env.text(MODEL);
        let may_be_open = env.parsed(PLAIN_HTTP, false);
        let millis = |env: &mut Env, name: &str, default: u64| {
            Duration::from_millis(env.within(name, default, 10..=DEADLINE_MAX_MS))
        };
        let mut config = Self {
            provider,
            url: Url::parse("http://127.0.0.1").ok()?,
            model: model.unwrap_or_default(),
            connect_timeout: millis(env, "MEDIQUE_AI_CONNECT_TIMEOUT_MS", 1000),
            attempt_timeout: millis(env, ATTEMPT_TIMEOUT, 3000),
            deadline: millis(env, "MEDIQUE_AI_DEADLINE_MS", 8000),
            concurrency: env.within("MEDIQUE_AI_CONCURRENCY", 8, 1..=256),
            retry_budget_percent: env.within("MEDIQUE_AI_RETRY_BUDGET_PERCENT", 20, 0..=100),
            breaker: BreakerConfig {
                window: env.seconds("MEDIQUE_AI_BREAKER_WINDOW_S", 60),
                calls_min: env.within("MEDIQUE_AI_BREAKER_CALLS_MIN", 5, 1..=200),
                failure_percent: env.within("MEDIQUE_AI_BREAKER_FAILURE_PERCENT", 50, 1..=100),
                open_for: env.millis("MEDIQUE_AI_BREAKER_OPEN_MS", 15_000),
            },
            key,
        };
        let Some(text) = url else {
            env.check(
                config.key.is_none() && config.model.is_empty(),
                "MEDIQUE_AI_URL: must be set when MEDIQUE_AI_KEY or MEDIQUE_AI_MODEL is",
            );
            return None;
        };
        match address(&text, may_be_open) {
            Ok(url) => config.url = url,
            Err(why) => env.problem(format!("{URL}: {why}")),
        }
        config.check(env);
        Some(config)
    }

    fn check(&mut self, env: &mut Env) {
        env.check(
            self.attempt_timeout <= self.deadline,
            "MEDIQUE_AI_ATTEMPT_TIMEOUT_MS: must not be longer than MEDIQUE_AI_DEADLINE_MS",
        );
        if self.model.is_empty() {
            env.check(
                self.provider == ProviderKind::Generic,
                "MEDIQUE_AI_MODEL: must be set for this provider",
            );
            "default".clone_into(&mut self.model);
        }
        // it stands in a path, in statistics and on screens
        let is_in_path = self.provider == ProviderKind::Gemini;
        let is_good =
            |c: char| c.is_ascii_alphanumeric() || "-_.:@".contains(c) || (c == '/' && !is_in_path);
        env.check(
            self.model.len() <= 100 && self.model.chars().all(is_good),
            "MEDIQUE_AI_MODEL: is not the name of a model",
        );
    }
}

/// Never quotes the address: it may hold what should not be shown.
fn address(text: &str, may_be_open: bool) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "is not an address")?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err("must begin with https:// or http://");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user or a password; use MEDIQUE_AI_KEY");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must not hold a query or a fragment");
    }
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let is_here = host == "localhost"
        || bare
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback());
    if url.scheme() == "http" && !is_here && !may_be_open {
        return Err(
            "would send what patients say over the network without TLS; use https, or set MEDIQUE_AI_PLAIN_HTTP to true when the network is trusted",
        );
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Option<AiConfig>, Vec<String>> {
        let mut env = Env::from_pairs(pairs.iter().copied());
        let config = AiConfig::read(&mut env);
        env.finish()
            .map(|()| config)
            .map_err(|error| error.problems)
    }

    #[test]
    fn without_an_address_nothing_is_asked() {
        assert!(read(&[]).unwrap().is_none());
        let problems = read(&[(KEY, "k")]).unwrap_err();
        assert!(problems[0].starts_with("MEDIQUE_AI_URL: "), "{problems:?}");
    }

    #[test]
    fn defaults_suit_a_service_nearby() {
        let config = read(&[(URL, "http://127.0.0.1:9000/x")]).unwrap().unwrap();
        assert_eq!(
            (config.provider, config.model.as_str()),
            (ProviderKind::Generic, "default")
        );
        assert_eq!(config.deadline, Duration::from_secs(8));
        assert_eq!((config.concurrency, config.retry_budget_percent), (8, 20));
    }

    #[test]
    fn addresses_that_would_show_something_are_refused() {
        for url in [
            "ftp://h/",
            "file:///etc/passwd",
            "h",
            "https://user:pass@h/",
            "https://h/?key=s3cret",
            "http://adviser.example/",
            "http://10.0.0.7/",
        ] {
            let problems = read(&[(URL, url)]).unwrap_err();
            assert!(
                problems[0].starts_with("MEDIQUE_AI_URL: "),
                "{url}: {problems:?}"
            );
            assert!(!problems[0].contains("s3cret") && !problems[0].contains("pass@"));
        }
        for url in [
            "http://localhost:1",
            "http://[::1]:1/",
            "https://adviser.example/v1",
        ] {
            assert!(read(&[(URL, url)]).is_ok(), "{url}");
        }
        let open = [
            (URL, "http://ollama:11434/v1"),
            ("MEDIQUE_AI_PLAIN_HTTP", "true"),
        ];
        assert!(read(&open).is_ok());
    }

    #[test]
    fn contradictions_are_told() {
        let url = (URL, "https://h");
        for (more, told) in [
            (vec![("MEDIQUE_AI_PROVIDER", "gemini")], MODEL),
            (
                vec![("MEDIQUE_AI_PROVIDER", "gemini"), (MODEL, "a/../b")],
                MODEL,
            ),
            (vec![(MODEL, "a b")], MODEL),
            (
                vec![("MEDIQUE_AI_PROVIDER", "oracle")],
                "MEDIQUE_AI_PROVIDER",
            ),
            (vec![("MEDIQUE_AI_DEADLINE_MS", "1000")], ATTEMPT_TIMEOUT),
            (
                vec![("MEDIQUE_AI_CONCURRENCY", "0")],
                "MEDIQUE_AI_CONCURRENCY",
            ),
        ] {
            let pairs: Vec<_> = more.into_iter().chain([url]).collect();
            let problems = read(&pairs).unwrap_err();
            assert!(problems[0].starts_with(told), "{problems:?}");
        }
    }

    #[test]
    fn the_key_is_not_shown() {
        let config = read(&[(URL, "https://h"), (KEY, "s3cret")])
            .unwrap()
            .unwrap();
        assert!(!format!("{config:?}").contains("s3cret"));
    }
}
