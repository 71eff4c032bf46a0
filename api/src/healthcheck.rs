//! `medique-api healthcheck`: what a container asks, without a shell or curl in the image.

use anyhow::Context;
use medique_platform::config::Env;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const TIMEOUT: Duration = Duration::from_secs(3);
const REQUEST: &[u8] =
    b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// Asks the server on `MEDIQUE_API_LISTEN` for its readiness.
///
/// # Errors
/// Nobody answers there in time.
pub async fn run(mut env: Env) -> anyhow::Result<ExitCode> {
    let listen = env.parsed(
        "MEDIQUE_API_LISTEN",
        SocketAddr::from(([127, 0, 0, 1], 8080)),
    );
    let status = tokio::time::timeout(TIMEOUT, status(reachable(listen)))
        .await
        .context("no answer in time")??;
    let ready = status.starts_with("HTTP/1.1 200");
    Ok(if ready {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn status(address: SocketAddr) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(address)
        .await
        .context("nobody listens")?;
    stream.write_all(REQUEST).await?;
    let mut head = [0; 12];
    stream.read_exact(&mut head).await?;
    Ok(String::from_utf8_lossy(&head).into_owned())
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
