//! Reading the header in which proxies name their peers, from the nearest hop to the farthest.

use super::ForwardedHeader;
use poem::http::HeaderValue;
use poem::http::header::GetAll;
use std::net::{IpAddr, SocketAddr};

/// The hops, nearest first; none for one that is not an address. Several lines of the header are
/// one list (RFC 9110, section 5.3).
pub(super) fn hops<'h>(
    header: ForwardedHeader,
    values: GetAll<'h, HeaderValue>,
) -> impl Iterator<Item = Option<IpAddr>> + 'h {
    let lines = values.into_iter().rev();
    lines.flat_map(move |line| {
        let line = line.to_str().unwrap_or("?");
        line.rsplit(',').map(move |element| match header {
            ForwardedHeader::XForwardedFor => address(element.trim()),
            ForwardedHeader::Forwarded => named_for(element).and_then(address),
        })
    })
}

/// The node that `for=` names in one element of `Forwarded`.
fn named_for(element: &str) -> Option<&str> {
    let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let mut nodes = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
    nodes.next().map(|(_, node)| node.trim().trim_matches('"'))
}

/// An address, with or without a port, IPv6 with or without brackets.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text);
    let address = bare
        .parse::<IpAddr>()
        .ok()
        .or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()));
    address.map(|address| address.to_canonical())
}
