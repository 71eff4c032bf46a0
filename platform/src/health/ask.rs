//! What a container asks its own process, without a shell or curl in the image.

use crate::tls::{self, ServerTls};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const TIMEOUT: Duration = Duration::from_secs(3);
const REQUEST: &[u8] =
    b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
/// So much of the answer says which it is.
const YES: [u8; 12] = *b"HTTP/1.1 200";

/// Whether the process that listens here, with this certificate, says that it is ready.
///
/// # Errors
/// Nobody answers in time, or somebody else.
pub async fn is_ready(listen: SocketAddr, tls: Option<&ServerTls>) -> io::Result<bool> {
    let asking = async {
        let mut stream = tls::connect_to_own(reachable(listen), tls).await?;
        stream.write_all(REQUEST).await?;
        let mut head = [0; YES.len()];
        stream.read_exact(&mut head).await?;
        Ok(head == YES)
    };
    tokio::time::timeout(TIMEOUT, asking).await?
}

/// A server that listens everywhere is asked on the loopback address.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}
