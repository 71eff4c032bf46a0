//! Version numbers out of what programs print.

/// A version of which only the first two numbers matter to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    pub(crate) major: u32,
    pub(crate) minor: u32,
}

impl Version {
    pub(crate) const fn new(major: u32, minor: u32) -> Self {
        Self { major, minor }
    }

    /// Finds the first version in a line such as `nats-server: v2.15.1` or `postgres (PostgreSQL) 18beta1`.
    pub(crate) fn find(text: &str) -> Option<Self> {
        text.split_whitespace().find_map(Self::parse)
    }

    fn parse(word: &str) -> Option<Self> {
        let word = word.strip_prefix('v').unwrap_or(word);
        let (major, rest) = leading_number(word)?;
        let minor = rest
            .strip_prefix('.')
            .and_then(leading_number)
            .map_or(0, |(minor, _)| minor);
        Some(Self { major, minor })
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

fn leading_number(text: &str) -> Option<(u32, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let number = text[..end].parse().ok()?;
    Some((number, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_servers_print() {
        assert_eq!(
            Version::find("nats-server: v2.15.1"),
            Some(Version::new(2, 15))
        );
        assert_eq!(
            Version::find("postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)"),
            Some(Version::new(15, 13))
        );
        assert_eq!(
            Version::find("postgres (PostgreSQL) 18beta1"),
            Some(Version::new(18, 0))
        );
    }

    #[test]
    fn refuses_what_has_no_number() {
        assert_eq!(Version::find("command not found"), None);
        assert_eq!(Version::find(""), None);
        assert_eq!(Version::find("v99999999999.1"), None);
    }

    #[test]
    fn orders_by_number_not_by_text() {
        assert!(Version::new(2, 9) < Version::new(2, 15));
    }
}
