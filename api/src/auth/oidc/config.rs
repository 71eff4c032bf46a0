//! Which issuers are trusted, and what their claims mean here: a JSON file that
//! `MEDIQUE_OIDC_CONFIG` names. `docs/operations/single-sign-on.md` shows one.

use jsonwebtoken::Algorithm;
use medique_contracts::ids::{DepartmentId, FacilityId};
use medique_contracts::vocabulary::Role;
use medique_platform::config::Env;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// `MEDIQUE_OIDC_CONFIG`: file that says which external issuers are trusted
/// ([single sign-on](single-sign-on.md)).
const VARIABLE: &str = "MEDIQUE_OIDC_CONFIG";

/// The issuers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcConfig {
    /// Each with its own rules.
    pub issuers: Vec<Issuer>,
}

/// One issuer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// Its identifier, exactly as in its tokens: an `https` URL.
    pub issuer: String,
    /// Tokens must be made for one of these.
    pub audiences: Vec<String>,
    /// What tokens may be signed with; none of them symmetric.
    #[serde(default = "algorithms")]
    pub algorithms: Vec<Algorithm>,
    /// Longest life of a token, seconds.
    #[serde(default = "max_life_s")]
    pub max_life_s: u64,
    /// PEM file of the certificate authority that vouches for the issuer, beside those of the
    /// system.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// The facility of its people.
    pub facility: Facility,
    /// What people are.
    pub role: RoleRule,
    /// Where they act.
    pub departments: DepartmentRule,
    /// How a token says that a second factor was shown; asked for where a role needs one.
    #[serde(default)]
    pub second_factor: SecondFactorRule,
    /// The claim that holds the id of a person's account here, for doctors with an account. Without
    /// one, ids are derived from issuer and subject.
    #[serde(default)]
    pub staff_id_claim: Option<String>,
    /// Text of the certificates in `ca_file`.
    #[serde(skip)]
    pub(super) ca: Option<Vec<u8>>,
}

/// The facility of an issuer's people.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Facility {
    /// The same for all.
    Fixed(FacilityId),
    /// As a claim says.
    Claimed(FacilityRule),
}

/// A facility by a claim.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FacilityRule {
    /// Name of the claim, or a JSON pointer into the claims.
    pub claim: String,
    /// Which value stands for which facility.
    pub values: BTreeMap<String, FacilityId>,
}

/// A role by a claim.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleRule {
    /// Name of the claim, or a JSON pointer into the claims.
    pub claim: String,
    /// Which value stands for which role; the first one that the person has counts.
    pub values: Vec<RoleValue>,
}

/// One value of a role's claim.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleValue {
    /// The value.
    pub value: String,
    /// The role.
    pub role: Role,
}

/// What tells of a second factor.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecondFactorRule {
    /// Name of the claim, or a JSON pointer into the claims.
    pub claim: String,
    /// Values of which one suffices.
    pub values: Vec<String>,
}

impl Default for SecondFactorRule {
    /// `mfa` among the methods (RFC 8176).
    fn default() -> Self {
        Self {
            claim: "amr".to_owned(),
            values: vec!["mfa".to_owned()],
        }
    }
}

/// Departments by a claim.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DepartmentRule {
    /// Name of the claim, or a JSON pointer into the claims.
    pub claim: String,
    /// Which value stands for which department; all that the person has count.
    #[serde(default)]
    pub values: BTreeMap<String, DepartmentId>,
    /// Values that stand for every department.
    #[serde(default)]
    pub all: Vec<String>,
}

fn algorithms() -> Vec<Algorithm> {
    vec![
        Algorithm::RS256,
        Algorithm::PS256,
        Algorithm::ES256,
        Algorithm::EdDSA,
    ]
}

fn max_life_s() -> u64 {
    3600
}

impl Issuer {
    /// Longest life of a token.
    pub fn max_life(&self) -> Duration {
        Duration::from_secs(self.max_life_s)
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut check = |holds: bool, problem: &str| {
            if !holds {
                problems.push(format!("{VARIABLE}: {}: {problem}", self.issuer));
            }
        };
        check(
            is_secure(&self.issuer),
            "must be an https URL (http on this machine only)",
        );
        check(!self.audiences.is_empty(), "needs an audience");
        let symmetric = [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];
        check(
            !self.algorithms.is_empty()
                && self.algorithms.iter().all(|used| !symmetric.contains(used)),
            "needs algorithms, and no symmetric one",
        );
        check(
            (60..=86_400).contains(&self.max_life_s),
            "max_life_s must be from 60 to 86400",
        );
        check(
            self.role
                .values
                .iter()
                .all(|value| value.role != Role::Patient),
            "nobody becomes a patient by signing in",
        );
        problems
    }
}

