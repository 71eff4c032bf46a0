//! Whether there is an account shows in no time that an answer takes. No absolute time is asserted:
//! the times of known and unknown names, taken in turns, must be of one distribution.

use anyhow::{Result, ensure};
use medique_contracts::vocabulary::Role;
use medique_tests::Hospital;
use medique_tests::client::Client;
use reqwest::Method;
use serde_json::json;
use std::time::{Duration, Instant};

/// Tries of each kind.
const TRIES: usize = 90;
/// How far the share of pairs in which the known name took longer may be from one half: about four
/// standard deviations of what chance makes of so many tries (Mann and Whitney).
const FAR: f64 = 0.17;

/// The share of pairs in which one takes longer than the other; one half when both are alike.
fn share(one: &[Duration], other: &[Duration]) -> f64 {
    let pairs = one.iter().flat_map(|a| other.iter().map(move |b| a.cmp(b)));
    let longer: f64 = pairs
        .map(|order| match order {
            std::cmp::Ordering::Greater => 1.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Less => 0.0,
        })
        .sum();
    longer / (one.len() * other.len()) as f64
}

async fn measure(
    client: &Client,
    path: &str,
    names: [&str; 2],
    status: u16,
) -> Result<[Vec<Duration>; 2]> {
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..TRIES + 2 {
        // in turns, each first as often as the other: whatever else the machine does hits both
        for which in [round % 2, (round + 1) % 2] {
            let mut body = json!({ "email": names[which] });
            if path == "/auth/login" {
                body["password"] = "Wrong-7 under the gravel".into();
            }
            let begun = Instant::now();
            let answer = client.ask(Method::POST, path, &body).await?;
            let time = begun.elapsed();
            answer.expect(status)?;
            // the first ones open connections
            if round >= 2 {
                times[which].push(time);
            }
        }
    }
    Ok(times)
}

#[tokio::test]
async fn the_time_of_an_answer_tells_nothing() -> Result<()> {
    let hospital = Hospital::builder()
        .api("MEDIQUE_LOGIN_PAIR_FAILURES", "100")
        .api("MEDIQUE_LOGIN_ACCOUNT_FAILURES", "1000")
        .api("MEDIQUE_LOGIN_ADDRESS_FAILURES", "10000")
        .start()
        .await?;
    let nurse = hospital.local(Role::Nurse).await?;
    let anonymous = hospital.anonymous()?;
    let stranger = format!("{}@test.example", "0".repeat(32));
    let names = [nurse.email.as_str(), stranger.as_str()];
    for (path, status) in [("/auth/login", 401), ("/auth/password/forgot", 202)] {
        let [known, unknown] = measure(&anonymous, path, names, status).await?;
        let share = share(&known, &unknown);
        ensure!(
            (share - 0.5).abs() <= FAR,
            "{path}: a known name takes longer in {share:.2} of all pairs"
        );
    }
    hospital.mail_requests_are_done().await?;
    hospital.passes().await?;
    Ok(())
}

#[test]
fn the_measure_finds_a_difference() {
    let times = |from: u64| -> Vec<Duration> {
        (0..90)
            .map(|n| Duration::from_micros(from + n * 7 % 90))
            .collect()
    };
    assert!((share(&times(1000), &times(1000)) - 0.5).abs() < 0.01);
    // a third of the spread is enough
    assert!(share(&times(1030), &times(1000)) > 0.5 + FAR);
}
