//! An SMTP server that keeps every mail in memory and shows it: for developers, tests and
//! demonstrations, on loopback unless it is told otherwise, and never part of an image that is shipped.
//! Tests tell it to refuse, to hang, or to forget to answer.

mod smtp;
mod store;
mod web;

use anyhow::Context as _;
use clap::Parser;
use std::net::{IpAddr, Ipv4Addr};
use store::Store;
use tokio::net::TcpListener;

/// Catches mails and shows them.
#[derive(Debug, Parser)]
struct Arguments {
    /// Address. Mails hold links that open accounts, so any but loopback belongs on a closed network.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    address: IpAddr,
    /// Port for SMTP.
    #[arg(long)]
    smtp_port: u16,
    /// Port of the page (`/`) and of the list in JSON (`/mails`).
    #[arg(long)]
    http_port: u16,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let store = Store::default();
    let smtp = bind(arguments.address, arguments.smtp_port).await?;
    let http = bind(arguments.address, arguments.http_port).await?;
    tokio::select! {
        ended = smtp::serve(smtp, store.clone()) => ended,
        ended = web::serve(http, store) => ended,
    }
}

async fn bind(address: IpAddr, port: u16) -> anyhow::Result<TcpListener> {
    TcpListener::bind((address, port))
        .await
        .with_context(|| format!("cannot listen on {address}, port {port}"))
}
