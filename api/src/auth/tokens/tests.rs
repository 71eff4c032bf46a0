use super::*;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{DecodingKey, EncodingKey};
use serde_json::json;

/// A PKCS#8 v1 private key whose seed is one byte repeated.
fn pem(seed: u8) -> Vec<u8> {
    const PREFIX: [u8; 16] = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    let der = [&PREFIX[..], &[seed; 32]].concat();
    let body = base64::engine::general_purpose::STANDARD.encode(der);
    let label = "PRIVATE KEY";
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n").into_bytes()
}

fn now() -> DateTime<Utc> {
    medique_platform::clock::now()
}

fn secret(pem: Vec<u8>) -> SecretString {
    SecretString::from(String::from_utf8(pem).expect("text"))
}

/// Signs with the key of a seed, accepts those of others.
fn keys_of(seed: u8, further: &[u8]) -> TokenKeys {
    let further: Vec<_> = further.iter().map(|seed| secret(pem(*seed))).collect();
    TokenKeys::new(&secret(pem(seed)), &further, now()).expect("usable keys")
}

fn keys() -> TokenKeys {
    keys_of(1, &[])
}

const SESSION: SessionClaim = SessionClaim {
    id: Uuid::from_u128(7),
    access_version: 3,
};

fn grant() -> StaffGrant {
    StaffGrant {
        staff_id: StaffId(Uuid::from_u128(1)),
        facility_id: FacilityId(Uuid::from_u128(2)),
        role: Role::Nurse,
        departments: Grants::Only(vec![DepartmentId(Uuid::from_u128(3))]),
        amr: vec!["pwd".to_owned()],
    }
}

fn key_id(seed: u8) -> String {
    keys_of(seed, &[]).keys.signing_id().to_owned()
}

/// A token with any claims at all, signed by the given key.
fn signed(seed: u8, claims: &serde_json::Value) -> String {
    named(seed, Some(key_id(seed)), claims)
}

/// The same, under the name of any key.
fn named(seed: u8, kid: Option<String>, claims: &serde_json::Value) -> String {
    let key = EncodingKey::from_ed_pem(&pem(seed)).expect("a key");
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = kid;
    jsonwebtoken::encode(&header, claims, &key).expect("signs")
}

fn claims_of_staff() -> serde_json::Value {
    json!({
        "iss": "medique", "aud": "medique-api", "sub": Uuid::from_u128(1), "jti": Uuid::from_u128(9),
        "iat": now().timestamp(), "exp": now().timestamp() + 600,
        "facility": Uuid::from_u128(2), "role": "NURSE", "departments": "all",
        "sid": Uuid::from_u128(7), "ver": 3,
    })
}

fn with(name: &str, value: serde_json::Value) -> serde_json::Value {
    let mut claims = claims_of_staff();
    claims[name] = value;
    claims
}

fn without(name: &str) -> serde_json::Value {
    let mut claims = claims_of_staff();
    claims.as_object_mut().expect("an object").remove(name);
    claims
}

#[test]
fn a_staff_token_reads_back() {
    let keys = keys();
    let token = keys
        .staff_token(&grant(), SESSION, TimeDelta::minutes(10), now())
        .expect("signs");
    for _ in 0..2 {
        let identity = keys.caller(&token, now()).expect("valid");
        let Actor::Staff {
            id,
            role,
            ref departments,
        } = identity.actor
        else {
            panic!("not staff")
        };
        assert_eq!((id, role), (grant().staff_id, Role::Nurse));
        assert_eq!(*departments, grant().departments);
        assert_eq!(identity.facility_id, grant().facility_id);
        let bond = Bond::Session {
            id: SESSION.id,
            access_version: SESSION.access_version,
        };
        assert_eq!(identity.bond, bond);
    }
}

