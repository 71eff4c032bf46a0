//! Takes what a collector passes on (OTLP over HTTP) and what is reported to Sentry, and appends it
//! to files, one JSON object per line: for developers and tests, on loopback only, and never part of
//! an image. Tests tell it to hang or to refuse.

mod decode;
mod store;
mod web;

use anyhow::Context as _;
use clap::Parser;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use store::Store;
use tokio::net::TcpListener;

/// Keeps telemetry in files.
#[derive(Debug, Parser)]
struct Arguments {
    /// Port for OTLP over HTTP, and for reports.
    #[arg(long)]
    port: u16,
    /// Folder of the files `spans.jsonl`, `logs.jsonl`, `metrics.jsonl`, `reports.jsonl`.
    #[arg(long)]
    dir: PathBuf,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let Arguments { port, dir } = Arguments::parse();
    std::fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .with_context(|| format!("cannot listen on port {port}"))?;
    web::serve(listener, Store::new(dir)).await
}
