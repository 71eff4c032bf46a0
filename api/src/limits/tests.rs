use super::routes::{Charge, Payer, charge};
use super::*;
use poem::http::{HeaderMap, Method};
use std::net::IpAddr;

fn config(rate: Rate) -> RateConfig {
    RateConfig {
        staff: rate,
        patient: rate,
        address: rate,
        check_in: rate,
        poster: rate,
    }
}

fn address(text: &str) -> ClientAddress {
    ClientAddress(text.parse::<IpAddr>().expect("an address"))
}

#[test]
fn a_bucket_that_is_empty_says_when_to_come_back() {
    let limits = Limits::new(&config(Rate::new(60, 10)));
    let here = address("192.0.2.1");
    let first = limits.charge_address(here, 4).admit().expect("paid");
    let mut headers = HeaderMap::new();
    first.mark(&mut headers);
    assert_eq!(headers["ratelimit-policy"], "\"address\";q=10;w=10");
    assert_eq!(headers["ratelimit"], "\"address\";r=6;t=4");
    limits.charge_address(here, 6).admit().expect("paid");
    let refused = limits.charge_address(here, 5).admit().expect_err("empty");
    let answer = refused.render("");
    assert_eq!(answer.status().as_u16(), 429);
    assert_eq!(answer.headers()["retry-after"], "5");
    assert_eq!(answer.headers()["ratelimit"], "\"address\";r=0;t=5");
    assert_eq!(
        answer.headers()["ratelimit-policy"],
        "\"address\";q=10;w=10"
    );
    // neither a neighbour nor another kind of bucket pays for it
    limits
        .charge_address(address("192.0.2.2"), 10)
        .admit()
        .expect("a neighbour");
    limits.charge_door(here, 10).admit().expect("the door");
}

#[test]
fn what_costs_more_than_a_bucket_holds_needs_a_full_one() {
    let limits = Limits::new(&config(Rate::new(60, 3)));
    let here = address("192.0.2.1");
    limits.charge_address(here, 10).admit().expect("a full one");
    limits
        .charge_address(here, 10)
        .admit()
        .expect_err("not full");
}

#[test]
fn an_ipv6_network_is_one_client_and_a_crowd_is_counted_by_networks() {
    let ip = |text: &str| text.parse::<IpAddr>().expect("an address");
    let same = |one, other, crowded| key::of(ip(one), crowded) == key::of(ip(other), crowded);
    assert!(same("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", false));
    assert!(!same("2001:db8:0:1::1", "2001:db8:0:2::1", false));
    assert!(same("2001:db8:0:1::1", "2001:db8:0:2::1", true));
    assert!(!same("192.0.2.1", "192.0.2.2", false));
    assert!(same("192.0.2.1", "::ffff:192.0.2.1", false));
    assert!(same("192.0.2.1", "192.0.2.2", true));
    assert!(!same("192.0.2.1", "192.0.3.1", true));
}

#[test]
fn idle_clients_are_forgotten_and_busy_ones_are_not() {
    let limits = Limits::new(&config(Rate::new(60_000_000, 1_000_000)));
    for number in 0..1_000_u32 {
        let address = ClientAddress(IpAddr::from(number.to_be_bytes()));
        limits.charge_address(address, 1).admit().expect("paid");
    }
    // A microsecond refills what they took.
    while limits.addresses.len() > 0 {
        limits.sweep();
    }
    let slow = Limits::new(&config(Rate::new(60, 100)));
    slow.charge_address(address("192.0.2.1"), 50)
        .admit()
        .expect("paid");
    slow.sweep();
    assert_eq!(slow.addresses.len(), 1);
}

#[test]
fn a_crowd_of_addresses_shares_buckets_until_it_is_gone() {
    let limits = Limits::new(&config(Rate::new(6, 2)));
    let crowd = u32::try_from(ADDRESSES_MAX).expect("fits") + 1;
    for number in 0..crowd {
        let address = ClientAddress(IpAddr::from((number << 8).to_be_bytes()));
        limits.charge_door(address, 2).admit().expect("paid");
    }
    limits.sweep();
    assert!(limits.crowded.load(Ordering::Relaxed));
    limits
        .charge_door(address("198.51.100.1"), 2)
        .admit()
        .expect("paid");
    let neighbour = limits.charge_door(address("198.51.100.2"), 2);
    neighbour
        .admit()
        .expect_err("shares the bucket of its network");
}

#[test]
fn health_is_free_and_proofs_of_identity_are_dear() {
    for (method, path, payer, cost) in [
        (Method::GET, "/health/ready", Payer::Nobody, 0),
        (Method::GET, "/api/health", Payer::Nobody, 0),
        (Method::POST, "/api/v1/auth/login", Payer::Address, 10),
        (Method::POST, "/api/v1/auth/refresh", Payer::Address, 2),
        (Method::GET, "/api/v1/auth/sessions", Payer::Caller, 1),
        (Method::POST, "/api/v1/checkin", Payer::Door, 1),
        (Method::POST, "/api/v1/checkin/scan", Payer::Door, 1),
        (Method::GET, "/api/v1/departments", Payer::Caller, 1),
        (Method::POST, "/api/v1/visits", Payer::Caller, 2),
        (
            Method::GET,
            "/api/v1/patient/visit/events",
            Payer::Caller,
            5,
        ),
        (Method::GET, "/docs/swagger-ui.js", Payer::Caller, 5),
        (Method::GET, "/nowhere", Payer::Caller, 1),
    ] {
        assert_eq!(charge(&method, path), Charge { payer, cost }, "{path}");
    }
}
