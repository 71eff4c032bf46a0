//! Serves connections, with bounds on what each may take: their number, the time for the head of a
//! request (which is also how long a connection may be idle), its length, and the time for which
//! a client may leave an answer unread.
//!
//! The server of the framework has no such bounds, and tries again at once when accepting fails,
//! which burns a core while file descriptors are short; this one waits.

use super::stall::StallGuard;
use crate::config::Connections;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use medique_platform::lifecycle::Lifecycle;
use medique_platform::tls::Acceptor;
use poem::endpoint::DynEndpoint;
use poem::http::uri::Scheme;
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Endpoint, Request, Response};
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;

/// Pause after a failed accept.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Pause between two complaints about the same.
const COMPLAIN_EVERY: Duration = Duration::from_secs(10);

type App = Arc<dyn DynEndpoint<Output = Response>>;

/// Accepts connections until asked to end, then lets open requests finish.
pub(super) async fn serve(
    (listener, tls): (TcpListener, Acceptor),
    app: App,
    bounds: Connections,
    lifecycle: &Lifecycle,
    drain_deadline: Duration,
) -> io::Result<()> {
    let local = listener.local_addr()?;
    tracing::info!(%local, "listening");
    let open = TaskTracker::new();
    let mut slots = Slots::new(bounds.max);
    loop {
        let (stream, remote, slot) = tokio::select! {
            () = lifecycle.soft.cancelled() => break,
            accepted = slots.accept(&listener) => accepted,
        };
        let connection = Connection {
            app: Arc::clone(&app),
            tls: tls.clone(),
            local,
            remote,
            bounds,
        };
        let soft = lifecycle.soft.clone();
        open.spawn(async move {
            connection.serve(stream, soft.cancelled()).await;
            drop(slot);
        });
    }
    drop(listener);
    open.close();
    if tokio::time::timeout(drain_deadline, open.wait())
        .await
        .is_err()
    {
        tracing::warn!(
            open = open.len(),
            "connections are cut that did not end in time"
        );
    }
    Ok(())
}

/// Room for connections.
struct Slots {
    free: Arc<Semaphore>,
    complained: Option<Instant>,
}

impl Slots {
    fn new(max: usize) -> Self {
        Self {
            free: Arc::new(Semaphore::new(max)),
            complained: None,
        }
    }

    /// The next connection. While there is no room for one, it waits where the kernel keeps it.
    async fn accept(
        &mut self,
        listener: &TcpListener,
    ) -> (TcpStream, SocketAddr, Option<OwnedSemaphorePermit>) {
        if self.free.available_permits() == 0 {
            self.complain();
        }
        // The semaphore is never closed.
        let slot = Arc::clone(&self.free).acquire_owned().await.ok();
        loop {
            match listener.accept().await {
                Ok((stream, remote)) => return (stream, remote, slot),
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    fn complain(&mut self) {
        if self
            .complained
            .is_none_or(|last| last.elapsed() >= COMPLAIN_EVERY)
        {
            self.complained = Some(Instant::now());
            tracing::warn!("as many connections are open as may be: further ones wait");
        }
    }
}

struct Connection {
    app: App,
    tls: Acceptor,
    local: SocketAddr,
    remote: SocketAddr,
    bounds: Connections,
}

impl Connection {
    async fn serve(self, stream: TcpStream, ending: impl Future<Output = ()>) {
        // Live streams send small pieces that must not wait for each other.
        if stream.set_nodelay(true).is_err() {
            return;
        }
        let scheme = if self.tls.is_tls() {
            Scheme::HTTPS
        } else {
            Scheme::HTTP
        };
        tokio::pin!(ending);
        let let_in = tokio::select! {
            let_in = self.tls.accept(stream) => let_in,
            () = ending.as_mut() => return,
        };
        let stream = match let_in {
            Ok(stream) => stream,
            Err(error) => {
                tracing::debug!(%error, "no handshake");
                return;
            }
        };
        let service = service_fn(|request: hyper::Request<hyper::body::Incoming>| {
            let app = Arc::clone(&self.app);
            let scheme = scheme.clone();
            let (local, remote) = (LocalAddr(self.local.into()), RemoteAddr(self.remote.into()));
            async move {
                let request = Request::from((request, local, remote, scheme));
                let answer = app.get_response(request).await;
                Ok::<_, Infallible>(hyper::Response::from(answer))
            }
        });
        let stream = TokioIo::new(StallGuard::new(stream, self.bounds.stall_timeout));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.bounds.head_timeout)
            .max_header_size(self.bounds.head_bytes_max)
            .serve_connection(stream, service);
        tokio::pin!(connection);
        let ended = tokio::select! {
            result = connection.as_mut() => result,
            () = ending => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            // The client's doing: gone, too slow, or no HTTP.
            tracing::debug!(%error, "a connection ended early");
        }
    }
}
