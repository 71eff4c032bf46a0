//! What is known of a variable from the way in which it is read.

use serde::{Deserialize, Serialize};

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Anything; its meaning says more.
    Text,
    /// A whole number.
    Whole,
    /// A number.
    Number,
    /// `true` or `false`.
    Switch,
    /// `address:port`.
    Address,
    /// The path of a file.
    File,
    /// A secret: the variable itself, or with `_FILE` behind its name the path of a file.
    Secret,
}

impl Kind {
    /// The kind of values of a type.
    pub fn of<T>() -> Self {
        match std::any::type_name::<T>() {
            "bool" => Self::Switch,
            "f32" | "f64" => Self::Number,
            "u8" | "u16" | "u32" | "u64" | "usize" | "i8" | "i16" | "i32" | "i64" | "isize" => {
                Self::Whole
            }
            name if name.ends_with("::SocketAddr") => Self::Address,
            _ => Self::Text,
        }
    }
}

/// A variable that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Its name. The unit is its ending: `_S`, `_MS`, `_MINUTES`, `_DAYS`, `_BYTES`, `_KIB`,
    /// `_PERCENT`.
    pub name: String,
    /// What a value is.
    pub kind: Kind,
    /// What holds when it is not set; in words where it depends on the machine.
    pub default: Option<String>,
    /// Least and greatest value.
    pub bounds: Option<(String, String)>,
    /// Whether there is no start without it.
    pub required: bool,
}

impl Asked {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind: Kind::Text,
            default: None,
            bounds: None,
            required: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Asked, BusConfig, DatabaseConfig, Env, Kind, LogConfig};
    use std::net::SocketAddr;

    #[test]
    fn reading_tells_what_can_be_set() {
        let mut env = Env::default();
        BusConfig::read(&mut env);
        DatabaseConfig::read(&mut env);
        LogConfig::read(&mut env);
        env.parsed("MEDIQUE_LISTEN", SocketAddr::from(([127, 0, 0, 1], 80)));
        env.within_or("MEDIQUE_LANES", (7, "half of the cores"), 1..=16);
        let find = |name: &str| -> Asked {
            let found = env.asked().iter().find(|asked| asked.name == name);
            found
                .unwrap_or_else(|| panic!("{name} was not noted"))
                .clone()
        };
        let url = find("MEDIQUE_NATS_URL");
        assert_eq!((url.kind, url.required), (Kind::Secret, true));
        let window = find("MEDIQUE_DUPLICATE_WINDOW_S");
        assert_eq!(window.default.as_deref(), Some("900"));
        assert_eq!((window.kind, window.required), (Kind::Whole, false));
        assert_eq!(
            find("MEDIQUE_STREAM_REPLICAS").bounds,
            Some(("1".to_owned(), "5".to_owned()))
        );
        assert_eq!(find("MEDIQUE_REQUIRE_SYNC_ALWAYS").kind, Kind::Switch);
        assert_eq!(find("MEDIQUE_LOG_FORMAT").default.as_deref(), Some("json"));
        assert_eq!(find("MEDIQUE_LISTEN").kind, Kind::Address);
        assert_eq!(
            find("MEDIQUE_LANES").default.as_deref(),
            Some("half of the cores")
        );
        // Each once, and the file of a secret is no variable of its own.
        let mut names: Vec<_> = env.asked().iter().map(|asked| &asked.name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), env.asked().len());
        assert!(
            !names.iter().any(|name| name.ends_with("_FILE")),
            "{names:?}"
        );
    }
}