#[test]
fn the_name_of_the_key_picks_it() {
    let keys = keys_of(1, &[2]);
    let claims = claims_of_staff();
    assert!(keys.caller(&signed(1, &claims), now()).is_some());
    assert!(keys.caller(&signed(2, &claims), now()).is_some());
    for (what, token) in [
        ("a key that is not ours", signed(3, &claims)),
        ("no name", named(1, None, &claims)),
        ("another key's name", named(2, Some(key_id(1)), &claims)),
        ("no key's name", named(1, Some("x".to_owned()), &claims)),
    ] {
        assert!(keys.caller(&token, now()).is_none(), "{what}");
    }
}

#[test]
fn keys_change_one_replica_at_a_time() {
    let token = |keys: &TokenKeys| {
        keys.staff_token(&grant(), SESSION, TimeDelta::minutes(10), now())
            .expect("signs")
    };
    // announced, signing, and the old one still accepted: each understands its neighbour
    let steps = [
        keys_of(1, &[]),
        keys_of(1, &[2]),
        keys_of(2, &[1]),
        keys_of(2, &[]),
    ];
    let understood = |by: usize, at: usize| steps[at].caller(&token(&steps[by]), now()).is_some();
    assert!(understood(0, 1) && understood(1, 0) && understood(1, 2) && understood(2, 1));
    assert!(understood(2, 3) && understood(3, 2));
    assert!(!understood(1, 3), "a key that was taken away signs no more");
}

#[test]
fn public_keys_hold_nothing_private_and_verify() {
    let keys = keys_of(1, &[2]);
    let set = keys.public_keys();
    assert_eq!(set.keys.len(), 2);
    let text = serde_json::to_value(&set).expect("JSON");
    for key in text["keys"].as_array().expect("keys") {
        let mut members: Vec<_> = key.as_object().expect("a key").keys().cloned().collect();
        members.sort_unstable();
        assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x"]);
        assert_eq!((&key["alg"], &key["use"]), (&json!("EdDSA"), &json!("sig")));
    }
    let token = signed(1, &claims_of_staff());
    let kid = jsonwebtoken::decode_header(&token)
        .ok()
        .and_then(|header| header.kid)
        .expect("a kid");
    let key = DecodingKey::from_jwk(set.find(&kid).expect("the key")).expect("a key");
    assert!(jsonwebtoken::decode::<serde_json::Value>(&token, &key, &keys.validation).is_ok());
}

#[test]
fn a_further_key_may_be_public_and_must_be_a_key() {
    // the public half of the seed 2, as `openssl pkey -pubout` writes it
    let ring = keys_of(2, &[]);
    let key = ring.keys.find(ring.keys.signing_id()).expect("the key");
    let bytes = key.try_get_as_bytes().expect("bytes");
    let der = [
        &[
            0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
        ],
        bytes,
    ]
    .concat();
    let body = base64::engine::general_purpose::STANDARD.encode(der);
    let public = format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n");
    let signing = secret(pem(1));
    let keys = TokenKeys::new(&signing, &[SecretString::from(public)], now()).expect("usable");
    assert!(keys.caller(&signed(2, &claims_of_staff()), now()).is_some());
    let garbage = SecretString::from("not a key");
    assert!(TokenKeys::new(&signing, &[garbage], now()).is_err());
}

#[test]
fn a_remembered_token_dies_in_time() {
    let keys = keys();
    let token = keys
        .staff_token(&grant(), SESSION, TimeDelta::minutes(10), now())
        .expect("signs");
    assert!(keys.caller(&token, now()).is_some());
    assert!(
        keys.cache
            .get(
                &Sha256::digest(&token).into(),
                now() + TimeDelta::minutes(11)
            )
            .is_none()
    );
}

#[test]
fn a_visit_token_opens_one_visit_and_is_not_staff() {
    let keys = keys();
    let visit = VisitId(Uuid::from_u128(5));
    let (token, ends) = keys
        .visit_token(visit, FacilityId(Uuid::from_u128(2)), now())
        .expect("signs");
    let identity = keys.caller(&token, now()).expect("valid");
    assert_eq!(identity.actor, Actor::Patient { visit_id: visit });
    assert!(ends > now() + TimeDelta::hours(23));
    // A visit token that claims a role stays a visit token.
    let mut claims = with("aud", json!("medique-visit"));
    claims["role"] = json!("ADMIN");
    let identity = keys.caller(&signed(1, &claims), now()).expect("valid");
    assert!(matches!(identity.actor, Actor::Patient { .. }));
}

