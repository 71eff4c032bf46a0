//! The contract as others rely on it: the documents, the messages of older builds, the envelope.

#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

mod envelope;
mod golden;
mod samples;
mod schemas;
mod triage_service;

/// How to write the generated files again.
const UPDATE: &str = "UPDATE_SCHEMAS=1 cargo test -p medique-contracts --test contracts";

#[expect(
    clippy::disallowed_methods,
    reason = "a switch for the person at the keyboard, not configuration"
)]
fn update_wanted() -> bool {
    std::env::var_os("UPDATE_SCHEMAS").is_some()
}
