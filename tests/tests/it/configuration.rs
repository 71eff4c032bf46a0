//! Bad configuration: the process refuses to start and names the variable.

use anyhow::{Result, ensure};
use medique_tests::ports::Port;
use medique_tests::processes::{self, Environment};
use medique_tests::secrets::{self, Secrets};
use medique_tests::settings::Settings;

struct Case {
    what: &'static str,
    name: &'static str,
    /// None: the variable is missing.
    value: Option<String>,
}

fn missing(name: &'static str) -> Case {
    Case {
        what: "missing",
        name,
        value: None,
    }
}

fn wrong(what: &'static str, name: &'static str, value: &str) -> Case {
    Case {
        what,
        name,
        value: Some(value.to_owned()),
    }
}

/// Both `serve` and `config check` refuse each case and name its variable; without a case,
/// `config check` is content.
fn refuses(binary: &str, base: &Environment, cases: &[Case]) -> Result<()> {
    let program = Settings::from_process()?.binary(binary);
    let content = processes::run(&program, base, &["config", "check"], "")?;
    let told = String::from_utf8_lossy(&content.stderr).into_owned();
    ensure!(
        content.status.success(),
        "{binary} refuses a good configuration: {told}"
    );
    for Case { what, name, value } in cases {
        let mut environment = base.clone();
        environment.remove(*name);
        if let Some(value) = value {
            environment.insert((*name).to_owned(), value.clone());
        }
        for arguments in [&["serve"][..], &["config", "check"]] {
            let output = processes::run(&program, &environment, arguments, "")?;
            let told = String::from_utf8_lossy(&output.stderr).into_owned()
                + &String::from_utf8_lossy(&output.stdout);
            ensure!(
                !output.status.success(),
                "{binary} {arguments:?} takes {name} ({what})"
            );
            ensure!(
                told.contains(name),
                "{binary} {arguments:?} does not name {name} ({what}): {told}"
            );
            let secret = value
                .as_deref()
                .filter(|_| name.contains("SECRET") || name.contains("KEY"));
            if let Some(secret) = secret.filter(|secret| secret.len() > 4) {
                ensure!(
                    !told.contains(secret),
                    "{binary} tells the secret of {name}: {told}"
                );
            }
        }
    }
    Ok(())
}

fn common() -> Environment {
    processes::common_environment("nats://u:p@127.0.0.1:1", "postgres://u:p@127.0.0.1:1/none")
}

fn cases_of_both() -> Vec<Case> {
    vec![
        missing("MEDIQUE_NATS_URL"),
        missing("MEDIQUE_DATABASE_URL"),
        missing("MEDIQUE_MASTER_KEY"),
        wrong("a short key", "MEDIQUE_MASTER_KEY", "c2hvcnQga2V5"),
        wrong(
            "a short key",
            "MEDIQUE_PREVIOUS_MASTER_KEYS",
            "c2hvcnQga2V5",
        ),
        wrong("unknown", "MEDIQUE_DATABASE_URI", "postgres://elsewhere"),
        wrong("unknown", "MEDIQUE_TYPO", "1"),
        wrong("no number", "MEDIQUE_POOL_MAX", "many"),
        wrong("zero", "MEDIQUE_POOL_MAX", "0"),
        wrong("no format", "MEDIQUE_LOG_FORMAT", "xml"),
        wrong(
            "contradiction: nobody to ask",
            "MEDIQUE_REQUIRE_SYNC_ALWAYS",
            "true",
        ),
        wrong(
            "a file that is not there",
            "MEDIQUE_DATABASE_URL_FILE",
            "/nonexistent/secret",
        ),
        wrong("no replicas", "MEDIQUE_STREAM_REPLICAS", "0"),
    ]
}

#[test]
fn the_api_names_what_is_wrong() -> Result<()> {
    let base = processes::api_environment(&common(), &Secrets::random(), &Port::take()?);
    let mut cases = cases_of_both();
    cases.extend([
        missing("MEDIQUE_JWT_SIGNING_KEY"),
        missing("MEDIQUE_LINK_SECRET"),
        missing("MEDIQUE_IDENTITY_KEY"),
        wrong(
            "31 bytes",
            "MEDIQUE_IDENTITY_KEY",
            &secrets::identity_key()[2..],
        ),
        wrong(
            "a role of nobody's staff",
            "MEDIQUE_TOTP_REQUIRED_ROLES",
            "PATIENT",
        ),
        wrong("weaker than allowed", "MEDIQUE_PASSWORD_HASH_PASSES", "1"),
        wrong("shorter than allowed", "MEDIQUE_PASSWORD_CHARS_MIN", "8"),
        wrong(
            "31 bytes",
            "MEDIQUE_LINK_SECRET",
            &secrets::password()[..31],
        ),
        wrong(
            "no key",
            "MEDIQUE_JWT_SIGNING_KEY",
            "this is not a key in PEM form",
        ),
        wrong(
            "a cut key",
            "MEDIQUE_JWT_SIGNING_KEY",
            &secrets::ed25519_pem()[..60],
        ),
        wrong(
            "contradiction: one try longer than all tries",
            "MEDIQUE_PUBLISH_TRY_TIMEOUT_MS",
            "6000",
        ),
        wrong(
            "longer than a message lives",
            "MEDIQUE_PUBLISH_DEADLINE_MS",
            "120000",
        ),
        wrong("no address", "MEDIQUE_API_LISTEN", "everywhere"),
        wrong("never", "MEDIQUE_SSE_HEARTBEAT_S", "0"),
        wrong("a worker's variable", "MEDIQUE_LEASE_TTL_MS", "3000"),
    ]);
    refuses("medique-api", &base, &cases)
}

#[test]
fn the_worker_names_what_is_wrong() -> Result<()> {
    let base =
        processes::worker_environment(&common(), &Secrets::random(), &Port::take()?, "worker");
    let mut cases = cases_of_both();
    cases.extend([
        wrong(
            "contradiction: renewed too seldom",
            "MEDIQUE_LEASE_RENEW_MS",
            "2000",
        ),
        wrong(
            "contradiction: shorter than two renewals",
            "MEDIQUE_LEASE_TTL_MS",
            "1500",
        ),
        wrong("no batch", "MEDIQUE_BATCH_MAX", "0"),
        wrong("no lanes", "MEDIQUE_LANES", "0"),
        wrong("no time", "MEDIQUE_RETENTION_DAYS", "0"),
        wrong("no share", "MEDIQUE_TRIAGE_TRIP_PERCENT", "101"),
        wrong("no address", "MEDIQUE_WORKER_LISTEN", "127.0.0.1"),
        wrong(
            "no key",
            "MEDIQUE_AUDIT_SIGNING_KEY",
            "this is not a key in PEM form",
        ),
        wrong("an api's variable", "MEDIQUE_JWT_SIGNING_KEY", "x"),
    ]);
    refuses("medique-worker", &base, &cases)
}
