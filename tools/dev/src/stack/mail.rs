//! Where mails go: a server that was given, else a sink of ours that shows them.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::record::Tier;
use super::servers::port;
use super::supervisor::Supervisor;
use crate::host::env;
use crate::net::ports::Ports;

/// The sink's ports by name: for SMTP, and for the page.
pub(crate) const PORTS: [&str; 2] = ["mail-smtp", "mail"];

/// Where workers hand mails over, and where people read them.
#[derive(Debug)]
pub(crate) struct Mail {
    pub(crate) smtp_url: String,
    /// None when a server was given.
    pub(crate) page_url: Option<String>,
}

/// `MEDIQUE_SMTP_URL`: no sink is started.
pub(crate) fn given() -> Option<String> {
    env::text("MEDIQUE_SMTP_URL")
}

/// Starts the sink, unless there is a server.
pub(crate) fn start(supervisor: &mut Supervisor, bin_dir: &Path, ports: &Ports) -> Result<Mail> {
    if let Some(smtp_url) = given() {
        return Ok(Mail {
            smtp_url,
            page_url: None,
        });
    }
    let [smtp, http] = PORTS.map(|name| port(ports, name));
    let (smtp, http) = (smtp?, http?);
    let mut command = Command::new(bin_dir.join("medique-mail-sink"));
    command.args(["--smtp-port", &smtp.to_string()]);
    command.args(["--http-port", &http.to_string()]);
    supervisor.spawn("mail", Tier::Mail, command)?;
    Ok(Mail {
        smtp_url: format!("smtp://127.0.0.1:{smtp}"),
        page_url: Some(format!("http://127.0.0.1:{http}")),
    })
}
