//! A stand-in for an adviser, for developers, tests and demonstrations: on loopback unless it is told
//! otherwise, and never part of an image that is shipped. It speaks all three protocols that MediQue asks in, gives the same answer to the same
//! case, remembers what it was sent, and misbehaves on demand.
//!
//! | request | does |
//! |---|---|
//! | `POST /v1/suggest`, `/v1/report` | our own contract |
//! | `POST .../models/<model>:generateContent` | Gemini |
//! | `POST .../chat/completions` | OpenAI-compatible |
//! | `PUT /behaviour` | from now on behaves like this: see [`behaviour`]; `{}` means well |
//! | `GET /requests`, `DELETE /requests` | what came, oldest first; forget it |
//! | `GET /stats` | counts |

mod behaviour;
mod connection;
mod control;
mod judge;
mod protocol;
mod store;
mod wire;

use anyhow::Context as _;
use behaviour::Behaviour;
use clap::Parser;
use std::net::{IpAddr, Ipv4Addr};
use store::Store;
use tokio::net::TcpListener;

/// Answers questions for triage advice, well or badly.
#[derive(Debug, Parser)]
struct Arguments {
    /// Address. It shows what it was sent, so any but loopback belongs on a closed network.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    address: IpAddr,
    /// Port.
    #[arg(long)]
    port: u16,
    /// What lots are drawn from: the same seed and the same requests give the same faults.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How it behaves from the start, as JSON.
    #[arg(long, default_value = "{}", value_parser = behaviour_of)]
    behaviour: Behaviour,
}

fn behaviour_of(text: &str) -> Result<Behaviour, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let store = Store::new(arguments.seed, arguments.behaviour);
    let listener = TcpListener::bind((arguments.address, arguments.port))
        .await
        .with_context(|| format!("cannot listen on port {}", arguments.port))?;
    connection::serve(listener, store).await
}
