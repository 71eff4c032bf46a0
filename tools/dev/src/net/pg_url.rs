//! Postgres connection URLs: taken apart for psql (whose arguments anybody on the machine can read), put together for
//! our own processes.

use std::fmt;

use anyhow::{Result, bail};

/// `postgres://user:password@host:port/database?options`
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PgUrl {
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) database: String,
    /// What stands behind the question mark, as it is.
    pub(crate) options: String,
}

impl PgUrl {
    /// A database on this machine.
    pub(crate) fn local(user: &str, password: &str, port: u16, database: &str) -> Self {
        Self {
            user: user.to_owned(),
            password: password.to_owned(),
            host: "127.0.0.1".to_owned(),
            port,
            database: database.to_owned(),
            options: String::new(),
        }
    }

    /// The same database for another user.
    pub(crate) fn with_login(&self, user: &str, password: &str) -> Self {
        Self {
            user: user.to_owned(),
            password: password.to_owned(),
            ..self.clone()
        }
    }

    pub(crate) fn parse(text: &str) -> Result<Self> {
        let rest = text
            .strip_prefix("postgres://")
            .or_else(|| text.strip_prefix("postgresql://"));
        let Some((login, rest)) = rest.and_then(|rest| rest.rsplit_once('@')) else {
            bail!("a database URL must look like postgres://user:password@host:port/database");
        };
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        let (rest, options) = rest.split_once('?').unwrap_or((rest, ""));
        let (address, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, port) = match address.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => match port.parse() {
                Ok(port) => (host, port),
                Err(_) => bail!("`{port}` in the database URL is not a port"),
            },
            _ => (address, 5432),
        };
        if database.is_empty() {
            bail!("the database URL names no database");
        }
        Ok(Self {
            user: decode(user),
            password: decode(password),
            host: host.trim_matches(['[', ']']).to_owned(),
            port,
            database: decode(database),
            options: options.to_owned(),
        })
    }

    /// What psql reads from its environment.
    pub(crate) fn psql_env(&self) -> Vec<(&'static str, String)> {
        let mut env = vec![
            ("PGHOST", self.host.clone()),
            ("PGPORT", self.port.to_string()),
            ("PGUSER", self.user.clone()),
            ("PGPASSWORD", self.password.clone()),
            ("PGDATABASE", self.database.clone()),
        ];
        let tls_mode = self
            .options
            .split('&')
            .find_map(|option| option.strip_prefix("sslmode="));
        env.extend(tls_mode.map(|mode| ("PGSSLMODE", mode.to_owned())));
        env
    }
}

impl fmt::Display for PgUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        };
        let (user, password, database) = (
            encode(&self.user),
            encode(&self.password),
            encode(&self.database),
        );
        write!(
            f,
            "postgres://{user}:{password}@{host}:{}/{database}",
            self.port
        )?;
        if self.options.is_empty() {
            Ok(())
        } else {
            write!(f, "?{}", self.options)
        }
    }
}

/// Without the password.
impl fmt::Debug for PgUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "PgUrl({}@{}:{}/{})",
            self.user, self.host, self.port, self.database
        )
    }
}

fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte))
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
        encoded
    })
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = (first == b'%').then(|| tail.get(..2)).flatten();
        let value = escaped
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(value.unwrap_or(first));
        rest = if value.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survives_the_way_there_and_back() {
        let text = "postgres://me:p%40ss%2Fw@db.example:6543/medique?sslmode=require";
        let url = PgUrl::parse(text).expect("a good URL");
        assert_eq!(url.password, "p@ss/w");
        assert_eq!((url.host.as_str(), url.port), ("db.example", 6543));
        assert_eq!(url.to_string(), text);
        assert!(
            url.psql_env()
                .contains(&("PGSSLMODE", "require".to_owned()))
        );
    }

    #[test]
    fn fills_in_the_usual_port_and_keeps_ipv6_apart() {
        let url = PgUrl::parse("postgresql://me:x@[::1]/medique").expect("a good URL");
        assert_eq!((url.host.as_str(), url.port), ("::1", 5432));
        assert_eq!(url.to_string(), "postgres://me:x@[::1]:5432/medique");
    }

    #[test]
    fn refuses_what_it_cannot_use() {
        for text in [
            "mysql://a:b@c/d",
            "postgres://c/d",
            "postgres://a:b@c",
            "postgres://a:b@c:x/d",
        ] {
            assert!(PgUrl::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn never_shows_the_password_in_debug_output() {
        assert!(!format!("{:?}", PgUrl::local("me", "hidden", 1, "db")).contains("hidden"));
    }
}
