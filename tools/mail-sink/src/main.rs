//! An SMTP server that keeps every mail in memory and shows it: for developers and tests, on
//! loopback only, and never part of an image. Tests tell it to refuse, to hang, or to forget to
//! answer.

mod smtp;
mod store;
mod web;

use anyhow::Context as _;
use clap::Parser;
use std::net::Ipv4Addr;
use store::Store;
use tokio::net::TcpListener;

/// Catches mails and shows them.
#[derive(Debug, Parser)]
struct Arguments {
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
    let smtp = bind(arguments.smtp_port).await?;
    let http = bind(arguments.http_port).await?;
    tokio::select! {
        ended = smtp::serve(smtp, store.clone()) => ended,
        ended = web::serve(http, store) => ended,
    }
}

/// Loopback, whatever happens: mails hold links that open accounts.
async fn bind(port: u16) -> anyhow::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .with_context(|| format!("cannot listen on port {port}"))
}
