use super::*;
use poem::http::HeaderValue;

fn proxies(networks: &str, header: ForwardedHeader) -> TrustedProxies {
    TrustedProxies {
        networks: networks.parse().expect("networks"),
        header,
    }
}

fn headers(name: &HeaderName, lines: &[&'static str]) -> HeaderMap {
    let line = |line: &&'static str| (name.clone(), HeaderValue::from_static(line));
    lines.iter().map(line).collect()
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

#[test]
fn a_stranger_is_not_believed() {
    for proxies in [
        TrustedProxies::default(),
        proxies("10.0.0.0/8", ForwardedHeader::XForwardedFor),
    ] {
        let headers = headers(&X_FORWARDED_FOR, &["192.0.2.1"]);
        let client = proxies.behind(ip("203.0.113.9"), &headers);
        assert_eq!(client.0, ip("203.0.113.9"));
    }
}

#[test]
fn the_nearest_hop_that_is_not_ours_is_the_client() {
    let proxies = proxies("10.0.0.0/8, ::1, fd00::/8", ForwardedHeader::XForwardedFor);
    for (lines, expected) in [
        (&[][..], "10.0.0.1"),
        (&["203.0.113.9"][..], "203.0.113.9"),
        // what the client wrote itself stands left of what our proxy added
        (&["192.0.2.1, 203.0.113.9"], "203.0.113.9"),
        (&["192.0.2.1", "203.0.113.9"], "203.0.113.9"),
        (&["10.0.0.7, 203.0.113.9"], "203.0.113.9"),
        (&["192.0.2.1, 203.0.113.9, 10.1.1.1"], "203.0.113.9"),
        (&["203.0.113.9:4711, 10.1.1.1"], "203.0.113.9"),
        (&["2001:db8::7, fd00::1"], "2001:db8::7"),
        (&["[2001:db8::7]:443"], "2001:db8::7"),
        (&["::ffff:203.0.113.9"], "203.0.113.9"),
        // all ours: the farthest
        (&["10.2.2.2, 10.1.1.1"], "10.2.2.2"),
        // what cannot be read ends the walk
        (&["203.0.113.9, nonsense"], "10.0.0.1"),
        (&["203.0.113.9, nonsense, 10.3.3.3"], "10.3.3.3"),
        (&[""], "10.0.0.1"),
        (&[","], "10.0.0.1"),
    ] {
        let headers = headers(&X_FORWARDED_FOR, lines);
        let client = proxies.behind(ip("10.0.0.1"), &headers);
        assert_eq!(client.0, ip(expected), "{lines:?}");
    }
}

#[test]
fn only_the_configured_header_is_read() {
    let both = |header| {
        let mut both = headers(&X_FORWARDED_FOR, &["203.0.113.1"]);
        both.extend(headers(
            &FORWARDED,
            &["for=192.0.2.4;by=10.0.0.9;proto=https, FOR=\"[2001:db8::9]:80\""],
        ));
        proxies("10.0.0.0/8", header).behind(ip("10.0.0.1"), &both)
    };
    assert_eq!(both(ForwardedHeader::XForwardedFor).0, ip("203.0.113.1"));
    assert_eq!(both(ForwardedHeader::Forwarded).0, ip("2001:db8::9"));
    let hidden = headers(&FORWARDED, &["for=192.0.2.4, for=_hidden"]);
    let client = proxies("10.0.0.0/8", ForwardedHeader::Forwarded).behind(ip("10.0.0.1"), &hidden);
    assert_eq!(client.0, ip("10.0.0.1"));
}

#[test]
fn networks_hold_what_their_prefix_says() {
    let within = |network: &str, address: &str| {
        network
            .parse::<Network>()
            .map(|network| network.contains(ip(address)))
    };
    assert_eq!(within("10.0.0.0/8", "10.255.0.1"), Ok(true));
    assert_eq!(within("10.0.0.0/8", "11.0.0.1"), Ok(false));
    assert_eq!(within("10.0.0.0/8", "::ffff:10.0.0.1"), Ok(true));
    assert_eq!(within("0.0.0.0/0", "203.0.113.9"), Ok(true));
    assert_eq!(within("0.0.0.0/0", "2001:db8::1"), Ok(false));
    assert_eq!(within("::/0", "2001:db8::1"), Ok(true));
    assert_eq!(within("192.0.2.1", "192.0.2.1"), Ok(true));
    assert_eq!(within("192.0.2.1", "192.0.2.2"), Ok(false));
    for wrong in [
        "",
        "10.0.0.0/33",
        "10.0.0.1/8",
        "10.0.0.0/x",
        "::/129",
        "proxy",
        "10.0.0.0/8/8",
    ] {
        assert!(wrong.parse::<Network>().is_err(), "{wrong}");
    }
    assert!("10.0.0.0/8,,".parse::<Networks>().is_err());
}
