//! The listening socket. The server framework tries again at once when accepting fails, which
//! burns a core while file descriptors are short; this one waits.

use poem::http::uri::Scheme;
use poem::listener::Acceptor;
use poem::web::{LocalAddr, RemoteAddr};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// Pause after a failed accept.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

pub(super) struct PatientAcceptor {
    listener: TcpListener,
    local: LocalAddr,
}

/// Binds the socket.
pub(super) async fn bind(address: SocketAddr) -> io::Result<PatientAcceptor> {
    let listener = TcpListener::bind(address).await?;
    let local = LocalAddr(listener.local_addr()?.into());
    Ok(PatientAcceptor { listener, local })
}

impl Acceptor for PatientAcceptor {
    type Io = TcpStream;

    fn local_addr(&self) -> Vec<LocalAddr> {
        vec![self.local.clone()]
    }

    async fn accept(&mut self) -> io::Result<(TcpStream, LocalAddr, RemoteAddr, Scheme)> {
        loop {
            match self.listener.accept().await {
                Ok((stream, remote)) => {
                    // Live streams send small pieces that must not wait for each other.
                    stream.set_nodelay(true)?;
                    return Ok((
                        stream,
                        self.local.clone(),
                        RemoteAddr(remote.into()),
                        Scheme::HTTP,
                    ));
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
}
