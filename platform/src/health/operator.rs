//! Who may read how the parts stand.

use crate::config::Env;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

/// Fewest bytes of the token.
const BYTES_MIN: usize = 32;
/// `MEDIQUE_OPERATOR_TOKEN`: opens `/health/detail` of this process as a bearer token, at least 32
/// bytes; without it nobody reads that page.
const VARIABLE: &str = "MEDIQUE_OPERATOR_TOKEN";

/// What operators show. It opens nothing but what tells of the process itself.
#[derive(Debug, Clone)]
pub struct OperatorToken(Option<SecretString>);

impl OperatorToken {
    /// Reads the variable.
    pub fn read(env: &mut Env) -> Self {
        let token = env.secret(VARIABLE);
        if let Some(token) = &token {
            env.long_enough(VARIABLE, token, BYTES_MIN);
        }
        Self(token)
    }

    /// Whether the value of an `Authorization` header carries it. Takes as long whatever the header
    /// says.
    pub fn opens(&self, header: Option<&str>) -> bool {
        let (Some(token), Some(header)) = (&self.0, header) else {
            return false;
        };
        let Some((scheme, shown)) = header.split_once(' ') else {
            return false;
        };
        let digest = |text: &str| Sha256::digest(text);
        let (own, shown) = (digest(token.expose_secret()), digest(shown.trim()));
        scheme.eq_ignore_ascii_case("bearer") && verify_slices_are_equal(&own, &shown).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn only_the_token_opens_and_without_one_nothing_does() {
        let mut env = Env::from_pairs([(VARIABLE, TOKEN)]);
        let token = OperatorToken::read(&mut env);
        env.finish().unwrap();
        assert!(token.opens(Some(&format!("Bearer {TOKEN}"))));
        assert!(token.opens(Some(&format!("bearer  {TOKEN}"))));
        for wrong in [
            "",
            "Bearer",
            "Bearer ",
            TOKEN,
            &format!("Basic {TOKEN}"),
            "Bearer 0123",
        ] {
            assert!(!token.opens(Some(wrong)), "{wrong}");
        }
        assert!(!token.opens(None));
        let none = OperatorToken::read(&mut Env::default());
        assert!(!none.opens(Some("Bearer ")) && !none.opens(None));
    }

    #[test]
    fn a_short_token_is_refused() {
        let mut env = Env::from_pairs([(VARIABLE, "short")]);
        OperatorToken::read(&mut env);
        assert!(env.finish().is_err());
    }
}
