//! Staff with tokens of an external issuer, which this test runs: it signs, and changes its keys.

mod ended;
mod protected;

use anyhow::{Context, Result, ensure};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use medique_tests::await_until::until;
use medique_tests::client::{Answer, Client};
use medique_tests::issuer::{Issuer, IssuerKey};
use medique_tests::{Hospital, forgery, samples};
use serde_json::{Value, json};
use std::time::Duration;

const ROTATED_WITHIN: Duration = Duration::from_secs(20);

struct World {
    hospital: Hospital,
    issuer: Issuer,
    key: IssuerKey,
    /// Somebody without a credential, at a replica that trusts the issuer.
    there: Client,
}

/// A hospital that trusts an issuer; `more` joins the issuer's configuration.
async fn world(more: Value) -> Result<World> {
    let mut hospital = Hospital::builder().departments(2, 1).start().await?;
    let issuer = Issuer::start().await?;
    let key = IssuerKey::random(Algorithm::RS256)?;
    issuer.publish(&[&key])?;
    let there = trusting(&mut hospital, &[(&issuer, more)]).await?;
    Ok(World {
        hospital,
        issuer,
        key,
        there,
    })
}

/// Starts a replica that trusts these issuers; what stands beside one joins its configuration.
async fn trusting(hospital: &mut Hospital, issuers: &[(&Issuer, Value)]) -> Result<Client> {
    let mut rules = Vec::new();
    for (issuer, more) in issuers {
        let mut rule = json!({
            "issuer": issuer.url, "audiences": ["medique"], "facility": hospital.facility,
            "role": { "claim": "/realm_access/roles", "values": [
                { "value": "boss", "role": "ADMIN" }, { "value": "nurse", "role": "NURSE" },
            ] },
            "departments": { "claim": "wards", "values": { "w1": hospital.department().id }, "all": ["*"] },
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            rule[name] = value.clone();
        }
        rules.push(rule);
    }
    let file = hospital.scratch.join("oidc.json");
    std::fs::write(&file, json!({ "issuers": rules }).to_string())?;
    hospital.tell_apis("MEDIQUE_OIDC_CONFIG", &file.to_string_lossy());
    let index = hospital.start_api("api-oidc")?;
    hospital.apis[index].ready().await?;
    Ok(hospital.anonymous()?.at(&hospital.apis[index].url()))
}

impl World {
    /// Accounts of our own are accepted by the replica that trusts the issuer.
    async fn own_accounts_go_on(&self) -> Result<()> {
        let own = self.hospital.admin.at(self.there.base());
        own.get("/departments").await?.expect(200)?;
        Ok(())
    }

    async fn with(&self, token: String) -> Result<Answer> {
        self.there.with_token(token).get("/departments").await
    }

    async fn accepts(&self, key: &IssuerKey, claims: &Value) -> Result<bool> {
        Ok(self.with(key.sign(claims)?).await?.status == 200)
    }

    fn changed(&self, changes: Value) -> Value {
        let mut claims = self.issuer.claims("alice");
        for (name, value) in changes.as_object().into_iter().flatten() {
            match (claims.as_object_mut(), value) {
                (Some(object), Value::Null) => drop(object.remove(name)),
                (Some(object), value) => drop(object.insert(name.clone(), value.clone())),
                (None, _) => {}
            }
        }
        claims
    }
}

#[tokio::test]
async fn people_of_the_issuer_get_what_their_claims_say() -> Result<()> {
    let world = world(json!({})).await?;
    let (here, there) = (
        world.hospital.departments[0].id,
        world.hospital.departments[1].id,
    );
    let nurse = world
        .there
        .with_token(world.key.sign(&world.changed(json!({ "sid": "first" })))?);
    let listed = nurse.get("/departments").await?.expect(200)?;
    ensure!(listed.text.contains(&here.to_string()), "{listed}");
    ensure!(!listed.text.contains(&there.to_string()), "{listed}");
    // a write, too: the worker judges by the same grants
    nurse
        .post("/visits", &samples::visit(here, "sso"))
        .applied()
        .await?;
    nurse
        .post("/visits", &samples::visit(there, "sso"))
        .refused(403, "forbidden")
        .await?;
    nurse.get("/audit").await?.problem(403, "forbidden")?;
    let boss = world.changed(
        json!({ "sid": "first", "realm_access": { "roles": ["nurse", "boss"] }, "wards": "*" }),
    );
    let boss = world.there.with_token(world.key.sign(&boss)?);
    let audit = boss.get("/audit?limit=200").await?.expect(200)?;
    ensure!(audit.text.contains("login_succeeded"), "{audit}");
    // one person, one sign-in: a later token of it is no second one
    let again = world
        .changed(json!({ "sid": "one", "exp": medique_platform::clock::now().timestamp() + 200 }));
    ensure!(world.accepts(&world.key, &again).await?);
    let again = world.changed(json!({ "sid": "one" }));
    ensure!(world.accepts(&world.key, &again).await?);
    let query = "SELECT count(*) FROM audit WHERE event_type = 'login_succeeded' AND facts LIKE '%external%'";
    let told: i64 = sqlx::query_scalar(query)
        .fetch_one(&world.hospital.database.pool)
        .await?;
    ensure!(told == 2, "{told} sign-ins");
    // other replicas trust nobody
    let elsewhere = nurse.at(&world.hospital.apis[0].url());
    elsewhere
        .get("/departments")
        .await?
        .problem(401, "unauthenticated")?;
    world.own_accounts_go_on().await?;
    world.hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn every_asymmetric_algorithm_that_is_allowed_works_and_no_other() -> Result<()> {
    let world = world(json!({ "algorithms": ["RS256", "ES256", "EdDSA"] })).await?;
    let keys = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA].map(IssuerKey::random);
    let [rsa, ec, ed] = keys;
    let (rsa, ec, ed) = (rsa?, ec?, ed?);
    world.issuer.publish(&[&rsa, &ec, &ed])?;
    let claims = world.issuer.claims("alice");
    for key in [&rsa, &ec, &ed] {
        ensure!(world.accepts(key, &claims).await?, "{}", key.public()?);
    }
    // the right key, by an algorithm that is not in the list
    let mut header = Header::new(Algorithm::PS256);
    header.kid = Some(rsa.kid.clone());
    let token = rsa.sign_with(&header, &claims)?;
    world.with(token).await?.problem(401, "unauthenticated")?;
    // the public key as a secret
    let mut header = Header::new(Algorithm::HS256);
    for (kid, secret) in [
        (&rsa.kid, rsa.public()?["n"].to_string()),
        (&ed.kid, ed.public()?["x"].to_string()),
    ] {
        header.kid = Some(kid.clone());
        let key = EncodingKey::from_secret(secret.trim_matches('"').as_bytes());
        let token = jsonwebtoken::encode(&header, &claims, &key)?;
        world.with(token).await?.problem(401, "unauthenticated")?;
    }
    for alg in ["none", "NONE", "None"] {
        let token = forgery::unsigned(&json!({ "alg": alg, "kid": rsa.kid }), &claims, "")?;
        world.with(token).await?.problem(401, "unauthenticated")?;
    }
    // a symmetric key that the issuer publishes by mistake
    world.issuer.publish_raw(vec![
        json!({ "kty": "oct", "kid": "shared", "k": "c2VjcmV0", "alg": "HS256" }),
    ]);
    header.kid = Some("shared".to_owned());
    let token = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(b"secret"))?;
    world.with(token).await?.problem(401, "unauthenticated")?;
    world.hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn tokens_that_are_not_in_order_are_refused() -> Result<()> {
    let world = world(json!({})).await?;
    ensure!(
        world
            .accepts(&world.key, &world.issuer.claims("alice"))
            .await?
    );
    let now = medique_platform::clock::now().timestamp();
    for (what, changes) in [
        ("expired", json!({ "exp": now - 60, "iat": now - 300 })),
        ("without an end", json!({ "exp": null })),
        ("not yet valid", json!({ "nbf": now + 120 })),
        ("made in the future", json!({ "iat": now + 120 })),
        ("without its birth", json!({ "iat": null })),
        ("too long", json!({ "exp": now + 7200 })),
        ("of another issuer", json!({ "iss": "https://sso.example" })),
        ("without an issuer", json!({ "iss": null })),
        ("for somebody else", json!({ "aud": "somebody-else" })),
        ("for nobody", json!({ "aud": null })),
        ("about nobody", json!({ "sub": null })),
        ("without a role", json!({ "realm_access": null })),
        (
            "with a role of no meaning",
            json!({ "realm_access": { "roles": ["cook"] } }),
        ),
        (
            "that claims our claims",
            json!({ "realm_access": null, "role": "ADMIN", "departments": "all" }),
        ),
    ] {
        let answer = world.with(world.key.sign(&world.changed(changes))?).await?;
        answer.problem(401, "unauthenticated").context(what)?;
    }
    let claims = world.issuer.claims("alice");
    let genuine = world.key.sign(&claims)?;
    let stranger = IssuerKey::random(Algorithm::RS256)?;
    let mut header = Header::new(Algorithm::RS256);
    let nameless = world.key.sign_with(&header, &claims)?;
    header.kid = Some(world.key.kid.clone());
    let impostor = stranger.sign_with(&header, &claims)?;
    header.crit = Some(vec!["exp".to_owned()]);
    let critical = world.key.sign_with(&header, &claims)?;
    // our own key says what only the issuer may
    let ours = forgery::sign(&claims, &world.hospital.secrets.jwt_signing_key)?;
    for (what, token) in [
        ("without the name of a key", nameless),
        ("signed by somebody else", impostor),
        ("with a critical header", critical),
        ("signed by us", ours),
        ("cut", genuine[..genuine.len() - 2].to_owned()),
        ("long", format!("{genuine}{}", "a".repeat(20_000))),
    ] {
        let answer = world.with(token).await?;
        ensure!((400..500).contains(&answer.status), "{what}: {answer}");
    }
    world.hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn keys_are_kept_and_their_change_is_followed() -> Result<()> {
    let world = world(json!({})).await?;
    let claims = world.issuer.claims("alice");
    ensure!(world.accepts(&world.key, &claims).await?);
    ensure!(
        world
            .accepts(&world.key, &world.issuer.claims("bob"))
            .await?
    );
    ensure!(world.issuer.fetched() == 1, "keys are not kept");
    // a new key is found at once
    let next = IssuerKey::random(Algorithm::ES256)?;
    world.issuer.publish(&[&world.key, &next])?;
    ensure!(
        world.accepts(&next, &claims).await?,
        "the new key is not found"
    );
    ensure!(world.issuer.fetched() == 2);
    // strangers cannot make us fetch as they like
    for _ in 0..20 {
        let stranger = IssuerKey::random(Algorithm::EdDSA)?;
        ensure!(!world.accepts(&stranger, &claims).await?);
    }
    ensure!(
        world.issuer.fetched() <= 3,
        "{} fetches",
        world.issuer.fetched()
    );
    // the next change is followed all the same
    let last = IssuerKey::random(Algorithm::EdDSA)?;
    world.issuer.publish(&[&last])?;
    let (world_ref, claims_ref) = (&world, &claims);
    until("the last key is found", ROTATED_WITHIN, || {
        let last = &last;
        async move { Ok(world_ref.accepts(last, claims_ref).await?.then_some(())) }
    })
    .await?;
    // a key that was taken away is gone, except for tokens that were seen
    let late = world.issuer.claims("carol");
    ensure!(
        !world.accepts(&next, &late).await?,
        "a key that was taken away is believed"
    );
    world.hospital.passes().await?;
    Ok(())
}

#[tokio::test]
async fn an_issuer_that_is_away_or_lies_lets_nobody_in() -> Result<()> {
    let world = world(json!({})).await?;
    let claims = world.issuer.claims("alice");
    world.issuer.be_silent(true);
    let token = world.key.sign(&claims)?;
    let answer = world
        .with(token.clone())
        .await?
        .problem(503, "issuer_unavailable")?;
    ensure!(answer.header("retry-after").is_some(), "{answer}");
    // own accounts do not notice
    world.own_accounts_go_on().await?;
    world.issuer.be_silent(false);
    world.issuer.lie(json!({ "issuer": "https://sso.example" }));
    let world_ref = &world;
    let lied = || {
        let token = token.clone();
        async move { Ok((world_ref.with(token).await?.status == 200).then_some(())) }
    };
    ensure!(
        lied().await?.is_none(),
        "the keys of another issuer are believed"
    );
    world
        .issuer
        .lie(json!({ "jwks_uri": "http://sso.example/keys" }));
    ensure!(lied().await?.is_none(), "keys come over an open connection");
    world.issuer.lie(json!({}));
    until("the issuer is back", ROTATED_WITHIN, lied).await?;
    // away again: what is known goes on
    world.issuer.be_silent(true);
    ensure!(
        world
            .accepts(&world.key, &world.issuer.claims("bob"))
            .await?
    );
    world.hospital.passes().await?;
    Ok(())
}
