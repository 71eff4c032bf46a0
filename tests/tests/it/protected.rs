//! Nothing that leaves a process goes in clear where that is asked for, and no password is needed.

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use medique_contracts::subjects::COMMANDS_STREAM;
use medique_contracts::vocabulary::Role;
use medique_platform::bus::{Bus, OutgoingMessage, PublishError};
use medique_platform::config::{BusConfig, Env};
use medique_tests::front::{Authority, Identity};
use medique_tests::hospital::Hospital;
use medique_tests::nats::NatsServer;
use medique_tests::protected::database_url;
use medique_tests::scratch::Scratch;
use medique_tests::settings::Settings;
use medique_tests::{await_until, samples, secrets};
use sqlx::{Connection as _, PgConnection};
use std::path::Path;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);

/// Whether the broker takes a message of somebody.
async fn publishes(hospital: &Hospital, more: &[(&str, &Path)]) -> Result<bool> {
    let more = more.iter().map(|(name, path)| {
        let path = path.to_string_lossy().into_owned();
        ((*name).to_owned(), path)
    });
    let own = [("MEDIQUE_NATS_URL".to_owned(), hospital.nats.url())];
    let mut env = Env::from_pairs(own.into_iter().chain(more));
    let config = BusConfig::read(&mut env);
    env.finish()?;
    let bus = Bus::connect(&config, "a-stranger").await?;
    let message = OutgoingMessage {
        subject: "mq.nobody.listens".to_owned(),
        message_id: "1".to_owned(),
        headers: Vec::new(),
        payload: Bytes::new(),
    };
    let published = bus.publish_single(message).await;
    Ok(published.is_ok() || !matches!(published, Err(PublishError::NotAccepted)))
}

#[tokio::test]
async fn certificates_take_the_place_of_passwords_and_change_without_a_restart() -> Result<()> {
    let mut hospital = Hospital::builder().protected().start().await?;
    let reception = hospital.local(Role::Reception).await?;
    let body = samples::visit(hospital.department().id, "protected");
    reception.client.post("/visits", &body).applied().await?;
    let port = hospital.postgres.as_ref().context("no Postgres")?.port();

    // whoever is not vouched for, or believes somebody else, gets nowhere
    let folder = hospital.scratch.join("identities");
    let (ca, own) = (
        folder.join("authority.pem"),
        identity(&folder, "mq_test_api"),
    );
    let other = Authority::new()?;
    let elsewhere = hospital.scratch.folder("elsewhere")?;
    let foreign_ca = elsewhere.join("authority.pem");
    other.write(&foreign_ca)?;
    let forged = other.files(&elsewhere, "mq_test_api")?;
    for (ca, identity) in [(&ca, &forged), (&foreign_ca, &own)] {
        let is_in = publishes(
            &hospital,
            &[
                ("MEDIQUE_NATS_CA", ca),
                ("MEDIQUE_NATS_CERTIFICATE", &identity.certificate),
                ("MEDIQUE_NATS_CERTIFICATE_KEY", &identity.key),
            ],
        )
        .await?;
        ensure!(!is_in, "the broker, or we, believed a stranger");
        let url = database_url(port, "mq_test_api", ca, identity);
        ensure!(PgConnection::connect(&url).await.is_err(), "{url}");
    }
    ensure!(!publishes(&hospital, &[("MEDIQUE_NATS_CA", &ca)]).await?);
    let url = &hospital.database.api_url;
    for mode in ["disable", "require"] {
        let with_password = PgConnection::connect(&format!("{url}?sslmode={mode}")).await;
        ensure!(with_password.is_err(), "a password was enough ({mode})");
    }
    let url = database_url(port, "mq_test_api", &ca, &own);
    PgConnection::connect(&url).await.context("the right one")?;

    // what is in the files is what counts at the next connection
    let good = std::fs::read_to_string(&own.certificate)?;
    std::fs::write(
        &own.certificate,
        std::fs::read_to_string(&forged.certificate)?,
    )?;
    let key = std::fs::read_to_string(&own.key)?;
    secrets::write(&own.key, &std::fs::read_to_string(&forged.key)?)?;
    hospital.nats.kill9()?;
    hospital.nats.restart(&hospital.scratch).await?;
    let is_ready = |expected: bool| {
        let client = hospital.anonymous();
        async move {
            let answer = client?.get_root("/health/ready").await?;
            Ok((answer.status == 200) == expected)
        }
    };
    await_until::holds("the worker is back", SOON, || async {
        let url = format!("{}/health/ready", hospital.workers[0].url());
        Ok(medique_tests::client::http_client()?
            .get(url)
            .send()
            .await?
            .status()
            == 200)
    })
    .await?;
    ensure!(
        is_ready(false).await?,
        "the api came back with a forged certificate"
    );
    std::fs::write(&own.certificate, good)?;
    secrets::write(&own.key, &key)?;
    await_until::holds("the api is back", SOON, || is_ready(true)).await?;
    hospital.passes().await?;
    Ok(())
}

/// `medique-worker admin` makes backups as the user `medique-backup`, who hears his own answers only.
#[tokio::test]
async fn a_user_that_is_not_named_as_its_process_is_named_in_the_address() -> Result<()> {
    let (settings, scratch) = (Settings::from_process()?, Scratch::new()?);
    let authority = Authority::new()?;
    let names = ["mq_test_api", "mq_test_worker"];
    let nats = NatsServer::protected(&settings, &scratch, &authority, names).await?;
    let bus = nats.bus().await?;
    is_connected(&bus).await?;
    bus.ensure_streams().await?;
    let ca = scratch.join("authority.pem");
    authority.write(&ca)?;
    let own = authority.files(scratch.path(), "medique-backup")?;
    let connect = async |url: String| {
        let path = |path: &Path| path.to_string_lossy().into_owned();
        let mut env = Env::from_pairs([
            ("MEDIQUE_NATS_URL", url),
            ("MEDIQUE_NATS_CA", path(&ca)),
            ("MEDIQUE_NATS_CERTIFICATE", path(&own.certificate)),
            ("MEDIQUE_NATS_CERTIFICATE_KEY", path(&own.key)),
        ]);
        let config = BusConfig::read(&mut env);
        env.finish()?;
        let bus = Bus::connect(&config, "medique-admin").await?;
        is_connected(&bus).await?;
        anyhow::Ok(bus)
    };
    let named = nats.url().replace("tls://", "tls://medique-backup@");
    connect(named).await?.stream_state(COMMANDS_STREAM).await?;
    let unnamed = connect(nats.url())
        .await?
        .stream_state(COMMANDS_STREAM)
        .await;
    ensure!(unnamed.is_err(), "it hears what is somebody else's");
    scratch.passed().set();
    Ok(())
}

async fn is_connected(bus: &Bus) -> Result<()> {
    await_until::holds("it is connected", SOON, || async { Ok(bus.is_connected()) }).await
}

fn identity(folder: &Path, name: &str) -> Identity {
    Identity {
        certificate: folder.join(format!("{name}.pem")),
        key: folder.join(format!("{name}.key")),
    }
}