#[test]
fn claims_that_are_not_ours_are_refused() {
    let expired = now().timestamp() - 6;
    let table = [
        ("another issuer", with("iss", json!("somebody"))),
        ("no issuer", without("iss")),
        ("another audience", with("aud", json!("medique-web"))),
        (
            "several audiences",
            with("aud", json!(["medique-api", "medique-visit"])),
        ),
        ("no audience", without("aud")),
        ("no subject", without("sub")),
        ("a subject that is no id", with("sub", json!("1 OR 1=1"))),
        ("no end", without("exp")),
        ("an end in the past", with("exp", json!(expired))),
        ("an end that is no number", with("exp", json!("never"))),
        ("no facility", without("facility")),
        ("no role", without("role")),
        ("the role of a patient", with("role", json!("PATIENT"))),
        ("no session", without("sid")),
        ("no access version", without("ver")),
        ("an unknown role", with("role", json!("ROOT"))),
    ];
    let keys = keys();
    assert!(keys.caller(&signed(1, &claims_of_staff()), now()).is_some());
    for (what, claims) in table {
        assert!(keys.caller(&signed(1, &claims), now()).is_none(), "{what}");
    }
}

#[test]
fn tokens_that_are_not_ours_are_refused() {
    let keys = keys();
    let token = keys
        .staff_token(&grant(), SESSION, TimeDelta::minutes(10), now())
        .expect("signs");
    let (message, signature) = token.rsplit_once('.').expect("three parts");
    let (header, payload) = message.split_once('.').expect("three parts");
    let unsigned = URL_SAFE_NO_PAD.encode(json!({"alg": "none", "kid": key_id(1)}).to_string());
    let symmetric = URL_SAFE_NO_PAD.encode(json!({"alg": "HS256", "kid": key_id(1)}).to_string());
    let rsa = URL_SAFE_NO_PAD.encode(json!({"alg": "RS256", "kid": key_id(1)}).to_string());
    let other_payload = URL_SAFE_NO_PAD.encode(claims_of_staff().to_string());
    let key = keys.keys.find(keys.keys.signing_id()).expect("the key");
    let public = key.try_get_as_bytes().expect("bytes");
    let mut confusing = Header::new(Algorithm::HS256);
    confusing.kid = Some(key_id(1));
    let confused = jsonwebtoken::encode(
        &confusing,
        &claims_of_staff(),
        &EncodingKey::from_secret(public),
    )
    .expect("signs");
    for (what, hostile) in [
        ("empty", String::new()),
        ("garbage", "garbage".to_owned()),
        ("dots", "...".to_owned()),
        ("two parts", message.to_owned()),
        ("no signature", format!("{message}.")),
        (
            "half a signature",
            format!("{message}.{}", &signature[..40]),
        ),
        ("algorithm none", format!("{unsigned}.{payload}.")),
        (
            "algorithm none with a signature",
            format!("{unsigned}.{payload}.{signature}"),
        ),
        (
            "another algorithm",
            format!("{symmetric}.{payload}.{signature}"),
        ),
        (
            "yet another algorithm",
            format!("{rsa}.{payload}.{signature}"),
        ),
        ("the public key as a secret", confused),
        (
            "another payload",
            format!("{header}.{other_payload}.{signature}"),
        ),
        ("another key", signed(2, &claims_of_staff())),
        ("not ASCII", "\u{1F980}.\u{1F980}.\u{1F980}".to_owned()),
        ("long", "a".repeat(100_000)),
    ] {
        assert!(keys.caller(&hostile, now()).is_none(), "{what}");
    }
}

#[test]
fn a_key_that_cannot_sign_is_refused_at_the_start() {
    for text in [
        "",
        "not a key",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
    ] {
        assert!(TokenKeys::new(&SecretString::from(text), &[], now()).is_err());
    }
}
