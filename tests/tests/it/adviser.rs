//! The adviser: a service that fails in every way we could think of, and harms nothing.

mod client;
mod crashes;
mod limits;
mod providers;
mod role;

use anyhow::{Context as _, Result, ensure};
use medique_contracts::triage_service::Case;
use medique_contracts::vocabulary::AdviceFailure;
use medique_platform::ai::{AiConfig, Client, Failure, Patient, Suggested, case_of};
use medique_platform::config::Env;
use medique_platform::trace_context::TraceContext;
use medique_tests::scratch::Scratch;
use medique_tests::settings::Settings;
use medique_tests::triage_sim::TriageSim;
use std::collections::BTreeMap;

/// A service and nothing else.
struct Service {
    sim: TriageSim,
    scratch: Scratch,
}

impl Service {
    async fn start() -> Result<Self> {
        // the client uses TLS whatever the address is
        medique_platform::telemetry::install_crypto_provider();
        let scratch = Scratch::new()?;
        let sim = TriageSim::start(&Settings::from_process()?, &scratch).await?;
        Ok(Self { sim, scratch })
    }

    /// A client of it that is quick to give up, and patient with failures unless told otherwise.
    fn client(&self, more: &[(&str, &str)]) -> Result<Client> {
        client_of(&self.sim.url(), more)
    }

    /// The good end of a test.
    fn done(&self) {
        self.scratch.passed().set();
    }
}

fn client_of(url: &str, more: &[(&str, &str)]) -> Result<Client> {
    let usual = [
        ("MEDIQUE_AI_URL", url),
        ("MEDIQUE_AI_CONNECT_TIMEOUT_MS", "250"),
        ("MEDIQUE_AI_ATTEMPT_TIMEOUT_MS", "300"),
        ("MEDIQUE_AI_DEADLINE_MS", "5000"),
        ("MEDIQUE_AI_BREAKER_CALLS_MIN", "200"),
    ];
    let pairs: BTreeMap<_, _> = usual.into_iter().chain(more.iter().copied()).collect();
    let mut env = Env::from_pairs(pairs);
    let config = AiConfig::read(&mut env);
    env.finish()?;
    Ok(Client::new(config.context("no address")?)?)
}

fn case() -> Case {
    case_of(&Patient {
        age_years: Some(47),
        sex: None,
        name: "Ada M. Lovelace",
        complaint: "chest pain",
        symptoms: &["sweating".to_owned()],
        vitals: None,
    })
}

async fn ask(client: &Client) -> Result<Suggested, Failure> {
    let trace = TraceContext::new_root();
    client.suggest(&case(), client.deadline(), &trace).await
}

/// Asks and expects a failure of this kind.
async fn fails(client: &Client, kind: AdviceFailure) -> Result<Failure> {
    match ask(client).await {
        Ok(answer) => anyhow::bail!("an answer instead of {}: {answer:?}", kind.as_str()),
        Err(failure) => {
            ensure!(
                failure.kind == kind,
                "{failure:?} instead of {}",
                kind.as_str()
            );
            Ok(failure)
        }
    }
}

/// Asks and expects the answer of a service that behaves.
async fn is_answered(client: &Client) -> Result<Suggested> {
    let answer = ask(client).await?;
    ensure!(answer.suggestion.level == 2, "{answer:?}");
    Ok(answer)
}
