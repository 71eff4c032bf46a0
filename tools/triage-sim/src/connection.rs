//! One connection after another, and what happens to the questions on them.

use crate::behaviour::Fault;
use crate::control;
use crate::protocol::Protocol;
use crate::store::{Plan, Store};
use crate::wire::{Request, Response, Wire};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

/// Serves for ever.
pub(crate) async fn serve(listener: TcpListener, store: Store) -> anyhow::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        let store = store.clone();
        tokio::spawn(async move {
            // A client that breaks off is a client's matter.
            let _ = talk(stream, &store).await;
        });
    }
}

async fn talk(stream: TcpStream, store: &Store) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut wire = Wire::new(stream);
    while let Some(request) = wire.read().await? {
        let question = Protocol::of(&request.path).filter(|_| request.method == "POST");
        wire = match question {
            None => {
                wire.send(&control::answer(&request, store)).await?;
                wire
            }
            Some(protocol) => match advise(wire, protocol, request, store).await? {
                Some(wire) => wire,
                None => return Ok(()),
            },
        };
    }
    Ok(())
}

/// Counts a question as open until it is over.
struct Open<'a> {
    store: &'a Store,
    answered: bool,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.store.over(self.answered);
    }
}

/// Answers a question, or does what it was told to do instead. Gives the connection back when it
/// may go on.
async fn advise(
    mut wire: Wire,
    protocol: Protocol,
    request: Request,
    store: &Store,
) -> std::io::Result<Option<Wire>> {
    let question = protocol.read(&request.body);
    let Plan { wait, fault } = store.receive(request.path, request.headers, request.body);
    let mut open = Open {
        store,
        answered: false,
    };
    sleep(wait).await;
    let good = match question {
        Some(question) => Response::json(200, protocol.wrap(&question.answer())),
        None => Response::json(400, r#"{"error":"not a question"}"#.to_owned()),
    };
    let response = match fault {
        None => good,
        Some(Fault::Hang) => {
            wire.until_left().await;
            return Ok(None);
        }
        Some(Fault::Reset) => {
            wire.reset()?;
            return Ok(None);
        }
        Some(Fault::Cut) => {
            wire.send_half(&good).await?;
            return Ok(None);
        }
        Some(Fault::Drip { every_ms }) => {
            wire.drip(&good, Duration::from_millis(every_ms)).await?;
            open.answered = true;
            return Ok(None);
        }
        Some(Fault::Oversized { bytes, declared }) => {
            wire.flood(bytes, declared).await?;
            open.answered = true;
            return Ok(None);
        }
        Some(Fault::Late { ms }) => {
            sleep(Duration::from_millis(ms)).await;
            good
        }
        Some(fault) => bad(protocol, fault),
    };
    wire.send(&response).await?;
    open.answered = true;
    Ok(Some(wire))
}

/// A response that is complete and wrong.
fn bad(protocol: Protocol, fault: Fault) -> Response {
    match fault {
        Fault::Status { code, retry_after } => Response {
            headers: retry_after
                .map(|value| ("retry-after", value))
                .into_iter()
                .collect(),
            ..Response::json(code, r#"{"error":"told to"}"#.to_owned())
        },
        Fault::Redirect { to } => Response {
            headers: vec![("location", to)],
            ..Response::json(307, "{}".to_owned())
        },
        Fault::Answer { json } => Response::json(200, protocol.wrap(&json)),
        Fault::Body { text } => Response::json(200, text),
        Fault::Html => Response {
            kind: "text/html; charset=utf-8",
            ..Response::json(200, "<!doctype html><p>Please sign in.".to_owned())
        },
        Fault::NotJson => Response::json(200, "{\"level\": 3, \"confid".to_owned()),
        _ => Response::json(200, r#"{"triage":{"colour":"orange"}}"#.to_owned()),
    }
}
