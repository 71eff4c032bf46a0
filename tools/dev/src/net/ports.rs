//! Free loopback ports, the same ones from start to start where possible.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Context, Result, bail};

/// Port by the name of what listens there.
pub(crate) type Ports = BTreeMap<String, u16>;

/// Chooses ports and holds them until all are chosen, so that no two are the same.
#[derive(Debug, Default)]
pub(crate) struct Chooser {
    held: Vec<TcpListener>,
    chosen: Ports,
}

impl Chooser {
    /// The first free one of `wanted`, else any free one.
    pub(crate) fn prefer(
        &mut self,
        name: &str,
        wanted: impl IntoIterator<Item = u16>,
    ) -> Result<u16> {
        let listener = wanted.into_iter().find_map(bind);
        let listener = match listener {
            Some(listener) => listener,
            None => bind(0).context("no free port on 127.0.0.1")?,
        };
        self.hold(name, listener)
    }

    /// Exactly this one.
    pub(crate) fn insist(&mut self, name: &str, port: u16) -> Result<u16> {
        match bind(port) {
            Some(listener) => self.hold(name, listener),
            None => bail!("port {port} for {name} is taken by another process"),
        }
    }

    /// Lets go of the ports, for their servers to take.
    pub(crate) fn finish(self) -> Ports {
        self.chosen
    }

    fn hold(&mut self, name: &str, listener: TcpListener) -> Result<u16> {
        let port = listener.local_addr().context("cannot tell a port")?.port();
        self.chosen.insert(name.to_owned(), port);
        self.held.push(listener);
        Ok(port)
    }
}

fn bind(port: u16) -> Option<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_a_free_port_and_leaves_a_taken_one() {
        let taken = bind(0).expect("a port");
        let taken_port = taken.local_addr().expect("address").port();
        let free_port = bind(0)
            .expect("a port")
            .local_addr()
            .expect("address")
            .port();
        let mut chooser = Chooser::default();
        assert_eq!(
            chooser
                .prefer("a", [taken_port, free_port])
                .expect("a port"),
            free_port
        );
        assert_ne!(chooser.prefer("b", [free_port]).expect("a port"), free_port);
        assert_eq!(chooser.finish().len(), 2);
    }

    #[test]
    fn a_taken_port_that_was_asked_for_is_an_error() {
        let taken = bind(0).expect("a port");
        let port = taken.local_addr().expect("address").port();
        let error = Chooser::default().insist("api", port).expect_err("taken");
        assert_eq!(
            error.to_string(),
            format!("port {port} for api is taken by another process")
        );
    }
}
