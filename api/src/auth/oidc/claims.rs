//! Claims become a person here. Whoever the rules give no role or no facility is nobody.

use super::config::{Facility, Issuer};
use medique_contracts::actor::Grants;
use medique_contracts::ids::{FacilityId, StaffId};
use medique_contracts::vocabulary::Role;
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// What a token says.
#[derive(Debug, Clone, Deserialize)]
pub struct Claims {
    /// Who, in the words of the issuer.
    pub sub: String,
    /// End, seconds since 1970.
    pub exp: i64,
    /// When it was made, seconds since 1970.
    pub iat: i64,
    /// All else.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// Who that is here.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// The account, or an id derived from issuer and subject.
    pub staff_id: StaffId,
    /// Whether `staff_id` names an account here.
    pub has_account: bool,
    /// The facility.
    pub facility_id: FacilityId,
    /// The one role.
    pub role: Role,
    /// Where it acts.
    pub departments: Grants,
}

/// Applies the rules of an issuer.
pub fn person(issuer: &Issuer, claims: &Claims) -> Option<Person> {
    let facility_id = match &issuer.facility {
        Facility::Fixed(id) => *id,
        Facility::Claimed(rule) => {
            let mut values = claims.values(&rule.claim);
            values.find_map(|value| rule.values.get(value))?.to_owned()
        }
    };
    let mut roles = issuer.role.values.iter();
    let role = roles
        .find(|rule| {
            claims
                .values(&issuer.role.claim)
                .any(|value| value == rule.value)
        })?
        .role;
    let account = match &issuer.staff_id_claim {
        None => None,
        // Where the claim is asked for, nobody without it passes for somebody else.
        Some(claim) => Some(claims.values(claim).next()?.parse().ok()?),
    };
    Some(Person {
        staff_id: StaffId(account.unwrap_or_else(|| derived(&issuer.issuer, &claims.sub))),
        has_account: account.is_some(),
        facility_id,
        role,
        departments: departments(issuer, claims),
    })
}

/// Whether the issuer says that the person showed a second factor.
pub fn has_second_factor(issuer: &Issuer, claims: &Claims) -> bool {
    let rule = &issuer.second_factor;
    claims
        .values(&rule.claim)
        .any(|value| rule.values.iter().any(|enough| enough == value))
}

fn departments(issuer: &Issuer, claims: &Claims) -> Grants {
    let rule = &issuer.departments;
    let has_all = claims
        .values(&rule.claim)
        .any(|value| rule.all.iter().any(|all| all == value));
    if has_all {
        return Grants::All;
    }
    let granted = claims
        .values(&rule.claim)
        .filter_map(|value| rule.values.get(value));
    let mut granted: Vec<_> = granted.copied().collect();
    granted.sort_unstable();
    granted.dedup();
    Grants::Only(granted)
}

/// The same id for the same person for ever, and another one for every other issuer.
fn derived(issuer: &str, subject: &str) -> Uuid {
    Uuid::new_v5(
        &Uuid::NAMESPACE_URL,
        format!("{issuer}\n{subject}").as_bytes(),
    )
}

impl Claims {
    /// The texts of a claim: one, or a list of them.
    fn values(&self, claim: &str) -> impl Iterator<Item = &str> {
        let value = match claim.strip_prefix('/') {
            None => self.more.get(claim),
            Some(path) => {
                let (first, rest) = match path.split_once('/') {
                    Some((first, rest)) => (first, Some(rest)),
                    None => (path, None),
                };
                let top = self.more.get(first);
                match rest {
                    None => top,
                    Some(rest) => top.and_then(|top| top.pointer(&format!("/{rest}"))),
                }
            }
        };
        let list = value.and_then(Value::as_array).into_iter().flatten();
        value
            .into_iter()
            .filter(|value| value.is_string())
            .chain(list)
            .filter_map(Value::as_str)
    }

