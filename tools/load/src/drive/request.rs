//! Check-in requests, written by hand: the generator must cost little beside what it measures.

use std::sync::Arc;

use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use uuid::Uuid;

use crate::http::session::Session;

/// Made-up complaints; none raises a red flag more often than a waiting room would see one.
const COMPLAINTS: [&str; 8] = [
    "sore throat and fever since Tuesday",
    "twisted ankle on the stairs",
    "ear ache, left side",
    "back pain after lifting boxes",
    "rash on both forearms",
    "stomach cramps since this morning",
    "cut finger, bleeding stopped",
    "headache for two days",
];

/// Makes the requests of one run. The n-th request is the same however often it is made.
#[derive(Debug)]
pub(crate) struct Requests {
    /// `host:port`.
    address: String,
    path: &'static str,
    /// Who asks; the control asks for nobody.
    session: Option<Arc<Session>>,
    departments: Vec<String>,
    /// Makes the keys of this run differ from those of any other.
    run: Uuid,
}

impl Requests {
    pub(crate) fn new(
        address: String,
        path: &'static str,
        session: Option<Arc<Session>>,
        departments: Vec<String>,
    ) -> Self {
        Self {
            address,
            path,
            session,
            departments,
            run: Uuid::new_v4(),
        }
    }

    /// The same for another run: its keys are new, so nothing is taken for a repetition.
    pub(crate) fn renewed(&self) -> Self {
        Self {
            address: self.address.clone(),
            path: self.path,
            session: self.session.clone(),
            departments: self.departments.clone(),
            run: Uuid::new_v4(),
        }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The n-th check-in.
    pub(crate) async fn check_in(&self, number: u64) -> Result<Request<Full<Bytes>>> {
        let mut request = Request::post(self.path)
            .header(HOST, &self.address)
            .header(CONTENT_TYPE, "application/json")
            .header("Idempotency-Key", format!("{}-{number}", self.run.simple()));
        if let Some(session) = &self.session {
            request = request.header(AUTHORIZATION, session.authorization().await?);
        }
        let body = self.body(number)?;
        request
            .body(Full::from(body))
            .context("a request that cannot be written")
    }

    fn body(&self, number: u64) -> Result<String> {
        let department = pick(&self.departments, number).context("no department to check in at")?;
        let complaint = COMPLAINTS[(scatter(number) % COMPLAINTS.len() as u64) as usize];
        let age = 18 + scatter(number ^ 0xa9e) % 70;
        let sex = if scatter(number ^ 0x5e8).is_multiple_of(2) {
            "FEMALE"
        } else {
            "MALE"
        };
        let run = &self.run.simple().to_string()[..8];
        Ok(format!(
            r#"{{"department_id":"{department}","patient":{{"name":"Load {run} {number}","age_years":{age},"sex":"{sex}"}},"complaint":"{complaint}","symptoms":[],"arrival_mode":"WALK_IN"}}"#
        ))
    }
}

/// Departments are taken in turn, in an order that does not step through their partitions in turn.
fn pick(departments: &[String], number: u64) -> Option<&String> {
    let count = departments.len() as u64;
    (count > 0).then(|| &departments[(scatter(number) % count) as usize])
}

/// A number that looks random (SplitMix64).
pub(crate) fn scatter(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requests(departments: &[&str]) -> Requests {
        let departments = departments.iter().map(|&id| id.to_owned()).collect();
        Requests::new(
            "127.0.0.1:1".to_owned(),
            "/api/v1/visits",
            None,
            departments,
        )
    }

    #[test]
    fn bodies_are_json_vary_and_can_be_repeated() {
        let requests = requests(&["d1", "d2"]);
        let body = |number| requests.body(number).expect("a body");
        let parsed: serde_json::Value = serde_json::from_str(&body(7)).expect("JSON");
        assert!(
            parsed["department_id"]
                .as_str()
                .is_some_and(|id| id.starts_with('d'))
        );
        assert_ne!(body(7), body(8));
        assert_eq!(body(7), body(7));
        let key = |requests: &Requests| requests.run;
        assert_ne!(key(&requests), key(&requests.renewed()));
    }

    #[test]
    fn every_department_gets_its_share() {
        let departments: Vec<String> = (0..50).map(|n| n.to_string()).collect();
        let mut hits = vec![0_u32; 50];
        for number in 0..5_000 {
            let id: usize = pick(&departments, number)
                .expect("one")
                .parse()
                .expect("a number");
            hits[id] += 1;
        }
        assert!(
            hits.iter().all(|&hits| (50..200).contains(&hits)),
            "{hits:?}"
        );
        assert_eq!(pick(&[], 1), None);
    }
}
