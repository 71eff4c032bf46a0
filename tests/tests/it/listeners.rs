//! What both binaries listen on speaks TLS and nothing else where they have a certificate.

use anyhow::{Context as _, Result, ensure};
use medique_tests::client::{builder, http_client, trusting};
use medique_tests::front::{Authority, Identity};
use medique_tests::processes::Replica;
use medique_tests::scratch::Scratch;
use medique_tests::{Hospital, await_until, secrets};
use std::path::Path;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);

/// A hospital with one more api and one more worker, which show this certificate and tell their
/// figures to whom the authority vouches for.
async fn hospital(own: &Identity, ca: &Path) -> Result<Hospital> {
    let mut hospital = Hospital::start().await?;
    let ca = ("MEDIQUE_METRICS_CLIENT_CA", ca.to_string_lossy());
    let served = own.served();
    let pairs = served.iter().map(|(name, value)| (name.as_str(), value));
    for (name, value) in pairs.chain([(ca.0, &ca.1.into_owned())]) {
        hospital.tell_apis(name, value);
        hospital.tell_workers(name, value);
    }
    hospital.start_api("tls-api")?;
    hospital.start_worker("tls-worker", None)?;
    Ok(hospital)
}

fn protected(hospital: &Hospital) -> Result<[&Replica; 2]> {
    let (api, worker) = (hospital.apis.last(), hospital.workers.last());
    Ok([api.context("no api")?, worker.context("no worker")?])
}

fn over_tls(url: &str) -> String {
    url.replacen("http://", "https://", 1)
}

/// Awaits that it says that it is ready, to who believes an authority.
async fn ready(replica: &Replica, authority: &Authority) -> Result<()> {
    let http = trusting([authority.vouching()?])?;
    let url = over_tls(&replica.url()) + "/health/ready";
    let what = format!("{} is ready", replica.name());
    await_until::holds(&what, SOON, || async {
        Ok(http.get(&url).send().await?.status() == 200)
    })
    .await
}

#[tokio::test]
async fn nothing_is_answered_without_tls_and_figures_not_without_a_certificate() -> Result<()> {
    let scratch = Scratch::new()?;
    let (authority, stranger) = (Authority::new()?, Authority::new()?);
    let (own, other) = (scratch.folder("own")?, scratch.folder("other")?);
    let ca = scratch.join("authority.pem");
    authority.write(&ca)?;
    let shown = authority.files(&own, "127.0.0.1")?;
    let (scraper, forged) = (
        authority.files(&other, "prometheus")?,
        stranger.files(&other, "127.0.0.1")?,
    );
    let hospital = hospital(&shown, &ca).await?;
    let (believing, wrong) = (
        trusting([authority.vouching()?])?,
        trusting([stranger.vouching()?])?,
    );
    let with = |identity: &Identity| -> Result<reqwest::Client> {
        let pem = [&identity.certificate, &identity.key].map(std::fs::read);
        let [certificate, key] = pem;
        let identity = reqwest::Identity::from_pem(&[certificate?, key?].concat())?;
        let builder = builder().tls_certs_only([authority.vouching()?]);
        Ok(builder.identity(identity).build()?)
    };
    for replica in protected(&hospital)? {
        ready(replica, &authority).await?;
        let name = replica.name();
        for path in ["/health/live", "/api/health"] {
            let url = replica.url() + path;
            let plain = http_client()?.get(&url).send().await;
            ensure!(plain.is_err(), "{name} answers without TLS: {plain:?}");
            let deceived = wrong.get(over_tls(&url)).send().await;
            ensure!(deceived.is_err(), "we believed a stranger: {deceived:?}");
        }
        let figures = over_tls(&replica.metrics_url());
        let plain = http_client()?.get(replica.metrics_url()).send().await;
        ensure!(plain.is_err(), "{name} tells without TLS: {plain:?}");
        for stranger in [&believing, &with(&forged)?] {
            let told = stranger.get(&figures).send().await;
            ensure!(told.is_err(), "{name} tells a stranger: {told:?}");
        }
        let told = with(&scraper)?.get(&figures).send().await?;
        ensure!(told.text().await?.contains("target_info{"), "{name}");
        ensure!(replica.healthcheck(None)?, "{name} is not healthy");
        let elsewhere = replica.healthcheck(Some(&forged))?;
        ensure!(!elsewhere, "{name}: somebody else passed for it");
    }
    hospital.done();
    scratch.passed().set();
    Ok(())
}

#[tokio::test]
async fn a_listener_takes_a_new_certificate_without_a_restart() -> Result<()> {
    let scratch = Scratch::new()?;
    let (first, second) = (Authority::new()?, Authority::new()?);
    let ca = scratch.join("authority.pem");
    first.write(&ca)?;
    let shown = first.files(scratch.path(), "127.0.0.1")?;
    let next = second.files(&scratch.folder("next")?, "127.0.0.1")?;
    let hospital = hospital(&shown, &ca).await?;
    for replica in protected(&hospital)? {
        ready(replica, &first).await?;
    }
    // half of the pair: what is whole is shown on
    std::fs::write(
        &shown.certificate,
        std::fs::read_to_string(&next.certificate)?,
    )?;
    for replica in protected(&hospital)? {
        ready(replica, &first).await?;
    }
    secrets::write(&shown.key, &std::fs::read_to_string(&next.key)?)?;
    for replica in protected(&hospital)? {
        ready(replica, &second).await?;
        ensure!(replica.healthcheck(None)?, "{}", replica.name());
    }
    hospital.done();
    scratch.passed().set();
    Ok(())
}
