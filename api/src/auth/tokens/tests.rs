use super::*;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
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

fn keys() -> TokenKeys {
    TokenKeys::from_pem(&pem(1), now()).expect("a usable key")
}

fn grant() -> StaffGrant {
    StaffGrant {
        staff_id: StaffId(Uuid::from_u128(1)),
        facility_id: FacilityId(Uuid::from_u128(2)),
        role: Role::Nurse,
        departments: Grants::Only(vec![DepartmentId(Uuid::from_u128(3))]),
    }
}

/// A token with any claims at all, signed by the given key.
fn signed(seed: u8, claims: &serde_json::Value) -> String {
    let key = EncodingKey::from_ed_pem(&pem(seed)).expect("a key");
    jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), claims, &key).expect("signs")
}

fn claims_of_staff() -> serde_json::Value {
    json!({
        "iss": "medique", "aud": "medique-api", "sub": Uuid::from_u128(1), "jti": Uuid::from_u128(9),
        "iat": now().timestamp(), "exp": now().timestamp() + 600,
        "facility": Uuid::from_u128(2), "role": "NURSE", "departments": "all",
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
        .staff_token(&grant(), TimeDelta::minutes(10), now())
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
    }
}

#[test]
fn a_remembered_token_dies_in_time() {
    let keys = keys();
    let token = keys
        .staff_token(&grant(), TimeDelta::minutes(10), now())
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
        .staff_token(&grant(), TimeDelta::minutes(10), now())
        .expect("signs");
    let (message, signature) = token.rsplit_once('.').expect("three parts");
    let (header, payload) = message.split_once('.').expect("three parts");
    let unsigned = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    let symmetric = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let rsa = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT"}"#);
    let other_payload = URL_SAFE_NO_PAD.encode(claims_of_staff().to_string());
    let public = keys.verifying.try_get_as_bytes().expect("bytes");
    let confused = jsonwebtoken::encode(
        &Header::new(Algorithm::HS256),
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
        assert!(TokenKeys::from_pem(text.as_bytes(), now()).is_err());
    }
}