/// Whether what a URL gives can be believed: over TLS, or from this very machine.
pub(super) fn is_secure(url: &str) -> bool {
    // The same parser that connects, so that both see the same host.
    let Ok(url) = reqwest::Url::parse(url) else {
        return false;
    };
    let is_here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match url.scheme() {
        "https" => url.has_host(),
        "http" => is_here,
        _ => false,
    }
}

/// Reads the file that the variable names, if it is set.
pub fn read(env: &mut Env) -> Option<OidcConfig> {
    let path = env.path(VARIABLE)?;
    let parsed = std::fs::read(&path)
        .map_err(|error| error.to_string())
        .and_then(|text| {
            serde_json::from_slice::<OidcConfig>(&text).map_err(|error| error.to_string())
        });
    match parsed {
        Ok(config) => Some(checked(env, config)),
        Err(error) => {
            env.problem(format!("{VARIABLE}: {error}"));
            None
        }
    }
}

fn checked(env: &mut Env, mut config: OidcConfig) -> OidcConfig {
    for issuer in &mut config.issuers {
        issuer
            .problems()
            .into_iter()
            .for_each(|problem| env.problem(problem));
        let Some(path) = &issuer.ca_file else {
            continue;
        };
        match std::fs::read(path) {
            Ok(pem) => issuer.ca = Some(pem),
            Err(error) => env.problem(format!("{VARIABLE}: ca_file: {error}")),
        }
    }
    config
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn sound() -> Value {
        json!({
            "issuer": "https://sso.example/realms/staff",
            "audiences": ["medique"],
            "facility": "01900000-0000-7000-8000-000000000001",
            "role": { "claim": "groups", "values": [{ "value": "nurses", "role": "NURSE" }] },
            "departments": { "claim": "groups", "all": ["everywhere"] },
        })
    }

    fn problems(changes: Value) -> Vec<String> {
        let mut issuer = sound();
        for (name, value) in changes.as_object().into_iter().flatten() {
            issuer[name] = value.clone();
        }
        let config = match serde_json::from_value(json!({ "issuers": [issuer] })) {
            Ok(config) => config,
            Err(error) => return vec![error.to_string()],
        };
        let mut env = Env::from_pairs::<&str, &str>([]);
        checked(&mut env, config);
        env.finish()
            .map_or_else(|error| error.problems, |()| Vec::new())
    }

    #[test]
    fn a_sound_configuration_has_no_problem() {
        assert_eq!(problems(json!({})), Vec::<String>::new());
        let claimed = json!({ "claim": "hospital", "values": { "gh": "01900000-0000-7000-8000-000000000001" } });
        assert_eq!(
            problems(json!({ "facility": claimed })),
            Vec::<String>::new()
        );
        assert_eq!(
            problems(json!({ "issuer": "http://127.0.0.1:9/x" })),
            Vec::<String>::new()
        );
    }

    #[test]
    fn what_would_open_the_door_is_refused() {
        for changes in [
            json!({ "issuer": "http://sso.example" }),
            json!({ "issuer": "http://localhost.evil.example" }),
            json!({ "issuer": "http://127.0.0.1@evil.example" }),
            json!({ "issuer": "http://localhost:80@evil.example" }),
            json!({ "issuer": "https://" }),
            json!({ "audiences": [] }),
            json!({ "algorithms": [] }),
            json!({ "algorithms": ["RS256", "HS256"] }),
            json!({ "algorithms": ["none"] }),
            json!({ "max_life_s": 1_000_000 }),
            json!({ "role": { "claim": "groups", "values": [{ "value": "x", "role": "PATIENT" }] } }),
            json!({ "ca_file": "/nowhere/at/all" }),
            json!({ "audience": "a typo" }),
        ] {
            assert!(!problems(changes.clone()).is_empty(), "{changes}");
        }
    }
}
