//! Where a request comes from. Behind a reverse proxy the socket's peer is the proxy; what the
//! proxy says about its own peer is believed only when the proxy itself is named in
//! `MEDIQUE_TRUSTED_PROXIES`, and only as far back as the chain of trusted hops reaches: everything
//! left of it was written by whoever sent the request.

mod forwarded;
mod network;

pub use network::{Network, Networks};

use forwarded::hops;
use medique_platform::config::Env;
use poem::http::HeaderMap;
use poem::http::header::{FORWARDED, HeaderName};
use poem::{Addr, Request};
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address that a request comes from: the nearest hop that is not one of our proxies. The edge
/// puts it into the data of every request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);

/// The header in which the proxies name their peers. Only one is read: a proxy that sets the one
/// passes on whatever the client wrote into the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForwardedHeader {
    /// `X-Forwarded-For: client, proxy`.
    XForwardedFor,
    /// `Forwarded: for=client, for=proxy` (RFC 7239).
    Forwarded,
}

impl std::fmt::Display for ForwardedHeader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name().as_str())
    }
}

impl FromStr for ForwardedHeader {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "x-forwarded-for" => Ok(Self::XForwardedFor),
            "forwarded" => Ok(Self::Forwarded),
            _ => Err("must be x-forwarded-for or forwarded"),
        }
    }
}

impl ForwardedHeader {
    const fn name(self) -> HeaderName {
        match self {
            Self::XForwardedFor => X_FORWARDED_FOR,
            Self::Forwarded => FORWARDED,
        }
    }
}

/// Which hops are ours.
#[derive(Debug, Clone)]
pub struct TrustedProxies {
    /// `MEDIQUE_TRUSTED_PROXIES`: addresses and networks of our own proxies, such as
    /// `10.0.0.5, 10.1.0.0/16`; what anybody else says about where a request comes from is ignored.
    networks: Networks,
    /// `MEDIQUE_TRUSTED_PROXY_HEADER`: the one header that the proxies set, `x-forwarded-for` or
    /// `forwarded` (RFC 7239).
    header: ForwardedHeader,
}

impl Default for TrustedProxies {
    fn default() -> Self {
        Self {
            networks: Networks::default(),
            header: ForwardedHeader::XForwardedFor,
        }
    }
}

impl TrustedProxies {
    /// Reads `MEDIQUE_TRUSTED_PROXIES` (addresses and networks with commas between them; none by
    /// default) and `MEDIQUE_TRUSTED_PROXY_HEADER`.
    pub fn read(env: &mut Env) -> Self {
        let named = env.text("MEDIQUE_TRUSTED_PROXY_HEADER").is_some();
        let proxies = Self {
            networks: env.optional("MEDIQUE_TRUSTED_PROXIES").unwrap_or_default(),
            header: env.parsed(
                "MEDIQUE_TRUSTED_PROXY_HEADER",
                ForwardedHeader::XForwardedFor,
            ),
        };
        env.check(
            !named || !proxies.networks.is_empty(),
            "MEDIQUE_TRUSTED_PROXY_HEADER: is read only from proxies, so MEDIQUE_TRUSTED_PROXIES must be set",
        );
        proxies
    }

    /// The address of a request's client.
    pub fn client(&self, request: &Request) -> ClientAddress {
        let peer = match &request.remote_addr().0 {
            Addr::SocketAddr(address) => address.ip().to_canonical(),
            // Whoever reaches us by other means than the network is on this machine.
            Addr::Unix(_) | Addr::Custom(..) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        };
        self.behind(peer, request.headers())
    }

    /// Walks from the socket's peer towards the client, hop by hop, for as long as the hops are
    /// ours. A hop that cannot be read ends the walk: the proxy that wrote it answers for it.
    fn behind(&self, peer: IpAddr, headers: &HeaderMap) -> ClientAddress {
        let mut nearest = peer;
        if !self.networks.contains(peer) {
            return ClientAddress(nearest);
        }
        for hop in hops(self.header, headers.get_all(self.header.name())) {
            let Some(hop) = hop else { break };
            nearest = hop;
            if !self.networks.contains(hop) {
                break;
            }
        }
        ClientAddress(nearest)
    }
}

#[cfg(test)]
mod tests;