    /// What names the sign-in at the issuer, hashed: its session, or when the person proved who
    /// they are, or the token itself.
    pub fn sign_in(&self) -> [u8; 32] {
        let named = ["sid", "session_state", "auth_time"]
            .iter()
            .find_map(|name| self.more.get(*name))
            .map_or_else(|| self.iat.to_string(), Value::to_string);
        Sha256::digest(named).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use medique_contracts::ids::DepartmentId;
    use serde_json::json;

    const HERE: &str = "01900000-0000-7000-8000-000000000001";
    const WARD: &str = "01900000-0000-7000-8000-000000000002";

    fn issuer(changes: Value) -> Issuer {
        let mut issuer = json!({
            "issuer": "https://sso.example", "audiences": ["medique"], "facility": HERE,
            "role": { "claim": "/realm_access/roles", "values": [
                { "value": "boss", "role": "ADMIN" }, { "value": "nurse", "role": "NURSE" },
            ] },
            "departments": { "claim": "wards", "values": { "w1": WARD }, "all": ["*"] },
        });
        for (name, value) in changes.as_object().into_iter().flatten() {
            issuer[name] = value.clone();
        }
        serde_json::from_value(issuer).expect("a configuration")
    }

    fn claims(more: Value) -> Claims {
        let mut claims = json!({ "sub": "alice", "exp": 2, "iat": 1 });
        for (name, value) in more.as_object().into_iter().flatten() {
            claims[name] = value.clone();
        }
        serde_json::from_value(claims).expect("claims")
    }

    fn mapped(more: Value) -> Option<(Role, Grants)> {
        person(&issuer(json!({})), &claims(more)).map(|person| (person.role, person.departments))
    }

    fn ward() -> Grants {
        Grants::Only(vec![DepartmentId(WARD.parse().expect("an id"))])
    }

    #[test]
    fn roles_and_departments_follow_the_rules() {
        let roles = |roles: Value, wards: Value| {
            mapped(json!({ "realm_access": { "roles": roles }, "wards": wards }))
        };
        let nowhere = Grants::Only(Vec::new());
        for (given, wards, expected) in [
            (json!(["nurse"]), json!(["w1"]), Some((Role::Nurse, ward()))),
            (json!("nurse"), json!("w1"), Some((Role::Nurse, ward()))),
            (
                json!(["nurse", "boss"]),
                json!(["w1", "w1"]),
                Some((Role::Admin, ward())),
            ),
            (
                json!(["nurse"]),
                json!(["w1", "*"]),
                Some((Role::Nurse, Grants::All)),
            ),
            (
                json!(["nurse"]),
                json!(["w9"]),
                Some((Role::Nurse, nowhere.clone())),
            ),
            (json!(["nurse"]), json!(null), Some((Role::Nurse, nowhere))),
            (json!(["cook"]), json!(["*"]), None),
            (json!([]), json!(["*"]), None),
            (json!(7), json!(["*"]), None),
            (json!({ "nurse": true }), json!(["*"]), None),
        ] {
            assert_eq!(
                roles(given.clone(), wards.clone()),
                expected,
                "{given} {wards}"
            );
        }
        assert_eq!(mapped(json!({})), None);
    }

    #[test]
    fn a_facility_by_claim_needs_the_claim() {
        let rule = json!({ "facility": { "claim": "site", "values": { "gh": HERE } } });
        let issuer = issuer(rule);
        let found = |site: Value| {
            let nurse = json!({ "realm_access": { "roles": "nurse" }, "site": site });
            person(&issuer, &claims(nurse)).map(|person| person.facility_id.0.to_string())
        };
        assert_eq!(found(json!("gh")).as_deref(), Some(HERE));
        assert_eq!(found(json!("elsewhere")), None);
        assert_eq!(found(json!(null)), None);
    }

    #[test]
    fn a_second_factor_is_what_the_issuer_says_of_it() {
        let shown = |rule: Value, more: Value| has_second_factor(&issuer(rule), &claims(more));
        assert!(shown(json!({}), json!({ "amr": ["pwd", "mfa"] })));
        for not in [
            json!({}),
            json!({ "amr": ["pwd"] }),
            json!({ "amr": { "mfa": true } }),
        ] {
            assert!(!shown(json!({}), not.clone()), "{not}");
        }
        let rule = json!({ "second_factor": { "claim": "acr", "values": ["silver", "gold"] } });
        assert!(shown(rule.clone(), json!({ "acr": "gold" })));
        assert!(!shown(rule, json!({ "acr": "bronze", "amr": ["mfa"] })));
    }

    #[test]
    fn ids_are_stable_and_differ_by_issuer() {
        let nurse = claims(json!({ "realm_access": { "roles": "nurse" } }));
        let id = |changes| person(&issuer(changes), &nurse).map(|person| person.staff_id);
        assert_eq!(id(json!({})), id(json!({})));
        assert_ne!(
            id(json!({})),
            id(json!({ "issuer": "https://other.example" }))
        );
        // an account is named by a claim, or the person is nobody
        let linked = issuer(json!({ "staff_id_claim": "account" }));
        assert_eq!(person(&linked, &nurse), None);
        let named = claims(json!({ "realm_access": { "roles": "nurse" }, "account": WARD }));
        let found = person(&linked, &named).expect("a person");
        assert_eq!(
            (found.staff_id.0.to_string().as_str(), found.has_account),
            (WARD, true)
        );
        let garbage = claims(json!({ "realm_access": { "roles": "nurse" }, "account": "root" }));
        assert_eq!(person(&linked, &garbage), None);
    }
}
