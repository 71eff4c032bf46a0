//! Keeps the audit trail honest: the daily signed root, and the check of every chain. The rows and
//! their hash are [`medique_platform::audit`].

mod noted;
mod root;
mod verify;

pub use noted::note;
pub use root::{sign_daily_root, sign_heads, signing_key};
pub use verify::{Finding, Report, Root, RootKey, Tampering, read_roots, verify, verify_telling};
